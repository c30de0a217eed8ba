import { functionsOf, isIn } from '../../frames.ts';
import { runStateWords } from '../../run-state.ts';
import type { CpuFacts, HangRule } from '../facts.ts';
import { listWords } from '../words.ts';

/** No CPU executes the kernel as it should: firmware, or all were stopped for good. */
export const notRunning: HangRule = {
  name: 'not-running',
  find: ({ cpus, progress, log, runState }) => {
    const stands = runStateWords(runState);
    if (stands !== undefined) {
      return [
        {
          ...{ confidence: 'certain', sentence: `The guest does not run: ${stands.words}.` },
          evidence: [{ words: `QEMU calls its state "${runState}"` }],
          ...(!stands.isTrouble && { circumstance: true }),
        },
      ];
    }
    const online = cpus.filter(({ state }) => state !== 'offline');
    const running = online.length === 0 ? cpus : online;
    if (running.length === 0) return [];
    if (running.every(({ state }) => state === 'firmware')) {
      const hasBegun = log !== undefined || (progress?.systemState ?? 'SYSTEM_BOOTING') !== 'SYSTEM_BOOTING';
      const evidence = running.map((cpu) => ({ words: `CPU ${cpu.id} is at ${place(cpu)}` }));
      const where = `${names(running)} in firmware, or in what boots it`;
      // Each guest boots: that it does is nothing wrong by itself.
      return hasBegun
        ? [{ confidence: 'likely', sentence: `The kernel does not run any more: ${where}.`, evidence }]
        : [{ confidence: 'likely', sentence: `The kernel has not begun: ${where}.`, evidence, circumstance: true }];
    }
    const reason = reasons[progress?.systemState ?? ''];
    if (!running.every((cpu) => cpu.state === 'stopped' || (reason !== undefined && isEnding(cpu)))) return [];
    const why = reason ?? 'all its CPUs were stopped';
    return [
      {
        confidence: 'likely',
        sentence: `The kernel does not run any more: ${why}, and ${names(running)} in ${place(running[0])}.`,
        evidence: running.map((cpu) => ({
          words: `CPU ${cpu.id} is ${cpu.state === 'stopped' ? 'stopped ' : ''}in ${place(cpu)}`,
        })),
      },
    ];
  },
};

/** What ends the machine, and should not come back (kernel/reboot.c, arch/.../kernel/{reboot,process}.c). */
const ending = /^(?:native_)?machine_(?:power_off|halt|restart|emergency_restart)$|^(?:do_kernel|kernel)_power_off$/;

const isEnding = ({ frames }: CpuFacts): boolean => frames.some((frame) => isIn(frame, ending));

/** enum system_states, include/linux/kernel.h. */
const reasons: Readonly<Record<string, string>> = {
  SYSTEM_HALT: 'it was halted',
  SYSTEM_POWER_OFF: 'it was told to power off, and the machine is still on',
  SYSTEM_RESTART: 'it was told to restart, and the machine did not',
  SYSTEM_SUSPEND: 'it is suspended',
};

const names = (cpus: readonly CpuFacts[]): string =>
  `${listWords(cpus.map(({ id }) => `CPU ${id}`))} ${cpus.length === 1 ? 'is' : 'are'}`;

function place(cpu: CpuFacts | undefined): string {
  const [frame] = cpu?.frames ?? [];
  const [at] = frame === undefined ? [] : functionsOf(frame);
  const pc = cpu?.registers.rip ?? cpu?.registers.pc;
  return at?.function ?? (pc === undefined ? 'an unknown place' : `0x${pc.toString(16)}`);
}
