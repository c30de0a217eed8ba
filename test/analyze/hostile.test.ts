import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveAnalysis } from '../../src/analyze/analyze.ts';
import type { FileResult } from '../../src/model/document.ts';
import { kindOf } from '../../src/oops/kinds/kinds.ts';

// Other projects' logs where they lie beside this checkout, our own samples in any case.
const shared = join(import.meta.dirname, '../../../shared/corpus');
const samples = join(import.meta.dirname, '../../samples');
const suites = existsSync(shared) ? readdirSync(shared).filter((s) => /^(?:syzkaller|satyr)/.test(s)) : [];
const paths = [
  ...suites.flatMap((suite) => readdirSync(join(shared, suite)).map((name) => join(shared, suite, name, 'log.txt'))),
  ...readdirSync(samples).map((name) => join(samples, name)),
].filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
const logs = paths.map((path) => readFileSync(path).subarray(0, 200_000));
if (suites.length === 0) console.warn('hostile: no ../shared/corpus beside this checkout, mutating the samples only');

function analyse(bytes: Uint8Array, cut: number): FileResult {
  const analysis = new LiveAnalysis('x');
  analysis.push(bytes.subarray(0, cut));
  analysis.push(bytes.subarray(cut));
  return analysis.end();
}

/** Some kilobytes of a log. */
const piece = fc
  .tuple(fc.nat(logs.length - 1), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 6000 }))
  .map(([which, where, length]) => {
    const log = logs[which] ?? Buffer.alloc(0);
    const start = Math.floor(where * Math.max(0, log.length - length));
    return Buffer.from(log.subarray(start, start + length));
  });

const place = fc.double({ min: 0, max: 1, noNaN: true });

/** One kind of damage: bytes overwritten, taken out, doubled, or another log's put in between. */
const damage = fc.oneof(
  fc.record({
    how: fc.constant('overwrite' as const),
    at: place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  fc.record({ how: fc.constant('cut' as const), at: place, length: fc.nat(2000) }),
  fc.record({ how: fc.constant('double' as const), at: place, length: fc.nat(500) }),
  fc.record({ how: fc.constant('splice' as const), at: place, bytes: piece }),
);

const mutated = fc.tuple(piece, fc.array(damage, { maxLength: 4 })).map(([bytes, damages]) => {
  let out: Uint8Array = bytes;
  for (const d of damages) {
    const at = Math.floor(d.at * out.length);
    const parts =
      d.how === 'overwrite'
        ? [out.subarray(0, at), d.bytes, out.subarray(at + d.bytes.length)]
        : d.how === 'cut'
          ? [out.subarray(0, at), out.subarray(at + d.length)]
          : d.how === 'double'
            ? [out.subarray(0, at + d.length), out.subarray(at)]
            : [out.subarray(0, at), d.bytes, out.subarray(at)];
    out = Buffer.concat(parts);
  }
  return out;
});

test('ten thousand damaged logs are analysed, and what is said of them is sane', () => {
  fc.assert(
    fc.property(mutated, place, (bytes, cut) => {
      const { reports, incidents, input } = analyse(bytes, Math.floor(cut * bytes.length));
      expect(input.bytes).toBe(bytes.length);
      for (const report of reports) {
        expect(report.title).toMatch(/^[\x20-\x7e]{1,120}$/);
        expect(kindOf(report.kind), report.kind).toBeDefined();
        expect(report.signature).toMatch(/^[0-9a-f]{16}$/);
        expect(report.range.firstByte).toBeLessThan(report.range.endByte);
        expect(report.range.endByte).toBeLessThanOrEqual(bytes.length);
        expect(report.startLine).toBeLessThanOrEqual(report.endLine);
      }
      // Each report belongs to one incident.
      const members = incidents.flatMap((i) => [i.root, ...i.follow.map((f) => f.report)]);
      expect(members.sort((a, b) => a - b)).toEqual(reports.map((_, i) => i));
    }),
    { numRuns: 10_000 },
  );
}, 600_000);

test('bytes of any sort are analysed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => void analyse(bytes, bytes.length >> 1)),
    { numRuns: 1000 },
  );
});
