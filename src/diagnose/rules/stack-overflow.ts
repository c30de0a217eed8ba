import { bareName } from '../../model/blame.ts';
import type { Evidence } from '../../model/explanation.ts';
import { reportingTop } from '../../model/frame-roles.ts';
import { listed } from '../../util/words.ts';
import { call } from '../phrases.ts';
import type { Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** So often a function stands in a stack that it filled by calling itself. */
const recursionCount = 3;
const functionsTold = 4;

interface Standing {
  readonly name: string;
  readonly times: number;
  readonly firstLine: number;
}

/** Functions that stand in the printed stack again and again, the most frequent first. */
function recursing(subject: Subject): Standing[] {
  const { frames } = subject.report;
  const top = reportingTop(subject.report);
  const seen = new Map<string, { times: number; firstLine: number }>();
  for (const [index, frame] of frames.entries()) {
    if (!frame.reliable || frame.function === undefined || (index > 0 && index <= top)) continue;
    const name = bareName(frame.function);
    const before = seen.get(name);
    if (before === undefined) seen.set(name, { times: 1, firstLine: frame.range.firstLine });
    else before.times += 1;
  }
  return [...seen]
    .map(([name, { times, firstLine }]) => ({ name, times, firstLine }))
    .filter(({ times }) => times >= recursionCount)
    .sort((a, b) => b.times - a.times);
}

/** Bytes of the frame of the function that trapped, by the instruction that makes it, where the code dump has that. */
function frameBytes(subject: Subject): number | undefined {
  const [lines] = (subject.report.explanation?.disassembly ?? []).map((each) => each.lines);
  for (const { text } of lines ?? []) {
    const match = /^sub\s+\$0x([0-9a-f]{1,6}),%[er]sp$/.exec(text) ?? /^sub\s+sp, sp, #0x([0-9a-f]{1,6})$/.exec(text);
    if (match?.[1] !== undefined) return Number.parseInt(match[1], 16);
  }
  return undefined;
}

function recursionWords(standing: readonly Standing[]): string {
  const names = standing.slice(0, functionsTold).map(({ name }) => call(name));
  const [first] = names;
  if (first === undefined) return '';
  return names.length === 1 ? `${first} calls itself without end` : `${listed(names)} call each other without end`;
}

function withoutRecursion(subject: Subject): string {
  return subject.isKind('panic/stack-end')
    ? `The last word of a kernel stack was overwritten, mostly because the stack overflowed${subject.inBlamed === '' ? '' : `; it was found${subject.inBlamed}`}.`
    : `The kernel stack overflowed${subject.inBlamed}.`;
}

/** The kernel stack used up. */
export const stackOverflow: Rule = {
  name: 'stack-overflow',
  tier: 'cause',
  find(subject) {
    const said = subject.isKind('oops/stack-guard-page', 'oops/stack-overflow', 'panic/stack-end');
    if (!said && !subject.isKind('oops/')) return undefined;
    const guard =
      subject.badValue('stack-guard') ??
      subject.values.find((each) => each.class === 'stack-guard' && /^(?:[re]?sp)$/.test(each.register));
    if (!said && !subject.isKind('oops/double-fault') && guard === undefined) return undefined;
    const standing = recursing(subject);
    if (!said && guard === undefined && standing.length === 0) return undefined;
    const bytes = frameBytes(subject);
    const recursion = recursionWords(standing);
    const evidence: Evidence[] = standing.slice(0, functionsTold).map(({ name, times, firstLine }) => ({
      words: `${call(name)} stands ${times} times in the part of the stack that was printed`,
      firstLine,
    }));
    return {
      confidence: said ? 'certain' : guard === undefined ? 'possible' : 'likely',
      sentence: recursion === '' ? withoutRecursion(subject) : `The kernel stack overflowed: ${recursion}.`,
      evidence: [
        subject.headline(),
        ...evidence,
        bytes === undefined
          ? undefined
          : subject.said(`a frame of the function that trapped takes at least ${bytes} bytes`),
      ],
      against: [
        recursion === ''
          ? 'No function stands in the printed stack again and again: large frames or deep nesting filled it, or a stray write or a wrong stack pointer looks the same.'
          : undefined,
        said ? undefined : 'The kernel itself does not call it an overflow.',
      ],
    };
  },
};
