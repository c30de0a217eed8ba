import { frameKey } from '../../model/blame.ts';
import type { CrashReport, Frame } from '../../model/report.ts';
import { printable } from '../escape.ts';
import type { FormatOptions } from './options.ts';
import type { Run } from './run.ts';
import { withoutCommands } from './safe.ts';

/** With the position behind it that a log may have already, by some other tool. */
const symbolWithOffset =
  /([A-Za-z_][\w.$]{0,255})\+0x([0-9a-f]{1,8})\/0x[0-9a-f]{1,8}(?: [^\s:[\]()]{1,300}:\d{1,9})?(?: \[([A-Za-z0-9_-]{1,64})(?: [0-9a-f]{1,64})?\])?/g;

/** The positions of a frame, innermost first, as scripts/decode_stacktrace.sh lists them. */
function positions({ source, inlined = [], candidates = [] }: Frame): string {
  const at = ({ file, line }: { readonly file: string; readonly line: number }): string => `${file}:${line}`;
  if (candidates.length > 0) return [...new Set(candidates.map(at))].join(' or ');
  return [...inlined.map((inner) => inner.source), source].flatMap((place) => (place ? [at(place)] : [])).join(' ');
}

/** A report's text with names and positions in place of symbols; a symbol whose line is not known stays. */
export function decodedLines(report: CrashReport): string[] {
  const known = new Map<string, string>();
  for (const frame of [...report.frames, ...report.stacks.flatMap((stack) => stack.frames)]) {
    const text = positions(frame);
    if (text !== '' && frame.function !== undefined) known.set(frameKey(frame), `${frame.function} (${text})`);
  }
  return report.reportText
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.replace(symbolWithOffset, (whole: string, name: string, offset: string, module?: string) => {
        const key = frameKey({
          function: name,
          offset: Number.parseInt(offset, 16),
          ...(module !== undefined && { module }),
        });
        const text = known.get(key);
        return text === undefined ? whole : `${text}${module === undefined ? '' : ` ${module}`}`;
      }),
    );
}

/** The reports as `decode_stacktrace.sh` leaves them, freed from what pipes put before the lines. */
export function* decodeFormat(run: Run, _options: FormatOptions): Generator<string> {
  for (const [index, { report }] of run.problems.entries()) {
    if (index > 0) yield '\n';
    for (const line of decodedLines(report)) yield `${withoutCommands(printable(line))}\n`;
  }
  if (run.omitted > 0) yield `\n… ${run.omitted} more problems are not shown\n`;
}
