import { describe, expect, test } from 'vitest';
import { extractDetails } from '../../../src/oops/details/details.ts';
import { rawReport } from './raw.ts';

describe('out of memory', () => {
  const asked =
    'stress invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0';
  const dump = [
    'Mem-Info:',
    'active_anon:1200 inactive_anon:98000 isolated_anon:0',
    ' slab_reclaimable:2100 slab_unreclaimable:5200',
    ' free:1300 free_pcp:40 free_cma:0',
    'Node 0 active_anon:4800kB inactive_anon:392000kB unevictable:0kB all_unreclaimable? yes',
    'Free swap  = 12kB',
    'Total swap = 1048572kB',
    'Tasks state (memory values in pages):',
    '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name',
    '[    88]     0    88     2000      300      200      100         0    57344        0         -1000 systemd-udevd',
    '[   612]  1000   612   250000    97000    96900      100         0   819200        0             0 hog (x)',
  ];

  test('global, 6.x', () => {
    const details = extractDetails(
      'memory/oom',
      rawReport([
        asked,
        ...dump,
        'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=hog,pid=612,uid=1000',
        'Out of memory: Killed process 612 (hog (x)) total-vm:1000000kB, anon-rss:387600kB, file-rss:400kB, shmem-rss:0kB, UID:1000 pgtables:800kB oom_score_adj:0',
      ]),
    );
    expect(details).toMatchObject({
      of: 'out-of-memory',
      invoker: 'stress',
      order: 0,
      oomScoreAdj: 0,
      constraint: 'NONE',
      killed: {
        pid: 612,
        uid: 1000,
        totalVm: 1_000_000,
        anonRss: 387_600,
        fileRss: 400,
        shmemRss: 0,
        pageTables: 800,
        oomScoreAdj: 0,
      },
      nodes: [{ node: 0, values: { active_anon: 4800, inactive_anon: 392_000 } }],
      pages: { active_anon: 1200, slab_unreclaimable: 5200, free: 1300 },
      swap: { free: 12, total: 1_048_572 },
      largest: [
        { pid: 612, task: 'hog (x)', rssPages: 97_000 },
        { pid: 88, task: 'systemd-udevd', rssPages: 300 },
      ],
    });
  });

  test('global, before 5.1: two lines of one victim', () => {
    expect(
      extractDetails(
        'memory/oom',
        rawReport([
          asked,
          'Out of memory: Kill process 612 (hog) score 912 or sacrifice child',
          'Killed process 612 (hog) total-vm:1000kB, anon-rss:800kB, file-rss:0kB, shmem-rss:0kB',
        ]),
      ),
    ).toMatchObject({ killed: { pid: 612, task: 'hog', totalVm: 1000, anonRss: 800 } });
  });

  test('of a cgroup', () => {
    expect(
      extractDetails(
        'memory/cgroup-oom',
        rawReport([
          asked,
          'memory: usage 65536kB, limit 65536kB, failcnt 12',
          'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a.slice,task_memcg=/a.slice/b,task=hog,pid=612,uid=0',
          'Memory cgroup out of memory: Killed process 612 (hog) total-vm:90000kB, anon-rss:60000kB',
        ]),
      ),
    ).toMatchObject({
      constraint: 'MEMCG',
      cgroup: '/a.slice',
      cgroupUsage: { usage: 65_536, limit: 65_536, failures: 12 },
      killed: { pid: 612 },
    });
  });
});

test('a failed allocation', () => {
  expect(
    extractDetails(
      'memory/allocation-failure',
      rawReport([
        'kworker/u4:4: page allocation failure: order:5, mode:0x40a20(GFP_ATOMIC|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0-1',
      ]),
    ),
  ).toEqual({
    of: 'allocation-failure',
    task: 'kworker/u4:4',
    order: 5,
    gfp: '0x40a20(GFP_ATOMIC|__GFP_COMP)',
    nodemask: '(null)',
    cpuset: '/',
  });
});

