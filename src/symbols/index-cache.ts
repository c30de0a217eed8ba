import type { KnownTypes } from '../btf/known-types.ts';
import type { ResolvedFrame } from '../dwarf/debug-info.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import { type KernelSymbol, maxGapBytes } from '../elf/symbol-table.ts';
import { hashOfName } from './index-cache-bytes.ts';
import { readFrames } from './index-cache-code.ts';
import { type Fingerprint, IndexFile, indexBytes, type TableName } from './index-cache-file.ts';
import { writeIndex } from './index-cache-folder.ts';
import { readCallFrame } from './index-cache-frames.ts';
import { readSites } from './index-cache-sites.ts';
import { readNamed, readSymbols, type SymbolsAt } from './index-cache-symbols.ts';
import { readTypes } from './index-cache-types.ts';
import { readUnit } from './index-cache-units.ts';
import type { PatchSite } from './patch-tables.ts';

/** Symbols that are held. */
const mostSymbols = 4096;

/** Something that is known, be it that there is nothing. */
export interface Known<Value> {
  readonly value: Value;
}

/** What an index is of, and where it lies. */
export interface IndexPlace {
  readonly path: string;
  readonly fingerprint: Fingerprint;
}

/**
 * What is known of some files that belong together, in an index that an earlier run has made of them: symbols of
 * addresses and names, and the frames of addresses. What it does not have is looked up in the files themselves.
 */
export class IndexCache {
  readonly place: IndexPlace;
  readonly #sections: readonly SectionHeader[];
  /** What was asked before, by address: unwinding asks for the same functions again and again. */
  readonly #symbols = new Map<number, Known<KernelSymbol | undefined> | undefined>();
  #file: IndexFile | undefined | null = null;

  /** `sections` are those of the file that has the symbols. Nothing is read yet. */
  constructor(place: IndexPlace, sections: readonly SectionHeader[]) {
    this.place = place;
    this.#sections = sections;
  }

  /** The frames at an address; undefined if they are not known. */
  frames(address: number): readonly ResolvedFrame[] | undefined {
    const file = this.#whole();
    const found = file?.find('code', address - file.base);
    return file && found && readFrames(found, address - file.base);
  }

  /** Where in `.debug_info` the unit of an address begins; undefined if that is not known. */
  unitAt(address: number): number | undefined {
    const file = this.#whole();
    const found = file?.has('units') === true ? file.find('units', address - file.base) : undefined;
    return file && found && readUnit(found, address - file.base);
  }

  /** Where in `.debug_frame` the entry of an address begins, or that it has none; undefined if that is not known. */
  callFrameAt(address: number): { readonly offset: number | undefined } | undefined {
    const file = this.#whole();
    const found = file?.has('callFrames') === true ? file.find('callFrames', address - file.base) : undefined;
    return file && found && readCallFrame(found, address - file.base);
  }

  /** Code that the kernel may change, at least what begins in a range or reaches into it; undefined if not known. */
  sitesWithin(from: number, to: number): readonly PatchSite[] | undefined {
    const file = this.#whole();
    return file?.has('sites') === true ? readSites(file, from - file.base, to - file.base) : undefined;
  }

  /** Where the types are in the BTF; undefined if that is not known. */
  get types(): KnownTypes | undefined {
    return readTypes(() => this.#whole());
  }

  /** What an address belongs to, a function or data; undefined if that is not known. */
  symbolAt(address: number): Known<KernelSymbol | undefined> | undefined {
    const known = this.#symbols.get(address);
    if (known !== undefined || this.#symbols.has(address)) return known;
    const found = this.#lookUp(address);
    if (this.#symbols.size >= mostSymbols) this.#symbols.clear();
    this.#symbols.set(address, found);
    return found;
  }

  #lookUp(address: number): Known<KernelSymbol | undefined> | undefined {
    const code = this.#symbolsAt('symbols', address)?.covering(address);
    const known = code?.value === undefined ? this.#symbolsAt('data', address)?.covering(address) : code;
    if (known?.value !== undefined || (code !== undefined && known !== undefined)) return known;
    return this.#whole()?.has('data') === true && this.#isFar(address) ? { value: undefined } : undefined;
  }

  /** Whether nothing of the files can be at an address: a module's, or of the heap. */
  #isFar(at: number): boolean {
    return this.#sections.every(
      ({ address, size, flags }) =>
        (flags & sectionFlag.alloc) === 0 || at < address || at >= address + size + maxGapBytes,
    );
  }

  /** All functions of exactly a name, by address; if there is none, all data; undefined if that is not known. */
  symbolsNamed(name: string): readonly KernelSymbol[] | undefined {
    const functions = this.#named(name, 'names', 'symbols');
    return functions?.length === 0 ? this.#named(name, 'dataNames', 'data') : functions;
  }

  #named(name: string, names: TableName, symbols: TableName): readonly KernelSymbol[] | undefined {
    const file = this.#whole();
    if (file?.has(names) !== true) return undefined;
    const hash = hashOfName(name);
    const found = file.find(names, hash);
    if (found === undefined || found.page.keyOf(found.entry) !== hash) return file.isDamaged ? undefined : [];
    const keys = readNamed(found);
    if (keys === undefined) return undefined;
    const named: KernelSymbol[] = [];
    for (const key of keys) {
      const those = this.#symbolsAt(symbols, file.base + key);
      if (those?.key !== key) return undefined;
      named.push(...those.named(name));
    }
    return named;
  }

  /** The `Linux version` line; what is not known is not the same as that there is none. */
  get banner(): Known<string | undefined> | undefined {
    const file = this.#whole();
    return file && { value: file.banner };
  }

  /**
   * To be called when nothing will be asked any more. Notes where an index was missed, and says whether one should be
   * made, as it was missed before: machines that are used once never pay for it.
   */
  finish(): boolean {
    const file = this.#file;
    this.#file = undefined;
    // Nobody asked.
    if (file === null) return false;
    file?.close();
    const isMissed = file === undefined || file.isDamaged;
    if (isMissed) writeIndex(this.place.path, indexBytes(this.place.fingerprint, 'seen') ?? []);
    return !isMissed && file.state === 'seen';
  }

  #symbolsAt(table: TableName, address: number): SymbolsAt | undefined {
    const file = this.#whole();
    if (file?.has(table) !== true) return undefined;
    const found = file.find(table, address - file.base);
    return file && found && readSymbols(found, file.base, this.#sections);
  }

  #whole(): IndexFile | undefined {
    if (this.#file === null) this.#file = IndexFile.open(this.place.path, this.place.fingerprint);
    return this.#file?.state === 'whole' ? this.#file : undefined;
  }
}
