import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt } from '../access.ts';
import type { Conclusion, Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

function byKmsan(subject: Subject): Conclusion | undefined {
  const details = subject.details('kmsan');
  if (details === undefined || /after-free/.test(details.bug)) return undefined;
  const { bytes, variable, userAddress } = details;
  const part = bytes === undefined ? '' : ` (bytes ${bytes.from} to ${bytes.to} of ${bytes.size})`;
  const what = variable === undefined ? 'memory' : `the local variable ${variable}`;
  const does = /usb-infoleak/.test(details.bug)
    ? 'sent to a USB device'
    : /infoleak/.test(details.bug)
      ? 'copied to user space'
      : 'used';
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} ${does} ${what} that was never initialized${part}.`,
    evidence: [
      subject.headline(),
      userAddress === undefined
        ? undefined
        : { ...subject.said(`it went to user address ${hex(userAddress)}`), address: userAddress },
    ],
  };
}

function byValue(subject: Subject): Conclusion | undefined {
  if (!subject.isKind('oops/')) return undefined;
  const bad = subject.badValue('slab-poison', 'stack-poison');
  if (bad === undefined) return undefined;
  const { meaning, proven } = bad;
  if (meaning.class === 'slab-poison' && !/0x5a|not yet written/.test(meaning.words)) return undefined;
  const inPointer = subject.pointer.meaning === meaning;
  return {
    confidence: proven && inPointer ? 'certain' : 'likely',
    sentence: inPointer
      ? `${subject.who} ${accessThrough(subject, `holds ${meaning.words}`, `a pointer made of ${meaning.words}`)}: it was never written.`
      : `${subject.who} ${didAt(subject)} address ${hex(meaning.value)}: ${meaning.words}, so the pointer was never written.`,
    evidence: accessEvidence(subject),
    against: [accessDoubt(subject)],
  };
}

/** Memory used that nobody had written. */
export const uninitialized: Rule = {
  name: 'uninitialized',
  tier: 'cause',
  find: (subject) => byKmsan(subject) ?? byValue(subject),
};
