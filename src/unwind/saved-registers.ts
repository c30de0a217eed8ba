import type { Kernel } from '../kernel/kernel.ts';
import { ptRegsOf } from '../kernel/pt-regs.ts';
import { View } from '../kernel/view.ts';
import { kernelFacts } from './facts.ts';
import type { StackMemory } from './stack-memory.ts';

/** The `pt_regs` at an address of a stack that was read; undefined if it is not all there. */
export function savedRegisters(
  kernel: Kernel,
  memory: StackMemory,
  address: bigint,
): Record<string, bigint> | undefined {
  const { architecture, types } = kernel;
  const size = kernelFacts(kernel).ptRegs;
  const bytes = size === undefined ? undefined : memory.bytes(address, size);
  if (bytes === undefined) return undefined;
  const registers = ptRegsOf(architecture, new View(types, 'pt_regs', address, bytes));
  const link = registers.x30;
  if (architecture === 'arm64' && link !== undefined) registers.lr = link;
  return registers;
}
