import type { ElfMachine } from '../elf/constants.ts';
import type { Frame } from '../model/report.ts';
import { judge } from '../symbols/candidates.ts';
import { howToGet } from '../symbols/how-to-get.ts';
import type { Image } from '../symbols/image.ts';
import { isMadeAtRunTime, type KernelIdentity } from '../symbols/match.ts';
import { describeFrame, type PlacedFrame, placeFrame, resolveAll } from '../symbols/resolve.ts';
import type { SymbolFiles } from '../symbols/symbol-files.ts';
import { KtriageError } from '../util/errors.ts';
import { ModuleImages } from './module-images.ts';
import type { OnProblem } from './problem.ts';
import { frameWords } from './words.ts';

/** One thing to look up. */
export interface SymbolRequest {
  readonly frame: Frame;
  /** The address of an instruction, and not behind a call. */
  readonly isTrap: boolean;
  /** How far the kernel was moved, where that is known. */
  readonly kaslrOffset?: bigint;
  /** Requests with the same one have the same answer. */
  readonly key: string;
}

/** Makes a request. */
export function symbolRequest(frame: Frame, isTrap: boolean, kaslrOffset: bigint | undefined): SymbolRequest {
  const { function: name = '', offset = 0, size = 0, module = '', moduleBuildId = '', address } = frame;
  // An address only helps where it is known how far the kernel was moved.
  const where = address === undefined || kaslrOffset === undefined ? '' : address - kaslrOffset;
  const key = `${name}+${offset}/${size} ${module} ${moduleBuildId} ${isTrap ? 't' : ''} ${where}`;
  return { frame, isTrap, key, ...(kaslrOffset !== undefined && { kaslrOffset }) };
}

/** How symbols are looked up and shown. */
export interface KernelSymbolsOptions {
  /** The vmlinux to be used for whatever kernel the log does not say that it is of. */
  readonly named: Image | undefined;
  readonly force: boolean;
  /** Look up return addresses as they are. */
  readonly asPrinted: boolean;
  /** Left off the beginning of files' names. */
  readonly basePath: string;
  readonly onProblem: OnProblem;
}

/** Texts that are kept of one kernel: a log has some thousand different ones. */
const maxTexts = 65_536;
/** So many functions whose sizes differ before a file is given up: one or two may be damaged lines. */
const fewDiffering = 3;
/** So many functions are held against a file. */
const maxCompared = 256;

/** The symbols of one kernel: the one that printed the lines that come now. */
export class KernelSymbols {
  readonly identity: KernelIdentity;
  readonly #files: SymbolFiles;
  readonly #options: KernelSymbolsOptions;
  readonly #modules: ModuleImages;
  readonly #texts = new Map<string, string | undefined>();
  readonly #compared = new Map<string, Frame>();
  #differing = 0;
  #isGivenUp = false;
  #vmlinux: Image | undefined;
  #sought = false;

  constructor(identity: KernelIdentity, files: SymbolFiles, options: KernelSymbolsOptions) {
    this.identity = identity;
    this.#files = files;
    this.#options = options;
    this.#modules = new ModuleImages(files, options.onProblem);
  }

  /** The vmlinux that is used; undefined if there is none that fits. */
  get vmlinux(): Image | undefined {
    return this.#vmlinux;
  }

  get machine(): ElfMachine {
    return this.#vmlinux?.elf.machine ?? 'unknown';
  }

  /** True once it was tried to find the vmlinux. */
  get isSought(): boolean {
    return this.#sought;
  }

