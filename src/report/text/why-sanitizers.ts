import type {
  KasanDetails,
  KcsanDetails,
  KfenceDetails,
  KmsanDetails,
  MemoryObject,
  RaceAccess,
  UbsanDetails,
} from '../../model/details-sanitizer.ts';
import { capitalized, count, hex } from './words.ts';

const accessVerbs = { read: 'read', write: 'wrote', free: 'freed' } as const;

/** `That is 8 bytes to the right of the object at 0x... (64 bytes, cache kmalloc-64, freed).` */
function objectSentence(object: MemoryObject | undefined): string[] {
  if (!object) return [];
  const facts = [
    object.size === undefined ? '' : count(object.size, 'byte'),
    object.cache === undefined ? '' : `cache ${object.cache}`,
    object.state ?? '',
  ].filter((fact) => fact !== '');
  const at = object.address === undefined ? '' : ` at ${hex(object.address)}`;
  const what = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  if (at === '' && what === '' && object.relation === undefined) return [];
  const relation = object.relation === undefined ? 'It concerns' : `That is ${object.relation}`;
  return [`${relation} the object${at}${what}.`];
}

/** KASAN: the access, the object or variable it missed, and what the shadow says. */
export function kasanSentences(details: KasanDetails): string[] {
  const sentences: string[] = [];
  const { access, size, address, variable, stack } = details;
  if (access !== undefined || address !== undefined) {
    const verb = access === undefined ? 'touched' : accessVerbs[access];
    const what = size === undefined || access === 'free' ? '' : ` ${count(size, 'byte')}`;
    const at = address === undefined ? '' : access === 'free' ? ` ${hex(address)}` : ` at ${hex(address)}`;
    const who = details.task === undefined ? 'It' : `Task ${details.task}`;
    sentences.push(`${who} ${verb}${what}${at}.`);
  }
  sentences.push(...objectSentence(details.object));
  if (variable) {
    const file = variable.file === undefined ? '' : ` of ${variable.file}`;
    const bytes = variable.size === undefined ? '' : ` (${count(variable.size, 'byte')})`;
    sentences.push(`The nearest variable is ${variable.name}${file}${bytes}.`);
  }
  if (stack && stack.variables.length > 0) {
    const names = stack.variables.slice(0, 4).map((each) => `${each.name} [${each.from}, ${each.to})`);
    const where = stack.function === undefined ? '' : ` in ${stack.function}`;
    sentences.push(`The stack frame${where} holds ${names.join(', ')}${stack.variables.length > 4 ? ' …' : ''}.`);
  }
  if (details.pointerTag !== undefined && details.memoryTag !== undefined) {
    sentences.push(
      `The pointer has tag ${details.pointerTag.toString(16)}, the memory ${details.memoryTag.toString(16)}.`,
    );
  }
  if (details.range)
    sentences.push(`The address lies between ${hex(details.range.from)} and ${hex(details.range.to)}.`);
  if (details.markedMeaning !== undefined) sentences.push(`The shadow says: ${details.markedMeaning}.`);
  return sentences;
}

/** KFENCE: the access beside or after its object. */
export function kfenceSentences(details: KfenceDetails): string[] {
  const sentences: string[] = [];
  const { access, address, side, distance } = details;
  if (address !== undefined) {
    const verb = access === undefined ? 'touched' : accessVerbs[access];
    const beside =
      side === undefined || distance === undefined ? '' : `, ${count(distance, 'byte')} to the ${side} of the object`;
    sentences.push(`It ${verb} memory at ${hex(address)}${beside}.`);
  }
  sentences.push(...objectSentence(details.object));
  if (details.corruptedBytes && details.corruptedBytes.length > 0) {
    sentences.push(`Bytes found there: ${details.corruptedBytes.slice(0, 16).join(' ')}.`);
  }
  return sentences;
}

/** KMSAN: which bytes, and of what. */
export function kmsanSentences(details: KmsanDetails): string[] {
  const sentences: string[] = [];
  const { bytes, variable, address, userAddress } = details;
  if (bytes) sentences.push(`Bytes ${bytes.from} to ${bytes.to} of ${bytes.size} were never written.`);
  if (variable !== undefined) sentences.push(`The memory is the local variable ${variable}.`);
  if (address !== undefined) sentences.push(`The address is ${hex(address)}.`);
  if (userAddress !== undefined) sentences.push(`It was copied to user address ${hex(userAddress)}.`);
  return sentences;
}

function raceSentence(access: RaceAccess): string {
  const who = access.interrupt === true ? 'an interrupt' : access.task === undefined ? 'a task' : `task ${access.task}`;
  const cpu = access.cpu === undefined ? '' : ` on CPU ${access.cpu}`;
  const verb = access.access === 'read' ? 'read' : 'wrote';
  const size = access.size === undefined ? '' : ` ${count(access.size, 'byte')}`;
  const at = access.address === undefined ? '' : ` at ${hex(access.address)}`;
  const where = access.function === undefined ? '' : ` in ${access.function}`;
  const words = access.words.length === 0 ? '' : ` (${access.words.join(', ')})`;
  return `${capitalized(who)}${cpu} ${verb}${size}${at}${where}${words}.`;
}

/** KCSAN: both sides, and how the value changed. */
export function kcsanSentences(details: KcsanDetails): string[] {
  const sentences = details.accesses.slice(0, 4).map(raceSentence);
  if (details.unknownOrigin) sentences.push('The other side is not known: the value changed meanwhile.');
  if (details.oldValue !== undefined && details.newValue !== undefined) {
    sentences.push(`The value went from ${hex(details.oldValue)} to ${hex(details.newValue)}.`);
  }
  return sentences;
}

/** UBSAN: where, and what the check says. */
export function ubsanSentences(details: UbsanDetails): string[] {
  const at =
    details.file === undefined ? '' : ` at ${details.file}${details.line === undefined ? '' : `:${details.line}`}`;
  if (details.message === undefined) return at === '' ? [] : [`The check is${at}.`];
  return [`${capitalized(details.message)}${at}.`];
}
