import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import { type Alias, compareAliases, nameFilter } from '../elf/kallsyms-rules.ts';
import { StringTable } from '../elf/string-table.ts';
import { openInput } from '../io/input.ts';
import { KtriageError } from '../util/errors.ts';
import { type MapLines, MapLinesReader } from './map-lines.ts';
import type { SizedSymbol } from './match.ts';

/** A symbol of a System.map or of kallsyms. Addresses are numbers as in `elf/address.ts`. */
export interface MapSymbol extends SizedSymbol {
  readonly name: string;
  /** The letter of `nm`: `t` and `T` are code. */
  readonly type: string;
  readonly module?: string;
  /** Other names of the address. */
  readonly aliases: readonly string[];
}

/** Beyond the last symbol of a module's code, so many bytes are still taken to be of it: that is a few pages. */
const maxTailBytes = 65_536;
/** More symbols of one name are not told. */
const maxMatches = 512;

/** Not modules: what the kernel made while it ran, which it prints without a name in brackets. */
const madeAtRunTime = /^(?:bpf$|__builtin__)/;

const isCode = (type: number): boolean => /[tTwW]/.test(String.fromCharCode(type));

/** Symbols of the kernel or of one module, sorted by address; those of one address as in the file. */
interface Group {
  readonly module: string;
  readonly order: readonly number[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Functions of a kernel by their addresses and names, from a System.map or the contents of /proc/kallsyms. It knows
 * no lines. Sizes are what an oops prints: bytes to the next symbol.
 */
export class SystemMap {
  readonly path: string;
  /** Names of modules, or a file that the kernel makes, are in kallsyms only: its addresses are those after the move by KASLR. */
  readonly isKallsyms: boolean;
  /** 64-bit addresses. */
  readonly is64: boolean;
  readonly #lines: MapLines;
  readonly #groups: readonly Group[];
  readonly #text: readonly Range[];
  readonly #init: Range | undefined;
  #byName: Map<string, number[]> | undefined;

  private constructor(path: string, lines: MapLines) {
    this.path = path;
    this.#lines = lines;
    this.is64 = lines.is64;
    this.isKallsyms = lines.modules.length > 1 || path.endsWith('kallsyms');
    this.#groups = groupsOf(lines);
    const initText = this.#between('_sinittext', '_einittext');
    // free_initmem() gives back all of it, the code of exit functions that is in there too.
    this.#init = this.#between('__init_begin', '__init_end') ?? initText;
    this.#text = [this.#between('_stext', '_etext'), initText].filter((range) => range !== undefined);
  }

  /**
   * Reads a file, which may be compressed.
   * @throws KtriageError KT-FILE-* if it cannot be read, KT-SYMBOLS-MAP if it holds no symbols or only hidden ones;
   * the signal's reason if it is aborted.
   */
  static async read(path: string, signal?: AbortSignal): Promise<SystemMap> {
    const reader = new MapLinesReader();
    let damaged: string | undefined;
    try {
      const input = await openInput(path, { signal });
      for await (const chunk of input) {
        if (Buffer.from(chunk.subarray(0, elfMagic.length)).equals(elfMagic)) throw elfInstead(path);
        reader.push(chunk);
        if (reader.full) break;
      }
      damaged = input.facts.damaged;
      await input.close();
    } catch (error) {
      throw fileError(error, path);
    }
    return SystemMap.of(path, reader.end(), damaged);
  }

  /** @throws KtriageError KT-SYMBOLS-MAP. */
  static of(path: string, lines: MapLines, damaged?: string): SystemMap {
    const refuse = (why: string, hint: string): KtriageError =>
      new KtriageError('KT-SYMBOLS-MAP', `cannot use ${path}`, why, hint);
    const usual = 'name the System.map of the kernel that printed the log, or what root reads from its /proc/kallsyms';
    if (lines.stub !== undefined && lines.addresses.length === 0)
      throw refuse(`it only says: ${lines.stub}`, 'install that package: it has the vmlinux too');
    if (damaged !== undefined) throw refuse(damaged, usual);
    if (lines.hidden)
      throw refuse(
        'all its addresses are zero: that is what users without privileges are shown of /proc/kallsyms',
        'read it as root: sudo cat /proc/kallsyms > kallsyms.txt',
      );
    const { length } = lines.addresses;
    if (length === 0 || lines.strange * 10 > length)
      throw refuse(
        length === 0 && lines.strange === 0 ? 'it is empty' : 'its lines are not those of a System.map or of kallsyms',
        usual,
      );
    return new SystemMap(path, lines);
  }

  /** All symbols of exactly this name: of a module, or (without one) of the kernel. */
  symbolsNamed(name: string, module = ''): readonly MapSymbol[] {
    this.#byName ??= indexNames(this.#lines);
    const wanted = module.replaceAll('-', '_');
    return (this.#byName.get(name) ?? [])
      .filter((nth) => this.#moduleName(nth).replaceAll('-', '_') === wanted)
      .map((nth) => this.#symbol(nth));
  }

  /** True if it has the symbols of this module. */
  hasModule(module: string): boolean {
    const wanted = module.replaceAll('-', '_');
    return this.#groups.some((group) => group.module !== '' && group.module.replaceAll('-', '_') === wanted);
  }

  /** The function at an address, and how far behind its start that is. */
  at(address: bigint): { readonly symbol: MapSymbol; readonly offset: number } | undefined {
    const wanted = fromBigAddress(address, this.is64);
    if (!Number.isSafeInteger(wanted)) return undefined;
    let best: number | undefined;
    for (const group of this.#groups) {
      const nth = this.#codeBefore(group, wanted);
      if (nth !== undefined && this.#address(nth) > this.#address(best ?? nth)) best = nth;
      best ??= nth;
    }
    if (best === undefined) return undefined;
    const symbol = this.#symbol(best);
    const offset = wanted - symbol.address;
    return offset < Math.max(symbol.size, symbol.sizeIsCertain ? 0 : maxTailBytes) ? { symbol, offset } : undefined;
  }

  /** True for functions that are thrown away when the kernel has started (`.init.text`). */
  isInitText(symbol: MapSymbol): boolean {
    const { start, end } = this.#init ?? { start: 0, end: 0 };
    return symbol.module === undefined && symbol.address >= start && symbol.address < end;
  }

  /** How far the kernel was moved from where x86-64 links it, if that is what these addresses tell. */
  get movedBy(): bigint | undefined {
    // include/asm/page_64_types.h: __START_KERNEL_map + CONFIG_PHYSICAL_START, which is 16 MiB nearly everywhere.
    const [text] = this.symbolsNamed('_text');
    if (text === undefined || !this.is64) return undefined;
    const moved = toBigAddress(text.address) - 0xffff_ffff_8100_0000n;
    return moved >= 0n && moved < 0x4000_0000n && moved % 0x20_0000n === 0n ? moved : undefined;
  }

  #address(nth: number): number {
    return this.#lines.addresses[nth] ?? 0;
  }

  #moduleName(nth: number): string {
    return this.#lines.modules[this.#lines.moduleOf[nth] ?? 0] ?? '';
  }

  #between(first: string, last: string): Range | undefined {
    const [from] = this.symbolsNamed(first);
    const [to] = this.symbolsNamed(last);
    return from && to && from.address < to.address ? { start: from.address, end: to.address } : undefined;
  }

  /** The symbol of a group that an address is in, if that is code. */
  #codeBefore(group: Group, address: number): number | undefined {
    // The first of those of its address is the one that the kernel prints.
    const [first] = this.#aliasesBefore(group, this.#firstBeyond(group, address));
    if (first === undefined) return undefined;
    // Tables among the code have letters of data, code before and behind it (.exit.text, .idmap.text) those of code.
    const isText = group.module === '' && this.#text.some(({ start, end }) => address >= start && address < end);
    return isText || isCode(this.#lines.types[first] ?? 0) ? first : undefined;
  }

  /** All symbols of the last address before a place in the group's order, the one first that the kernel prints. */
  #aliasesBefore({ order }: Group, end: number): number[] {
    const last = order[end - 1];
    if (last === undefined) return [];
    let from = end - 1;
    while (from > 0 && end - from < maxMatches && this.#address(order[from - 1] ?? 0) === this.#address(last)) from--;
    const aliases = order.slice(from, end);
    // kallsyms has them in the order in which the kernel looks through them.
    if (this.isKallsyms || aliases.length === 1) return aliases;
    const alias = (nth: number): Alias => ({
      name: nameOf(this.#lines, nth),
      weak: /[wW]/.test(String.fromCharCode(this.#lines.types[nth] ?? 0)),
      index: nth,
    });
    return aliases
      .map(alias)
      .sort(compareAliases)
      .map(({ index }) => index);
  }

  /** Where in the group's order the first symbol beyond an address is. */
  #firstBeyond({ order }: Group, address: number): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#address(order[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #symbol(nth: number): MapSymbol {
    const { types } = this.#lines;
    const address = this.#address(nth);
    const name = nameOf(this.#lines, nth);
    const module = this.#moduleName(nth);
    const group = this.#groups.find((candidate) => candidate.module === module);
    const beyond = group === undefined ? 0 : this.#firstBeyond(group, address);
    const next = group?.order[beyond];
    const size = next === undefined ? 0 : this.#address(next) - address;
    const aliases = (group === undefined ? [] : this.#aliasesBefore(group, beyond))
      .map((other) => nameOf(this.#lines, other))
      .filter((alias) => alias !== name);
    const type = types[nth] ?? 0;
    // The size of the last code of a module reaches to the end of the memory that the kernel allocated for code.
    const isLast = next === undefined || (module !== '' && isCode(type) && !isCode(types[next] ?? 0));
    return {
      name,
      address,
      size: isLast ? 0 : size,
      sizeInSection: isLast ? 1 : size,
      sizeIsCertain: !isLast,
      type: String.fromCharCode(type),
      aliases,
      ...(module !== '' && !madeAtRunTime.test(module) && { module }),
    };
  }
}

function nameOf({ names, nameAt }: MapLines, nth: number): string {
  const start = nameAt[nth];
  if (start === undefined) return '';
  const end = names.indexOf(0, start);
  return names.toString('latin1', start, end < 0 ? names.length : end);
}

/** Symbols that the kernel's own table has, by module and address. */
function groupsOf(lines: MapLines): Group[] {
  const keeps = nameFilter(new StringTable(lines.names), lines.is64 ? 'unknown' : 'arm');
  const orders: number[][] = lines.modules.map(() => []);
  for (let nth = 0; nth < lines.addresses.length; nth++)
    if (keeps(lines.nameAt[nth] ?? 0)) orders[lines.moduleOf[nth] ?? 0]?.push(nth);
  return orders.flatMap((order, at): Group[] => {
    if (order.length === 0) return [];
    order.sort((a, b) => (lines.addresses[a] ?? 0) - (lines.addresses[b] ?? 0) || a - b);
    return [{ module: lines.modules[at] ?? '', order }];
  });
}

function indexNames(lines: MapLines): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (let nth = 0; nth < lines.addresses.length; nth++) {
    const name = nameOf(lines, nth);
    const known = found.get(name);
    if (known === undefined) found.set(name, [nth]);
    else if (known.length < maxMatches) known.push(nth);
  }
  return found;
}

/** What vmlinux begins with. A line of a map that begins so is none either. */
const elfMagic = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

function elfInstead(path: string): KtriageError {
  const why = 'it is an ELF file, no System.map';
  return new KtriageError('KT-SYMBOLS-MAP', `cannot use ${path}`, why, 'name a kernel with --vmlinux');
}

/** Codes for files that are named with a flag. */
const fileCodes: Readonly<Record<string, string>> = {
  'KT-INPUT-MISSING': 'KT-FILE-MISSING',
  'KT-INPUT-DIRECTORY': 'KT-FILE-IRREGULAR',
  'KT-INPUT-UNREADABLE': 'KT-FILE-UNREADABLE',
};

function fileError(error: unknown, path: string): unknown {
  if (!(error instanceof KtriageError)) return error;
  const code = fileCodes[error.code];
  return code === undefined ? error : new KtriageError(code, `cannot read ${path}`, error.why, 'check the path');
}
