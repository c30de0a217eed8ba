import type { Machine } from '../../machine/machine.ts';
import type { CpuState } from './lead.ts';

/** CPUs that are asked; all of them run the same kernel. */
const mostCpus = 64;

/** The registers of the CPUs. */
export function cpuStates(machine: Machine): Promise<CpuState[]> {
  return Promise.all(
    machine.cpus.slice(0, mostCpus).map(async ({ id }) => ({ id, registers: await machine.registers(id) })),
  );
}
