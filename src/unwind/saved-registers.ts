import type { Kernel } from '../kernel/kernel.ts';
import { ptRegsOf } from '../kernel/pt-regs.ts';
import { memberPlace, View } from '../kernel/view.ts';
import type { StackMemory } from './stack-memory.ts';

/** The `pt_regs` at an address of a stack that was read; undefined if it is not all there. */
export function savedRegisters(
  kernel: Kernel,
  memory: StackMemory,
  address: bigint,
): Record<string, bigint> | undefined {
  const { architecture, types } = kernel;
  const size = types.sizeof('struct pt_regs');
  const bytes = size === undefined ? undefined : memory.bytes(address, size);
  if (bytes === undefined) return undefined;
  const registers = ptRegsOf(architecture, new View(types, 'pt_regs', address, bytes));
  const link = registers.x30;
  if (architecture === 'arm64' && link !== undefined) registers.lr = link;
  return registers;
}

/** Bytes from the start of `struct pt_regs` to a member; undefined if it has none of the name. */
export function ptRegsOffset({ types }: Kernel, member: string): bigint | undefined {
  const offset = memberPlace(types, 'pt_regs', member)?.offset;
  return offset === undefined ? undefined : BigInt(offset);
}
