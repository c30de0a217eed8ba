import type { ResolvedFrame } from '../dwarf/debug-info.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import { hashOfName } from './index-cache-bytes.ts';
import { readFrames } from './index-cache-code.ts';
import { type Fingerprint, IndexFile, indexBytes } from './index-cache-file.ts';
import { writeIndex } from './index-cache-folder.ts';
import { readNamed, readSymbols, type SymbolsAt } from './index-cache-symbols.ts';

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

  /** The function that an address belongs to; undefined if that is not known. */
  symbolAt(address: number): KernelSymbol | undefined {
    return this.#symbolsAt(address)?.coveringSymbol(address);
  }

  /** All functions of a name, by address; undefined if none is known. */
  symbolsNamed(name: string): readonly KernelSymbol[] | undefined {
    const file = this.#whole();
    const found = file?.find('names', hashOfName(name));
    if (file === undefined || found === undefined || found.page.keyOf(found.entry) !== hashOfName(name))
      return undefined;
    const symbols: KernelSymbol[] = [];
    for (const key of readNamed(found) ?? []) {
      const those = this.#symbolsAt(file.base + key);
      if (those?.key !== key) return undefined;
      symbols.push(...those.named(name));
    }
    return symbols.length > 0 ? symbols : undefined;
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

  #symbolsAt(address: number): SymbolsAt | undefined {
    const file = this.#whole();
    const found = file?.find('symbols', address - file.base);
    return file && found && readSymbols(found, file.base, this.#sections);
  }

  #whole(): IndexFile | undefined {
    if (this.#file === null) this.#file = IndexFile.open(this.place.path, this.place.fingerprint);
    return this.#file?.state === 'whole' ? this.#file : undefined;
  }
}
