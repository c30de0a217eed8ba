import type { Duplex } from 'node:stream';
import { KtriageError } from '../util/errors.ts';
import { BlockCache } from './block-cache.ts';
import { type CpuThread, findCpus } from './cpus.ts';
import { GdbClient, type GdbOptions } from './gdb/client.ts';
import type { Leave } from './gdb/leave.ts';
import type { StopReply } from './gdb/stop-reply.ts';
import {
  isInfoCommand,
  type Machine,
  type MachineArchitecture,
  type RegisterValues,
  unknownArchitecture,
} from './machine.ts';
import { PageCache, pageBytes, pagesOf } from './page-cache.ts';
import { examine } from './qmp/examine.ts';
import { parseInfoRegisters } from './qmp/info-registers.ts';
import { isMemory, type MemoryRange, parseMemoryMap } from './qmp/memory-map.ts';
import { continueGuest, humanCommand, leaveMonitor, type Monitor } from './qmp/monitor.ts';
import { isTelling, machineArchitecture, reportNames } from './register-names.ts';
import { StoppedClock } from './stopped-clock.ts';
import { kernelGoesOn, wasRunningBefore } from './was-running.ts';

/** How a guest is attached to. */
export interface LiveOptions extends GdbOptions {
  /** The guest's monitor, which knows more and can help where the stub fails. Closed with the machine. */
  readonly monitor?: Monitor | undefined;
  /** Whether the guest ran before the stub was connected, where the monitor was asked before. */
  readonly wasRunning?: boolean | undefined;
  /** The stub is the kernel itself (KGDB): its threads are tasks too, and whichever is asked, memory is the same. */
  readonly isKernelStub?: boolean | undefined;
  /** Leaves the guest standing still, whatever it did before. */
  readonly isHeld?: boolean | undefined;
}

/**
 * Characters that the kernel's own stub takes and gives, which it does not say and does not check: it would write beyond
 * its buffer. BUFMAX is 1024 on x86 and 2048 on arm64 (arch/.../include/asm/kgdb.h), in all versions.
 */
const kernelPacketSize = 1000;

/** Bytes of its memory that are read at once: of the pages that are looked into, most is never looked at. */
const kernelBlockBytes = 256;

/** Registers that only the monitor of x86 has. */
const monitorRegisters = /^(?:idt|gdt|ldt|tr)(?:_base|_limit)?$|^dr[0-7]$|^cpl$|^hlt$|^smm$/;

