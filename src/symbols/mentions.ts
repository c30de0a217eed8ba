import { frameKey } from '../model/blame.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import type { MentionedFunction } from '../model/symbols.ts';
import { frameLists } from './kernels.ts';

/** A report of lockdep names some dozen. */
const mostMentions = 64;
/** KSYM_NAME_LEN, with which the longest name is 511 bytes. */
const longestName = 512;

const behindName = /^\+0x([0-9a-f]{1,8})\/0x([0-9a-f]{1,8})(?: \[([A-Za-z0-9_-]{1,64})(?: [0-9a-f]{8,64})?\])?/;
const nameCharacter = /[\w.$]/;
/** No report has that many frames and mentions together. */
const mostTried = 16_384;

/** The name that ends at a place. */
function nameBefore(text: string, end: number): string | undefined {
  let start = end;
  while (start > 0 && end - start < longestName && nameCharacter.test(text.charAt(start - 1))) start -= 1;
  return /^[A-Za-z_]/.test(text.charAt(start)) && start < end ? text.slice(start, end) : undefined;
}

/**
 * What a report names with its offset elsewhere than on a stack: where a lock was taken (`at: foo+0x12/0x34`), where
 * interrupts were last enabled, which callback, which initcall. All are return addresses, or beginnings of functions.
 */
export function mentionedFrames(report: CrashReport): readonly Frame[] {
  const { reportText: text, range } = report;
  const known = new Set(frameLists(report).flat().map(frameKey));
  const found: Frame[] = [];
  let tried = 0;
  for (let at = text.indexOf('+0x'); at >= 0 && found.length < mostMentions; at = text.indexOf('+0x', at + 3)) {
    if (++tried > mostTried) break;
    const called = nameBefore(text, at);
    const [, offset, size, module] = behindName.exec(text.slice(at, at + 160)) ?? [];
    if (called === undefined || offset === undefined || size === undefined) continue;
    const frame: Frame = {
      function: called,
      offset: Number.parseInt(offset, 16),
      size: Number.parseInt(size, 16),
      ...(module !== undefined && { module }),
      reliable: true,
      range,
    };
    const key = frameKey(frame);
    if (known.has(key)) continue;
    known.add(key);
    found.push(frame);
  }
  return found;
}

/** What was found of them, for the model. */
export function mentionedFunctions(
  mentioned: readonly Frame[],
  described: ReadonlyMap<Frame, Frame>,
): { readonly mentioned?: readonly MentionedFunction[] } {
  const found = mentioned.flatMap((printed): MentionedFunction[] => {
    const { function: called, offset = 0, module, source, inlined, candidates } = described.get(printed) ?? printed;
    if (called === undefined || (source === undefined && candidates === undefined)) return [];
    return [
      {
        function: called,
        offset,
        ...(module !== undefined && { module }),
        ...(source && { source }),
        ...(inlined && { inlined }),
        ...(candidates && { candidates }),
      },
    ];
  });
  return found.length === 0 ? {} : { mentioned: found };
}
