import type { Frame } from '../model/report.ts';
import { KtriageError } from '../util/errors.ts';
import type { Answer } from './answer.ts';
import { whyUseless } from './candidates.ts';
import type { KernelWords } from './how-to-get.ts';
import { Image } from './image.ts';
import type { Query } from './query.ts';
import { type FileOptions, SymbolFiles, useless } from './symbol-files.ts';

export interface ImageOptions extends FileOptions {
  /** The file of the module that is asked about where no module is named. */
  readonly module?: string;
  /** The kernel whose files are sought at the usual places, where no vmlinux is named. */
  readonly release?: string;
  /** What was added to the addresses of the vmlinux. */
  readonly kaslrOffset?: bigint;
  /** Addresses are behind calls: they are looked up less one. */
  readonly returnAddresses?: boolean;
}

/** A System.map in place of a vmlinux: it answers by itself. */
export interface MapFile {
  readonly byMap: (input: string, query: Query) => Answer;
}

/** What a question is put to, or why there is nothing. */
export type AskedFile = Image | MapFile | string;

/** Finds the file that a question is about; each is opened once. `close` it. */
export class AnswerImages {
  readonly #options: ImageOptions;
  readonly #files: SymbolFiles;
  readonly #modules = new Map<string, Image | string>();
  readonly #notes = new Set<string>();
  #named: Image | undefined;
  #kernel: Image | MapFile | undefined;

  constructor(options: ImageOptions) {
    this.#options = options;
    this.#files = new SymbolFiles(options);
  }

  /**
   * The file, or why there is none of a module.
   * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLIZER-*, KT-SYMBOLS-*
   */
  async of(query: Query): Promise<AskedFile> {
    const { module } = this.#options;
    const name = query.module?.replaceAll('-', '_');
    if (module !== undefined) {
      this.#named ??= await this.#told(await openModuleFile(module, this.#options));
      const itsName = this.#named.module?.name;
      if (name === undefined || itsName === undefined || name === itsName) return this.#named;
    }
    if (name === undefined || this.#options.vmlinux !== undefined) {
      this.#kernel ??= await this.#openKernel();
      // What was named may be a module: then it is asked about that.
      if (name === undefined || isModuleNamed(this.#kernel, name)) return this.#kernel;
    }
    const known = this.#modules.get(name) ?? (await this.#openModule(name, frameOf(query)));
    this.#modules.set(name, known);
    return known;
  }

  get problems(): readonly string[] {
    const images = [this.#named, this.#kernel, ...this.#modules.values()];
    return [...this.#notes, ...new Set(images.flatMap((image) => (image instanceof Image ? image.problems : [])))];
  }

  close(): void {
    this.#named?.close();
    this.#files.close();
  }

  async #openKernel(): Promise<Image | MapFile> {
    await this.#files.check('module');
    const { release } = this.#options;
    const wanted = release === undefined ? {} : { release };
    const found = await this.#files.anyVmlinux(wanted);
    if (found instanceof Image) return this.#told(found);
    const map = await this.#usualMap(wanted);
    if (map !== undefined) return map;
    const places = this.#files.vmlinuxPlaces(wanted).length;
    throw new KtriageError(
      'KT-SYMBOLS-NO-VMLINUX',
      'there is no vmlinux to look symbols up in',
      found.length > 0 ? found.join('; ') : `none of ${release ?? 'this kernel'} is at any of ${places} places`,
      'name one with --vmlinux FILE (or --system-map FILE, for functions only); ktriage doctor says how to get it',
    );
  }

  /** The System.map at the usual places, which has functions at least; not if a vmlinux was named. */
  async #usualMap(wanted: { readonly release?: string }): Promise<MapFile | undefined> {
    const { vmlinux, onTried, signal } = this.#options;
    if (vmlinux !== undefined || wanted.release === undefined) return undefined;
    const [{ MapFiles }, { answerByMap }] = await Promise.all([import('./map-files.ts'), import('./map-answer.ts')]);
    const options = { ...(onTried !== undefined && { onTried }), ...(signal !== undefined && { signal }) };
    const found = await new MapFiles(options, this.#files.roots).find(wanted, []);
    if (found === undefined || found.file.match === 'refused') return undefined;
    const { map } = found;
    await this.#note(`${map.path} has functions only: source lines need a vmlinux`, wanted);
    return { byMap: (input, query) => answerByMap(map, input, query, this.#options) };
  }

  /** An image of which it is told if it has symbols only. */
  async #told(image: Image): Promise<Image> {
    if (image.hasDebugInfo) return image;
    const { release, banner } = image;
    const kernel = { ...(release !== undefined && { release }), ...(banner !== undefined && { banner }) };
    await this.#note(`${image.path} has symbols and no debug information: source lines need that`, kernel);
    return image;
  }

  async #note(what: string, kernel: KernelWords): Promise<void> {
    const { howToGet } = await import('./how-to-get.ts');
    const { commands, notes } = howToGet(kernel);
    const [how] = [...commands, ...notes];
    this.#notes.add(how === undefined ? what : `${what}; to get it: ${how}`);
  }

  async #openModule(module: string, frame: Frame): Promise<Image | string> {
    const { modules = [], vmlinux } = this.#options;
    const release = (this.#kernel instanceof Image ? this.#kernel.release : undefined) ?? this.#options.release;
    const log = release === undefined || (vmlinux === undefined && modules.length > 0) ? {} : { release };
    const found = await this.#files.module(module, log, [frame]);
    if (found === undefined) return `no file of module ${module} was found; --modules FOLDER says where they are`;
    const { image, file } = found;
    // Without a size nothing but the release can be compared.
    if (file.match !== 'refused' || (frame.size === undefined && log.release === undefined)) return this.#told(image);
    return `${file.path} is of another build: ${file.reasons.join('; ')}`;
  }
}

function isModuleNamed(file: Image | MapFile, name: string): boolean {
  return file instanceof Image && file.isModule && file.module?.name === name;
}

async function openModuleFile(path: string, options: ImageOptions): Promise<Image> {
  const { signal, debugDir, symbolizer, cache, onTried } = options;
  const image = await Image.open(path, signal, debugDir, onTried);
  const why = whyUseless(image);
  if (why !== undefined) {
    image.close();
    throw useless(path, why);
  }
  if (!image.hasDebugInfo) return image;
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
