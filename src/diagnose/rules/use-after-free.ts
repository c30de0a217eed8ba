import type { Evidence } from '../../model/explanation.ts';
import { count, hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt } from '../access.ts';
import { historyEvidence, historyWords, objectWords, relationWords } from '../objects.ts';
import { didWords, quoted } from '../phrases.ts';
import type { Conclusion, Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** KASAN and KFENCE: the kernel says it, with both stacks. */
function byChecker(subject: Subject): Conclusion | undefined {
  const details = subject.details('kasan') ?? subject.details('kfence');
  if (details === undefined || !/use-after-free/.test(details.bug)) return undefined;
  const { access, address, object } = details;
  const size = details.of === 'kasan' && details.size !== undefined ? ` ${count(details.size, 'byte')}` : '';
  const verb = access === undefined ? 'accessed' : didWords[access];
  const relation = relationWords(object);
  const what =
    relation === undefined ? `${size === '' ? '' : `${size} of`} ${objectWords(object)}` : `${size}${relation}`;
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} ${verb}${what} after it was freed${historyWords(subject, 'freed')}.`,
    evidence: [
      { ...subject.headline(), ...(address !== undefined && { address }) },
      ...historyEvidence(subject),
      details.of === 'kasan' && details.markedMeaning !== undefined
        ? subject.said(`the shadow says: ${quoted(details.markedMeaning)}`)
        : undefined,
    ],
  };
}

/** SLUB found a freed object changed when it handed it out again. */
function byPoison(subject: Subject): Conclusion | undefined {
  if (!subject.isKind('slab/poison-overwritten')) return undefined;
  const details = subject.details('slab');
  const { range, object, cache, freedIn, allocatedIn, found, expected } = details ?? {};
  const size = range === undefined ? '' : ` ${count(Number(range.to - range.from) + 1, 'byte')}`;
  const offset = range === undefined || object === undefined ? '' : ` at offset ${hex(range.from - object)}`;
  const whose = cache === undefined ? 'a slab object' : `an object of cache ${cache}`;
  const freed = freedIn === undefined ? '' : ` in ${freedIn.function}()`;
  return {
    confidence: 'certain',
    sentence: `Something wrote${size === '' && offset === '' ? ' to' : `${size}${offset} of`} ${whose} after it was freed${freed}.`,
    evidence: [
      subject.said(
        found === undefined
          ? 'the poison of freed memory was overwritten'
          : `a byte of the freed object is 0x${found.toString(16)} and not the poison${expected === undefined ? '' : ` 0x${expected.toString(16)}`}`,
      ),
      allocatedIn && subject.said(`it was allocated in ${allocatedIn.function}()${ofPid(allocatedIn)}`),
      freedIn && subject.said(`it was freed in ${freedIn.function}()${ofPid(freedIn)}`),
      subject.said(
        `it was noticed${subject.inBlamed === '' ? ' later' : `${subject.inBlamed}`}, which need not be who wrote`,
      ),
    ],
    // mm/slub.c checks bytes and not who wrote them.
    against: ['A stray write of somebody else, as beyond the end of another object, leaves the same.'],
  };
}

const ofPid = ({ pid, age }: { readonly pid?: number; readonly age?: number }): string =>
  `${pid === undefined ? '' : ` by PID ${pid}`}${age === undefined ? '' : `, ${count(age, 'jiffy', 'jiffies')} before`}`;

/** Values that only freed memory has. */
function byValue(subject: Subject): Conclusion | undefined {
  if (!subject.isKind('oops/', 'kasan/')) return undefined;
  const bad = subject.badValue('slab-poison', 'page-poison');
  const elsewhere =
    bad === undefined && subject.instruction === undefined && subject.address === undefined
      ? subject.values.find(({ class: kind, certain }) => kind === 'slab-poison' && certain)
      : undefined;
  const meaning = bad?.meaning ?? elsewhere;
  // 0x5a of memory that was not written yet is another thing.
  if (meaning === undefined || /0x5a|not yet written/.test(meaning.words)) return undefined;
  const evidence: (Evidence | undefined)[] = accessEvidence(subject);
  if (elsewhere !== undefined) {
    const { register, words, value } = elsewhere;
    return {
      confidence: 'likely',
      sentence: `${subject.who} worked with ${words}, in ${subject.registerWords(register)}: memory was read after it was freed.`,
      evidence: [
        ...evidence,
        subject.registerEvidence(register, `${subject.registerWords(register)} held ${hex(value)}`, value),
      ],
      against: ['The log does not show that this register made the bad address.'],
    };
  }
  const inPointer = subject.pointer.meaning === meaning;
  return {
    confidence: inPointer && meaning.certain ? 'certain' : 'likely',
    sentence: inPointer
      ? `${subject.who} ${accessThrough(subject, `holds ${meaning.words}`, `a pointer made of ${meaning.words}`)}: it was loaded from memory after that was freed.`
      : `${subject.who} ${didAt(subject)} address ${hex(meaning.value)}: ${meaning.words}, so the pointer was loaded from memory after that was freed.`,
    evidence,
    against: [
      accessDoubt(subject),
      meaning.certain ? undefined : 'Such a pattern may stand there by chance, or as data.',
    ],
  };
}

/** KMSAN knows that what was used came of freed memory. */
function byOrigin(subject: Subject): Conclusion | undefined {
  const details = subject.details('kmsan');
  if (details === undefined || !/after-free/.test(details.bug)) return undefined;
  const what = /infoleak/.test(details.bug) ? 'gave away bytes' : 'used a value';
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} ${what} of memory that was freed before.`,
    evidence: [subject.headline()],
  };
}

/** A function that got vmalloc memory and finds nothing mapped at its start must have given it back. */
function byMapping(subject: Subject): Conclusion | undefined {
  const { address, pointer, access, report } = subject;
  const { value } = pointer;
  if (!subject.isKind('oops/') || access === 'execute' || address === undefined || value === undefined)
    return undefined;
  const got = (report.explanation?.origins ?? []).find(
    ({ kind, words }) => kind === 'call' && /\b_*v[mz]alloc\w*\(\)/.test(words),
  );
  if (got === undefined || subject.addressMeaning?.class !== 'vmalloc' || address < value || address - value >= 4096n) {
    return undefined;
  }
  const does = accessThrough(subject, `points to ${hex(value)}`, `a pointer to ${hex(value)}`);
  return {
    confidence: 'likely',
    sentence: `${subject.who} ${does}: vmalloc memory that it got itself and that is not mapped any more, so it was freed by vfree().`,
    evidence: accessEvidence(subject),
    against: [
      accessDoubt(subject),
      got.certain ? undefined : 'Where the pointer came from is as far as the code tells.',
    ],
  };
}

/** Memory used after it was freed. */
export const useAfterFree: Rule = {
  name: 'use-after-free',
  tier: 'cause',
  find: (subject) =>
    byChecker(subject) ?? byPoison(subject) ?? byOrigin(subject) ?? byValue(subject) ?? byMapping(subject),
};
