import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { Image } from '../symbols/image.ts';

/** Of each file: its names are looked up by many, and mostly the same. */
const known = new WeakMap<Image, SymbolNames>();

/**
 * Symbols of a vmlinux by their names. Half of those that a kernel is asked for are not there, as every version has its
 * own, so what is not there is remembered as well.
 */
export class SymbolNames {
  readonly #image: Image;
  readonly #found = new Map<string, readonly KernelSymbol[]>();
  #isOfClang: boolean | undefined;

  private constructor(image: Image) {
    this.#image = image;
  }

  static of(image: Image): SymbolNames {
    let names = known.get(image);
    if (names === undefined) {
      names = new SymbolNames(image);
      known.set(image, names);
    }
    return names;
  }

  /** Looks for some names together, which takes hardly longer than for one. @throws KtriageError KT-ELF-* */
  prepare(names: Iterable<string>): void {
    const fresh = [...new Set(names)].filter((name) => !this.#found.has(name));
    if (fresh.length === 0) return;
    const found = this.#image.symbolsNamedEach(fresh);
    for (const [nth, name] of fresh.entries()) {
      const symbols = found[nth] ?? [];
      // clang's link-time optimization appends to names.
      this.#found.set(name, symbols.length > 0 || !this.#ofClang() ? symbols : this.#image.symbolsNamed(name));
    }
  }

  /** All symbols of a name, by address; functions, or data if there is no function. */
  named(name: string): readonly KernelSymbol[] {
    this.prepare([name]);
    return this.#found.get(name) ?? [];
  }

  #ofClang(): boolean {
    this.#isOfClang ??= this.#image.banner?.includes('clang') ?? true;
    return this.#isOfClang;
  }
}
