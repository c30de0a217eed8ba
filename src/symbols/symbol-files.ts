import { existsSync, statSync } from 'node:fs';
import type { Frame } from '../model/report.ts';
import { KtriageError } from '../util/errors.ts';
import type { SymbolizerChoice } from './backends/choice.ts';
import {
  better,
  choose,
  type Expected,
  isWhole,
  type Judged,
  type OnTried,
  OpenImages,
  withoutDebugInfo,
} from './candidates.ts';
import type { Debuginfod } from './debuginfod.ts';
import type { LearntId } from './debuginfod-ids.ts';
import type { Image } from './image.ts';
import { isModuleFile, ModuleFolder } from './locate.ts';
import type { KernelIdentity } from './match.ts';
import { compressedVmlinux, isThere, moduleBuildIdPaths, moduleFolders, type Roots, vmlinuxPaths } from './places.ts';

/** Where the files of kernels are sought, and which are taken. */
export interface FileOptions {
  /** The only vmlinux to be used. */
  readonly vmlinux?: string;
  /** Folders that modules are sought below, before the usual places. */
  readonly modules?: readonly string[];
  /** A folder in place of `/` for the usual places. */
  readonly debugDir?: string;
  /** Use files that do not fit; all positions are then unverified. */
  readonly force?: boolean;
  /** The user's home, for caches. */
  readonly home?: string;
  /** The cache of debuginfod's client, if it is not below the home. */
  readonly debuginfodCache?: string;
  /** Servers to ask for what is at no place. */
  readonly debuginfod?: Debuginfod;
  /** A tool that looks addresses up in place of the built-in reader. */
  readonly symbolizer?: SymbolizerChoice;
  /** A folder for indexes of what was looked up, which make looking up the same again fast. Without it there are none. */
  readonly cache?: string;
  /** Called with each path that was looked at, and why it was refused. */
  readonly onTried?: OnTried;
  readonly signal?: AbortSignal;
}

/** More files of one name are not opened. */
const maxFilesOfModule = 32;

/** @throws KtriageError KT-FILE-MISSING, KT-FILE-IRREGULAR for what is neither a folder nor a file that will do. */
function checkFolder(path: string, orFile: (path: string) => boolean): void {
  const what = `cannot read ${path}`;
  if (!existsSync(path)) throw new KtriageError('KT-FILE-MISSING', what, 'there is no such folder', 'check the path');
  const status = statSync(path);
  if (status.isDirectory() || (status.isFile() && orFile(path))) return;
  throw new KtriageError('KT-FILE-IRREGULAR', what, 'it is no folder', 'name the folder that it is in');
}

/** A file that was named and holds nothing that could be used. */
export function useless(path: string, why: string): KtriageError {
  return new KtriageError(
    'KT-SYMBOLS-NO-DEBUG-INFO',
    `cannot use ${path}`,
    why,
    'name the file of the package with debug symbols, or build with CONFIG_DEBUG_INFO',
  );
}

/** Finds the vmlinux and the modules of kernels; files are opened once, folders gone through once. `close` it. */
export class SymbolFiles {
  readonly #options: FileOptions;
  readonly #images: OpenImages;
  readonly #roots: Roots;
  readonly #folders = new Map<string, ModuleFolder>();
  readonly #notFetched = new Map<string, string>();

