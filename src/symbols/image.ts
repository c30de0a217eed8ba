import { DebugInfo, type ResolvedFrame } from '../dwarf/debug-info.ts';
import { elfDebugSections, openSplitFile } from '../dwarf/elf-sections.ts';
import { symbolType } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { type ModuleInfo, moduleInfo } from '../elf/module-info.ts';
import { openElf } from '../elf/open-elf.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import { demangle } from '../util/demangle/demangle.ts';

/** The banner has the compiler's and the linker's versions in it, and none is known of a thousand bytes. */
const maxBannerBytes = 4096;

const noSymbols: readonly KernelSymbol[] = [];

/**
 * A vmlinux or module that was opened. Everything is read when it is first asked for, and may throw KtriageError
 * (KT-ELF-*) where the file is damaged; damaged debug information only leaves positions out.
 */
export class Image {
  readonly path: string;
  readonly elf: ElfFile;
  readonly #named = new Map<string, readonly KernelSymbol[]>();
  readonly #resolved = new Map<number, readonly ResolvedFrame[]>();
  #debugInfo: DebugInfo | undefined;
  #banner: string | undefined | null = null;
  #module: ModuleInfo | undefined | null = null;
  #mangled: ReadonlyMap<string, readonly string[]> | undefined;

  private constructor(path: string, elf: ElfFile) {
    this.path = path;
    this.elf = elf;
  }

  /** @throws KtriageError KT-FILE-*, KT-ELF-*; the signal's reason if it is aborted. */
  static async open(path: string, signal?: AbortSignal): Promise<Image> {
    return new Image(path, await openElf(path, signal));
  }

  /** An image of a file that is open already. */
  static of(elf: ElfFile): Image {
    return new Image(elf.name, elf);
  }

  get isModule(): boolean {
    return this.elf.type === 'rel';
  }

  get buildId(): string | undefined {
    return this.elf.buildId;
  }

  /** What a module says about itself. */
  get module(): ModuleInfo | undefined {
    if (this.#module === null) this.#module = moduleInfo(this.elf);
    return this.#module;
  }

  /** `Linux version 6.1.0 (builder) (compiler) #1 SMP ...`: linux_banner of init/version.c, which a boot prints first. */
  get banner(): string | undefined {
    if (this.#banner === null) this.#banner = this.#readBanner();
    return this.#banner;
  }

  /** The kernel's release, as `uname -r` has it: from the banner, or from what a module was built for. */
  get release(): string | undefined {
    if (!this.isModule) return /^Linux version (\S+)/.exec(this.banner ?? '')?.[1];
    return /^\S+/.exec(this.module?.vermagic ?? '')?.[0];
  }

  /** True if the file has debug information, and not only symbols. */
  get hasDebugInfo(): boolean {
    const section = this.elf.section('.debug_info');
    return section !== undefined && this.elf.hasContents(section) && this.elf.section('.debug_line') !== undefined;
  }

  /** What was found damaged or missing in the debug information so far. */
  get problems(): readonly string[] {
    return (this.#debugInfo?.problems ?? []).map((problem) => `${problem.message}: ${problem.why}`);
  }

  /**
   * Symbols of a name as a log prints it. kallsyms leaves off what clang's link-time optimization appends (cleanup_symbol_name() in kernel/kallsyms.c); names of Rust may be demangled.
   */
  symbolsNamed(name: string): readonly KernelSymbol[] {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const found = this.#find(name);
    this.#named.set(name, found);
    return found;
  }

  /** The symbol that an address of the file belongs to. */
  symbolAt(address: number): KernelSymbol | undefined {
    return this.elf.symbols().at(address);
  }

  /** The frames at addresses of the file, innermost first; what is not known yet is read in one go. */
  async resolve(addresses: readonly number[]): Promise<readonly (readonly ResolvedFrame[])[]> {
    const fresh = [...new Set(addresses)].filter((address) => !this.#resolved.has(address));
    if (fresh.length > 0) {
      this.#debugInfo ??= new DebugInfo(elfDebugSections(this.elf), {
        openSplitFile,
        directory: this.path.slice(0, Math.max(this.path.lastIndexOf('/'), 0)) || '.',
      });
      const frames = this.#debugInfo.resolve(fresh);
      for (const [nth, address] of fresh.entries()) this.#resolved.set(address, frames[nth] ?? []);
    }
    return addresses.map((address) => this.#resolved.get(address) ?? []);
  }

  close(): void {
    this.elf.close();
  }

  #find(name: string): readonly KernelSymbol[] {
    const table = this.elf.symbols();
    const exact = table.named(name);
    if (exact.length > 0) return exact;
    const optimized = table.variantsOf(name).filter((symbol) => symbol.name.startsWith(`${name}.llvm.`));
    if (optimized.length > 0) return optimized;
    if (!name.includes('::') && !name.includes('<')) return noSymbols;
    return (this.#mangledNames().get(name) ?? []).flatMap((mangled) => table.named(mangled));
  }

  /** Mangled names by what they are demangled to. Goes through all functions once. */
  #mangledNames(): ReadonlyMap<string, readonly string[]> {
    if (this.#mangled !== undefined) return this.#mangled;
    const names = new Map<string, string[]>();
    const table = this.elf.symbols();
    for (const index of table.code.all().indexes) {
      const name = table.entry(index)?.name ?? '';
      if (!name.startsWith('_R') && !name.startsWith('_ZN')) continue;
      const plain = demangle(name);
      const known = names.get(plain);
      if (known === undefined) names.set(plain, [name]);
      else if (!known.includes(name)) known.push(name);
    }
    this.#mangled = names;
    return names;
  }

  #readBanner(): string | undefined {
    if (this.isModule) return undefined;
    const symbol = this.elf.symbols().named('linux_banner')[0];
    if (symbol === undefined || symbol.type === symbolType.function || !this.elf.hasContents(symbol.section))
      return undefined;
    const bytes = this.elf.data(symbol.section).read(symbol.address - symbol.section.address, maxBannerBytes);
    const text = Buffer.from(bytes).toString('utf8').split('\0', 1)[0] ?? '';
    return text.startsWith('Linux version ') ? text.trim() : undefined;
  }
}
