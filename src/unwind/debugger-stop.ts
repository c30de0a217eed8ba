import { isArm64Entry } from '../arch/arm64-entries.ts';
import { x86EntryKind } from '../arch/x86-entries.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ptRegsOf } from '../kernel/pt-regs.ts';
import { View } from '../kernel/view.ts';
import type { EntryKind } from '../model/live.ts';
import { codeAddress } from './code-address.ts';
import { kernelFacts } from './facts.ts';
import type { KnownRegisters } from './frame.ts';

/** Entries that bring a kernel to its debugger without anything being wrong where they came from. */
const harmless: ReadonlySet<EntryKind> = new Set(['breakpoint', 'debug', 'nmi', 'interrupt', 'system-call']);

/** Registers that stubs give 32 bits of. */
const narrow: ReadonlySet<string> = new Set(['eflags', 'cs', 'ss', 'pstate']);

/** Bytes below the saved registers of arm64 in which frame records of its handlers are, and how many of them matter. */
const mostBelow = 1024;
const mostHandlers = 4;

/**
 * A kernel that is in its own debugger because of an exception (KGDB) says that its CPU stands at the faulting
 * instruction, while it is in the exception's handler: below the stack pointer are the saved registers, and what called
 * the handler. With these registers a stack shows the exception like any other.
 * @param registers of the CPU, as the debugger has them.
 * @returns undefined if the CPU has no such exception below its stack pointer.
 */
export async function handlerRegisters(
  kernel: Kernel,
  registers: KnownRegisters,
): Promise<Record<string, bigint> | undefined> {
  return kernel.architecture === 'x86_64' ? x86Handler(kernel, registers) : arm64Handler(kernel, registers);
}

/**
 * The processor aligns the stack to 16 bytes and pushes what `struct pt_regs` ends with; what called the handler has the
 * rest pushed, and its return address below. Exceptions with stacks of their own are told from nothing.
 */
async function x86Handler(kernel: Kernel, registers: KnownRegisters): Promise<Record<string, bigint> | undefined> {
  const { rsp } = registers;
  const size = kernelFacts(kernel).ptRegs;
  if (rsp === undefined || size === undefined) return undefined;
  const at = (rsp & ~15n) - BigInt(size);
  const saved = await savedAt(kernel, at, registers);
  const rip = saved && (await kernel.memory.u64(at - 8n));
  const kind = rip === undefined ? undefined : x86EntryKind(kernel.symbols.at(rip - 1n)?.name ?? '');
  if (saved === undefined || rip === undefined || kind === undefined || harmless.has(kind)) return undefined;
  const { cs = 0x10n, ss, eflags } = registers;
  return { rip, rsp: at, cs, ...(ss !== undefined && { ss }), ...(eflags !== undefined && { eflags }) };
}

/**
 * `kernel_entry` makes room right below the stack pointer, and the frame records of what it called lead into it: they are
 * gone down, as the names of these functions tell what kind of exception it is.
 */
async function arm64Handler(kernel: Kernel, registers: KnownRegisters): Promise<Record<string, bigint> | undefined> {
  const { sp } = registers;
  const { ptRegs: size, record } = kernelFacts(kernel);
  if (sp === undefined || size === undefined || record === undefined) return undefined;
  const at = sp - BigInt(size);
  const [saved, below] = await Promise.all([
    savedAt(kernel, at, registers),
    kernel.memory.read(at - BigInt(mostBelow), mostBelow),
  ]);
  if (saved === undefined || below === undefined) return undefined;
  const view = new DataView(below.buffer, below.byteOffset, below.byteLength);
  const pstate = registers.pstate ?? registers.cpsr ?? 0x5n;
  let found: Record<string, bigint> | undefined;
  let caller = at + record;
  for (let level = 0, offset = mostBelow - 16; level < mostHandlers && offset >= 0; offset -= 16) {
    if (view.getBigUint64(offset, true) !== caller) continue;
    const pc = codeAddress(kernel, view.getBigUint64(offset + 8, true));
    const symbol = kernel.symbols.at(pc - 4n)?.name;
    if (symbol === undefined || (level === 0 && !isArm64Entry(symbol))) continue;
    found = { pc, sp: level === 0 ? at : caller, x29: caller, pstate };
    caller = at - BigInt(mostBelow - offset);
    level++;
  }
  return found;
}

/** Registers that were saved there, if they are those. */
async function savedAt(
  kernel: Kernel,
  address: bigint,
  registers: KnownRegisters,
): Promise<Record<string, bigint> | undefined> {
  const size = kernelFacts(kernel).ptRegs ?? 0;
  const bytes = kernel.memory.isKernelAddress(address) ? await kernel.memory.read(address, size) : undefined;
  if (bytes === undefined) return undefined;
  const saved = ptRegsOf(kernel.architecture, new View(kernel.types, 'pt_regs', address, bytes));
  const isSame = Object.entries(saved).every(([name, value]) => {
    const known = registers[name];
    // What the stub does not know is not compared.
    return known === undefined || known === (narrow.has(name) ? BigInt.asUintN(32, value) : value);
  });
  return isSame ? saved : undefined;
}
