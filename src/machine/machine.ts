import type { Architecture } from '../arch/architecture.ts';
import { KtriageError } from '../util/errors.ts';
import type { MemoryRange } from './qmp/memory-map.ts';

/** Architectures of machines that can be looked into. */
export type MachineArchitecture = Extract<Architecture['name'], 'x86_64' | 'i386' | 'arm64'>;

/** A CPU of a machine. */
export interface Cpu {
  /** Counted from 0, as the kernel's own numbers mostly are. */
  readonly id: number;
  /** The stub's name of its thread. */
  readonly thread: string;
  /** Waits for an interrupt (`hlt`, `wfi`), or is switched off; absent if nothing tells. */
  readonly isHalted?: boolean;
}

/**
 * Registers by name, as register sets of reports have them: `rax`, `rip`, `eflags`, `cs`, `fs_base`, `gs_base`,
 * `kernel_gs_base` (as `k_gs_base` too), `cr0` to `cr4`, `efer`; `x0` to `x30`, `lr`, `sp`, `pc`, `pstate` (as `cpsr`
 * too), and system registers as the manual spells them, `SP_EL0`, `VBAR_EL1`, `TTBR1_EL1`. Of x86 also, where QEMU's
 * monitor can be asked, `idt_base`, `gdt_base`, `tr_base` and the like, and `dr0` to `dr7`.
 */
export type RegisterValues = Readonly<Record<string, bigint>>;

/** Where a machine that stands still is read: a stopped guest, or what was recorded of one. */
export interface Machine {
  /** What it is, for people: an address, a file. */
  readonly name: string;
  readonly architecture: MachineArchitecture;
  readonly cpus: readonly Cpu[];
  /** Whether it ran before; what is not known counts as yes. */
  readonly wasRunning: boolean;
  /** Milliseconds that it stood still because of us, so far. */
  readonly stoppedMilliseconds: number;
  /** Whether `readPhysical` can ever give anything. */
  readonly canReadPhysical: boolean;
  /** Physical addresses of its memory, where that is known. Nothing else is read then. */
  readonly memory: readonly MemoryRange[] | undefined;
  /** Bytes that are read at once where more takes time; whole pages if missing. */
  readonly blockBytes?: number | undefined;

  /**
   * The registers of a CPU; those that it does not have are missing.
   * @throws RangeError if there is no such CPU.
   */
  registers(cpu: number): Promise<RegisterValues>;

  /** Memory at a physical address; undefined if a byte of it is not there. Not to be written to. */
  readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined>;

  /**
   * Memory as a CPU sees it now, through the page tables of what it runs: of user space, kernel memory may be missing.
   * Undefined if a byte of it is not there. Not to be written to.
   */
  readVirtual(cpu: number, address: bigint, length: number): Promise<Uint8Array | undefined>;

  /** What QEMU's monitor prints for an `info` command; undefined if there is no monitor, or it refuses. */
  info(command: string): Promise<string | undefined>;

  /** Stops it, if it was let run. */
  stop(): Promise<void>;
  /** Lets it run; until it is stopped again, nothing can be read but what is known. */
  resume(): Promise<void>;

  /** Leaves it as it was found. Never fails, and takes a few seconds at most. */
  close(): Promise<void>;
}

/** Commands that `Machine.info` takes: they only print. */
export function isInfoCommand(command: string): boolean {
  return /^info [\w -]{1,64}$/.test(command);
}

/** A machine of an architecture that cannot be looked into; empty if it is not known, or there is no CPU. */
export function unknownArchitecture(peer: string, name: string): KtriageError {
  return new KtriageError(
    'KT-MACHINE-ARCHITECTURE',
    `cannot look into the machine at ${peer}`,
    name === '' ? 'its architecture is not known' : `its architecture is ${name.slice(0, 64)}`,
    'guests of x86 and arm64 can be looked into',
  );
}
