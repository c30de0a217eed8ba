import type { CpuState } from './lead.ts';

/** PG: paging (Intel SDM volume 3, 2.5). */
const paging = 0x8000_0000n;

/**
 * Whether every CPU executes what no kernel does: firmware, a boot loader, the code that unpacks an image. Kernels execute
 * the upper half of the address space, with paging on; programs may be anywhere, in user mode. False if a CPU does not tell.
 */
export function isBeforeKernel(cpus: readonly CpuState[]): boolean {
  return cpus.length > 0 && cpus.every(({ registers }) => isOutside(registers));
}

function isOutside({ cr0, cs, rip, pc, ...more }: CpuState['registers']): boolean {
  if (cr0 !== undefined && (cr0 & paging) === 0n) return true;
  const mode = more.pstate ?? more.cpsr;
  const at = rip ?? pc;
  if (at === undefined || at >> 63n !== 0n) return false;
  // CPL of x86, the exception level of arm64 (PSTATE.M).
  if (cs !== undefined) return (cs & 3n) === 0n;
  return mode !== undefined && ((mode >> 2n) & 3n) !== 0n;
}
