import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyzeFile } from '../../../src/analyze/analyze.ts';
import { explainFaultAddress, explainRegisters } from '../../../src/code/values/registers.ts';
import type { CrashReport } from '../../../src/model/report.ts';
import { crashReport, lines } from '../../report/make.ts';

/** The first report of a lab log. */
async function labReport(scenario: string, log: string): Promise<CrashReport> {
  const path = fileURLToPath(new URL(`../../cases/lab-${scenario}/${log}.log`, import.meta.url));
  const [report] = (await analyzeFile(path)).reports;
  if (report === undefined) throw new Error(`no report in ${path}`);
  return report;
}

const classes = (report: CrashReport): Record<string, string> =>
  Object.fromEntries(explainRegisters(report).map((meaning) => [meaning.register, meaning.class]));

describe("the lab's logs", () => {
  // What each register held is known from the disassembly of the lab's module and from the kernel's layout.
  test.each<[string, string, Record<string, string>]>([
    [
      '6.1-amd64-vfree-read',
      'vfree-read',
      { rax: 'vmalloc', rbx: 'module', r8: 'vmemmap', r9: 'direct-map', r12: 'stack' },
    ],
    ['6.1-amd64-null-read-with-la57', 'null-read', { rbx: 'module', r9: 'stack', r14: 'stack' }],
    ['6.1-amd64-stack-overflow', 'stack-overflow', { rsp: 'stack-guard', rdi: 'stack-guard', r14: 'stack' }],
    ['6.1-amd64-user-read', 'user-read', { rdx: 'user', r8: 'user', r13: 'stack' }],
    [
      '6.1-arm64-stack-overflow',
      'stack-overflow',
      { sp: 'stack-guard', x13: 'text-string', x28: 'direct-map', x29: 'stack' },
    ],
    ['6.1-arm64-null-read-with-pac', 'null-read', { x1: 'direct-map', x13: 'text-string', x29: 'stack' }],
  ])('%s', async (scenario, log, expected) => {
    expect(classes(await labReport(scenario, log))).toMatchObject(expected);
  });

  test.each<[string, string, string]>([
    ['6.1-amd64-null-read', 'null-read', 'NULL plus 0x20'],
    [
      '6.1-amd64-user-read',
      'user-read',
      'an address of user space, which SMAP does not let the kernel touch outside of copy functions',
    ],
    [
      '6.1-arm64-user-read-with-pac',
      'user-read',
      'an address of user space, which PAN does not let the kernel touch outside of copy functions',
    ],
    ['6.1-amd64-rodata-write', 'rodata-write', 'in module ktlab, the only one that is loaded'],
  ])('the address of %s', async (scenario, log, words) => {
    expect(explainFaultAddress(await labReport(scenario, log))?.words).toBe(words);
  });
});

test('what is dull is left out: zeros, counts, code pointers, the offset of KASAN', () => {
  const values = {
    rip: 0xffff_ffff_8100_0010n,
    rax: 0n,
    rbx: 7n,
    rcx: 0xdfff_fc00_0000_0000n,
    rdx: 0x6b6b_6b6b_6b6b_6b6bn,
  };
  const report = crashReport({
    architecture: 'x86_64',
    registers: [{ mode: 'kernel', values, ranges: {}, range: lines(1) }],
  });
  expect(explainRegisters(report).map((meaning) => meaning.register)).toEqual(['rdx']);
  expect(explainRegisters(crashReport({ registers: [] }))).toEqual([]);
  expect(explainRegisters(crashReport({ architecture: 'unknown' }))).toEqual([]);
});

test('a register that holds the offset shows that the kernel has KASAN', () => {
  const values = { rcx: 0xdfff_fc00_0000_0000n, rdx: 0x1fff_f110_3723_a2c4n };
  const report = crashReport({
    architecture: 'x86_64',
    registers: [{ mode: 'kernel', values, ranges: {}, range: lines(1) }],
  });
  expect(explainRegisters(report)).toMatchObject([{ register: 'rdx', address: 0xffff_8881_b91d_1620n }]);
});

test('bounds of stacks that are printed', () => {
  const report = crashReport({
    architecture: 'arm64',
    reportText: 'Task stack:     [0xffff800008280000..0xffff800008284000]\n',
    registers: [{ mode: 'kernel', values: { x0: 0xffff_8000_0827_fe70n, sp: 1n }, ranges: {}, range: lines(1) }],
  });
  expect(explainRegisters(report)[0]).toMatchObject({
    register: 'x0',
    class: 'stack-guard',
    words: 'in the guard page of the task stack, 0x190 below its end',
    certain: true,
  });
});
