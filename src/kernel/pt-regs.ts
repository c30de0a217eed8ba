import type { Kernel, KernelArchitecture } from './kernel.ts';
import { readView, type View } from './view.ts';

/** Members of `struct pt_regs`, and the names that a machine's registers have. */
type Names = readonly (readonly [register: string, member: string])[];

const names: Readonly<Record<KernelArchitecture, Names>> = {
  x86_64: [
    ...['r15', 'r14', 'r13', 'r12', 'r11', 'r10', 'r9', 'r8'].map((name) => [name, name] as const),
    ...['bp', 'bx', 'ax', 'cx', 'dx', 'si', 'di', 'ip', 'sp'].map((name) => [`r${name}`, name] as const),
    ['orig_rax', 'orig_ax'],
    ['eflags', 'flags'],
    // Since 6.9 16 bits of a word, whose rest is FRED's.
    ['cs', 'cs'],
    ['ss', 'ss'],
  ],
  arm64: [
    ...Array.from({ length: 31 }, (_, index) => [`x${index}`, `regs[${index}]`] as const),
    ...['sp', 'pc', 'pstate', 'orig_x0', 'syscallno'].map((name) => [name, name] as const),
  ],
};

/**
 * Registers that the kernel saved at an entry, by the names of a machine's: `rax`, `rip`, `eflags`, `orig_rax`; `x0` to
 * `x30`, `sp`, `pc`, `pstate`, `orig_x0`, and `syscallno`, which is 0xffffffff outside of system calls. Undefined if they
 * cannot be read.
 */
export async function readPtRegs(kernel: Kernel, address: bigint): Promise<Record<string, bigint> | undefined> {
  const view = await readView(kernel, 'pt_regs', address);
  return view === undefined ? undefined : ptRegsOf(kernel.architecture, view);
}

/** As `readPtRegs`, of a `struct pt_regs` that was read. */
export function ptRegsOf(architecture: KernelArchitecture, view: View): Record<string, bigint> {
  const registers: Record<string, bigint> = {};
  for (const [register, member] of names[architecture]) {
    const value = view.big(member);
    if (value !== undefined) registers[register] = value;
  }
  return registers;
}

/** Whether saved registers are those of user space. */
export function isUserMode(architecture: KernelArchitecture, registers: Readonly<Record<string, bigint>>): boolean {
  switch (architecture) {
    case 'x86_64':
      return ((registers.cs ?? 0n) & 3n) === 3n;
    case 'arm64':
      // PSR_MODE_MASK without the bit of 32-bit mode: EL0t.
      return ((registers.pstate ?? registers.cpsr ?? 0n) & 0xfn) === 0n;
  }
}
