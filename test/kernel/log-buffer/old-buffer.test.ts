import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLog } from '../../../src/kernel/log-buffer/read-log.ts';
import { StructureKernel, type Structures } from '../structure-kernel.ts';

const withCaller: Structures = {
  printk_log: [
    ...([
      ['ts_nsec', 'u64'],
      ['len', 'u16'],
      ['text_len', 'u16'],
      ['dict_len', 'u16'],
      ['facility', 'u8'],
    ] as const),
    ...([
      ['flags', 'u8:5'],
      ['level', 'u8:3'],
      ['caller_id', 'u32'],
    ] as const),
  ],
  cont: [
    ...([
      ['buf', 'char[64]'],
      ['len', 'u64'],
      ['ts_nsec', 'u64'],
      ['level', 'u8'],
    ] as const),
  ],
  console: [
    ...([
      ['name', 'char[16]'],
      ['flags', 'u16'],
      ['index', 'u16'],
      ['next', '*'],
    ] as const),
  ],
};
const { printk_log: members = [] } = withCaller;
const plain: Structures = { ...withCaller, printk_log: members.filter(([name]) => name !== 'caller_id') };

const variables = 0xffff_ffff_8200_0000n;
const buffer = 0xffff_8880_0001_0000n;
const bytes = 512;

interface Place {
  readonly first: number;
  readonly firstSequence: bigint;
  readonly next: bigint;
}

/** The buffer of 5.9 and before. */
function made(structures: Structures, { first, firstSequence, next }: Place): StructureKernel {
  const kernel = new StructureKernel(structures).bytes(buffer, new Uint8Array(bytes));
  const values = [
    ...([
      ['log_buf', buffer, 8],
      ['log_buf_len', BigInt(bytes), 4],
      ['log_first_idx', BigInt(first), 4],
    ] as const),
    ...([
      ['log_first_seq', firstSequence, 8],
      ['log_next_seq', next, 8],
      ['console_seq', 8n, 8],
    ] as const),
  ];
  for (const [index, [name, value, size]] of values.entries())
    kernel.symbol(name, variables + BigInt(index * 8)).word(variables + BigInt(index * 8), value, size);
  return kernel;
}

function put(kernel: StructureKernel, offset: number, text: string, seconds: number, caller?: number): number {
  const head = kernel.types.sizeof('printk_log') ?? 0;
  const length = Math.ceil((head + text.length) / 8) * 8;
  kernel.put('printk_log', buffer + BigInt(offset), {
    ...{ ts_nsec: BigInt(seconds) * 1_000_000_000n, len: length, text_len: text.length, level: 4 },
    ...(caller !== undefined && { caller_id: caller }),
  });
  kernel.bytes(buffer + BigInt(offset + head), text);
  return offset + length;
}

describe('the printk buffer before 5.10', () => {
  test('goes on at its start after a record of no length', async () => {
    const kernel = made(plain, { first: 400, firstSequence: 7n, next: 10n });
    const end = put(kernel, 400, 'first', 1);
    kernel.word(buffer + BigInt(end + 8), 0n, 2);
    put(kernel, put(kernel, 0, 'second', 2), 'third\nof two lines', 3);
    const log = await readLog(kernel.kernel);
    expect(log.problems).toEqual([]);
    expect(log.lines).toEqual([
      '[    1.000000] first',
      '[    2.000000] second',
      '[    3.000000] third',
      '[    3.000000] of two lines',
    ]);
    expect(log.records.map(({ sequence, level }) => [sequence, level])).toEqual([
      [7n, 4],
      [8n, 4],
      [9n, 4],
    ]);
    expect((await readLog(kernel.kernel, { most: 1 })).lines).toHaveLength(2);
  });

  test('has who printed it, and the line that is not ended yet', async () => {
    const kernel = made(withCaller, { first: 0, firstSequence: 0n, next: 1n });
    put(kernel, 0, 'first', 1, 42);
    kernel.symbol('cont', variables + 0x100n);
    kernel.put('cont', variables + 0x100n, { buf: 'to be conti', len: 11, ts_nsec: 2_000_000_000n });
    const log = await readLog(kernel.kernel);
    expect(log.lines).toEqual(['[    1.000000][   T42] first', '[    2.000000] to be conti']);
    expect(log.records[1]?.state).toBe('open');
  });

  test('tells how far all consoles came', async () => {
    const kernel = made(plain, { first: 0, firstSequence: 7n, next: 9n });
    put(kernel, put(kernel, 0, 'seven', 1), 'eight', 1);
    kernel.symbol('console_drivers', variables + 0x200n).word(variables + 0x200n, variables + 0x300n);
    kernel.put('console', variables + 0x300n, { name: 'ttyS', flags: 7, index: 1 });
    const log = await readLog(kernel.kernel);
    expect(log.consoles).toEqual([{ name: 'ttyS1', isEnabled: true, isNbcon: false, next: 8n }]);
    expect(log.neverPrinted).toBe(1);
  });

  test('ends where a record makes no sense', async () => {
    const kernel = made(plain, { first: 0, firstSequence: 0n, next: 9n });
    kernel.word(buffer + BigInt(put(kernel, 0, 'only', 1) + 8), 3n, 2);
    const log = await readLog(kernel.kernel);
    expect(log.lines).toEqual(['[    1.000000] only']);
    expect(log.problems).toEqual(['the printk buffer ends where a record makes no sense']);
  });

  test('of garbage ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: bytes }), fc.nat(600), async (garbage, first) => {
        const kernel = made(plain, { first, firstSequence: 0n, next: 2n ** 63n }).bytes(buffer, garbage);
        const { records } = await readLog(kernel.kernel);
        expect(records.length).toBeLessThanOrEqual(bytes);
      }),
      { numRuns: 40 },
    );
  });
});
