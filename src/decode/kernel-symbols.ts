import type { ElfMachine } from '../elf/constants.ts';
import type { Frame } from '../model/report.ts';
import { isWhole, type Judged, judge } from '../symbols/candidates.ts';
import { howToGet } from '../symbols/how-to-get.ts';
import type { Image } from '../symbols/image.ts';
import type { MapFiles } from '../symbols/map-files.ts';
import { isMadeAtRunTime, type KernelIdentity } from '../symbols/match.ts';
import { describeFrame, type PlacedFrame, placeFrame, resolveAll } from '../symbols/resolve.ts';
import type { SymbolFiles } from '../symbols/symbol-files.ts';
import type { SystemMap } from '../symbols/system-map.ts';
import { KtriageError } from '../util/errors.ts';
import { findMap, MapCheck, symbolWords, wordsByMap } from './kernel-map.ts';
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
  /** What to take off the address to find it in the map. */
  readonly mapOffset?: bigint;
  /** Requests with the same one have the same answer. */
  readonly key: string;
}

/** Makes a request. */
export function symbolRequest(
  frame: Frame,
  isTrap: boolean,
  kaslrOffset: bigint | undefined,
  mapOffset?: bigint,
): SymbolRequest {
  const { function: name = '', offset = 0, size = 0, module = '', moduleBuildId = '', address } = frame;
  // An address only helps where it is known how far the kernel was moved.
  const where = address === undefined || kaslrOffset === undefined ? '' : address - kaslrOffset;
  const inMap = address === undefined || mapOffset === undefined ? '' : address - mapOffset;
  const key = `${name}+${offset}/${size} ${module} ${moduleBuildId} ${isTrap ? 't' : ''} ${where} ${inMap}`;
  return {
    frame,
    isTrap,
    key,
    ...(kaslrOffset !== undefined && { kaslrOffset }),
    ...(mapOffset !== undefined && { mapOffset }),
  };
}

/** How symbols are looked up and shown. */
export interface KernelSymbolsOptions {
  /** The vmlinux to be used for whatever kernel the log does not say that it is of. */
  readonly named: Image | undefined;
  /** System.maps, for addresses that are in no vmlinux. */
  readonly maps: MapFiles;
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
  #isRefused = false;
  #vmlinux: Image | undefined;
  #map: SystemMap | undefined;
  readonly #mapCheck = new MapCheck();
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

  /** The System.map or kallsyms that is used: one that was named, or where there is no vmlinux. */
  get map(): SystemMap | undefined {
    return this.#map;
  }

  get machine(): ElfMachine {
    return this.#vmlinux?.elf.machine ?? 'unknown';
  }

  /** True once it was tried to find the vmlinux. */
  get isSought(): boolean {
    return this.#sought;
  }

  /** Finds the files when the first symbol is met. `frames` may be of other modules too. */
  async find(frames: () => readonly Frame[]): Promise<void> {
    if (this.#sought) return;
    this.#sought = true;
    const { maps } = this.#options;
    const { release } = this.identity;
    const own = frames().filter((frame) => frame.module === undefined);
    if (release === undefined) this.#takeNamed();
    else await this.#findVmlinux(release, own);
    this.#tellNoLines();
    if (maps.isNamed || this.#vmlinux === undefined) await this.#findMap(own);
    if (this.#vmlinux !== undefined || release === undefined || maps.isNamed) return;
    if (this.#isRefused) return;
    const notFetched = this.#files.whyNotFetched(this.identity);
    this.#options.onProblem({ type: 'no vmlinux', release, notFetched, how: howToGet(this.identity) });
  }

  /** No line so far says which kernel it is. */
  #takeNamed(): void {
    const { named, force, onProblem } = this.#options;
    this.#vmlinux = named;
    if (force && named !== undefined)
      onProblem({ type: 'forced', path: named.path, reasons: ['no line so far says which kernel the log is of'] });
  }

  async #findVmlinux(release: string, own: readonly Frame[]): Promise<void> {
    const { named, onProblem } = this.#options;
    const { identity } = this;
    // Few lines may be damaged ones: sizes are held against it as they come. Servers are asked for what frames want.
    const either = async (find: (frames: readonly Frame[]) => Promise<Judged | undefined>) => {
      const found = await find([]);
      return isWhole(found) ? found : ((await find(own)) ?? found);
    };
    const found = await either((frames) => this.#files.vmlinux(identity, frames));
    if (found === undefined) return;
    const { image, file } = found;
    if (file.match === 'unverified') onProblem({ type: 'forced', path: image.path, reasons: file.reasons });
    // Files that do not say what they are of can only be judged by what is looked up.
    const saysNothing = image.release === undefined && (identity.buildId === undefined || image.buildId === undefined);
    if (file.match !== 'refused' || saysNothing) {
      this.#vmlinux = image;
      return;
    }
    // What was named is of another kernel of the log.
    const other = named && (await either((frames) => this.#files.unnamedVmlinux(identity, frames)));
    if (other === undefined || other.file.match === 'refused') {
      this.#refuse(image.path, file.reasons);
      return;
    }
    this.#vmlinux = other.image;
    const { path, reasons } = file;
    onProblem({ type: 'other used', path, release, reasons, used: other.file.path });
  }

  #tellNoLines(): void {
    const image = this.#vmlinux;
    if (image === undefined || image.hasDebugInfo) return;
    const { release = image.release, banner = image.banner, version } = this.identity;
    const how = howToGet({
      ...(release !== undefined && { release }),
      ...(banner !== undefined && { banner }),
      ...(version !== undefined && { version }),
    });
    const notFetched = this.#files.whyNotFetched(this.identity);
    this.#options.onProblem({ type: 'no lines', path: image.path, notFetched, how });
  }

  async #findMap(own: readonly Frame[]): Promise<void> {
    const { maps, onProblem } = this.#options;
    const found = await findMap(maps, this.identity, own);
    if (found === undefined) return;
    if (found.file.match !== 'refused') {
      this.#map = found.map;
      if (maps.isNamed && this.#vmlinux === undefined) onProblem({ type: 'map only', path: found.file.path });
    } else if (maps.isNamed) this.#refuse(found.file.path, found.file.reasons);
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
    this.#compareMap(fresh.values());
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
      this.#texts.set(key, place === undefined ? this.#byMap(request) : await this.#describe(request, place));
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

  /** Gives up the map when by now it cannot be the log's. */
  #compareMap(requests: Iterable<SymbolRequest>): void {
    for (const { frame } of requests) {
      const map = this.#map;
      const reasons = map === undefined || this.#options.force ? undefined : this.#mapCheck.whyOther(map, frame);
      if (map === undefined || reasons === undefined) continue;
      this.#map = undefined;
      this.#isGivenUp = true;
      this.#refuse(map.path, reasons);
    }
  }

  /** The function of an address that stands alone, without a line. */
  #byMap({ frame, mapOffset }: SymbolRequest): string | undefined {
    return this.#map === undefined || mapOffset === undefined ? undefined : wordsByMap(this.#map, frame, mapOffset);
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
    this.#refuse(image.path, file.reasons);
    return false;
  }

  #refuse(path: string, reasons: readonly string[]): void {
    this.#isRefused = true;
    this.#options.onProblem({ type: 'other build', path, release: this.identity.release, reasons });
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
      const described = await describeFrame(frame, place);
      const words = frameWords(described, this.#options.basePath);
      if (words === undefined) return frame.function === undefined ? symbolWords(described) : undefined;
      return frame.module === undefined ? words : `${words} ${frame.module}`;
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
