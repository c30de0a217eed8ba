import type { KernelSymbols } from '../kernel/symbols.ts';
import type { RegisterValues } from '../machine/machine.ts';
import type { LiveCpu, LiveFrame } from '../model/live.ts';
import { isIn } from './frames.ts';

/** Functions in which a CPU stays when it was stopped for good (panic, reboot, crash dump). */
const stopped =
  /^(?:stop_this_cpu|cpu_park_loop|local_cpu_stop|ipi_cpu_(?:stop|crash_stop)|nmi_panic_self_stop|crash_nmi_callback|kdump_nmi_callback|native_machine_halt|machine_halt|sysvec_reboot|cpu_die|arch_cpu_idle_dead|play_dead\w*)$/;

/** Functions in which a CPU has nothing to do (kernel/sched/idle.c, drivers/cpuidle, arch/...). */
const idling =
  /^(?:do_idle|cpu_startup_entry|cpu_idle_poll|default_idle\w*|arch_cpu_idle|native_safe_halt|pv_native_safe_halt|safe_halt|mwait_idle\w*|intel_idle\w*|acpi_idle\w*|acpi_safe_halt|cpuidle\w*|cpu_do_idle|poll_idle|haltpoll\w*|call_cpuidle)$/;

/** What a CPU is doing, by its registers and its stack. */
export function cpuState(
  symbols: KernelSymbols | undefined,
  registers: RegisterValues,
  frames: readonly LiveFrame[],
): LiveCpu['state'] {
  const pc = registers.rip ?? registers.pc;
  if (pc === undefined) return 'unknown';
  if (isUser(registers)) return 'user';
  if (symbols === undefined) return 'unknown';
  if (exceptionLevel(registers) > 2) return 'firmware';
  if (frames.slice(0, 4).some((frame) => isIn(frame, stopped))) return 'stopped';
  if (!symbols.isText(pc)) return isKernelLike(pc) ? 'kernel' : 'firmware';
  const interrupted = frames.findIndex(({ entry }) => entry !== undefined);
  const inner = frames.slice(0, interrupted < 0 ? 6 : interrupted);
  return inner.some((frame) => isIn(frame, idling)) ? 'idle' : 'kernel';
}

const isKernelLike = (pc: bigint): boolean => pc >> 63n === 1n;

function exceptionLevel({ pstate }: RegisterValues): number {
  return pstate === undefined ? 0 : Number((pstate >> 2n) & 3n);
}

/** By the code segment, or the exception level. */
export function isUser(registers: RegisterValues): boolean {
  const { cs, pstate } = registers;
  if (cs !== undefined) return (cs & 3n) === 3n;
  return pstate !== undefined && (pstate & 0x1fn) === 0n;
}

/** Whether interrupts are off: the IF flag of x86, the I bit of PSTATE.DAIF of arm64. */
export function interruptsOff({ eflags, pstate }: RegisterValues): boolean | undefined {
  if (eflags !== undefined) return (eflags & 0x200n) === 0n;
  return pstate === undefined ? undefined : (pstate & 0x80n) !== 0n;
}
