import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLog } from '../../../src/kernel/log-buffer/read-log.ts';
import { StructureKernel } from '../structure-kernel.ts';
import { MadeRing, ringStructures } from './made-ring.ts';

describe('the printk ring', () => {
  test('is read as dmesg prints it', async () => {
    const ring = new MadeRing()
      .record('Linux version 6.1', { seconds: 0, level: 5 })
      .record('', { seconds: 1.5 })
      .record('one\ntwo\n', { seconds: 12_345.678901, level: 3, caller: 0x8000_0001 });
    const log = await readLog(ring.made.kernel);
    expect(log.problems).toEqual([]);
    expect(log.lines).toEqual([
      '[    0.000000] Linux version 6.1',
      '[    1.500000] ',
      '[12345.678901] one',
      '[12345.678901] two',
      '[12345.678901] ',
    ]);
    expect(log.records.map(({ sequence, level, caller, state }) => [sequence, level, caller, state])).toEqual([
      [0n, 5, { kind: 'task', id: 1 }, 'complete'],
      [1n, 6, { kind: 'task', id: 1 }, 'complete'],
      [2n, 3, { kind: 'cpu', id: 1 }, 'complete'],
    ]);
    expect((await readLog(ring.made.kernel, { withCaller: true })).lines.slice(1, 3)).toEqual([
      '[    1.500000][    T1] ',
      '[12345.678901][    C1] one',
    ]);
  });

  test('keeps the newest when it was written to again and again', async () => {
    const ring = new MadeRing({ countBits: 3, textBits: 9, first: 2n ** 40n - 5n });
    for (let index = 0; index < 100; index++) ring.record(`record ${index} ${'x'.repeat(index % 30)}`);
    const { records, problems } = await readLog(ring.made.kernel);
    expect(problems).toEqual([]);
    expect(records.map(({ text }) => text.split(' ')[1])).toEqual(['92', '93', '94', '95', '96', '97', '98', '99']);
    expect(records.every(({ state }) => state === 'complete')).toBe(true);
    const few = await readLog(ring.made.kernel, { most: 3 });
    expect(few.records.map(({ text }) => text.split(' ')[1])).toEqual(['97', '98', '99']);
    expect(few.problems).toEqual(['the oldest part of the printk buffer was not read']);
  });

  test('marks what was overwritten, is being written, and may be continued', async () => {
    const ring = new MadeRing({ countBits: 4, textBits: 7 })
      .record('gone by now, as its place was taken'.padEnd(60))
      .record('a'.repeat(40))
      .record('b'.repeat(40))
      .record('half of', { state: 'reserved', length: 0 })
      .record('to be continued', { state: 'committed' })
      .record('not used', { state: 'reusable' });
    const { records, lines } = await readLog(ring.made.kernel);
    expect(records.map(({ sequence, state }) => [sequence, state])).toEqual([
      [0n, 'lost'],
      [1n, 'lost'],
      [2n, 'complete'],
      [3n, 'half-written'],
      [4n, 'open'],
    ]);
    expect(lines.map((line) => line.slice(15))).toEqual(['b'.repeat(40), 'half of', 'to be continued']);
  });

  test('knows how far consoles came', async () => {
    const ring = new MadeRing().record('one').record('two\nthree').record('four');
    expect(await readLog(ring.made.kernel)).not.toHaveProperty('consoleSeq');
    ring.console('ttyS', 1n).console('tty', 9n, 0).console('ttyAMA', 2n, 4, true);
    const log = await readLog(ring.made.kernel);
    expect(log.consoles).toEqual([
      { name: 'ttyS0', isEnabled: true, isNbcon: false, next: 1n },
      { name: 'tty0', isEnabled: false, isNbcon: false, next: 9n },
      { name: 'ttyAMA0', isEnabled: true, isNbcon: true, next: 2n },
    ]);
    expect(log).toMatchObject({ consoleSeq: 2n, neverPrinted: 1 });
  });

  test('of which a page is missing has the other records', async () => {
    const ring = new MadeRing({ countBits: 6, textBits: 13 });
    for (let index = 0; index < 60; index++) ring.record(`${index}`.padEnd(120));
    ring.made.drop(ring.at.text + 0x1000n);
    const { records } = await readLog(ring.made.kernel);
    expect(records).toHaveLength(60);
    expect(records.filter(({ state }) => state === 'lost').length).toBeGreaterThan(20);
    expect(records[0]).toMatchObject({ state: 'complete', text: '0'.padEnd(120) });
  });

  test('is said to be missing', async () => {
    const problems = ['the printk buffer was not found, or makes no sense'];
    expect(await readLog(new StructureKernel(ringStructures).kernel)).toEqual({
      ...{ lines: [], records: [], consoles: [], problems },
    });
    const ring = new MadeRing().record('one');
    ring.made.word(ring.made.at('printk_ringbuffer', 'text_data_ring.size_bits', ring.at.ring), 60n, 4);
    expect((await readLog(ring.made.kernel)).problems).toEqual(problems);
  });

  test('gives back whatever was written', async () => {
    const texts = fc.array(
      fc.string({ maxLength: 90 }).map((text) => text.replace(/[^ -~]/g, '.')),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.bigInt({ min: 0n, max: 2n ** 61n }), async (written, first) => {
        const ring = new MadeRing({ countBits: 5, textBits: 12, first });
        for (const text of written) ring.record(text);
        if (written.length === 0) return;
        const { records, problems } = await readLog(ring.made.kernel);
        expect(problems).toEqual([]);
        // Those whose text was written over are lost; all others are as they were.
        const kept = written.slice(-32);
        expect(records).toHaveLength(kept.length);
        for (const [index, { text, state }] of records.entries())
          if (state === 'complete') expect(text).toBe(kept[index]);
        expect(records.at(-1)?.text).toBe(written.at(-1));
      }),
      { numRuns: 40 },
    );
  });

  test('of garbage ends and throws nothing', async () => {
    const ends = fc.tuple(
      fc.constantFrom('ring', 'descriptors', 'infos', 'list', 'consoles'),
      fc.nat(300),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(ends, { maxLength: 12 }), async (words) => {
        const ring = new MadeRing().record('one').record('two').console('ttyS', 1n);
        for (const [part, offset, value] of words) ring.made.word(ring.at[part] + BigInt(offset), value);
        const { records } = await readLog(ring.made.kernel);
        expect(records.length).toBeLessThanOrEqual(16_384);
      }),
      { numRuns: 40 },
    );
  });
});
