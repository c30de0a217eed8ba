import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { explainReport } from '../../src/code/explain-report.ts';
import { isExplainable } from '../../src/code/explainable.ts';
import type { CrashReport } from '../../src/model/report.ts';
import type { CodeLocations } from '../../src/symbols/code-locations.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { projectRoot } from '../helpers/built.ts';

async function firstReport(name: string): Promise<CrashReport> {
  const folder = join(projectRoot, 'test/cases', name);
  const [log] = readdirSync(folder).filter((file) => file.endsWith('.log'));
  const [first] = (await analyzeFile(join(folder, log ?? ''))).reports;
  if (first === undefined) throw new Error(`no report in ${name}`);
  return first;
}

describe('explainReport', () => {
  // Truth: ring is NULL from the start (ktlab_opaque(0)), and its head is at 0x20.
  test.each([
    ['lab-6.1-amd64-null-read', 'rax', [{ kind: 'constant', words: 'the constant 0', offset: -9, certain: false }]],
    [
      'lab-6.1-arm64-null-read-with-pac',
      'x2',
      [{ kind: 'constant', words: 'the constant 0', offset: -8, certain: false }],
    ],
    ['lab-6.1-arm64-null-write', 'x0', [{ kind: 'constant', words: 'the constant 0', offset: -8, certain: false }]],
  ])('%s, of the log alone', async (name, register, origins) => {
    const explanation = await explainReport(await firstReport(name));
    expect(explanation.instruction).toMatchObject({ verdict: 'equal', register });
    expect(explanation.origins).toEqual(origins);
    expect(explanation.disassembly?.[0]?.lines.some(({ marked }) => marked)).toBe(true);
    expect(explanation.accessed).toBeUndefined();
    expect(explanation.missing).toBeUndefined();
  });

  test('a stack that is used up is no matter of where its pointer came from', async () => {
    const explanation = await explainReport(await firstReport('lab-6.1-amd64-stack-overflow'));
    expect(explanation.instruction?.register).toBe('rsp');
    expect(explanation.origins).toBeUndefined();
  });

  test('what fails is left out, and said', async () => {
    const broken: CodeLocations = {
      locate: () => {
        throw new KtriageError('KT-ELF-TRUNCATED', 'cannot read vmlinux', 'it ends early', 'fetch it again');
      },
    };
    const explanation = await explainReport(await firstReport('lab-6.1-amd64-null-read'), broken);
    expect(explanation.missing).toContain('code: cannot read vmlinux: it ends early');
    expect(explanation.values?.length).toBeGreaterThan(0);
  });

  test('of a stack that waits for a lock, without registers and code, only files tell which', async () => {
    const report = await firstReport('lab-7.2-amd64-abba-mutex');
    expect(isExplainable(report)).toBe(false);
    expect(isExplainable(report, true)).toBe(true);
    expect(isExplainable({ ...report, frames: report.frames.slice(-4) }, true)).toBe(false);
    expect(await explainReport(report)).toEqual({});
  });
});
