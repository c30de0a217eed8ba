import { describe, expect, test } from 'vitest';
import { requestsIn } from '../../src/decode/requests.ts';
import { TrapAddresses } from '../../src/decode/trap-addresses.ts';
import type { ElfMachine } from '../../src/elf/constants.ts';

/** For each symbol of the lines whether it is where a processor was. */
function traps(machine: ElfMachine, ...lines: string[]): boolean[] {
  const addresses = new TrapAddresses();
  return lines.flatMap((line) => requestsIn(line).map((token) => addresses.isTrap(line, token, machine)));
}

describe('instruction pointers', () => {
  test.each<[string, ElfMachine?]>([
    ['RIP: 0010:foo+0x1/0x2'],
    ['[ 1.5] RIP: 0010:[<ffffffff81234567>]  [<ffffffff81234567>] foo+0x1/0x2'],
    ['RIP  [<ffffffff81234567>] foo+0x1/0x2'],
    ['IP: [<c1234567>] foo+0x1/0x2'],
    ['EIP: foo+0x1/0x2'],
    ['EIP is at foo+0x1/0x2'],
    ['PC is at foo+0x1/0x2', 'arm'],
    ['pc : foo+0x1/0x2', 'arm64'],
    ['NIP [c000000000123456] foo+0x1/0x2', 'ppc64'],
    ['epc : foo+0x1/0x2', 'riscv64'],
    ['epc   : 80123456 foo+0x1/0x2', 'mips'],
    ['   ERA: 9000000000123456 foo+0x1/0x2', 'loongarch64'],
    ['Krnl PSW : 0704c00180000000 00000000001a2b3c (foo+0x1/0x2)', 's390x'],
    ['unchecked MSR access error: RDMSR from 0x1a0 at rIP: 0xffffffff81234567 (foo+0x1/0x2)'],
    ['NMI backtrace for cpu 1 skipped: idling at foo+0x1/0x2'],
    ['WARNING: CPU: 1 PID: 96 at kernel/fork.c:180 foo+0x1/0x2'],
    ['WARNING: kernel/fork.c:180 at foo+0x1/0x2, CPU#1: init/96'],
    ['BUG: KFENCE: use-after-free read in foo+0x1/0x2'],
    [' foo+0x1/0x2 [mod] (P)', 'arm64'],
  ])('%s', (line, machine = 'x86_64') => {
    expect(traps(machine, line)).toEqual([true]);
  });

  test.each<[string, ElfMachine?]>([
    ['lr : foo+0x1/0x2', 'arm64'],
    ['LR is at foo+0x1/0x2', 'arm'],
    ['LR [c000000000123456] foo+0x1/0x2', 'ppc64'],
    [' ra : foo+0x1/0x2', 'riscv64'],
    [' foo+0x1/0x2'],
    [' foo+0x1/0x2 (L)', 'arm64'],
    ['BUG: KASAN: slab-use-after-free in foo+0x1/0x2'],
    ['BUG: KFENCE: memory corruption in foo+0x1/0x2'],
    ['(&lock){+.+.}-{3:3}, at: foo+0x1/0x2'],
    // __warn() is called there.
    ['WARNING: CPU: 1 PID: 96 at kernel/fork.c:180 foo+0x1/0x2', 'arm'],
  ])('not %s', (line, machine = 'x86_64') => {
    expect(traps(machine, line)).toEqual([false]);
  });

  test('are known when the trace repeats them, and behind the entry of an exception', () => {
    expect(traps('arm64', 'pc : foo+0x8/0x20 [m]', ' foo+0x8/0x20 [m]', ' bar+0x8/0x20')).toEqual([true, true, false]);
    expect(traps('arm64', ' el1h_64_irq+0x64/0x68', ' foo+0x8/0x20', ' bar+0x8/0x20')).toEqual([false, true, false]);
    expect(traps('x86_64', ' asm_sysvec_apic_timer_interrupt+0x1a/0x20', ' foo+0x8/0x20')).toEqual([false, false]);
    // Only the last ones.
    const many = Array.from({ length: 40 }, (_, n) => `RIP: 0010:f${n}+0x1/0x2`);
    expect(traps('x86_64', ...many, ' f0+0x1/0x2', ' f39+0x1/0x2').slice(-2)).toEqual([false, true]);
  });
});
