import type { Frame, InlineFrame, SourceLocation } from '../model/report.ts';

const marked = (source: SourceLocation): SourceLocation => ({ ...source, unverified: true });

function markedInline(inline: InlineFrame): InlineFrame {
  return inline.source === undefined ? inline : { ...inline, source: marked(inline.source) };
}

/** A frame whose positions are of a file that was used because the user insisted: each says so of itself. */
export function unverifiedFrame(frame: Frame): Frame {
  const { source, inlined, candidates } = frame;
  return {
    ...frame,
    ...(source !== undefined && { source: marked(source) }),
    ...(inlined !== undefined && { inlined: inlined.map(markedInline) }),
    ...(candidates !== undefined && { candidates: candidates.map(marked) }),
  };
}
