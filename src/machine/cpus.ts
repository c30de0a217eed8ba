import type { GdbClient } from './gdb/client.ts';
import type { ThreadId } from './gdb/thread-id.ts';
import type { Cpu } from './machine.ts';

/** CPUs of a machine at most; the kernel's NR_CPUS goes to 8192. */
const mostCpus = 8192;

/** Ids of threads that the kernel's own stub has for CPUs (shadow_pid() in kernel/debug/gdbstub.c). */
const firstShadow = 0x8000_0000n;
const lastShadow = 0xffff_fffen;

/** A CPU and the stub's thread of it. */
export interface CpuThread {
  readonly cpu: Cpu;
  readonly thread: ThreadId;
}

/** `CPU#1 [halted ]` of QEMU's stub (gdbstub/gdbstub.c); `shadowCPU1` of the kernel's, whose other threads are tasks. */
function numberIn(text: string | undefined): number | undefined {
  const digits = /\b(?:shadow)?CPU#?(\d{1,5})\b/.exec(text?.slice(0, 200) ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The CPUs among the threads of a stub, by their numbers; all threads in their order where it does not tell. */
export async function findCpus(client: GdbClient): Promise<CpuThread[]> {
  const threads = (await client.threads()).slice(0, mostCpus);
  // The kernel's own stub lists its CPUs as -2, -3 and so on, of 32 bits; its tasks are not asked about.
  const isCpu = ({ thread }: ThreadId): boolean => thread >= firstShadow && thread <= lastShadow;
  const isKernels = threads.some(isCpu);
  const texts = await Promise.all(
    threads.map((thread) => (isKernels && !isCpu(thread) ? undefined : client.threadText(thread))),
  );
  const numbers = texts.map(numberIn);
  const known = numbers.filter((number) => number !== undefined);
  const isTold = known.length > 0 && new Set(known).size === known.length;
  return threads
    .map((thread, index) => ({ thread, id: isTold ? numbers[index] : index, text: texts[index] }))
    .flatMap(({ thread, id, text }) => (id === undefined ? [] : [{ thread, cpu: cpuOf(id, thread, text) }]))
    .sort((a, b) => a.cpu.id - b.cpu.id);
}

function cpuOf(id: number, thread: ThreadId, text: string | undefined): Cpu {
  const state = /\[(halted|running) ?\]/.exec(text?.slice(0, 200) ?? '')?.[1];
  return { id, thread: thread.text, ...(state === undefined ? {} : { isHalted: state === 'halted' }) };
}
