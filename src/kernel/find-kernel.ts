import type { Machine } from '../machine/machine.ts';
import type { Image } from '../symbols/image.ts';
import { findVirtually } from './find-virtually.ts';
import { finderOf, identifyMachine, identityOfBanner, likelyBanner, type MachineIdentity } from './identify-machine.ts';
import type { KernelIdentity, KernelPlace } from './kernel.ts';
import { GuestMemory } from './kernel-memory.ts';
import type { KernelMemory } from './memory.ts';
import { AddressSpace } from './page-tables/address-space.ts';
import { TableEntries } from './page-tables/table-entries.ts';
import { ImageReach, PagedReach } from './reach.ts';
import { cpuStates } from './slide/cpu-states.ts';
import { type KernelFile, readKernelFile } from './slide/kernel-file.ts';
import { type Finder, hex, type Lead, type Scene, type Tables, wrap } from './slide/lead.ts';
import { scanForImage } from './slide/scan.ts';
import { imageAt, verifyImage } from './slide/verify.ts';

/** What came of looking for a kernel. */
export type FindResult = FoundKernel | MissingKernel;

/** A kernel, verified by its own bytes. */
export interface FoundKernel {
  readonly kind: 'found';
  readonly place: KernelPlace;
  readonly identity: KernelIdentity;
  readonly memory: KernelMemory;
  /** What is not as it should be, for people: `its page tables are not there yet`. */
  readonly problems: readonly string[];
}

export interface MissingKernel {
  readonly kind: 'not-found';
  /** What was tried, and what came of it, for people. */
  readonly reasons: readonly string[];
  /** Of another kernel that is there. */
  readonly identity?: KernelIdentity;
  /** The same with its place, as `identifyMachine` finds it; `none` if it has found nothing, missing if it was not asked. */
  readonly found?: MachineIdentity | 'none';
  /** Where its image lies, if that is there and does not run: not yet, or not any more. */
  readonly resting?: { readonly text: bigint; readonly physicalBase: bigint };
}

export interface FindOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Reasons that are told. */
const mostReasons = 32;

/**
 * Finds where a vmlinux's kernel lies in a machine. Only what was verified by the banner and build ID in memory is said
 * to be found; everything that could tell is tried, of every CPU, the cheapest first.
 * @throws what the machine's own methods throw; KtriageError KT-ELF-* of a damaged vmlinux; the signal's reason.
 */
export async function findKernel(machine: Machine, vmlinux: Image, options: FindOptions = {}): Promise<FindResult> {
  const reasons: string[] = [];
  const finder = finderOf(machine);
  const file = readKernelFile(vmlinux);
  if (finder === undefined) reasons.push(`kernels of ${machine.architecture} are not understood`);
  else if (typeof file === 'string') reasons.push(file);
  else if (file.architecture !== machine.architecture)
    reasons.push(`${vmlinux.path} is of ${file.architecture}, the machine is of ${machine.architecture}`);
  else if (!machine.canReadPhysical) return findVirtually(machine, file);
  else return new Search(machine, file, finder, options).run();
  const other = finder === undefined ? undefined : await identifyMachine(machine, options);
  return {
    kind: 'not-found',
    reasons,
    ...(other !== undefined && { identity: other.identity }),
    found: other ?? 'none',
  };
}

/** One search, with what it has seen. */
class Search {
  readonly #machine: Machine;
  readonly #file: KernelFile;
  readonly #finder: Finder;
  readonly #options: FindOptions;
  readonly #reasons = new Set<string>();
  readonly #seen = new Set<bigint>();
  /** Of another kernel that is where this one would be. */
  #other: KernelIdentity | undefined;
  /** What the machine runs, once that was asked. */
  #found: MachineIdentity | 'none' | undefined;
  #resting: MissingKernel['resting'];

  constructor(machine: Machine, file: KernelFile, finder: Finder, options: FindOptions) {
    this.#machine = machine;
    this.#file = file;
    this.#finder = finder;
    this.#options = options;
  }