test('bad pages and counters', () => {
  expect(
    extractDetails(
      'memory/bad-page-state',
      rawReport([
        'BUG: Bad page state in process my proc  pfn:7071f',
        'page: refcount:0 mapcount:-1 mapping:0000000000000000 index:0x7f pfn:0x7071f',
        'flags: 0xfff00000000000(node=0|zone=1)',
        'page dumped because: nonzero mapcount',
      ]),
    ),
  ).toMatchObject({
    task: 'my proc',
    pfn: 0x7071fn,
    referenceCount: 0,
    mapCount: -1,
    mapping: 0n,
    reason: 'nonzero mapcount',
  });
  expect(
    extractDetails(
      'memory/bad-rss-counter',
      rawReport(['BUG: Bad rss-counter state mm:00000000a1b2c3d4 type:MM_ANONPAGES val:-2']),
    ),
  ).toEqual({ of: 'mm-counter', mm: '00000000a1b2c3d4', counter: 'MM_ANONPAGES', value: -2 });
});

test('slab debugging', () => {
  expect(
    extractDetails(
      'slab/poison-overwritten',
      rawReport([
        'BUG my_cache (Tainted: G    B      ): Poison overwritten',
        '0xffff880135498250-0xffff880146498253 @offset=592. First byte 0x6a instead of 0x6b',
        'Allocated in drv_new+0xa3/0x140 age=46310 cpu=6 pid=32154',
        'Freed in drv_put+0x27/0x30 age=46268 cpu=6 pid=32155',
        'Object 0xffff880135498250 @offset=592 fp=0x0000000000000000',
        'Object   ffff880135498250: 6a 6b 6b 6b 6b 6b 6b 6b  jkkkkkkk',
      ]),
    ),
  ).toMatchObject({
    cache: 'my_cache',
    finding: 'Poison overwritten',
    object: 0xffff880135498250n,
    objectOffset: 592,
    range: { from: 0xffff880135498250n, to: 0xffff880146498253n },
    found: 0x6a,
    expected: 0x6b,
    allocatedIn: { function: 'drv_new', pid: 32_154 },
    freedIn: { function: 'drv_put', age: 46_268 },
    dump: ['Object   ffff880135498250: 6a 6b 6b 6b 6b 6b 6b 6b  jkkkkkkk'],
  });
});

test('slab debugging, where what was overwritten stands before the headline', () => {
  const report = rawReport(
    ['BUG my_cache (Not tainted): Object corrupt', 'Object 0xffff880135498250 @offset=592 fp=0x0000000000000000'],
    [
      '[Right Redzone overwritten] 0xffff880135498250-0xffff880146498253 @offset=592. First byte 0x6a instead of 0xbb',
      '=============================================================================',
    ],
  );
  expect(extractDetails('slab/corruption', report)).toMatchObject({
    finding: 'Object corrupt',
    range: { from: 0xffff880135498250n, to: 0xffff880146498253n },
    found: 0x6a,
    expected: 0xbb,
  });
});

test('a leak', () => {
  expect(
    extractDetails(
      'leak/kmemleak',
      rawReport([
        'BUG: memory leak',
        'unreferenced object 0xffff88810a1b2c00 (size 128):',
        '  comm "a.out", pid 334, jiffies 4294936412 (age 12.340s)',
        '  hex dump (first 32 bytes):',
        '    00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  ................',
        '    6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.',
        '  backtrace:',
        '    [<ffffffff81234567>] drv_open+0x1/0x2',
      ]),
    ),
  ).toMatchObject({
    of: 'kmemleak',
    address: 0xffff88810a1b2c00n,
    size: 128,
    task: 'a.out',
    pid: 334,
    jiffies: 4_294_936_412,
    ageSeconds: 12.34,
    hexDump: [expect.stringContaining('00 01'), expect.stringContaining('a5')],
  });
});
