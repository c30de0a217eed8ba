import type { Frame } from '../model/report.ts';
import { KtriageError } from '../util/errors.ts';
import { Image } from './image.ts';
import type { Query } from './query.ts';
import { type FileOptions, SymbolFiles } from './symbol-files.ts';

export interface ImageOptions extends FileOptions {
  /** The file of the module that is asked about where no module is named. */
  readonly module?: string;
  /** The kernel whose files are sought at the usual places, where no vmlinux is named. */
  readonly release?: string;
}

/** Finds the file that a question is about; each is opened once. `close` it. */
export class AnswerImages {
  readonly #options: ImageOptions;
  readonly #files: SymbolFiles;
  readonly #modules = new Map<string, Image | string>();
  #named: Image | undefined;
  #vmlinux: Image | undefined;

  constructor(options: ImageOptions) {
    this.#options = options;
    this.#files = new SymbolFiles(options);
  }

  /**
   * The file, or why there is none of a module.
   * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLIZER-*, KT-SYMBOLS-*
   */
  async of(query: Query): Promise<Image | string> {
    const { module } = this.#options;
    const name = query.module?.replaceAll('-', '_');
    if (module !== undefined) {
      this.#named ??= await openModuleFile(module, this.#options);
      const itsName = this.#named.module?.name;
      if (name === undefined || itsName === undefined || name === itsName) return this.#named;
    }
    if (name === undefined || this.#options.vmlinux !== undefined) {
      this.#vmlinux ??= await this.#openVmlinux();
      // What was named may be a module: then it is asked about that.
      if (name === undefined || (this.#vmlinux.isModule && this.#vmlinux.module?.name === name)) return this.#vmlinux;
    }
    const known = this.#modules.get(name) ?? (await this.#openModule(name, frameOf(query)));
    this.#modules.set(name, known);
    return known;
  }

  get problems(): readonly string[] {
    const images = [this.#named, this.#vmlinux, ...this.#modules.values()];
    return [...new Set(images.flatMap((image) => (image instanceof Image ? image.problems : [])))];
  }

  close(): void {
    this.#named?.close();
    this.#files.close();
  }

  async #openVmlinux(): Promise<Image> {
    await this.#files.check('module');
    const { release } = this.#options;
    const wanted = release === undefined ? {} : { release };
    const found = await this.#files.anyVmlinux(wanted);
    if ('path' in found) return found;
    const places = this.#files.vmlinuxPlaces(wanted).length;
    throw new KtriageError(
      'KT-SYMBOLS-NO-VMLINUX',
      'there is no vmlinux to look symbols up in',
      found.length > 0 ? found.join('; ') : `none of ${release ?? 'this kernel'} is at any of ${places} places`,
      'name one with --vmlinux FILE (or --system-map FILE, for functions only); ktriage doctor says how to get it',
    );
  }

  async #openModule(module: string, frame: Frame): Promise<Image | string> {
    const { modules = [], vmlinux } = this.#options;
    const release = this.#vmlinux?.release ?? this.#options.release;
    const log = release === undefined || (vmlinux === undefined && modules.length > 0) ? {} : { release };
    const found = await this.#files.module(module, log, [frame]);
    if (found === undefined) return `no file of module ${module} was found; --modules FOLDER says where they are`;
    const { image, file } = found;
    // Without a size nothing but the release can be compared.
    if (file.match !== 'refused' || (frame.size === undefined && log.release === undefined)) return image;
    return `${file.path} is of another build: ${file.reasons.join('; ')}`;
  }
}

async function openModuleFile(path: string, { signal, debugDir, symbolizer, cache }: ImageOptions): Promise<Image> {
  const image = await Image.open(path, signal, debugDir);
  if (!image.hasDebugInfo) {
    image.close();
    throw new KtriageError(
      'KT-SYMBOLS-NO-DEBUG-INFO',
      `cannot use ${path}`,
      'it has no debug information',
      'name the file of the package with debug symbols, or build with CONFIG_DEBUG_INFO',
    );
  }
  if (cache !== undefined) await image.useCache(cache);
  if (symbolizer !== undefined) await image.useTool(symbolizer, signal);
  return image;
}

/** A question as a frame of a log, whose size is held against files. */
function frameOf(query: Query): Frame {
  return {
    ...(query.kind === 'symbol' && { function: query.symbol, offset: query.offset }),
    ...(query.kind === 'symbol' && query.size !== undefined && { size: query.size }),
    ...(query.module !== undefined && { module: query.module }),
    reliable: true,
    range: { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 0 },
  };
}
