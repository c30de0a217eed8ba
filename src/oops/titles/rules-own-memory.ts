import { slabKind } from '../kinds/families.ts';
import { header, type OwnHeader, singleHeader } from './own-header.ts';
import type { TitleRule } from './rule.ts';

/** Running out of memory, failed allocations and slab debugging. */
export const memoryHeaders: readonly OwnHeader[] = [
  // dump_header() in mm/oom_kill.c; the process name is cut to 15 characters but may hold anything.
  singleHeader(
    'oom',
    ' invoked oom-killer: ',
    /^.{1,64} invoked oom-killer: gfp_mask=/,
    /^Kernel panic - not syncing: /,
  ),
  // oom_kill_process(): "Kill process N (comm) score N or sacrifice child" up to 5.0, "Killed process" since.
  // Alone where the dump before it was suppressed by the rate limit.
  singleHeader('oom-kill', 'Out of memory', /^Out of memory(?: \(\w{1,40}\))?: Kill(?:ed)? process \d/),
  // warn_alloc() in mm/page_alloc.c: "failure: order:N" since 3.x, "failure. order:N" before.
  singleHeader('allocation-failure', 'page allocation failure', /^.{1,64}: page allocation failure[:.] order:\d/),
  singleHeader(
    'allocation-stall',
    'page allocation stalls for ',
    /^.{1,64}: page allocation stalls for \d{1,12}ms, order:\d/,
  ),
  // slab_bug() in mm/slub.c. Caches named kmalloc-* are a headline of specs/titles.md.
  // "kasan: bad access detected" is the second half of a KASAN report of 4.x.
  singleHeader(
    'slab',
    'BUG ',
    /^BUG (?!kmalloc-)\S[^\n]{0,80}? \((?:Not tainted|Tainted: [^)\n]{1,80})\): (?!kasan: bad access)\S/,
  ),
  // kmemleak_scan() in mm/kmemleak.c; the leaks themselves are in a file that must be asked for.
  singleHeader('kmemleak', ' new suspected memory leaks', /^kmemleak: \d{1,10} new suspected memory leaks \(see /),
  // kmem_cache_destroy() in mm/slab_common.c before 5.16, a WARNING since.
  header('slab-destroy', 'Slab cache still has objects', /^kmem_cache_destroy \S{1,64}: Slab cache still has objects/),
];

/**
 * The first line behind the headline that tells whose memory ran out, in groups 1 and 2 a cgroup's, in groups 3 and 4 the
 * machine's with the victim; or the next headline of the kind. The window may hold further such reports.
 */
const verdict = new RegExp(
  [
    String.raw`\n(Memory cgroup out of memory|oom-kill:constraint=CONSTRAINT_MEMCG|memory: usage \d+kB, limit \d+kB|Task in \S+ killed as a result of limit)`,
    String.raw`\n *(?:\[<[0-9a-f]+>\] )?(mem_cgroup_out_of_memory)[.+]`,
    String.raw`\noom-kill:constraint=CONSTRAINT_[^\n]{1,1000},task=([^\n]{1,64}),pid=`,
    String.raw`\nOut of memory(?: \(\w{1,40}\))?: Kill(?:ed)? process \d{1,10},? \(([^\n]{1,64}?)\) (?:score|total-vm)`,
    String.raw`\n[^\n]{1,64} invoked oom-killer: `,
  ].join('|'),
);
const killedLine =
  /^Out of memory(?: \(\w{1,40}\))?: Kill(?:ed)? process \d{1,10},? \(([^\n]{1,64}?)\)(?: score| total-vm|,|$)/m;

const isGroup = (needed: RegExpExecArray | null): boolean => (needed?.[1] ?? needed?.[2]) !== undefined;

function outOfMemoryTitle(invoker: string, needed: RegExpExecArray | null): string {
  if (isGroup(needed)) return 'Memory cgroup out of memory';
  const victim = needed?.[3] ?? needed?.[4];
  return victim === undefined
    ? `Out of memory: ${invoker} invoked oom-killer`
    : `Out of memory: Killed process ${victim}`;
}

/** One pattern for all rules of the header: of matches at the same place the first rule wins. */
const invoked = /^([^\n]{1,64}) invoked oom-killer: /m;

/** Lines are joined by line feeds in the title window, so patterns of lines have the `m` flag. */
export const memoryRules: readonly TitleRule[] = [
  {
    header: 'oom',
    find: invoked,
    needs: verdict,
    title: (match, needed) => outOfMemoryTitle(match[1] ?? '', needed),
    exempt: true,
    kind: (_, needed) => (isGroup(needed) ? 'memory/cgroup-oom' : 'memory/oom'),
    type: 'OOM',
  },
  {
    header: 'oom',
    find: invoked,
    title: (match) => outOfMemoryTitle(match[1] ?? '', null),
    exempt: true,
    kind: 'memory/oom',
    type: 'OOM',
  },
  {
    header: 'oom-kill',
    find: killedLine,
    title: (match) => `Out of memory: Killed process ${match[1] ?? ''}`,
    exempt: true,
    kind: 'memory/oom',
    type: 'OOM',
  },
  {
    header: 'oom-kill',
    find: /Out of memory/,
    title: 'Out of memory: Killed process',
    exempt: true,
    kind: 'memory/oom',
    type: 'OOM',
  },
  {
    header: 'allocation-failure',
    find: /page allocation failure[:.] order:/,
    title: 'page allocation failure in {F}',
    from: ['T'],
    skip: [
      /^__alloc_pages/,
      /^__get_free_pages/,
      /^new_slab$/,
      /^get_page_from_freelist$/,
      /kmalloc/,
      /vmalloc/,
      /alloc_pages/,
    ],
    kind: 'memory/allocation-failure',
    type: 'ALLOCATION-FAILURE',
  },
  {
    header: 'allocation-stall',
    find: /page allocation stalls for /,
    title: 'page allocation stall in {F}',
    from: ['T'],
    skip: [/^__alloc_pages/, /alloc_pages/, /kmalloc/, /vmalloc/],
    kind: 'memory/allocation-stall',
    type: 'ALLOCATION-FAILURE',
  },
  {
    header: 'slab',
    find: /^BUG (\S[^\n]{0,80}?) \((?:Not tainted|Tainted: [^)\n]{1,80})\): ([^\n]{1,120})/m,
    title: (match) => `BUG ${match[1] ?? ''}: ${match[2] ?? ''}`,
    exempt: true,
    kind: (match) => slabKind(match[2] ?? ''),
    type: 'SLAB-CORRUPTION',
  },
  {
    header: 'kmemleak',
    find: /kmemleak: \d{1,10} new suspected memory leaks/,
    title: 'kmemleak: new suspected memory leaks',
    exempt: true,
    kind: 'leak/kmemleak',
    type: 'LEAK',
  },
  {
    header: 'slab-destroy',
    find: /kmem_cache_destroy (\S{1,64}): Slab cache still has objects/,
    title: (match) => `kmem_cache_destroy ${match[1] ?? ''}: Slab cache still has objects`,
    exempt: true,
    kind: 'slab/objects-remaining',
    type: 'SLAB-CORRUPTION',
  },
];