  /** Finds the vmlinux when the first symbol is met. `frames` may be of other modules too. */
  async find(frames: () => readonly Frame[]): Promise<void> {
    if (this.#sought) return;
    this.#sought = true;
    const { named, force, onProblem } = this.#options;
    const { identity } = this;
    if (identity.release === undefined) {
      this.#vmlinux = named;
      if (force && named !== undefined)
        onProblem({ type: 'forced', path: named.path, reasons: ['no line so far says which kernel the log is of'] });
      return;
    }
    // Few lines may be damaged ones: sizes are held against it as they come. Servers are asked for what frames want.
    let found = await this.#files.vmlinux(identity, []);
    if (found === undefined || found.file.match === 'refused') {
      const own = frames().filter((frame) => frame.module === undefined);
      found = (await this.#files.vmlinux(identity, own)) ?? found;
    }
    if (found === undefined) {
      const notFetched = this.#files.whyNotFetched(identity);
      onProblem({ type: 'no vmlinux', release: identity.release, notFetched, how: howToGet(identity) });
      return;
    }
    const { image, file } = found;
    if (file.match === 'unverified') onProblem({ type: 'forced', path: image.path, reasons: file.reasons });
    // Files that do not say what they are of can only be judged by what is looked up.
    const saysNothing = image.release === undefined && (identity.buildId === undefined || image.buildId === undefined);
    if (file.match !== 'refused' || saysNothing) this.#vmlinux = image;
    else this.#refuse(image, file.reasons);
  }

  /** What has been said of a request before: a text, or null if it has none; undefined if it was not asked. */
  known({ key }: SymbolRequest): string | null | undefined {
    const text = this.#texts.get(key);
    return text === undefined && this.#texts.has(key) ? null : text;
  }

  /** Looks all of them up together; `known` has the answers then. */
  async lookUp(requests: readonly SymbolRequest[]): Promise<void> {
    if (this.#texts.size > maxTexts) this.#texts.clear();
    const fresh = new Map<string, SymbolRequest>();
    for (const request of requests) {
      const { key } = request;
      if (!this.#texts.has(key)) fresh.set(key, { ...request, frame: detached(request.frame) });
    }
    if (fresh.size === 0) return;
    const images = await this.#imagesOf([...fresh.values()]);
    const placed = new Map<string, PlacedFrame>();
    for (const [key, request] of fresh) {
      const image = this.#stillUsed(images.get(request));
      const place = image && this.#guard(image, () => this.#place(image, request));
      if (place !== undefined) placed.set(key, place);
    }
    await this.#guardAll(placed);
    for (const [key, request] of fresh) {
      const place = placed.get(key);
      this.#texts.set(key, place && (await this.#describe(request, place)));
    }
  }

  /** Lines so far are written: what was decoded before the vmlinux was given up is not decoded again. */
  settle(): void {
    if (this.#isGivenUp) this.#texts.clear();
    this.#isGivenUp = false;
  }

  /** The files that requests are to be looked up in, which know the names by then. */
  async #imagesOf(requests: readonly SymbolRequest[]): Promise<Map<SymbolRequest, Image>> {
    const images = new Map<SymbolRequest, Image>();
    const names = new Map<Image, string[]>();
    for (const request of requests) {
      const { frame } = request;
      const image = frame.module === undefined ? this.#vmlinux : await this.#modules.find(frame, this.#release());
      if (image === undefined) continue;
      images.set(request, image);
      const known = names.get(image);
      if (known === undefined) names.set(image, [frame.function ?? '']);
      else known.push(frame.function ?? '');
    }
    for (const [image, wanted] of names)
      await this.#guard(image, () => image.prepare(wanted))?.catch((error: unknown) => this.#damaged(image, error));
    return images;
  }

  #release(): string | undefined {
    return this.identity.release ?? this.#vmlinux?.release;
  }

  /** The vmlinux may be given up while symbols are looked up in it. */
  #stillUsed(image: Image | undefined): Image | undefined {
    return image === undefined || image.isModule || image === this.#vmlinux ? image : undefined;
  }

  #place(image: Image, { frame, isTrap, kaslrOffset }: SymbolRequest): PlacedFrame | undefined {
    const { force, asPrinted } = this.#options;
    const placed = placeFrame(image, frame, {
      isReturn: !asPrinted && !isTrap,
      force,
      ...(kaslrOffset !== undefined && { kaslrOffset }),
    });
    if (frame.module === undefined && frame.function !== undefined && !force && !this.#compare(image, frame, placed))
      return undefined;
    return placed;
  }

  /** Counts what fits and what does not; false if by now the vmlinux cannot be the log's. */
  #compare(image: Image, frame: Frame, placed: PlacedFrame | undefined): boolean {
    const key = `${frame.function}/${frame.size}`;
    if (isMadeAtRunTime(frame) || this.#compared.has(key) || this.#compared.size >= maxCompared) return true;
    this.#compared.set(key, frame);
    if (placed !== undefined) return true;
    this.#differing += 1;
    if (this.#differing < fewDiffering) return true;
    const { identity } = this;
    const file = judge(image, { log: identity, frames: [...this.#compared.values()], force: false });
    if (file.match !== 'refused') return true;
    this.#vmlinux = undefined;
    this.#isGivenUp = true;
    this.#refuse(image, file.reasons);
    return false;
  }

  #refuse(image: Image, reasons: readonly string[]): void {
    this.#options.onProblem({ type: 'other build', path: image.path, release: this.identity.release, reasons });
  }

  async #guardAll(placed: Map<string, PlacedFrame>): Promise<void> {
    try {
      await resolveAll(placed.values());
    } catch (error) {
      for (const { image } of [...placed.values()].slice(0, 1)) this.#damaged(image, error);
      placed.clear();
    }
  }

  async #describe({ frame }: SymbolRequest, place: PlacedFrame): Promise<string | undefined> {
    try {
      const words = frameWords(await describeFrame(frame, place), this.#options.basePath);
      return words === undefined || frame.module === undefined ? words : `${words} ${frame.module}`;
    } catch (error) {
      return this.#damaged(place.image, error);
    }
  }

  #guard<Result>(image: Image, call: () => Result): Result | undefined {
    try {
      return call();
    } catch (error) {
      return this.#damaged(image, error);
    }
  }

  /** A file that is damaged has no answer; other errors are ours. */
  #damaged(image: Image, error: unknown): undefined {
    if (!(error instanceof KtriageError)) throw error;
    this.#options.onProblem({ type: 'damaged', path: image.path, why: `${error.message}: ${error.why}` });
    return undefined;
  }
}

/** Parts of a text hold all of it in memory; names are kept for long. */
function detached(frame: Frame): Frame {
  const { function: name, module, moduleBuildId } = frame;
  const own = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
  return {
    ...frame,
    ...(name !== undefined && { function: own(name) }),
    ...(module !== undefined && { module: own(module) }),
    ...(moduleBuildId !== undefined && { moduleBuildId: own(moduleBuildId) }),
  };
}
