import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources, type Sources } from '../../src/analyze/sources.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { projectRoot } from '../helpers/built.ts';

// Reports of the samples' module, whose debug information is here, changed in all that an explanation is made of.
const samples = join(projectRoot, 'samples');
const logs = ['ktsample-null-x86-64.log', 'ktsample-list-x86-64.log', 'ktsample-poison-arm64.log'].map((name) =>
  readFileSync(join(samples, name), 'latin1').split('\n'),
);

let folder: string;
let sources: Sources;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-hostile-'));
  sources = await openSources({ modules: [samples], debugDir: folder });
});
afterAll(() => {
  sources.close();
  rmSync(folder, { recursive: true, force: true });
});

async function reportsOf(lines: readonly string[]): Promise<readonly CrashReport[]> {
  const path = join(folder, 'log');
  writeFileSync(path, lines.join('\n'), 'latin1');
  return (await analyzeFile(path, { sources })).reports;
}

/** What an explanation failed in that is our own fault. */
const mistakes = (reports: readonly CrashReport[]): string[] =>
  reports.flatMap(({ explanation }) => (explanation?.missing ?? []).filter((each) => /internal error/.test(each)));

/** Lines of code, registers, frames. */
const telling = /Code: |\b(?:R[A-Z0-9]{2}|RIP|CR2|x\d+|pc|lr|sp|pstate) ?: |\+0x[\da-f]+\/0x[\da-f]+|address|ESR|FAR/;

const values = ['0000000000000000', 'ffffffffffffffff', 'fffffffffffffffe', '6b6b6b6b6b6b6b6b', '7fffffffffffffff'];
const places = ['+0x0/0x0', '+0x7fffffff/0x1', '+0xffffffffffff/0xffffffffffff', '+0x10/0xcea', '+0x1/0xcea'];
const functions = ['ktsample_postage', 'ktsample_recall', 'ktsample_write', 'mailbox_put', 'audit_work', 'no_such'];

interface Change {
  readonly line: number;
  readonly at: number;
  readonly how: 'byte' | 'value' | 'place' | 'function' | 'double' | 'drop' | 'cut' | 'mark';
  readonly by: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  line: fc.nat(),
  at: fc.nat(),
  how: fc.constantFrom('byte', 'value', 'place', 'function', 'double', 'drop', 'cut', 'mark'),
  by: fc.nat(),
});

/** One of the matches of a pattern replaced. */
function replaceOne(line: string, pattern: RegExp, at: number, text: string): string {
  const all = [...line.matchAll(pattern)];
  const match = all[at % Math.max(1, all.length)];
  return match === undefined ? line : line.slice(0, match.index) + text + line.slice(match.index + match[0].length);
}

function changed(line: string, { at, how, by }: Change): string[] {
  const pick = (from: readonly string[]): string => from[by % from.length] ?? '';
  switch (how) {
    case 'byte':
      return [replaceOne(line, /(?<=[ <(])[\da-f]{2}(?=[ >)])/g, at, (by & 0xff).toString(16).padStart(2, '0'))];
    case 'value':
      return [replaceOne(line, /\b[\da-f]{8,16}\b/g, at, pick(values))];
    case 'place':
      return [replaceOne(line, /\+0x[\da-f]+\/0x[\da-f]+/g, at, pick(places))];
    case 'function':
      return [replaceOne(line, /\b\w+(?=\+0x)/g, at, pick(functions))];
    case 'mark':
      return [replaceOne(line.replace(/[<>()]/g, ''), /(?<= )[\da-f]{2,8}(?= )/g, at, '<0f>')];
    case 'double':
      return [line, line];
    case 'drop':
      return [];
    case 'cut':
      return [line.slice(0, at % (line.length + 1))];
  }
}

describe('reports that were changed', () => {
  test('are explained as far as may be, without mistakes of our own', async () => {
    const run = async (nth: number, changes: readonly Change[]): Promise<void> => {
      const log = logs[nth] ?? [];
      const indexes = log.flatMap((line, index) => (telling.test(line) ? [index] : []));
      const lines = log.map((line) => [line]);
      for (const each of changes) {
        const index = indexes[each.line % indexes.length] ?? 0;
        lines[index] = (lines[index] ?? []).flatMap((line) => changed(line, each));
      }
      expect(mistakes(await reportsOf(lines.flat()))).toEqual([]);
    };
    const nth = fc.nat({ max: logs.length - 1 });
    await fc.assert(fc.asyncProperty(nth, fc.array(change, { minLength: 1, maxLength: 12 }), run), { numRuns: 60 });
  }, 120_000);

  test('of which the code could not be printed have the instruction of the file', async () => {
    const log = (logs[0] ?? []).map((line) =>
      line.replace(/Code: 21 .*/, 'Code: Unable to access opcode bytes at 0xffffffffc02fefe5.'),
    );
    const [report] = await reportsOf(log);
    expect(report?.explanation?.instruction).toMatchObject({
      isOfFile: true,
      verdict: 'equal',
      register: 'rax',
      line: { offset: 0, bytes: '83 78 14 15', text: 'cmpl   $0x15,0x14(%rax)' },
    });
    expect(report?.findings?.[0]?.sentence).toContain('read letter->grams at offset 0x14 through letter');
    // Of another fault it is not the one.
    const other = log.map((line) => line.replace(/RAX: 0{16}/, 'RAX: 0000000000000100'));
    const [odd] = await reportsOf(other);
    expect(odd?.explanation?.instruction).toBeUndefined();
  });

  test('of thousands of frames take no more than some seconds', async () => {
    const log = logs[0] ?? [];
    const at = log.findIndex((line) => line.includes('ktsample_write+'));
    const frames = Array.from({ length: 5000 }, (_, nth) =>
      (log[at] ?? '').replace('+0xbe', `+0x${(0x10 + (nth % 0xd0)).toString(16)}`),
    );
    const start = performance.now();
    const reports = await reportsOf([...log.slice(0, at), ...frames, ...log.slice(at)]);
    expect(mistakes(reports)).toEqual([]);
    expect(reports[0]?.findings?.length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(20_000);
  }, 60_000);
});
