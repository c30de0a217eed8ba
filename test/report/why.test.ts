import { describe, expect, test } from 'vitest';
import type { ReportDetails } from '../../src/model/details.ts';
import type { ArchitectureName } from '../../src/model/report.ts';
import { addressWords } from '../../src/report/text/address-words.ts';
import { Places } from '../../src/report/text/places.ts';
import { whySection } from '../../src/report/text/why.ts';
import { detailSentences } from '../../src/report/text/why-details.ts';
import { crashReport } from './make.ts';

const said = (details: ReportDetails): string =>
  detailSentences(details, new Places({ frames: [], stacks: [] })).join(' ');

describe('addressWords', () => {
  test.each([
    [0n, 'x86_64', 'which is NULL itself'],
    [0x18n, 'arm64', 'NULL plus 0x18'],
    [0xffff_ffff_ffff_fff2n, 'x86_64', 'which is -14 as a number'],
    [0xffff_fff2n, 'arm', 'which is -14 as a number'],
    [0xdead_0000_0000_0108n, 'x86_64', 'LIST_POISON1) plus 0x8'],
    [0xdead_0000_0000_0122n, 'arm64', '(LIST_POISON2)'],
    [0x6b6b_6b6b_6b6b_6b7bn, 'x86_64', 'freed slab memory (0x6b): a pointer was read after free plus 0x10'],
    [0x1234_5678_9abc_def0n, 'x86_64', 'not canonical'],
    [0x7fff_0000_1000n, 'x86_64', 'user space'],
    [0x0000_ffff_0000_1000n, 'arm64', 'user space'],
  ] as const)('%s on %s', (address, architecture, words) => {
    expect(addressWords(address, architecture as ArchitectureName)).toContain(words);
  });

  test('says nothing of an address that tells nothing', () => {
    expect(addressWords(0xffff_8880_1234_5678n, 'x86_64')).toBeUndefined();
    expect(addressWords(0xc012_3456n, 'i386')).toBeUndefined();
  });
});

describe('whySection', () => {
  test('leaves out how a fault was delivered', () => {
    const fields = [
      { name: 'EC', value: '0x25', meaning: 'data abort' },
      { name: 'IL', value: '1', meaning: '32-bit instruction' },
      { name: 'WnR', value: '0', meaning: 'read' },
    ];
    const text = JSON.stringify(whySection(crashReport({ fault: { esr: 0x96000006n, fields } })));
    expect(text).toContain('ESR 0x96000006: data abort, read.');
  });

  test('a page that is there is told, one that is not is not', () => {
    const fault = { address: 0xffff_ffff_c030_e280n, access: 'write' } as const;
    const words = 'the page is mapped read-only and not executable';
    const why = (state: 'mapped' | 'unmapped') =>
      JSON.stringify(whySection(crashReport({ fault, pageMapping: { state, level: 'pte', words } }))?.paragraphs);
    expect(why('mapped')).toContain('The page is mapped read-only and not executable.');
    expect(why('unmapped')).not.toContain('The page');
  });

  test('a code of zero without words, and no fault at all, say nothing', () => {
    expect(whySection(crashReport({ fault: { errorCode: 0n } }))).toBeUndefined();
    expect(whySection(crashReport({ fault: {} }))).toBeUndefined();
  });

  test('a quote without end is cut', () => {
    const details = { of: 'kernel-bug', message: 'x '.repeat(50_000) } as const;
    const text = JSON.stringify(whySection(crashReport({ details, fault: {} })));
    expect(text.length).toBeLessThan(600);
    expect(text).toContain('…');
  });
});

describe('detailSentences', () => {
  test.each<[string, ReportDetails, string]>([
    [
      'a KASAN report',
      {
        of: 'kasan',
        bug: 'slab-out-of-bounds',
        access: 'write',
        size: 4,
        address: 0xffff_8880_0000_1040n,
        task: 'cat',
        object: {
          address: 0xffff_8880_0000_1000n,
          cache: 'kmalloc-64',
          size: 64,
          relation: '0 bytes to the right of',
          state: 'allocated',
        },
      },
      'Task cat wrote 4 bytes at 0xffff888000001040. That is 0 bytes to the right of the object at 0xffff888000001000 (64 bytes, cache kmalloc-64, allocated).',
    ],
    ['a double free', { of: 'kasan', bug: 'double-free', access: 'free', address: 0x10n }, 'It freed 0x10.'],
    [
      'a hung task with an owner',
      {
        of: 'hung-task',
        task: 'cat',
        pid: 7,
        seconds: 120,
        blockedOn: 'mutex',
        owner: { task: 'dd', pid: 8, likely: true },
      },
      'cat (PID 7) has been blocked for more than 120 seconds. The mutex that it waits for is probably held by dd (PID 8).',
    ],
    [
      'a soft lockup',
      { of: 'lockup', detector: 'soft', cpu: 3, seconds: 22, task: 'cat', pid: 7 },
      'CPU 3 did not schedule for 22 seconds, running cat (PID 7).',
    ],
    [
      'an RCU stall',
      {
        of: 'rcu-stall',
        flavour: 'rcu_preempt',
        expedited: false,
        selfDetected: true,
        jiffies: 5250,
        cpus: [{ cpu: 1, words: '' }],
        tasks: [],
      },
      'rcu_preempt has waited for 5,250 jiffies for CPU 1, which noticed it itself.',
    ],
    [
      'a lock order',
      {
        of: 'lockdep',
        task: 'cat',
        pid: 7,
        wanted: { name: 'b', function: 'take_b' },
        held: [{ name: 'a', function: 'take_a' }],
        chain: [
          { step: 1, lock: { name: 'a' } },
          { step: 0, lock: { name: 'b' } },
        ],
      },
      'cat (PID 7) wants b (taken in take_b). Held: a (taken in take_a). Known order, in reverse: a <- b.',
    ],
    [
      'an OOM kill',
      {
        of: 'out-of-memory',
        invoker: 'cat',
        order: 0,
        gfp: 'GFP_KERNEL',
        killed: { pid: 9, task: 'hog', uid: 0, anonRss: 2048 },
        constraint: 'MEMORY_POLICY',
      },
      'cat asked for pages of order 0 (GFP_KERNEL). Killed: hog (PID 9, UID 0, 2.0 MiB of anonymous memory). The constraint was memory policy.',
    ],
    [
      'an allocation failure',
      { of: 'allocation-failure', task: 'cat', order: 4, gfp: 'GFP_ATOMIC' },
      'cat asked for 16 pages in a row (order 4) with GFP_ATOMIC.',
    ],
    [
      'a refcount',
      { of: 'refcount', problem: 'underflow', message: 'underflow; use-after-free.' },
      'More references were dropped than taken. The check says: underflow; use-after-free.',
    ],
    [
      'a tracked object',
      { of: 'debug-object', operation: 'activate', state: 'active', objectType: 'rcu_head' },
      'The operation was activate, on a rcu_head in state active.',
    ],
    [
      'a data race',
      {
        of: 'kcsan',
        functions: ['f', 'g'],
        accesses: [
          { access: 'write', words: [], function: 'f', size: 8, cpu: 0, task: 'cat' },
          { access: 'read', words: ['marked'], function: 'g', size: 8, cpu: 1, interrupt: true },
        ],
        unknownOrigin: false,
      },
      'Task cat on CPU 0 wrote 8 bytes in f. An interrupt on CPU 1 read 8 bytes in g (marked).',
    ],
  ])('%s', (_name, details, sentence) => {
    expect(said(details)).toBe(sentence);
  });
});
