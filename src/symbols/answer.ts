import { toBigAddress } from '../elf/address.ts';
import type { Frame, SourceLocation } from '../model/report.ts';
import { KtriageError } from '../util/errors.ts';
import type { Image } from './image.ts';
import { parseQuery, type Query } from './query.ts';
import { describeFrame, type PlacedFrame, placeFrame, resolveAll } from './resolve.ts';
import { type FileOptions, SymbolFiles } from './symbol-files.ts';

/** A function at an address, innermost first. */
export interface AnswerFrame extends Partial<SourceLocation> {
  readonly function: string;
  readonly inlined: boolean;
}

/** What one input was found to be. */
export interface Answer {
  readonly input: string;
  /** In the vmlinux: without what KASLR added. */
  readonly address?: bigint;
  readonly symbol?: string;
  readonly offset?: number;
  readonly size?: number;
  readonly module?: string;
  readonly frames: readonly AnswerFrame[];
  /** Where it may be, if several functions fit. */
  readonly candidates: readonly SourceLocation[];
  /** Why there is no answer, or not all of it. */
  readonly problem?: string;
}

export interface AnswerOptions extends FileOptions {
  readonly kaslrOffset?: bigint;
  /** The kernel whose files are sought at the usual places, where no vmlinux is named. */
  readonly release?: string;
  /** Addresses are behind calls: they are looked up less one. */
  readonly returnAddresses?: boolean;
}

/** Looks up symbols and addresses, in batches of any number. `close` it. */
export class Answerer {
  readonly #options: AnswerOptions;
  readonly #files: SymbolFiles;
  readonly #modules = new Map<string, Image | string>();
  #vmlinux: Image | undefined;

  constructor(options: AnswerOptions) {
    this.#options = options;
    this.#files = new SymbolFiles(options);
  }

  /** @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-NO-VMLINUX if there is no vmlinux and one is needed. */
  async answer(inputs: readonly string[]): Promise<Answer[]> {
    const questions: { input: string; query: Query | undefined; image: Image | string }[] = [];
    for (const input of inputs) {
      const query = parseQuery(input);
      questions.push({ input, query, image: query === undefined ? 'not understood' : await this.#imageOf(query) });
    }
    const placed = questions.map(({ query, image }) =>
      query === undefined || typeof image === 'string' ? undefined : placeFrame(image, frameOf(query), this.#how()),
    );
    await resolveAll(placed.filter((place) => place !== undefined));
    const answers: Answer[] = [];
    for (const [nth, { input, query, image }] of questions.entries())
      answers.push(await this.#tell(input, query, image, placed[nth]));
    return answers;
  }

  close(): void {
    this.#files.close();
  }

  #how(): { isReturn: boolean; kaslrOffset: bigint; force: boolean } {
    const { returnAddresses = false, kaslrOffset = 0n, force = false } = this.#options;
    return { isReturn: returnAddresses, kaslrOffset, force };
  }

  async #tell(
    input: string,
    query: Query | undefined,
    image: Image | string,
    placed: PlacedFrame | undefined,
  ): Promise<Answer> {
    const asked = {
      input,
      ...(query?.symbol !== undefined && { symbol: query.symbol, offset: query.offset ?? 0 }),
      ...(query?.module !== undefined && { module: query.module }),
    };
    if (typeof image === 'string' || query === undefined)
      return { ...asked, frames: [], candidates: [], problem: typeof image === 'string' ? image : 'not understood' };
    if (placed === undefined) return { ...asked, frames: [], candidates: [], problem: whyNot(image, query) };
    const { symbol, offset } = placed;
    const frame = await describeFrame({ ...frameOf(query), function: symbol.name }, placed);
    const { source, inlined = [], candidates = [] } = frame;
    return {
      ...asked,
      // Several functions have no one address, and modules none before they are loaded.
      ...(candidates.length === 0 && !image.isModule && { address: toBigAddress(symbol.address + offset) }),
      symbol: symbol.name,
      offset,
      size: symbol.size,
      frames:
        candidates.length > 0
          ? []
          : [
              ...inlined.map((inner) => ({ function: inner.function, ...inner.source, inlined: true })),
              { function: symbol.name, ...source, inlined: false },
            ],
      candidates,
      ...(candidates.length > 0 && { problem: `${placed.lookups.length} functions of this name fit` }),
      ...(candidates.length === 0 && !source && { problem: 'the debug information has no line for it' }),
    };
  }

  async #imageOf(query: Query): Promise<Image | string> {
    if (query.module === undefined) {
      this.#vmlinux ??= await this.#openVmlinux();
      return this.#vmlinux;
    }
    const name = query.module.replaceAll('-', '_');
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const image = await this.#openModule(name, frameOf(query));
    this.#modules.set(name, image);
    return image;
  }

  async #openVmlinux(): Promise<Image> {
    const { release } = this.#options;
    const found = await this.#files.anyVmlinux(this.#wanted());
    if ('path' in found) return found;
    const places = this.#files.vmlinuxPlaces(this.#wanted()).length;
    throw new KtriageError(
      'KT-SYMBOLS-NO-VMLINUX',
      'there is no vmlinux to look symbols up in',
      found.length > 0 ? found.join('; ') : `none of ${release ?? 'this kernel'} is at any of ${places} places`,
      'name one with --vmlinux FILE, or install the package with debug symbols',
    );
  }

  async #openModule(module: string, frame: Frame): Promise<Image | string> {
    const { modules = [], vmlinux } = this.#options;
    if (vmlinux !== undefined) this.#vmlinux ??= await this.#openVmlinux();
    const release = this.#vmlinux?.release ?? this.#options.release;
    const log = release === undefined || (vmlinux === undefined && modules.length > 0) ? {} : { release };
    const found = await this.#files.module(module, log, [frame]);
    if (found === undefined) return `no file of module ${module} was found; --modules FOLDER says where they are`;
    const { image, file } = found;
    // Without a size nothing but the release can be compared.
    if (file.match !== 'refused' || (frame.size === undefined && log.release === undefined)) return image;
    return `${file.path} is of another build: ${file.reasons.join('; ')}`;
  }

  #wanted(): { release?: string } {
    const { release } = this.#options;
    return release === undefined ? {} : { release };
  }
}

/** A question as a frame of a log. */
function frameOf({ symbol, offset, size, module, address }: Query): Frame {
  return {
    ...(symbol !== undefined && { function: symbol }),
    ...(offset !== undefined && { offset }),
    ...(size !== undefined && { size }),
    ...(module !== undefined && { module }),
    ...(address !== undefined && { address }),
    reliable: true,
    range: { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 0 },
  };
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Why a file does not have what was asked for. */
function whyNot(image: Image, { symbol, offset = 0, size }: Query): string {
  if (symbol === undefined) return 'no function of the kernel is there (is KASLR taken off? --kaslr)';
  const named = image.symbolsNamed(symbol);
  if (named.length === 0) return `${image.path} has no symbol ${symbol}`;
  const sizes = [...new Set(named.map((each) => hex(each.size)))].slice(0, 8).join(', ');
  return size === undefined
    ? `offset ${hex(offset)} is beyond its end (size ${sizes})`
    : `it has size ${sizes} there, not ${hex(size)}: the file is of another build (--force)`;
}
