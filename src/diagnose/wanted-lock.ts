import { bareName } from '../model/blame.ts';
import type { Confidence, Evidence, WantedLock } from '../model/explanation.ts';
import { count } from '../util/words.ts';
import { atPlace, call } from './phrases.ts';
import type { Subject } from './subject.ts';

/** What the code says of the lock that a stack waits for. */
export interface LockWords {
  /** `the spinlock port->lock`, or `a spinlock`. */
  readonly which: string;
  /** `, which it took itself at a.c:1 and did not give back: it waits for itself`, where the code shows that. */
  readonly twice?: string;
  /** How sure `twice` is. */
  readonly confidence?: Exclude<Confidence, 'possible'>;
  readonly evidence: readonly Evidence[];
  readonly against?: string;
}

/** The words for a lock of a sort (`spinlock`, `mutex`). */
export function lockWordsOf(subject: Subject, sort: string): LockWords {
  const { lock } = subject.report.explanation ?? {};
  if (lock === undefined) return { which: `a ${sort}`, evidence: [] };
  const { name, taken } = lock;
  const which = name === undefined ? `a ${sort}` : `the ${sort} ${name}`;
  return taken === undefined
    ? { which, evidence: [asked(subject, lock)] }
    : { which, ...twiceWords(subject, lock, taken) };
}

function asked(subject: Subject, { by, through, name }: WantedLock): Evidence {
  const words = `${call(by.function)} asks for ${name ?? 'it'} by ${call(through)}${atPlace(by.file, by.line)}`;
  return { words, ...lineOf(subject, by.function) };
}

function lineOf({ report }: Subject, name: string): Pick<Evidence, 'firstLine'> {
  const frame = report.frames.find(({ function: its }) => its !== undefined && bareName(its) === name);
  return frame === undefined ? {} : { firstLine: frame.range.firstLine };
}

function twiceWords(
  subject: Subject,
  lock: WantedLock,
  taken: NonNullable<WantedLock['taken']>,
): Omit<LockWords, 'which'> {
  const culprit = subject.report.culprit?.function;
  const isOwn = culprit !== undefined && bareName(culprit) === taken.function;
  const who = isOwn ? 'it took itself' : `${call(taken.function)} below it on the stack took`;
  const isSure = taken.certain && taken.calls === 0;
  const between =
    taken.calls === 0
      ? ''
      : `, unless one of the ${count(taken.calls, 'function')} that were called since gave it back`;
  return {
    twice: `, which ${who}${atPlace(taken.file, taken.line)} and did not give back: it waits for itself`,
    confidence: isSure ? 'certain' : 'likely',
    evidence: [
      asked(subject, lock),
      {
        words: `by the code ${call(taken.function)} has taken the same lock${atPlace(taken.file, taken.line)}${between}`,
        ...lineOf(subject, taken.function),
      },
    ],
    ...(isSure
      ? {}
      : {
          against: taken.certain
            ? 'A function that was called since may have given the lock back.'
            : 'The code may have come another way, where it did not take the lock or gave it back.',
        }),
  };
}
