import type { KnownTypes } from '../btf/known-types.ts';
import type { DebugInfo, ResolvedFrame } from '../dwarf/debug-info.ts';
import type { OpenedDebugInfo } from '../dwarf/open-debug-info.ts';
import type { VariableReader } from '../dwarf/variables.ts';
import { sectionType } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { type ModuleInfo, moduleInfo } from '../elf/module-info.ts';
import { buildSaltOf } from '../elf/notes.ts';
import { openElf } from '../elf/open-elf.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { DebugFileOptions, ElfFiles } from '../elf/with-debug-file.ts';
import type { SymbolizerChoice } from './backends/choice.ts';
import type { ToolResolver } from './backends/tool-resolver.ts';
import { readBanner } from './banner.ts';
import type { IndexCache } from './index-cache.ts';
import { wantIndex } from './index-cache-wanted.ts';
import type { PatchSite } from './patch-tables.ts';

const noSymbols: readonly KernelSymbol[] = [];

/** Names of Rust and C++ as symbols have them. */
const isMangled = (name: string): boolean => name.startsWith('_R') || name.startsWith('_ZN');
/** The same as they are in the source. */
const isDemangled = (name: string): boolean => name.includes('::') || name.includes('<');

/**
 * A vmlinux or module that was opened. Everything is read when it is first asked for, and may throw KtriageError
 * (KT-ELF-*) where the file is damaged; damaged debug information only leaves positions out.
 */
export class Image {
  readonly path: string;
  /** The file that has the symbols: of a stripped one perhaps the one that its debug information was split off into. */
  readonly elf: ElfFile;
  readonly #files: ElfFiles;
  readonly #root: string | undefined;
  readonly #named = new Map<string, readonly KernelSymbol[]>();
  readonly #resolved = new Map<number, readonly ResolvedFrame[]>();
  #debugInfo: OpenedDebugInfo | undefined;
  #variables: VariableReader | undefined;
  #tool: ToolResolver | undefined;
  #cache: IndexCache | undefined;
  #cacheFolder = '';
  #expected: readonly number[] = [];
  #banner: string | undefined | null = null;
  #module: ModuleInfo | undefined | null = null;
  #mangled: ReadonlyMap<string, readonly string[]> | undefined;
  #demangle: ((name: string) => string) | undefined;

  private constructor(path: string, files: ElfFiles, root?: string) {
    this.path = path;
    this.elf = files.symbols;
    this.#files = files;
    this.#root = root;
  }

  /**
   * Opens a file, and where it was stripped the one with its debug information.
   * @param root what stands in place of `/` where packages put the other one; default `/` itself.
   * @param onRefused called with each file that might have had the debug information and was not taken.
   * @throws KtriageError KT-FILE-*, KT-ELF-*; the signal's reason if it is aborted.
   */
  static async open(
    path: string,
    signal?: AbortSignal,
    root?: string,
    onRefused?: DebugFileOptions['onRefused'],
  ): Promise<Image> {
    const loaded = await openElf(path, signal);
    if (loaded.hasDebugInfo) return new Image(path, { loaded, symbols: loaded, debug: loaded }, root);
    try {
      const { withDebugFile } = await import('../elf/with-debug-file.ts');
      const options = {
        ...(root !== undefined && { root }),
        ...(signal && { signal }),
        ...(onRefused && { onRefused }),
      };
      return new Image(path, await withDebugFile(loaded, options), root);
    } catch (error) {
      loaded.close();
      throw error;
    }
  }

  /** An image of a file that is open already. */
  static of(elf: ElfFile): Image {
    return new Image(elf.name, { loaded: elf, symbols: elf, debug: elf });
  }

  /** The file that the debug information is in, where that is another one. */
  get debugPath(): string | undefined {
    const { loaded, debug } = this.#files;
    return debug === loaded ? undefined : debug.name;
  }

  get isModule(): boolean {
    return this.elf.type === 'rel';
  }

  get buildId(): string | undefined {
    return this.elf.buildId;
  }