  constructor(options: FileOptions) {
    this.#options = options;
    this.#roots = {
      root: (options.debugDir ?? '').replace(/\/$/, ''),
      ...(options.home !== undefined && { home: options.home }),
      ...(options.debuginfodCache !== undefined && { debuginfodCache: options.debuginfodCache }),
    };
    const { signal, symbolizer, cache, onTried } = options;
    this.#images = new OpenImages(signal, this.#roots.root, symbolizer, cache, onTried);
  }

  /**
   * Opens what was named, to tell early that it cannot be used. A `module` in place of the vmlinux is for those only who
   * ask about it; the log of a kernel needs the kernel.
   * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-NO-DEBUG-INFO, KT-SYMBOLS-MODULE, KT-SYMBOLIZER-UNKNOWN.
   */
  async check(mayBe: 'vmlinux' | 'module' = 'vmlinux'): Promise<void> {
    const { vmlinux, modules = [], debugDir, symbolizer, signal } = this.#options;
    if (symbolizer !== undefined) (await import('./backends/choice.ts')).knownDialect(symbolizer.program);
    for (const folder of modules) checkFolder(folder, isModuleFile);
    // An empty one is / itself, as in scripts with an empty $ROOT.
    if (debugDir !== undefined && debugDir !== '') checkFolder(debugDir, () => false);
    if (vmlinux === undefined) return;
    const image = await this.#images.open(vmlinux);
    if (typeof image !== 'string') {
      if (!image.isModule || mayBe === 'module') return;
      throw new KtriageError(
        'KT-SYMBOLS-MODULE',
        `${vmlinux} is a module, no vmlinux`,
        'frames of the kernel itself are not in it',
        'name it, or the folder that it is in, with --modules',
      );
    }
    // Once more, for the error itself.
    const { Image } = await import('./image.ts');
    const opened = await Image.open(vmlinux, signal);
    opened.close();
    throw useless(vmlinux, image);
  }

  /** Where the usual places are. */
  get roots(): Roots {
    return this.#roots;
  }

  /** Paths at which a kernel's vmlinux is sought, the best first. */
  vmlinuxPlaces(log: KernelIdentity): readonly string[] {
    const { vmlinux } = this.#options;
    return vmlinux === undefined ? vmlinuxPaths(log, this.#roots) : [vmlinux];
  }

  /**
   * The vmlinux that fits a log, or one that was refused; undefined if there is none. If one was named it is that one,
   * whether it fits or not: see `unnamedVmlinux`.
   */
  async vmlinux(log: KernelIdentity, frames: readonly Frame[]): Promise<Judged | undefined> {
    const { vmlinux, force = false, onTried } = this.#options;
    if (vmlinux === undefined) return this.unnamedVmlinux(log, frames);
    return choose(this.#existing([vmlinux]), this.#images, { log, frames, force }, onTried);
  }

  /** The same at the usual places, also if one was named: a log may be of several kernels, and that is of one. */
  async unnamedVmlinux(log: KernelIdentity, frames: readonly Frame[]): Promise<Judged | undefined> {
    const { force = false, onTried } = this.#options;
    const expected = { log, frames, force };
    const found = await choose(this.#usual(log), this.#images, expected, onTried);
    return frames.length === 0 || isWhole(found) ? found : better(found, await this.#fetched(expected));
  }

  /** Why no server gave the vmlinux, or a module's file, if servers are asked at all. */
  whyNotFetched(log: KernelIdentity, module?: string): string | undefined {
    return this.#notFetched.get(fetchKey(log, module));
  }

  /**
   * The first vmlinux that can be opened, whatever it is of, one with symbols only if no other is there; else why each
   * that is there cannot be.
   */
  async anyVmlinux(log: KernelIdentity): Promise<Image | readonly string[]> {
    const { vmlinux } = this.#options;
    const reasons: string[] = [];
    let lesser: Image | undefined;
    for (const path of vmlinux === undefined ? this.#usual(log) : [vmlinux]) {
      const image = await this.#images.open(path);
      if (typeof image !== 'string' && image.hasDebugInfo) {
        this.#options.onTried?.(path);
        return image;
      }
      const why = typeof image === 'string' ? image : withoutDebugInfo;
      if (typeof image !== 'string') lesser ??= image;
      this.#options.onTried?.(path, why);
      reasons.push(`${path}: ${why}`);
    }
    if (vmlinux !== undefined || this.#options.debuginfod === undefined) return lesser ?? reasons;
    const fetched = await this.#fetched({ log, frames: [], force: false });
    if (fetched !== undefined && isWhole(fetched)) return fetched.image;
    return lesser ?? [...reasons, ...(fetched?.file.reasons ?? [`debuginfod: ${this.whyNotFetched(log)}`])];
  }

  /** The file of a module that fits a log, or one that was refused; undefined if there is none. */
  async module(module: string, log: KernelIdentity, frames: readonly Frame[]): Promise<Judged | undefined> {
    const { modules = [], force = false, onTried } = this.#options;
    const expected = { log, frames, module, force };
    const byId = (): readonly string[] => this.#existing(moduleBuildIdPaths(log.buildId, this.#roots));
    const below = [...modules, ...moduleFolders(log, this.#roots)].map((path) => () => this.#below(path, module));
    let best: Judged | undefined;
    // Each place by itself: what lies in the first need not be sought in the others.
    for (const place of [byId, ...below]) {
      const found = await choose(place().slice(0, maxFilesOfModule), this.#images, expected, onTried);
      if (isWhole(found)) return found;
      best = better(best, found);
    }
    return better(best, await this.#fetched(expected));
  }

  close(): void {
    this.#images.close();
  }

  /** What a server has, by the build ID of the log or of what is here without debug information. */
  async #fetched(expected: Expected): Promise<Judged | undefined> {
    const { debuginfod, onTried, signal } = this.#options;
    const { log, module, frames } = expected;
    // Whole kernels are not fetched for what is known already.
    const isKnown = frames.length > 0 && frames.every((frame) => frame.source !== undefined);
    if (debuginfod === undefined || isKnown) return undefined;
    const learnt = log.buildId === undefined ? await this.#learnId(log, module) : undefined;
    const buildId = log.buildId ?? learnt?.buildId;
    const not = (why: string): undefined => {
      this.#notFetched.set(fetchKey(log, module), why);
      onTried?.(`debuginfod, ${module ?? 'vmlinux'} ${buildId ?? ''}`.trim(), why);
    };
    if (buildId === undefined) return not(`the log has no build ID of ${module ?? 'the kernel'} to ask for`);
    const fetched = await debuginfod.fetch(buildId, signal);
    if ('refused' in fetched) return not(fetched.refused);
    // A file that was damaged or empty may have been there before.
    this.#images.forget(fetched.path);
    return choose([fetched.path], this.#images, expected, onTried);
  }

  async #learnId(log: KernelIdentity, module: string | undefined): Promise<LearntId | undefined> {
    const { modules = [] } = this.#options;
    const { idOfRunning, idOfStripped, thisMachine } = await import('./debuginfod-ids.ts');
    const stripped =
      module === undefined
        ? [...new Set([...this.vmlinuxPlaces(log), ...vmlinuxPaths(log, this.#roots)])].filter(isThere)
        : [...modules, ...moduleFolders(log, this.#roots)].flatMap((path) => this.#folder(path).find(module));
    const learnt = await idOfStripped(stripped, log, this.#options.signal);
    // Another root is another machine.
    return learnt ?? (this.#roots.root === '' ? idOfRunning(log, module, thisMachine()) : undefined);
  }

  /** The files below a folder that may be of a module. */
  #below(path: string, module: string): readonly string[] {
    const found = this.#folder(path).find(module);
    if (found.length === 0)
      this.#options.onTried?.(path, existsSync(path) ? `it has no ${module}.ko` : 'there is no such folder');
    return found;
  }

  #folder(path: string): ModuleFolder {
    let folder = this.#folders.get(path);
    if (folder === undefined) {
      folder = new ModuleFolder(path);
      this.#folders.set(path, folder);
    }
    return folder;
  }

  /** What is there at the usual places of a vmlinux. */
  #usual(log: KernelIdentity): string[] {
    const paths = vmlinuxPaths(log, this.#roots);
    return [...this.#existing(paths), ...compressedVmlinux(paths)];
  }

  #existing(paths: readonly string[]): string[] {
    return paths.filter((path) => {
      const there = isThere(path);
      if (!there) this.#options.onTried?.(path, 'there is no such file');
      return there;
    });
  }
}

const fetchKey = (log: KernelIdentity, module = ''): string =>
  [module, log.release, log.buildId, log.version].join('\0');
