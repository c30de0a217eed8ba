import type { SourceLocation } from '../model/report.ts';
import type { Subject } from './subject.ts';

/** The position's own line, where source was given and it is not known to be another file than was compiled. */
export function sourceLine({ line, excerpt }: SourceLocation): string | undefined {
  if (excerpt === undefined || excerpt.state === 'changed' || excerpt.state === 'missing') return undefined;
  return excerpt.lines[line - excerpt.firstLine];
}

/** Lines of source that are looked at: each is one step of inlining. */
const mostLines = 8;
const longestLine = 400;

/** What the source has where it trapped, the innermost inlined function's line first. */
function trapLines({ report }: Subject): string[] {
  const [top] = report.frames;
  const sources = [...(top?.inlined ?? []).map(({ source }) => source), top?.source];
  return sources
    .slice(0, mostLines)
    .flatMap((source) => (source === undefined ? [] : (sourceLine(source)?.slice(0, longestLine) ?? [])));
}

const words = (text: string): Set<string> => new Set(text.match(/[A-Za-z_]\w{0,127}/g) ?? []);

/**
 * What was accessed, as in the source. Members that share their bytes (of a union) are told apart by the line of source
 * where that is at hand; else all of them are told.
 */
export function accessedName(subject: Subject): string | undefined {
  const { accessed } = subject.report.explanation ?? {};
  const { name, alternatives = [] } = accessed ?? {};
  if (name === undefined || alternatives.length === 0) return name;
  const candidates = [name, ...alternatives];
  const own = candidates.map((candidate) => {
    const others = candidates.filter((other) => other !== candidate).map(words);
    return [...words(candidate)].filter((word) => !others.every((other) => other.has(word)));
  });
  for (const line of trapLines(subject)) {
    const there = words(line);
    const matching = candidates.filter((_, nth) => own[nth]?.some((word) => there.has(word)) === true);
    const [only] = matching;
    if (only !== undefined && matching.length === 1) return only;
  }
  return `${name} (or ${alternatives.join(' or ')}, in the same place)`;
}