  /** What a module says about itself. */
  get module(): ModuleInfo | undefined {
    if (this.#module === null) this.#module = moduleInfo(this.#files.loaded);
    return this.#module;
  }

  /** `Linux version 6.1.0 (builder) (compiler) #1 SMP ...`: linux_banner of init/version.c, which a boot prints first. */
  get banner(): string | undefined {
    if (this.#banner === null) {
      const known = this.#cache?.banner;
      this.#banner = known === undefined ? readBanner(this.#files) : known.value;
    }
    return this.#banner;
  }

  /** The kernel's release, as `uname -r` has it: from the banner, or from what a module was built for. */
  get release(): string | undefined {
    const told = this.isModule
      ? /^\S+/.exec(this.module?.vermagic ?? '')?.[0]
      : /^Linux version (\S+)/.exec(this.banner ?? '')?.[1];
    // Where the contents are elsewhere; what does not begin as a release is some other salt.
    return told ?? /^\d+\.\d+\S*$/.exec(buildSaltOf(this.elf.notes()) ?? '')?.[0];
  }

  /** True if the file has debug information, and not only symbols. */
  get hasDebugInfo(): boolean {
    return this.#files.debug.hasDebugInfo;
  }

  /** True if the file has a symbol table: without debug information it has functions as a System.map does, and no lines. */
  get hasSymbols(): boolean {
    return this.elf.sections.some((section) => section.type === sectionType.symtab && this.elf.hasContents(section));
  }

  /** What was found damaged or missing in the debug information so far. */
  get problems(): readonly string[] {
    const refused = this.#tool?.refused;
    return [
      ...(refused === undefined ? [] : [`the built-in symbolizer was used for ${this.path}: ${refused}`]),
      ...(this.#debugInfo?.info.problems ?? []).map((problem) => `${problem.message}: ${problem.why}`),
    ];
  }

  /**
   * Looks for the symbols of some names together, which takes hardly longer than for one; `symbolsNamed` knows them
   * then. Demangled names are found only if they were looked for in this way.
   */
  async prepare(names: Iterable<string>): Promise<void> {
    const fresh = [...new Set(names)].filter((name) => !this.#named.has(name) && !this.#recall(name));
    if (fresh.length === 0) return;
    const found = this.symbolsNamedEach(fresh);
    for (const [nth, name] of fresh.entries()) {
      const symbols = found[nth] ?? noSymbols;
      if (symbols.length > 0) this.#keep(name, symbols);
      else if (isDemangled(name)) this.#demangle ??= (await import('../util/demangle/demangle.ts')).demangle;
    }
  }

  /**
   * Symbols of a name as a log prints it. kallsyms leaves off what clang's link-time optimization appends
   * (cleanup_symbol_name() in kernel/kallsyms.c); names of Rust may be demangled, see `prepare`.
   */
  symbolsNamed(name: string): readonly KernelSymbol[] {
    const known = this.#named.get(name) ?? this.#recall(name);
    if (known !== undefined) return known;
    const found = this.#find(name);
    this.#keep(name, found);
    return found;
  }

  /** What is in the index. */
  #recall(name: string): readonly KernelSymbol[] | undefined {
    const symbols = this.#cache?.symbolsNamed(name);
    // Those that are not there may have other names.
    if (symbols === undefined || symbols.length === 0) return undefined;
    this.#named.set(name, symbols);
    return symbols;
  }

  #keep(name: string, symbols: readonly KernelSymbol[]): void {
    this.#named.set(name, symbols);
  }

  /** Names addresses that `symbolAt` will be asked about. */
  expect(addresses: readonly number[]): void {
    this.#expected = addresses;
  }

  /** Symbols of each of some exact names, which take one pass together. */
  symbolsNamedEach(names: readonly string[]): readonly (readonly KernelSymbol[])[] {
    const known = names.map((name) => this.#named.get(name) ?? this.#cache?.symbolsNamed(name));
    const unknown = names.filter((_name, nth) => known[nth] === undefined);
    const found = unknown.length === 0 ? [] : this.elf.symbols().namedEach(unknown);
    return names.map((name, nth) => known[nth] ?? found[unknown.indexOf(name)] ?? noSymbols);
  }

  /** The symbol that an address of the file belongs to. */
  symbolAt(address: number): KernelSymbol | undefined {
    const known = this.#cache?.symbolAt(address);
    if (known !== undefined) return known.value;
    const table = this.elf.symbols();
    table.expect(this.#expected);
    return table.at(address);
  }

  /** Code that the kernel may change, as far as the index knows: what begins in a range or reaches into it, and more. */
  sitesWithin(from: number, to: number): readonly PatchSite[] | undefined {
    return this.#cache?.sitesWithin(from, to);
  }

  /** Where the types are in the BTF of `elf`, as far as the index knows. */
  get knownTypes(): KnownTypes | undefined {
    return this.#cache?.types;
  }

  /** What `resolve` has said of an address before. */
  resolved(address: number): readonly ResolvedFrame[] | undefined {
    return this.#resolved.get(address);
  }

  /** The frames at addresses of the file, innermost first; what is not known yet is read in one go. */
  async resolve(addresses: readonly number[]): Promise<readonly (readonly ResolvedFrame[])[]> {
    const fresh = [...new Set(addresses)].filter((address) => !this.#resolved.has(address) && !this.#recallAt(address));
    if (fresh.length > 0) {
      const debugInfo = await this.#openDebugInfo();
      const told = await this.#tool?.resolve(fresh, (address, path) => debugInfo.treeName(address, path));
      const frames = told ?? debugInfo.resolve(fresh);
      for (const [nth, address] of fresh.entries()) this.#resolved.set(address, frames[nth] ?? []);
    }
    return addresses.map((address) => this.#resolved.get(address) ?? []);
  }

  /** Is it in the index? Not if another tool is to be asked, which may say something else. */
  #recallAt(address: number): boolean {
    const frames = this.#tool === undefined ? this.#cache?.frames(address) : undefined;
    if (frames !== undefined) this.#resolved.set(address, frames);
    return frames !== undefined;
  }

  /** Uses the index of the file in a folder, which an earlier run may have left there; see `index-cache-wanted.ts`. */
  async useCache(folder: string): Promise<void> {
    const { openIndexCache } = await import('./open-index-cache.ts');
    this.#cache = openIndexCache(folder, this.#files);
    this.#cacheFolder = folder;
  }

  /** Has addresses looked up by another tool from now on. @throws as `findTool` */
  async useTool(choice: SymbolizerChoice, signal?: AbortSignal): Promise<void> {
    const { ToolResolver } = await import('./backends/tool-resolver.ts');
    this.#tool = new ToolResolver(choice, this.#files.debug, signal && { signal });
  }

  /** What reads variables, types and call frames of the file; it finds nothing where there is no debug information. */
  async variables(): Promise<VariableReader> {
    if (this.#variables === undefined) {
      const [{ parts }, { VariableReader }] = await Promise.all([
        this.#openDebugInfo(),
        import('../dwarf/variables.ts'),
      ]);
      const isArm64 = this.elf.machine === 'arm64';
      this.#variables ??= new VariableReader(parts, isArm64, (at) => this.#cache?.callFrameAt(at));
    }
    return this.#variables;
  }

  /** What reads all of the debug information, for who wants more of it than variables; it may have nothing. */
  async debugParts(): Promise<DebugInfo['parts']> {
    return (await this.#openDebugInfo()).parts;
  }

  async #openDebugInfo(): Promise<DebugInfo> {
    if (this.#debugInfo === undefined) {
      const { openDebugInfo } = await import('../dwarf/open-debug-info.ts');
      this.#debugInfo ??= await openDebugInfo(this.#files.debug, this.#root, (at) => this.#cache?.unitAt(at));
    }
    return this.#debugInfo.info;
  }

  close(): void {
    if (this.#cache?.finish() === true) wantIndex({ path: this.path, root: this.#root, folder: this.#cacheFolder });
    this.#tool?.close();
    this.#variables?.close();
    this.#debugInfo?.close();
    for (const file of new Set([this.#files.loaded, this.#files.debug])) file.close();
  }

  /** Whether no link-time optimization appended to names of C: only clang's does. */
  get #hasPlainNames(): boolean {
    return this.banner?.includes('clang') === false;
  }

  #find(name: string): readonly KernelSymbol[] {
    const inIndex = this.#cache?.symbolsNamed(name);
    if (inIndex?.length === 0 && this.#hasPlainNames && !isMangled(name) && !isDemangled(name)) return inIndex;
    const table = this.elf.symbols();
    const exact = inIndex ?? table.named(name);
    if (exact.length > 0) return exact;
    const optimized = table.variantsOf(name).filter((symbol) => symbol.name.startsWith(`${name}.llvm.`));
    if (optimized.length > 0) return optimized;
    if (this.#demangle === undefined || !isDemangled(name)) return noSymbols;
    return (this.#mangledNames(this.#demangle).get(name) ?? []).flatMap((mangled) => table.named(mangled));
  }

  /** Mangled names by what they are demangled to. Goes through all functions once. */
  #mangledNames(demangle: (name: string) => string): ReadonlyMap<string, readonly string[]> {
    if (this.#mangled !== undefined) return this.#mangled;
    const names = new Map<string, string[]>();
    const table = this.elf.symbols();
    for (const index of table.code.all()) {
      const name = table.entry(index)?.name ?? '';
      if (!isMangled(name)) continue;
      const plain = demangle(name);
      const known = names.get(plain);
      if (known === undefined) names.set(plain, [name]);
      else if (!known.includes(name)) known.push(name);
    }
    this.#mangled = names;
    return names;
  }
}
