import { printable } from '../escape.ts';
import { inputName } from '../text/words.ts';
import type { FormatOptions } from './options.ts';
import { logLine, mainPlace, type Place } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { cutLines, cutUnits, withoutCommands } from './safe.ts';
import { messageLines, titleOf } from './words.ts';

/** The runner drops what is beyond 10 annotations of one type in a step (actions/runner, ExecutionContext.cs). */
const mostOfType = 10;
/** The runner cuts messages after 4096 characters (same file). */
const longestMessage = 4096;
const longestTitle = 120;

type Level = 'error' | 'warning' | 'notice';

interface Annotation {
  readonly level: Level;
  readonly place: Place;
  readonly title: string;
  readonly message: string;
}

/** As `actions/toolkit` escapes the text behind the second `::`; the percent sign first. */
export const inMessage = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** As it escapes values of properties. */
const inProperty = (text: string): string => inMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

function command({ level, place, title, message }: Annotation): string {
  const { file, line, column } = place;
  const col = column === undefined ? '' : `,col=${column}`;
  const safe = (text: string): string => text.split('\n').map(withoutCommands).join('\n');
  const properties = `file=${inProperty(safe(file))},line=${line}${col},title=${inProperty(safe(cutUnits(title, longestTitle)))}`;
  return `::${level} ${properties}::${inMessage(safe(message))}\n`;
}

function annotations(run: Run, options: FormatOptions): Annotation[] {
  const found = run.problems.map((problem): Annotation => {
    const { severity } = problem.report;
    const level = !problem.fails ? 'notice' : severity === 'warning' ? 'warning' : 'error';
    const lines = cutLines(messageLines(problem, options), longestMessage - longestTitle);
    return {
      level,
      place: mainPlace(problem, options),
      title: titleOf(problem),
      message: cutUnits([titleOf(problem), '', ...lines].join('\n'), longestMessage),
    };
  });
  const remarks = remarksOf(run).map(
    ({ path, line, isFailure, code, text }): Annotation => ({
      level: isFailure ? 'error' : 'warning',
      place: logLine(path, line, options),
      title: code,
      message: cutUnits(`${inputName(path)}: ${printable(text)}`, longestMessage),
    }),
  );
  return [...found, ...remarks];
}

/** GitHub's workflow commands: at most ten of each type, the last of which counts those that do not fit. */
export function* githubFormat(run: Run, options: FormatOptions): Generator<string> {
  const all = annotations(run, options);
  for (const level of ['error', 'warning', 'notice'] as const) {
    const own = all.filter((annotation) => annotation.level === level);
    const fits = own.length <= mostOfType;
    for (const annotation of fits ? own : own.slice(0, mostOfType - 1)) yield command(annotation);
    if (fits) continue;
    // What is omitted stands in a remark of its own, which is behind the tenth then.
    const more = own.length - (mostOfType - 1) + (level === 'error' ? Math.max(run.omitted - 1, 0) : 0);
    yield `::${level} title=ktriage::${more} more of this severity, not annotated because GitHub shows ten: see the summary or the log\n`;
  }
}
