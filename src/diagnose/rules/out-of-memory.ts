import type { MemoryUser, OutOfMemoryDetails } from '../../model/details-memory.ts';
import { bytes, count, grouped } from '../../util/words.ts';
import { taskWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

const kib = (n: number): string => bytes(n * 1024);

/** Where memory goes, by the counters of `Mem-Info:` (show_free_areas() in mm/show_mem.c), in pages. */
const users: readonly { readonly keys: readonly string[]; readonly words: string }[] = [
  { keys: ['active_anon', 'inactive_anon', 'isolated_anon'], words: 'anonymous memory of processes' },
  { keys: ['active_file', 'inactive_file', 'isolated_file'], words: 'the page cache' },
  { keys: ['slab_unreclaimable'], words: 'slab objects of the kernel that cannot be reclaimed' },
  { keys: ['slab_reclaimable'], words: 'slab objects of the kernel that could be reclaimed' },
  { keys: ['unevictable'], words: 'memory that is locked' },
  { keys: ['pagetables'], words: 'page tables' },
  { keys: ['kernel_misc_reclaimable'], words: 'other memory of the kernel' },
];

/** The largest user of memory, where it has more than half of what the counters tell. */
function eater({ pages }: OutOfMemoryDetails): string | undefined {
  if (pages === undefined) return undefined;
  const sizes = users.map(({ keys, words }) => ({
    words,
    size: keys.reduce((sum, key) => sum + (pages[key] ?? 0), 0),
  }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0) + (pages.free ?? 0);
  const [largest] = sizes.sort((a, b) => b.size - a.size);
  if (largest === undefined || largest.size * 2 <= total) return undefined;
  return `${largest.words} (${grouped(largest.size)} of ${grouped(total)} pages)`;
}

function victim({ task, pid, anonRss, uid }: MemoryUser): string {
  const anonymous = anonRss === undefined ? '' : `, which had ${kib(anonRss)} of anonymous memory`;
  return `${taskWords(task, pid) ?? 'a process'}${uid === undefined ? '' : ` of UID ${uid}`}${anonymous}`;
}

/** mm/oom_kill.c */
export const outOfMemory: Rule = {
  name: 'out-of-memory',
  tier: 'cause',
  find(subject) {
    const details = subject.details('out-of-memory');
    if (details === undefined) {
      return subject.isKind('memory/oom', 'memory/cgroup-oom', 'panic/out-of-memory')
        ? { confidence: 'certain', sentence: 'Memory ran out.', evidence: [subject.headline()] }
        : undefined;
    }
    const { constraint, cgroup, cgroupUsage, killed, alsoKilled, swap, largest, order, invoker, gfp } = details;
    const isGroup = constraint === 'MEMCG';
    const ate = eater(details);
    const what = isGroup
      ? `The control group${cgroup === undefined ? '' : ` ${cgroup}`} reached its memory limit${cgroupUsage === undefined ? '' : ` of ${kib(cgroupUsage.limit)}`}`
      : ate === undefined
        ? 'Memory ran out'
        : `Memory ran out: most of it is ${ate}`;
    const big = largest?.[0];
    const highOrder = order !== undefined && order > 3 && !isGroup;
    return {
      confidence: 'certain',
      sentence: `${what}${killed === undefined ? '' : `; the kernel killed ${victim(killed)}`}.`,
      evidence: [
        invoker === undefined
          ? undefined
          : subject.said(
              `pages${order === undefined ? '' : ` of order ${order}`}${gfp === undefined ? '' : ` (${gfp})`} were asked for by ${invoker}`,
            ),
        big === undefined
          ? undefined
          : subject.said(`the largest process was ${big.task} (PID ${big.pid}), ${count(big.rssPages, 'page')}`),
        swap?.total === undefined
          ? undefined
          : subject.said(`swap: ${swap.free === undefined ? '?' : kib(swap.free)} of ${kib(swap.total)} free`),
        alsoKilled === undefined || alsoKilled.length === 0
          ? undefined
          : subject.said(`${count(alsoKilled.length, 'further process', 'further processes')} went with it`),
        constraint === undefined || constraint === 'NONE' || isGroup
          ? undefined
          : subject.said(`the constraint was ${constraint.toLowerCase().replaceAll('_', ' ')}`),
      ],
      against: [
        highOrder
          ? `${2 ** order} pages in a row were wanted: memory may be fragmented rather than used up.`
          : undefined,
      ],
    };
  },
};
