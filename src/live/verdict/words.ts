import type { Evidence } from '../../model/explanation.ts';
import type { LockKind, VerdictLocation } from '../../model/live.ts';
import type { InlineFrame, SourceLocation } from '../../model/report.ts';
import { plainName } from '../frames.ts';
import { type Thread, threadWords } from '../thread.ts';
import type { Contention, Holder, Site } from '../waits/wait.ts';

/** `silent.c:67`. */
export const lineWords = ({ file, line }: SourceLocation): string => `${file}:${line}`;

/** ` at ktlab.h:37, inlined at silent.c:70`; empty where no line is known. */
export function atWords(at: InlineFrame, inlinedInto: readonly InlineFrame[] = []): string {
  if (at.source === undefined) return '';
  const outer = inlinedInto.at(-1)?.source;
  return ` at ${lineWords(at.source)}${outer === undefined ? '' : `, inlined at ${lineWords(outer)}`}`;
}

/** The function that a site is in: the one that was compiled, which backtraces name. */
export const siteFunction = ({ at, inlinedInto }: Site): string => inlinedInto.at(-1)?.function ?? at.function;

/** ` at silent.c:67`. */
export const siteWords = ({ at, inlinedInto }: Site): string => atWords(at, inlinedInto);

const kindWords: Readonly<Record<LockKind, string>> = {
  spinlock: 'spinlock',
  'raw-spinlock': 'raw spinlock',
  rwlock: 'rwlock',
  mutex: 'mutex',
  rwsem: 'rw_semaphore',
  'percpu-rwsem': 'percpu_rw_semaphore',
  'rt-mutex': 'rt_mutex',
  semaphore: 'semaphore',
  completion: 'completion',
  'wait-queue': 'wait queue',
  futex: 'futex',
  folio: 'folio lock',
  rcu: 'RCU grace period',
  ipi: 'answer to an inter-processor interrupt',
  'stop-machine': 'stop_machine()',
  workqueue: 'work item',
  seqlock: 'seqlock',
  'bit-lock': 'bit lock',
  other: 'lock',
};

/** Those that there is only one of, or that have no name. */
const namelessWords: Partial<Readonly<Record<LockKind, string>>> = {
  rcu: 'the end of an RCU grace period',
  ipi: 'the answer to an inter-processor interrupt',
  'stop-machine': 'all CPUs to stop, as stop_machine() wants',
};

/** `the mutex ktlab_mutex_a`, `a spinlock`, `the spinlock at 0xffff888003a4b0c0`. */
export function lockWords({ kind, name, address }: Pick<Contention, 'kind' | 'name' | 'address'>): string {
  const nameless = namelessWords[kind];
  if (nameless !== undefined) return nameless;
  const words = kindWords[kind];
  if (name !== undefined) return `the ${words} ${name}`;
  return address === undefined ? `a ${words}` : `the ${words} at 0x${address.toString(16)}`;
}

/** What a holder does to those who wait, after `which`: `init (pid 1) has, taken at foo.c:12 in foo,`. */
export function holdsWords({ kind }: Pick<Contention, 'kind'>, { thread, site }: Holder): string {
  const name = thread === undefined ? 'another' : who(thread);
  switch (kind) {
    case 'rcu':
      return `${name} holds up`;
    case 'ipi':
      return `${name} does not give`;
    case 'stop-machine':
      return `${name} does not do`;
    case 'workqueue':
      return `${name} runs`;
    case 'completion':
      return `${name} is to complete`;
    default:
      return `${name} has${site === undefined ? '' : `, taken${siteWords(site)} in ${siteFunction(site)},`}`;
  }
}

/** Evidence that names a thread's place: `CPU 1: ktlab_console_write+0x2a at silent.c:45`. */
export function siteEvidence(words: string, site: Site): Evidence {
  const frame = site.thread.frames[site.nth];
  const offset = frame?.offset === undefined ? '' : `+0x${frame.offset.toString(16)}`;
  return {
    words: `${threadWords(site.thread)} ${words} in ${siteFunction(site)}${offset}${siteWords(site)}`,
    ...(frame !== undefined && { address: frame.address }),
  };
}

export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** `CPU 1`, or the task by its name. */
export const who = (thread: Thread): string => threadWords(thread);

/** `a, b and c`; of many the first few, and how many more. */
export function listWords(words: readonly string[], most = 4): string {
  const shown = words.slice(0, most);
  const more = words.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Where a verdict points to; the function as the source has it. */
export function locationOf(at: InlineFrame): VerdictLocation {
  return { function: plainName(at.function), ...(at.source && { file: at.source.file, line: at.source.line }) };
}
