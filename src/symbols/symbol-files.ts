import { existsSync } from 'node:fs';
import type { Frame } from '../model/report.ts';
import { KtriageError } from '../util/errors.ts';
import { choose, type Judged, type OnTried, OpenImages } from './candidates.ts';
import type { Image } from './image.ts';
import { ModuleFolder } from './locate.ts';
import type { KernelIdentity } from './match.ts';
import { moduleBuildIdPaths, moduleFolders, type Roots, vmlinuxPaths } from './places.ts';

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
  /** Called with each path that was looked at, and why it was refused. */
  readonly onTried?: OnTried;
  readonly signal?: AbortSignal;
}

/** More files of one name are not opened. */
const maxFilesOfModule = 32;

/** Finds the vmlinux and the modules of kernels; files are opened once, folders gone through once. `close` it. */
export class SymbolFiles {
  readonly #options: FileOptions;
  readonly #images: OpenImages;
  readonly #roots: Roots;
  readonly #folders = new Map<string, ModuleFolder>();

  constructor(options: FileOptions) {
    this.#options = options;
    this.#images = new OpenImages(options.signal);
    this.#roots = {
      root: (options.debugDir ?? '').replace(/\/$/, ''),
      ...(options.home !== undefined && { home: options.home }),
    };
  }

  /**
   * Opens what was named, to tell early that it cannot be used.
   * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-NO-DEBUG-INFO.
   */
  async check(): Promise<void> {
    const { vmlinux, modules = [], signal } = this.#options;
    for (const folder of modules)
      if (!existsSync(folder))
        throw new KtriageError('KT-FILE-MISSING', `cannot read ${folder}`, 'there is no such folder', 'check the path');
    if (vmlinux === undefined) return;
    const image = await this.#images.open(vmlinux);
    if (typeof image !== 'string') return;
    // Once more, for the error itself.
    const { Image } = await import('./image.ts');
    const opened = await Image.open(vmlinux, signal);
    opened.close();
    throw new KtriageError(
      'KT-SYMBOLS-NO-DEBUG-INFO',
      `cannot use ${vmlinux}`,
      image,
      'name the vmlinux of the package with debug symbols, or build with CONFIG_DEBUG_INFO',
    );
  }

  /** Paths at which a kernel's vmlinux is sought, the best first. */
  vmlinuxPlaces(log: KernelIdentity): readonly string[] {
    const { vmlinux } = this.#options;
    return vmlinux === undefined ? vmlinuxPaths(log, this.#roots) : [vmlinux];
  }

  /** The vmlinux that fits a log, or one that was refused; undefined if there is none. */
  async vmlinux(log: KernelIdentity, frames: readonly Frame[]): Promise<Judged | undefined> {
    const { force = false, onTried } = this.#options;
    return choose(this.#existing(this.vmlinuxPlaces(log)), this.#images, { log, frames, force }, onTried);
  }

  /** The first vmlinux that can be opened, whatever it is of; else why each that is there cannot be. */
  async anyVmlinux(log: KernelIdentity): Promise<Image | readonly string[]> {
    const { vmlinux } = this.#options;
    const places = this.vmlinuxPlaces(log);
    const reasons: string[] = [];
    for (const path of vmlinux === undefined ? this.#existing(places) : places) {
      const image = await this.#images.open(path);
      if (typeof image !== 'string') {
        this.#options.onTried?.(path);
        return image;
      }
      this.#options.onTried?.(path, image);
      reasons.push(`${path}: ${image}`);
    }
    return reasons;
  }

  /** The file of a module that fits a log, or one that was refused; undefined if there is none. */
  async module(module: string, log: KernelIdentity, frames: readonly Frame[]): Promise<Judged | undefined> {
    const { modules = [], force = false, onTried } = this.#options;
    const expected = { log, frames, module, force };
    const byId = (): readonly string[] => this.#existing(moduleBuildIdPaths(log.buildId, this.#roots));
    const below = [...modules, ...moduleFolders(log, this.#roots)].map((path) => () => this.#folder(path).find(module));
    let refused: Judged | undefined;
    // Each place by itself: what lies in the first need not be sought in the others.
    for (const place of [byId, ...below]) {
      const found = await choose(place().slice(0, maxFilesOfModule), this.#images, expected, onTried);
      if (found !== undefined && found.file.match !== 'refused') return found;
      refused ??= found;
    }
    return refused;
  }

  close(): void {
    this.#images.close();
  }

  #folder(path: string): ModuleFolder {
    let folder = this.#folders.get(path);
    if (folder === undefined) {
      folder = new ModuleFolder(path);
      this.#folders.set(path, folder);
    }
    return folder;
  }

  #existing(paths: readonly string[]): string[] {
    return paths.filter((path) => {
      const there = existsSync(path);
      if (!there) this.#options.onTried?.(path, 'there is no such file');
      return there;
    });
  }
}
