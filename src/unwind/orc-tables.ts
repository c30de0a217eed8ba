import { fromBigAddress } from '../elf/address.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type ModuleOrc, readModules } from '../kernel/module.ts';
import { mostLooked, type OrcEntry, type OrcFormat, orcFormat, versionNumber, withBases } from './orc-format.ts';
import { type OrcBytes, OrcTable, orcBytes } from './orc-table.ts';

/** Entries of one module; the largest have some 100000. */
const mostEntries = 1 << 20;
/** What `KernelMemory.read` reads at once. */
const pieceBytes = 1 << 20;
/** Since 5.6 vmlinux has been sorted when it was built (57fa18994285), and the kernel counts on it. */
const sortedSince = 506;

/** The ORC entries of a kernel and of its modules; those of modules are read when one of their addresses comes up. */
export class OrcTables {
  readonly #kernel: Kernel;
  readonly #format: OrcFormat;
  readonly #vmlinux: OrcTable;
  /** By the module's name; undefined where one has none. */
  readonly #modules = new Map<string, OrcTable | undefined>();
  #known: ReturnType<typeof readModules> | undefined;

  private constructor(kernel: Kernel, format: OrcFormat, vmlinux: OrcTable) {
    this.#kernel = kernel;
    this.#format = format;
    this.#vmlinux = vmlinux;
  }

  /** The tables of a kernel; undefined if it has none: those of arm64, and with frame pointers. */
  static async open(kernel: Kernel): Promise<OrcTables | undefined> {
    if (kernel.architecture !== 'x86_64') return undefined;
    const format = orcFormat(kernel.types, kernel.identity.release);
    const raw = tableOfFile(kernel) ?? (await tableOfMemory(kernel));
    if (raw === undefined || raw.entries.size < format.size) return undefined;
    const { places, base, entries } = raw;
    const looked = entries.read(0, mostLooked * format.size);
    const exact = withBases(format, new DataView(looked.buffer, looked.byteOffset, looked.byteLength));
    const isSorted = (versionNumber(kernel.identity.release) ?? 0) >= sortedSince;
    return new OrcTables(kernel, exact, new OrcTable(places, base, entries, exact, isSorted));
  }

  /** Reads what is needed to know about an address, if it is in a module. */
  async prepare(address: bigint): Promise<void> {
    const name = this.#moduleAt(address);
    if (name === undefined || this.#modules.has(name)) return;
    this.#known ??= readModules(this.#kernel);
    const found = (await this.#known).modules.find((module) => module.name === name)?.orc;
    const table = (found && (await this.#read(found))) ?? this.#ofFile(name);
    if (!this.#modules.has(name)) this.#modules.set(name, table);
  }

  /** The entry of an address of the running kernel, after `prepare`. */
  at(address: bigint): OrcEntry | undefined {
    const name = this.#moduleAt(address);
    if (name !== undefined) return this.#modules.get(name)?.at(fromBigAddress(address));
    // Init code as well, though it was freed: what boots stays in it for ever (`start_kernel()`).
    return this.#vmlinux.at(fromBigAddress(address - this.#kernel.place.slide));
  }

  #moduleAt(address: bigint): string | undefined {
    const { symbols } = this.#kernel;
    // Nearly all is in the kernel itself, and there may be a hundred modules.
    if (symbols.place(address)?.image === symbols.vmlinux) return undefined;
    for (const { name, ranges } of symbols.modules)
      for (const { start, bytes } of ranges) if (address >= start && address < start + BigInt(bytes)) return name;
    return undefined;
  }

  async #read({ count, ips, entries }: ModuleOrc): Promise<OrcTable | undefined> {
    if (count > mostEntries) return undefined;
    const [placeBytes, entryBytes] = await Promise.all([
      readLong(this.#kernel, ips, count * 4),
      readLong(this.#kernel, entries, count * this.#format.size),
    ]);
    if (placeBytes === undefined || entryBytes === undefined) return undefined;
    return new OrcTable(placeBytes, fromBigAddress(ips), orcBytes(entryBytes), this.#format);
  }

  /** From the module's file: its places are distances to code in one section, which lies elsewhere now. */
  #ofFile(name: string): OrcTable | undefined {
    const module = this.#kernel.symbols.modules.find((each) => each.name === name);
    const elf = module?.image?.elf;
    const places = elf?.section('.orc_unwind_ip');
    const entries = elf?.section('.orc_unwind');
    const text = elf?.section('.text');
    const loaded = module?.sections.find((each) => each.name === '.text');
    if (elf === undefined || places === undefined || entries === undefined) return undefined;
    if (text === undefined || loaded === undefined) return undefined;
    // Good for the code in that section, which is nearly all.
    const moved = fromBigAddress(loaded.address) - text.address;
    const [distances, found] = [elf.data(places), elf.data(entries)];
    return new OrcTable(distances.read(0, mostEntries * 4), places.address + moved, found, this.#format);
  }
}

/** As they are written. */
interface RawTable {
  readonly places: Uint8Array;
  /** Where the first place is. */
  readonly base: number;
  readonly entries: OrcBytes;
}

function tableOfFile({ symbols }: Kernel): RawTable | undefined {
  const { elf } = symbols.vmlinux;
  const places = elf.section('.orc_unwind_ip');
  const entries = elf.section('.orc_unwind');
  if (places === undefined || entries === undefined) return undefined;
  if (!elf.hasContents(places) || !elf.hasContents(entries)) return undefined;
  return { places: elf.data(places).read(0, places.size), base: places.address, entries: elf.data(entries) };
}

/** From the running kernel, where the file has been stripped of the contents. */
async function tableOfMemory(kernel: Kernel): Promise<RawTable | undefined> {
  const bounds = ['__start_orc_unwind_ip', '__stop_orc_unwind_ip', '__start_orc_unwind', '__stop_orc_unwind'];
  const [from, to, first, last] = bounds.map((name) => kernel.symbols.address(name));
  if (from === undefined || to === undefined || first === undefined || last === undefined) return undefined;
  const [places, entries] = await Promise.all([
    readLong(kernel, from, Number(to - from)),
    readLong(kernel, first, Number(last - first)),
  ]);
  if (places === undefined || entries === undefined) return undefined;
  return { places, base: fromBigAddress(from - kernel.place.slide), entries: orcBytes(entries) };
}

/** Memory of any length up to 64 MiB; undefined if a part of it is not there. */
async function readLong({ memory }: Kernel, address: bigint, length: number): Promise<Uint8Array | undefined> {
  if (length <= 0 || length > 64 * pieceBytes) return undefined;
  const pieces: Promise<Uint8Array | undefined>[] = [];
  for (let offset = 0; offset < length; offset += pieceBytes)
    pieces.push(memory.read(address + BigInt(offset), Math.min(pieceBytes, length - offset)));
  const parts = (await Promise.all(pieces)).filter((part) => part !== undefined);
  return parts.length < pieces.length ? undefined : Buffer.concat(parts);
}
