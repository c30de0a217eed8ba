import { KtriageError } from '../util/errors.ts';
import {
  type Cpu,
  isInfoCommand,
  type Machine,
  type MachineArchitecture,
  type RegisterValues,
  unknownArchitecture,
} from './machine.ts';
import { PageCache, pageBytes } from './page-cache.ts';
import { examine } from './qmp/examine.ts';
import { parseInfoRegisters } from './qmp/info-registers.ts';
import { isMemory, type MemoryRange, parseMemoryMap } from './qmp/memory-map.ts';
import {
  continueGuest,
  humanCommand,
  leaveMonitor,
  type Monitor,
  queryCpus,
  queryStatus,
  stopGuest,
} from './qmp/monitor.ts';
import { machineArchitecture, reportNames } from './register-names.ts';
import { StoppedClock } from './stopped-clock.ts';

/** How a guest is looked at through its monitor alone. */
export interface MonitorMachineOptions {
  /** Leaves a guest that runs running, so that what is read at different times may not fit together. */
  readonly isLeftRunning?: boolean | undefined;
  /** Leaves the guest standing still, whatever it did before. */
  readonly isHeld?: boolean | undefined;
}

/**
 * A guest behind QEMU's monitor, without a gdbstub. The only way to look at one that is not to be stopped. It is slower
 * (4 KiB in 0.6 ms), and of arm64 has the general registers only: no page tables, no current task.
 */
export class MonitorMachine implements Machine {
  readonly name: string;
  readonly architecture: MachineArchitecture;
  readonly cpus: readonly Cpu[];
  readonly wasRunning: boolean;
  readonly canReadPhysical = true;
  readonly memory: readonly MemoryRange[] | undefined;
  readonly #monitor: Monitor;
  readonly #options: MonitorMachineOptions;
  readonly #clock: StoppedClock;
  readonly #physical: PageCache;
  readonly #virtual = new Map<number, PageCache>();
  #registers: Promise<Map<number, Map<string, bigint>>> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(monitor: Monitor, options: MonitorMachineOptions, facts: Facts) {
    this.name = monitor.peer;
    this.architecture = facts.architecture;
    this.cpus = facts.cpus;
    this.wasRunning = facts.wasRunning;
    this.memory = facts.memory;
    this.#monitor = monitor;
    this.#options = options;
    this.#clock = facts.clock;
    this.#physical = new PageCache((first, count) =>
      each(monitor, first, count, async (address) => {
        if (this.memory !== undefined && !isMemory(this.memory, address, pageBytes)) return undefined;
        return examine(monitor, 'xp', address, pageBytes);
      }),
    );
  }

  /**
   * Looks at a guest; the monitor is closed with the machine, and if this fails.
   * @throws KtriageError KT-QMP-*, KT-MACHINE-ARCHITECTURE, with the guest as it was.
   */
  static async open(monitor: Monitor, options: MonitorMachineOptions = {}): Promise<MonitorMachine> {
    let wasRunning = false;
    try {
      wasRunning = (await queryStatus(monitor)).isRunning;
      const clock = new StoppedClock();
      if (!wasRunning || options.isLeftRunning === true) clock.disregard();
      else await stopGuest(monitor);
      const cpus = await queryCpus(monitor);
      const target = cpus[0]?.target ?? '';
      const architecture = machineArchitecture(target);
      if (architecture === undefined) throw unknownArchitecture(monitor.peer, target);
      const memory = await humanCommand(monitor, 'info mtree -f').then(parseMemoryMap, ignoreRefusal);
      const ids = cpus.map(({ index }) => ({ id: index, thread: `${index}` }));
      return new MonitorMachine(monitor, options, { architecture, cpus: ids, wasRunning, memory, clock });
    } catch (error) {
      await leaveMonitor(monitor, wasRunning && options.isHeld !== true);
      throw error;
    }
  }

  get stoppedMilliseconds(): number {
    return this.#clock.milliseconds;
  }

  async registers(cpu: number): Promise<RegisterValues> {
    this.#require(cpu);
    this.#registers ??= humanCommand(this.#monitor, 'info registers -a').then(parseInfoRegisters);
    return reportNames(this.architecture, (await this.#registers).get(cpu) ?? []);
  }

  readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    return this.#physical.read(address, length);
  }

  async readVirtual(cpu: number, address: bigint, length: number): Promise<Uint8Array | undefined> {
    this.#require(cpu);
    let cache = this.#virtual.get(cpu);
    if (cache === undefined) {
      const fetch = (start: bigint) => examine(this.#monitor, 'x', start, pageBytes, cpu);
      cache = new PageCache((first, count) => each(this.#monitor, first, count, fetch));
      this.#virtual.set(cpu, cache);
    }
    return cache.read(address, length);
  }

  async info(command: string): Promise<string | undefined> {
    if (!isInfoCommand(command)) return undefined;
    return humanCommand(this.#monitor, command).catch(ignoreRefusal);
  }

  async stop(): Promise<void> {
    await stopGuest(this.#monitor);
    this.#clock.stop();
    this.forget();
  }

  async resume(): Promise<void> {
    await continueGuest(this.#monitor);
    this.#clock.run();
    this.forget();
  }

  /** What is read next is read anew, of a guest that runs. */
  forget(): void {
    this.#physical.clear();
    this.#virtual.clear();
    this.#registers = undefined;
  }

  close(): Promise<void> {
    this.#closing ??= leaveMonitor(this.#monitor, this.wasRunning && this.#options.isHeld !== true).then(() => {
      this.#clock.run();
    });
    return this.#closing;
  }

  /** As `close`, but waits for nothing: for a process that ends at once. */
  abandon(): void {
    if (!this.wasRunning || this.#options.isHeld === true || this.#options.isLeftRunning === true) return;
    this.#monitor.forgive();
    continueGuest(this.#monitor).catch(() => undefined);
  }

  #require(cpu: number): void {
    if (!this.cpus.some(({ id }) => id === cpu)) throw new RangeError(`there is no CPU ${cpu}`);
  }
}

interface Facts {
  readonly architecture: MachineArchitecture;
  readonly cpus: readonly Cpu[];
  readonly wasRunning: boolean;
  readonly memory: readonly MemoryRange[] | undefined;
  readonly clock: StoppedClock;
}

/** Pages one after the other, as QEMU queues few commands; a monitor that takes long queues them itself. */
async function each(
  monitor: Monitor,
  first: number,
  count: number,
  read: (address: bigint) => Promise<Uint8Array | undefined>,
): Promise<(Uint8Array | undefined)[]> {
  const pages: (Uint8Array | undefined)[] = [];
  const at = (i: number): bigint => BigInt(first + i) * BigInt(pageBytes);
  if (monitor.isSlow === true) return Promise.all(Array.from({ length: count }, (_, i) => read(at(i))));
  for (let i = 0; i < count; i++) pages.push(await read(at(i)));
  return pages;
}

function ignoreRefusal(error: unknown): undefined {
  if (error instanceof KtriageError && error.code.endsWith('-REFUSED')) return undefined;
  throw error;
}
