import type {
  AllocationFailureDetails,
  BadPageDetails,
  KmemleakDetails,
  MemoryUser,
  OutOfMemoryDetails,
  RssCounterDetails,
  SlabDetails,
} from '../../model/details-memory.ts';
import { bytes, count, hex } from './words.ts';

function kib(n: number): string {
  return bytes(n * 1024);
}

function userWords(user: MemoryUser): string {
  const anonymous = user.anonRss === undefined ? '' : `, ${kib(user.anonRss)} of anonymous memory`;
  const uid = user.uid === undefined ? '' : `, UID ${user.uid}`;
  return `${user.task} (PID ${user.pid}${uid}${anonymous})`;
}

/** Who asked, who was killed, how much it had. */
export function outOfMemorySentences(details: OutOfMemoryDetails): string[] {
  const sentences: string[] = [];
  const invoker = details.invoker === undefined ? 'Somebody' : details.invoker;
  const order = details.order === undefined ? '' : ` of order ${details.order}`;
  const gfp = details.gfp === undefined ? '' : ` (${details.gfp})`;
  if (details.invoker !== undefined || order !== '') sentences.push(`${invoker} asked for pages${order}${gfp}.`);
  if (details.killed) sentences.push(`Killed: ${userWords(details.killed)}.`);
  if (details.alsoKilled && details.alsoKilled.length > 0) {
    sentences.push(`${count(details.alsoKilled.length, 'further process', 'further processes')} went with it.`);
  }
  if (details.constraint !== undefined && details.constraint !== 'NONE') {
    sentences.push(`The constraint was ${details.constraint.toLowerCase().replaceAll('_', ' ')}.`);
  }
  if (details.cgroup !== undefined) sentences.push(`The cgroup is ${details.cgroup}.`);
  if (details.swap?.total !== undefined) {
    const free = details.swap.free === undefined ? '' : `${kib(details.swap.free)} of `;
    sentences.push(`Swap free: ${free}${kib(details.swap.total)}.`);
  }
  const largest = details.largest?.[0];
  // Pages are 4 KiB nearly everywhere, but not everywhere: so pages they stay.
  if (largest)
    sentences.push(`The largest process was ${largest.task} (PID ${largest.pid}), ${count(largest.rssPages, 'page')}.`);
  return sentences;
}

/** What could not be allocated. */
export function allocationFailureSentences(details: AllocationFailureDetails): string[] {
  const sentences: string[] = [];
  const { order, gfp, task } = details;
  const pages = order === undefined ? 'pages' : `${count(2 ** order, 'page')} in a row (order ${order})`;
  const what = details.bytes === undefined ? pages : count(details.bytes, 'byte');
  sentences.push(`${task ?? 'It'} asked for ${what}${gfp === undefined ? '' : ` with ${gfp}`}.`);
  if (details.stalledMilliseconds !== undefined) {
    sentences.push(`It took ${count(details.stalledMilliseconds, 'millisecond')}.`);
  }
  return sentences;
}

/** A struct page in an impossible state. */
export function badPageSentences(details: BadPageDetails): string[] {
  const facts = [
    details.pfn === undefined ? '' : `page frame ${hex(details.pfn)}`,
    details.referenceCount === undefined ? '' : `reference count ${details.referenceCount}`,
    details.mapCount === undefined ? '' : `map count ${details.mapCount}`,
    details.flags === undefined ? '' : `flags ${details.flags}`,
    details.pte === undefined ? '' : `pte ${hex(details.pte)}`,
    details.pmd === undefined ? '' : `pmd ${hex(details.pmd)}`,
  ].filter((fact) => fact !== '');
  return [
    ...(details.reason === undefined ? [] : [`The kernel dumped it because: ${details.reason}.`]),
    ...(facts.length === 0 ? [] : [`The page: ${facts.join(', ')}.`]),
  ];
}

/** A counter of an address space that should be zero. */
export function rssCounterSentences(details: RssCounterDetails): string[] {
  if (details.counter === undefined || details.value === undefined) return [];
  return [`The counter ${details.counter} was ${details.value} when the address space went away, not 0.`];
}

/** SLUB: what of which object. */
export function slabSentences(details: SlabDetails): string[] {
  const sentences: string[] = [];
  const cache = details.cache === undefined ? '' : ` of cache ${details.cache}`;
  if (details.object !== undefined) sentences.push(`The object${cache} is at ${hex(details.object)}.`);
  else if (cache !== '') sentences.push(`The object is${cache}.`);
  if (details.range) {
    const found = details.found === undefined ? '' : `: found 0x${details.found.toString(16)}`;
    const expected = details.expected === undefined ? '' : ` instead of 0x${details.expected.toString(16)}`;
    sentences.push(`Overwritten from ${hex(details.range.from)} to ${hex(details.range.to)}${found}${expected}.`);
  }
  const { allocatedIn, freedIn } = details;
  if (allocatedIn) sentences.push(`It was allocated in ${allocatedIn.function}${ofPid(allocatedIn.pid)}.`);
  if (freedIn) sentences.push(`It was freed in ${freedIn.function}${ofPid(freedIn.pid)}.`);
  return sentences;
}

function ofPid(pid: number | undefined): string {
  return pid === undefined ? '' : ` by PID ${pid}`;
}

/** What nothing points at any more. */
export function kmemleakSentences(details: KmemleakDetails): string[] {
  if (details.size === undefined && details.address === undefined) return [];
  const size = details.size === undefined ? 'An object' : count(details.size, 'byte');
  const at = details.address === undefined ? '' : ` at ${hex(details.address)}`;
  const by =
    details.task === undefined
      ? ''
      : ` allocated by ${details.task}${details.pid === undefined ? '' : ` (PID ${details.pid})`}`;
  const age = details.ageSeconds === undefined ? '' : `, ${count(Math.round(details.ageSeconds), 'second')} old`;
  return [`${size}${at}${by}${age}: nothing points there any more.`];
}