  async run(): Promise<FindResult> {
    const { signal } = this.#options;
    const cpus = await cpuStates(this.#machine);
    const scene = { machine: this.#machine, file: this.#file, cpus, entries: new TableEntries(this.#machine) };
    for await (const lead of this.#leads(scene)) {
      signal?.throwIfAborted();
      const found = await this.#try(scene, lead);
      if (found !== undefined) return found;
    }
    const identity = this.#other;
    const reasons = [...this.#reasons].slice(0, mostReasons);
    return {
      ...{ kind: 'not-found', reasons },
      ...(identity !== undefined && { identity }),
      ...(this.#found !== undefined && { found: this.#found }),
      ...(this.#resting !== undefined && { resting: this.#resting }),
    };
  }

  async *#leads(scene: Scene): AsyncIterable<Lead> {
    const { signal } = this.#options;
    yield* this.#finder.leads(scene);
    // Whatever kernel the CPUs have in their page tables: if it is another one, all else would be in vain.
    const there = await likelyBanner(this.#machine, this.#finder, scene.cpus, signal);
    if (there !== undefined) {
      const how = 'the banner in memory';
      if (this.#file.banner !== undefined && there.banner !== this.#file.banner) {
        this.#other = await identityOfBanner(this.#machine, there);
        this.#found = { identity: this.#other, bannerAt: there.at };
        yield { how, why: `it is of another kernel: ${there.banner}` };
        return;
      }
      yield { how, physicalBase: there.at - (this.#file.bannerAt - this.#file.text) };
    }
    const { steps } = this.#finder;
    for await (const physicalBase of scanForImage(this.#machine, this.#file, steps, signal))
      yield { how: 'a search of the physical memory', physicalBase };
    yield { how: 'a search of the physical memory', why: 'the kernel is at none of the places where it can be loaded' };
    if (this.#other !== undefined) return;
    const other = await identifyMachine(this.#machine, { signal });
    this.#other = other?.identity;
    this.#found = other ?? 'none';
  }

  async #try(scene: Scene, lead: Lead): Promise<FoundKernel | undefined> {
    if ('why' in lead) {
      this.#reasons.add(`${lead.how}: ${lead.why}`);
      return undefined;
    }
    const { how, physicalBase } = lead;
    if (physicalBase < 0n || this.#seen.has(physicalBase)) return undefined;
    this.#seen.add(physicalBase);
    const verified = await verifyImage(imageAt(this.#machine, this.#file, physicalBase), this.#file);
    if (!verified.isThere) {
      this.#other ??= verified.identity;
      this.#reasons.add(`${how}: ${verified.why} (if the kernel is at ${hex(physicalBase)})`);
      return undefined;
    }
    const slide = await this.#finder.slide(scene, physicalBase);
    if (typeof slide === 'string') {
      this.#other ??= verified.identity;
      this.#resting ??= { text: this.#file.text, physicalBase };
      this.#reasons.add(`${how}: the kernel is at ${hex(physicalBase)}, but ${slide}`);
      return undefined;
    }
    const { file } = scene;
    const tables = await this.#workingTables(scene, physicalBase, slide);
    const start = wrap(file.text + slide);
    const reach =
      tables === undefined
        ? new ImageReach(this.#machine, start, start + file.bytes, physicalBase)
        : new PagedReach(this.#machine, new AddressSpace(tables.root, tables.format, scene.entries));
    const formats =
      tables === undefined ? this.#finder.formats(scene) : { kernel: tables.format, user: tables.userFormat };
    const memory = new GuestMemory({ machine: this.#machine, reach, entries: scene.entries, formats });
    const place = { slide, physicalBase, pageTable: tables?.root ?? 0n, how };
    return { kind: 'found', place, identity: verified.identity, memory, problems: problemsOf(tables) };
  }

  /** The first page tables that have the kernel's image where it is. */
  async #workingTables(scene: Scene, physicalBase: bigint, slide: bigint): Promise<Tables | undefined> {
    const { text, bannerAt } = scene.file;
    for (const tables of this.#finder.tables(scene, physicalBase)) {
      const space = new AddressSpace(tables.root, tables.format, scene.entries);
      if ((await space.physical(wrap(bannerAt + slide))) === bannerAt - text + physicalBase) return tables;
    }
    return undefined;
  }
}

function problemsOf(tables: Tables | undefined): string[] {
  if (tables === undefined)
    return ['no page tables of the kernel were found, as in early boot: only what is in its image can be read'];
  if (tables.isKernels) return [];
  return [`the kernel's own page tables are not there yet, as in early boot: those of ${tables.name} are used`];
}
