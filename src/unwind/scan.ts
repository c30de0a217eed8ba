import type { Kernel } from '../kernel/kernel.ts';
import { isUserMode } from '../kernel/pt-regs.ts';
import type { StackRange } from '../kernel/stacks.ts';
import { codeAddress } from './code-address.ts';
import { ptRegsOffset } from './facts.ts';
import type { KnownRegisters, RawStack } from './frame.ts';
import { savedRegisters } from './saved-registers.ts';
import { StackMemory } from './stack-memory.ts';

/** Code that page faults enter at, by all its names; of arm64 all exceptions of one level have the same. */
const entryNames = {
  x86_64: ['asm_exc_page_fault', 'page_fault', 'async_page_fault'],
  arm64: ['el1h_64_sync', 'el0t_64_sync', 'el0t_32_sync', 'el1_sync', 'el0_sync', 'el0_sync_compat'],
} as const;

/** Of one stack; each takes a `pt_regs`. */
const mostFound = 1024;

/** What looks like the frame of a page fault; of arm64 it may be any synchronous exception, or a system call. */
export interface ScannedFault {
  readonly ptRegs: bigint;
  readonly registers: KnownRegisters;
  readonly isUser: boolean;
}

/**
 * Looks through a stack for page faults without unwinding it: for return addresses in the code that these enter at, next
 * to what can be a `pt_regs`. To check unwinding by: what is found here and was not unwound is left from an earlier one,
 * or was missed.
 * @param from the stack pointer; by default the whole stack, with what was left in its unused part.
 */
export async function scanForPageFaults(
  kernel: Kernel,
  stack: StackRange,
  from = stack.start,
): Promise<readonly ScannedFault[]> {
  const memory = new StackMemory(kernel.memory, [stack]);
  const start = BigInt.asUintN(64, ((from < stack.start ? stack.start : from) + 7n) & ~7n);
  await memory.load(start);
  const bytes = memory.bytesFrom(start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ranges = entryRanges(kernel);
  // Most words are no addresses of the kernel's code, which the upper half of them tells.
  const uppers = new Set(ranges.flatMap((range) => [Number(range.start >> 32n), Number(range.end >> 32n)]));
  const isSigned = kernel.architecture === 'arm64';
  const found: ScannedFault[] = [];
  for (let offset = 0; offset + 8 <= bytes.length && found.length < mostFound; offset += 8) {
    const upper = view.getUint32(offset + 4, true);
    // A pointer authentication code is in bits that tell nothing then.
    if (!uppers.has(upper) && !(isSigned && upper >= 0x80_0000 && uppers.has((upper | 0xffff_8000) >>> 0))) continue;
    const stored = view.getBigUint64(offset, true);
    const word = isSigned ? codeAddress(kernel, stored) : stored;
    if (!ranges.some((range) => word > range.start && word < range.end)) continue;
    const at = start + BigInt(offset);
    const ptRegs = ptRegsBelow(kernel, memory, at);
    const registers = ptRegs === undefined ? undefined : savedRegisters(kernel, memory, ptRegs);
    if (ptRegs === undefined || registers === undefined || !isPlausible(kernel, registers)) continue;
    found.push({ ptRegs, registers, isUser: isUserMode(kernel.architecture, registers) });
  }
  return found;
}

/** Those of a scan that unwinding did not come by. */
export function notUnwound(found: readonly ScannedFault[], stack: RawStack): readonly ScannedFault[] {
  const known = new Set(stack.frames.map(({ entry }) => entry?.ptRegs));
  return found.filter(({ ptRegs }) => !known.has(ptRegs));
}

function entryRanges({ architecture, symbols }: Kernel): { readonly start: bigint; readonly end: bigint }[] {
  return entryNames[architecture].flatMap((name) => {
    const start = symbols.address(name);
    const size = start === undefined ? undefined : symbols.at(start)?.size;
    return start === undefined || size === undefined ? [] : [{ start, end: start + BigInt(size) }];
  });
}

/** @param at where the return address is: of arm64 in the frame record of the handler, next to the pointer to its caller's. */
function ptRegsBelow(kernel: Kernel, memory: StackMemory, at: bigint): bigint | undefined {
  if (kernel.architecture === 'x86_64') return at + 8n;
  const offset = ptRegsOffset(kernel, 'stackframe');
  const record = memory.word(at - 8n);
  return offset === undefined || record === undefined ? undefined : BigInt.asUintN(64, record - offset);
}

/** __KERNEL_CS, __USER_CS and __USER32_CS, with an instruction pointer to match; of arm64 EL0, EL1t and EL1h. */
function isPlausible({ architecture, memory }: Kernel, registers: KnownRegisters): boolean {
  const { cs, ss, rip, pstate, pc } = registers;
  switch (architecture) {
    case 'x86_64':
      if (rip === undefined || ss === undefined) return false;
      if (cs === 0x10n) return (ss === 0x18n || ss === 0n) && (memory.isKernelAddress(rip) || rip < 1n << 56n);
      return (cs === 0x33n || cs === 0x23n) && ss === 0x2bn && !memory.isKernelAddress(rip);
    case 'arm64':
      if (pstate === undefined || pc === undefined || pstate >> 33n !== 0n) return false;
      return (pstate & 0xfn) === 0n ? !memory.isKernelAddress(pc) : [4n, 5n, 8n, 9n].includes(pstate & 0xfn);
  }
}
