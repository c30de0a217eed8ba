import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFile } from '../../../src/analyze/analyze.ts';
import { explainInstruction } from '../../../src/code/explain-instruction.ts';
import type { AddressVerdict, FaultingInstruction } from '../../../src/model/explanation.ts';
import { projectRoot } from '../../helpers/built.ts';

const cases = join(projectRoot, 'test/cases');

async function explained(name: string): Promise<FaultingInstruction | undefined> {
  const folder = join(cases, name);
  const [log] = readdirSync(folder).filter((file) => file.endsWith('.log'));
  if (log === undefined) throw new Error(`no log in ${name}`);
  const { reports } = await analyzeFile(join(folder, log));
  const [first] = reports;
  return first && explainInstruction(first);
}

/**
 * Kernels that were broken on purpose, with what their source says: `ring->head` and `ring->tail` are read together, at
 * 0x20 and 0x24; `ring->slot[2]` is at 0x38; the lock of a completion at 8.
 */
describe('kernels broken on purpose', () => {
  test.each<[string, AddressVerdict, string | undefined, string]>([
    ['lab-6.1-amd64-null-read', 'equal', 'rax', 'reads 4 bytes at 0x20 (rax + 0x20); rax is NULL'],
    ['lab-6.1-amd64-null-read-with-la57', 'equal', 'rax', 'reads 4 bytes at 0x20 (rax + 0x20); rax is NULL'],
    ['lab-6.1-amd64-null-write-with-notime', 'equal', 'rax', 'writes 8 bytes at 0x38 (rax + 0x38); rax is NULL'],
    [
      'lab-6.1-amd64-null-in-core-with-oops-panic',
      'equal',
      'rdi',
      'reads and writes 4 bytes at 0x8 (rdi); rdi is NULL plus 0x8',
    ],
    ['lab-6.1-amd64-cut-irq-fault', 'equal', 'rdx', 'reads 4 bytes at 0x20 (rdx + 0x20); rdx is NULL'],
    ['lab-6.12-amd64-cut-irq-fault', 'equal', 'rdx', 'reads 4 bytes at 0x20 (rdx + 0x20); rdx is NULL'],
    ['lab-6.1-amd64-user-read', 'equal', 'rdx', 'an address of user space'],
    ['lab-6.1-amd64-vfree-read', 'equal', 'rax', 'in vmalloc memory'],
    ['lab-6.1-amd64-rodata-write', 'equal', 'rax', 'writes 8 bytes at 0xffffffffc02082e0 (rax)'],
    ['lab-6.1-amd64-null-exec', 'fetch', undefined, 'a call, jump or return in ktlab_null_exec'],
    ['lab-6.12-amd64-null-exec', 'fetch', undefined, 'a call, jump or return in ktlab_null_exec'],
    ['lab-6.1-amd64-nx-exec', 'fetch', 'rax', 'which is mapped but not executable'],
    ['lab-6.12-amd64-nx-exec', 'fetch', 'rax', 'which is mapped but not executable'],
    ['lab-6.1-amd64-divide', 'unknown', 'rdi', 'divides by edi, which is 0'],
    ['lab-6.12-amd64-divide', 'unknown', 'rdi', 'divides by edi, which is 0'],
    ['lab-6.1-amd64-undef', 'unknown', undefined, 'ud0, which is undefined on purpose'],
    ['lab-6.1-amd64-bug', 'unknown', undefined, 'ud2, a BUG() in the source'],
    ['lab-6.1-amd64-warn', 'unknown', undefined, 'ud2, a WARN() in the source'],
    ['lab-7.2-amd64-warn', 'unknown', undefined, 'ud1, a WARN() in the source'],
    ['lab-6.1-amd64-stack-overflow', 'unknown', 'rsp', 'the stack is used up'],
    ['lab-7.2-amd64-stack-overflow', 'unknown', 'rsp', 'the stack is used up'],
    ['lab-6.1-amd64-rcu-stall', 'unknown', undefined, 'no fault is reported'],
    ['lab-6.1-arm64-null-read-with-pac', 'equal', 'x2', 'reads 8 bytes at 0x20 (x2 + 0x20); x2 is NULL'],
    ['lab-6.1-arm64-null-write', 'equal', 'x0', 'writes 8 bytes at 0x38 (x0 + 0x38); x0 is NULL'],
    ['lab-6.1-arm64-user-read-with-pac', 'equal', 'x2', 'an address of user space'],
    ['lab-6.1-arm64-null-exec', 'fetch', undefined, 'a call, jump or return in ktlab_null_exec'],
    ['lab-6.1-arm64-nx-exec', 'fetch', 'x0', 'which is mapped but not executable'],
    ['lab-6.1-arm64-undef', 'unknown', undefined, 'udf, an undefined instruction'],
    ['lab-6.1-arm64-bug-with-pac', 'unknown', undefined, 'brk 0x800, a BUG() in the source'],
    ['lab-7.2-arm64-list-corruption', 'unknown', undefined, 'brk 0x800, a BUG() in the source'],
  ])('%s', async (name, verdict, register, words) => {
    const told = await explained(name);
    expect(told?.verdict).toBe(verdict);
    expect(told?.register).toBe(register);
    expect(told?.words).toContain(words);
  });

  test('of user code there is no word', async () => {
    expect(await explained('lab-6.1-amd64-panic')).toBeUndefined();
  });
});
