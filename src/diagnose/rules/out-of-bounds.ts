import type { KasanDetails, KfenceDetails } from '../../model/details-sanitizer.ts';
import { count, hex } from '../../util/words.ts';
import { historyEvidence, objectWords, relationWords } from '../objects.ts';
import { atPlace, didWords, quoted } from '../phrases.ts';
import type { Conclusion, Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** What was missed: `0 bytes to the right of an object of 64 bytes`. */
function missed(details: KasanDetails): string {
  const { object, variable, stack } = details;
  if (variable !== undefined) {
    const size = variable.size === undefined ? '' : ` (${count(variable.size, 'byte')})`;
    const file = variable.file === undefined ? '' : ` of ${variable.file}`;
    return ` beyond the variable ${variable.name}${file}${size}`;
  }
  const relation = relationWords(object);
  // What is asked for may be less than what the cache's objects have.
  const isInside = relation?.startsWith(' at offset') === true;
  if (relation !== undefined) return isInside ? `${relation}, beyond what of it may be used` : relation;
  if (stack?.variables.length) {
    const names = stack.variables.slice(0, 4).map(({ name }) => name);
    const frame = stack.function === undefined ? '' : ` of ${stack.function}()`;
    return ` beyond a variable in the stack frame${frame}, which holds ${names.join(', ')}`;
  }
  return ' beyond the bounds of what is there';
}

function byKasan(subject: Subject, details: KasanDetails): Conclusion {
  const { access, size, address } = details;
  const verb = access === undefined ? 'accessed' : didWords[access];
  const bytes = size === undefined ? '' : ` ${count(size, 'byte')}`;
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} ${verb}${bytes}${missed(details)}.`,
    evidence: [
      { ...subject.headline(), ...(address !== undefined && { address }) },
      details.markedMeaning === undefined
        ? undefined
        : subject.said(`the shadow says: ${quoted(details.markedMeaning)}`),
      ...historyEvidence(subject),
    ],
  };
}

function byKfence(subject: Subject, details: KfenceDetails): Conclusion {
  const { access, side, distance, object, corruptedBytes, address } = details;
  if (subject.isKind('kfence/memory-corruption')) {
    const found = corruptedBytes === undefined ? '' : `, which are ${corruptedBytes.slice(0, 16).join(' ')} now`;
    return {
      confidence: 'certain',
      sentence: `Something overwrote bytes beside ${objectWords(object)}${found}; it was noticed when that was freed${subject.inBlamed}.`,
      evidence: [subject.headline(), ...historyEvidence(subject)],
    };
  }
  const verb = access === undefined ? 'accessed memory' : access === 'read' ? 'read memory' : 'wrote to memory';
  const beside =
    side === undefined || distance === undefined ? 'beyond' : `${count(distance, 'byte')} to the ${side} of`;
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} ${verb} ${beside} ${objectWords(object)}.`,
    evidence: [{ ...subject.headline(), ...(address !== undefined && { address }) }, ...historyEvidence(subject)],
  };
}

function bySlab(subject: Subject): Conclusion | undefined {
  if (!subject.isKind('slab/redzone-overwritten', 'slab/padding-overwritten')) return undefined;
  const { cache, range, found, expected, allocatedIn } = subject.details('slab') ?? {};
  const whose = cache === undefined ? 'a slab object' : `an object of cache ${cache}`;
  const where = subject.isKind('slab/padding-overwritten') ? 'the padding behind' : 'the redzone beside';
  const size = range === undefined ? '' : ` ${count(Number(range.to - range.from) + 1, 'byte')} of`;
  const owner = allocatedIn === undefined ? '' : `, which ${allocatedIn.function}() allocated`;
  return {
    confidence: 'certain',
    sentence: `Something wrote over${size} ${where} ${whose}${owner}.`,
    evidence: [
      subject.headline(),
      found === undefined
        ? undefined
        : subject.said(
            `found 0x${found.toString(16)}${expected === undefined ? '' : ` instead of 0x${expected.toString(16)}`}${range === undefined ? '' : ` at ${hex(range.from)}`}`,
          ),
    ],
  };
}

function byIndex(subject: Subject): Conclusion | undefined {
  const details = subject.details('ubsan');
  if (details === undefined || !(subject.isKind('ubsan/array-index-out-of-bounds') || details.index !== undefined))
    return undefined;
  const { index, type, message, file, line } = details;
  const at = atPlace(file, line);
  const what =
    index !== undefined && type !== undefined
      ? `used index ${index} in an array of type ${type}${at}`
      : `used an index out of the bounds of its array${at}${message === undefined ? '' : `: ${quoted(message)}`}`;
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} ${what}.`,
    evidence: [subject.headline()],
    against: ['Arrays at the end of old structures are declared with one element and used with more.'],
  };
}

function byFortify(subject: Subject): Conclusion | undefined {
  if (!subject.isKind('bug/fortify', 'warning/fortify')) return undefined;
  const text = subject.details('warning')?.message ?? subject.details('kernel-bug')?.message;
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} was about to go beyond a buffer with a string or memory function${text === undefined ? '' : `: ${quoted(text)}`}.`,
    evidence: [subject.headline()],
  };
}

/** An access beyond the bounds of its object. */
export const outOfBounds: Rule = {
  name: 'out-of-bounds',
  tier: 'cause',
  find(subject) {
    const kasan = subject.details('kasan');
    if (kasan !== undefined && /out-of-bounds/.test(kasan.bug)) return byKasan(subject, kasan);
    const kfence = subject.details('kfence');
    if (kfence !== undefined && subject.isKind('kfence/out-of-bounds', 'kfence/memory-corruption')) {
      return byKfence(subject, kfence);
    }
    return bySlab(subject) ?? byIndex(subject) ?? byFortify(subject);
  },
};