/** A guest behind a gdbstub, and behind QEMU's monitor where there is one. */
export class LiveMachine implements Machine {
  readonly name: string;
  readonly architecture: MachineArchitecture;
  readonly canReadPhysical: boolean;
  readonly memory: readonly MemoryRange[] | undefined;
  readonly blockBytes: number | undefined;
  readonly wasRunning: boolean;
  /** For breakpoints. */
  readonly gdb: GdbClient;
  readonly #monitor: Monitor | undefined;
  readonly #isQemu: boolean;
  readonly #isKernelStub: boolean;
  readonly #clock: StoppedClock;
  readonly #threads: ReadonlyMap<number, CpuThread>;
  readonly #physical: PageCache;
  readonly #virtual = new Map<number, PageCache | BlockCache>();
  readonly #registers = new Map<number, Promise<RegisterValues>>();
  #monitorRegisters: Promise<Map<number, Map<string, bigint>>> | undefined;
  readonly #isHeld: boolean;
  #run: Promise<StopReply> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(gdb: GdbClient, options: LiveOptions, facts: Facts, clock: StoppedClock) {
    this.gdb = gdb;
    this.name = gdb.peer;
    this.architecture = facts.architecture;
    this.wasRunning = facts.wasRunning;
    this.memory = facts.memory;
    this.#monitor = options.monitor;
    this.#isQemu = facts.isQemu;
    this.#isKernelStub = options.isKernelStub ?? false;
    this.blockBytes = this.#isKernelStub ? kernelBlockBytes : undefined;
    this.#isHeld = options.isHeld ?? false;
    this.canReadPhysical = facts.isQemu || options.monitor !== undefined;
    this.#clock = clock;
    this.#threads = new Map(facts.cpus.map((each) => [each.cpu.id, each]));
    this.#physical = new PageCache((first, count) => this.#fetchPhysical(first, count));
  }

  /**
   * Attaches to the stub at the other end of a stream, which stops the guest. If this fails, the guest is left as it
   * was, and stream and monitor are closed.
   * @throws KtriageError KT-GDB-*, KT-QMP-*, KT-MACHINE-ARCHITECTURE; the signal's reason.
   */
  static async open(stream: Duplex, options: LiveOptions): Promise<LiveMachine> {
    const clock = new StoppedClock();
    const { monitor } = options;
    let gdb: GdbClient | undefined;
    let wasRunning = options.wasRunning;
    try {
      const leaveOnFailure = options.isHeld === true || wasRunning === false ? 'stopped' : 'running';
      const own = options.isKernelStub === true ? { usualPacketSize: kernelPacketSize, acknowledgesDetach: true } : {};
      gdb = await GdbClient.open(stream, { ...options, ...own, leaveOnFailure });
      const isQemu = options.isKernelStub !== true && (await gdb.canReadPhysical());
      if (options.isKernelStub === true) wasRunning ??= kernelGoesOn(gdb);
      wasRunning ??= await wasRunningBefore(gdb, isQemu);
      const facts = await gather(gdb, monitor, isQemu, wasRunning);
      if (!wasRunning) clock.disregard();
      return new LiveMachine(gdb, options, facts, clock);
    } catch (error) {
      const isLeftRunning = options.isHeld !== true && (wasRunning ?? gdb?.wasRunning ?? true);
      await gdb?.close(isLeftRunning ? 'running' : 'stopped');
      if (monitor !== undefined) await leaveMonitor(monitor, isLeftRunning);
      throw error;
    }
  }

  get cpus(): CpuThread['cpu'][] {
    return [...this.#threads.values()].map(({ cpu }) => cpu);
  }

  get stoppedMilliseconds(): number {
    return this.#clock.milliseconds;
  }

  registers(cpu: number): Promise<RegisterValues> {
    const known = this.#registers.get(cpu);
    if (known !== undefined) return known;
    const values = this.#readRegisters(cpu);
    this.#registers.set(cpu, values);
    values.catch(() => this.#registers.delete(cpu));
    return values;
  }

  readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    return this.#physical.read(address, length);
  }

  async readVirtual(cpu: number, address: bigint, length: number): Promise<Uint8Array | undefined> {
    const asked = this.#isKernelStub ? (this.cpus[0]?.id ?? cpu) : cpu;
    let cache = this.#virtual.get(asked);
    if (cache === undefined) {
      const { thread } = this.#thread(asked);
      cache =
        this.blockBytes === undefined
          ? new PageCache((first, count) => this.#fetchVirtual(thread, first, count))
          : new BlockCache((start, bytes) => this.gdb.readMemory(thread, start, bytes), this.blockBytes);
      this.#virtual.set(asked, cache);
    }
    return cache.read(address, length);
  }

  async info(command: string): Promise<string | undefined> {
    if (!isInfoCommand(command)) return undefined;
    try {
      return await infoOf(this.gdb, this.#monitor, this.#isQemu, command);
    } catch (error) {
      if (error instanceof KtriageError && /-(?:REFUSED|UNSUPPORTED)$/.test(error.code)) return undefined;
      throw error;
    }
  }

  async resume(): Promise<void> {
    if (this.gdb.isRunning) return;
    this.#forget();
    const { stopped } = await this.gdb.resume();
    this.#run = stopped;
    this.#clock.run();
    const standsStill = (): void => this.#clock.stop();
    stopped.then(standsStill, standsStill);
  }

  async stop(): Promise<void> {
    await this.gdb.interrupt();
    this.#forget();
  }

  /** Waits till the guest, let run before, stops by itself; the reply says why. Undefined if it was not let run. */
  async waitForStop(): Promise<StopReply | undefined> {
    const reply = await this.#run;
    this.#forget();
    return reply;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** As `close`, but waits for nothing: for a process that ends at once. */
  abandon(): void {
    this.gdb.abandon(this.#leave);
    if (this.#monitor === undefined || this.#leave === 'stopped') return;
    this.#monitor.forgive();
    continueGuest(this.#monitor).catch(() => undefined);
  }

  get #leave(): Leave {
    return this.wasRunning && !this.#isHeld ? 'running' : 'stopped';
  }

  async #close(): Promise<void> {
    await this.gdb.close(this.#leave);
    if (this.#monitor !== undefined) await leaveMonitor(this.#monitor, this.#leave === 'running');
    this.#clock.run();
  }

  #forget(): void {
    this.#physical.clear();
    this.#virtual.clear();
    this.#registers.clear();
    this.#monitorRegisters = undefined;
  }

  #thread(cpu: number): CpuThread {
    const found = this.#threads.get(cpu);
    if (found === undefined) throw new RangeError(`there is no CPU ${cpu}`);
    return found;
  }

  async #readRegisters(cpu: number): Promise<RegisterValues> {
    const { thread } = this.#thread(cpu);
    const [values, more] = await Promise.all([this.gdb.registers(thread, isTelling), this.#moreRegisters(cpu)]);
    for (const [name, value] of more) if (!values.has(name)) values.set(name, value);
    return reportNames(this.architecture, values);
  }

  async #moreRegisters(cpu: number): Promise<[string, bigint][]> {
    if (this.architecture === 'arm64') return [];
    this.#monitorRegisters ??= this.info('info registers -a').then((text) => parseInfoRegisters(text ?? ''));
    const all = (await this.#monitorRegisters).get(cpu) ?? new Map<string, bigint>();
    return [...all].filter(([name]) => monitorRegisters.test(name));
  }

  async #fetchVirtual(thread: CpuThread['thread'], first: number, count: number): Promise<(Buffer | undefined)[]> {
    return Promise.all(pagesFrom(first, count).map((address) => this.gdb.readMemory(thread, address, pageBytes)));
  }

  /** Pages that follow each other are read at once; each by itself where one of them is not there. */
  async #fetchPhysical(first: number, count: number): Promise<(Uint8Array | undefined)[]> {
    const start = BigInt(first) * BigInt(pageBytes);
    const length = count * pageBytes;
    const isOneRange = this.memory === undefined || isMemory(this.memory, start, length);
    const bytes = this.#isQemu && isOneRange && count > 1 ? await this.gdb.readPhysical(start, length) : undefined;
    if (bytes !== undefined) return pagesOf(bytes);
    return Promise.all(pagesFrom(first, count).map((address) => this.#fetchPhysicalPage(address)));
  }

  async #fetchPhysicalPage(address: bigint): Promise<Buffer | undefined> {
    // Reading a device's registers may change what it does.
    if (this.memory !== undefined && !isMemory(this.memory, address, pageBytes)) return undefined;
    if (this.#isQemu) return this.gdb.readPhysical(address, pageBytes);
    return this.#monitor === undefined ? undefined : examine(this.#monitor, 'xp', address, pageBytes);
  }
}

/** What is found out at the beginning. */
interface Facts {
  readonly architecture: MachineArchitecture;
  readonly cpus: readonly CpuThread[];
  readonly memory: readonly MemoryRange[] | undefined;
  readonly isQemu: boolean;
  readonly wasRunning: boolean;
}

async function gather(
  gdb: GdbClient,
  monitor: Monitor | undefined,
  isQemu: boolean,
  wasRunning: boolean,
): Promise<Facts> {
  const [cpus, map] = await Promise.all([
    findCpus(gdb),
    infoOf(gdb, monitor, isQemu, 'info mtree -f').catch((error: unknown) => {
      if (error instanceof KtriageError && error.code.endsWith('-REFUSED')) return undefined;
      throw error;
    }),
  ]);
  const [first] = cpus;
  const described = gdb.description?.architecture ?? '';
  // A stub that describes nothing is told by the size of its register packet.
  const name = described !== '' || first === undefined ? described : await gdb.architectureOfPacket(first.thread);
  const architecture = machineArchitecture(name);
  if (architecture === undefined || first === undefined) {
    throw unknownArchitecture(gdb.peer, name);
  }
  return { architecture, cpus, memory: map === undefined ? undefined : parseMemoryMap(map), isQemu, wasRunning };
}

async function infoOf(
  gdb: GdbClient,
  monitor: Monitor | undefined,
  isQemu: boolean,
  command: string,
): Promise<string | undefined> {
  if (monitor !== undefined && !(isQemu && monitor.isSlow === true)) return humanCommand(monitor, command);
  return isQemu ? (await gdb.monitor(command)).replaceAll('\r\n', '\n') : undefined;
}

function pagesFrom(first: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => BigInt(first + i) * BigInt(pageBytes));
}
