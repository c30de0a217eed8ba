import { toBigAddress } from '../elf/address.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import { AnswerImages, type AskedFile, type ImageOptions } from './answer-images.ts';
import { Image } from './image.ts';
import { parseQuery, type Query } from './query.ts';
import { type Chain, type ChainSource, chainKey, chainsOf, type PlacedFrame, resolveAll } from './resolve.ts';
import { linkedAddress, type Target, type TargetOptions, targetOf } from './target.ts';

/** A function at an address, innermost first. */
export interface AnswerFrame {
  readonly function: string;
  /** As the kernel's tree has it: `kernel/fork.c`. */
  readonly file?: string;
  /** As the compiler recorded it, which is what addr2line prints. */
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
  readonly inlined: boolean;
}

type Position = Pick<AnswerFrame, 'file' | 'path' | 'line' | 'column'>;

/** One of several functions that an input may mean. `file` and `line` are those of the innermost function. */
export interface Candidate extends Position {
  readonly symbol: string;
  /** In a vmlinux; asked for it leaves no doubt. */
  readonly address?: bigint;
  /** In a module: `.text+0x12`, which leaves none either. */
  readonly place?: string;
  readonly size: number;
  readonly frames: readonly AnswerFrame[];
}

/** What one input was found to be. */
export interface Answer {
  readonly input: string;
  /** In the vmlinux: without what KASLR added. Modules have no address before they are loaded. */
  readonly address?: bigint;
  readonly symbol?: string;
  readonly offset?: number;
  readonly size?: number;
  readonly module?: string;
  /** Innermost first; none of data, nor where several functions with other positions fit. */
  readonly frames: readonly AnswerFrame[];
  /** All that fit, if several do. */
  readonly candidates: readonly Candidate[];
  /** What else is to be known of it. */
  readonly notes?: readonly string[];
  /** Why there is no answer, or not all of it. */
  readonly problem?: string;
}

export interface AnswerOptions extends ImageOptions {
  /** What was added to the addresses of the vmlinux. */
  readonly kaslrOffset?: bigint;
  /** Where the module was loaded that addresses are in. */
  readonly moduleBase?: bigint;
  /** A section that bare addresses are offsets in. */
  readonly section?: string;
  /** Addresses are behind calls: they are looked up less one. */
  readonly returnAddresses?: boolean;
}

/** Answers that are made at a time. */
const atOnce = 256;

/** A question with where it leads. */
interface Question {
  readonly input: string;
  readonly query: Query | undefined;
  readonly image: AskedFile;
  readonly target: Target;
}

/** Looks up symbols and addresses, in batches of any number. `close` it. */
export class Answerer {
  readonly #options: AnswerOptions;
  readonly #images: AnswerImages;

  constructor(options: AnswerOptions) {
    this.#options = options;
    this.#images = new AnswerImages(options);
  }

  /**
   * Answers each input, in their order.
   * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLIZER-*, KT-SYMBOLS-NO-DEBUG-INFO for files that were named,
   * KT-SYMBOLS-NO-VMLINUX if there is no vmlinux and one is needed.
   */
  async answer(inputs: readonly string[]): Promise<Answer[]> {
    const all: Answer[] = [];
    for await (const some of this.answers(inputs)) for (const answer of some) all.push(answer);
    return all;
  }

  /** The same, some answers at a time: all inputs are looked up together, but what is said of them need not be kept. */
  async *answers(inputs: readonly string[]): AsyncGenerator<readonly Answer[]> {
    const queries = inputs.map((input) => ({ input, query: this.#parse(input) }));
    const asked: { input: string; query: Query | undefined; image: AskedFile }[] = [];
    for (const { input, query } of queries)
      asked.push({ input, query, image: query === undefined ? 'not understood' : await this.#images.of(query) });
    for (const [image, names] of namesByImage(asked)) await image.prepare(names);
    const how = this.#how();
    for (const [image, addresses] of addressesByImage(asked, how.kaslrOffset)) image.expect(addresses);
    const questions = asked.map((each): Question => {
      const { query, image } = each;
      if (!(image instanceof Image) || query === undefined)
        return { ...each, target: { kind: 'nowhere', why: typeof image === 'string' ? image : 'not understood' } };
      return { ...each, target: targetOf(image, query, how) };
    });
    await resolveAll(questions.flatMap(({ target }) => (target.kind === 'code' ? [target.placed] : [])));
    for (let at = 0; at < questions.length; at += atOnce) {
      const answers: Answer[] = [];
      for (const question of questions.slice(at, at + atOnce)) answers.push(await this.#tell(question));
      yield answers;
    }
  }

  /** What was not as it should be with the files that were used. */
  get problems(): readonly string[] {
    return this.#images.problems;
  }

  close(): void {
    this.#images.close();
  }

  #how(): TargetOptions {
    const { returnAddresses = false, kaslrOffset = 0n, moduleBase = 0n, force = false } = this.#options;
    return { isReturn: returnAddresses, kaslrOffset, moduleBase, force, asLineProgram: true };
  }

  #parse(input: string): Query | undefined {
    const { section } = this.#options;
    const query = parseQuery(input);
    if (section === undefined || query?.kind === 'section' || query?.address === undefined) return query;
    return { ...query, kind: 'section', section, offset: Number(query.address) };
  }

  async #tell({ input, query, image, target }: Question): Promise<Answer> {
    if (typeof image !== 'string' && 'byMap' in image && query !== undefined) return image.byMap(input, query);
    const module = (image instanceof Image ? image.module?.name : undefined) ?? query?.module;
    const asked = { input, ...(module !== undefined && { module }) };
    if (target.kind === 'nowhere' || !(image instanceof Image))
      return {
        ...asked,
        ...(query?.kind === 'symbol' && { symbol: query.symbol, offset: query.offset }),
        ...(query?.kind === 'address' &&
          !isModule(image) && { address: query.address - (this.#options.kaslrOffset ?? 0n) }),
        frames: [],
        candidates: [],
        problem: target.kind === 'nowhere' ? target.why : 'not understood',
      };
    if (target.kind === 'data') {
      const { symbol, offset } = target;
      return {
        ...asked,
        ...addressOf(image, symbol, offset),
        ...named(symbol, offset),
        ...noFrames,
        ...noted(symbol, 'data, which has no source line'),
      };
    }
    const { placed, note } = target;
    const chains = await chainsOf(placed);
    const several = placed.candidates.length > 1;
    const [chain] = chains;
    const differ = several && new Set(chains.map(chainKey)).size > 1;
    const { symbol, offset } = placed;
    const other = query?.kind === 'symbol' ? undefined : functionBehind(placed, chain);
    return {
      ...asked,
      ...(several ? {} : addressOf(image, symbol, offset)),
      ...named(symbol, offset),
      frames: differ ? [] : framesOf(other ?? symbol.name, chain),
      candidates: several ? candidatesOf(placed, chains) : [],
      ...noted(symbol, other === undefined ? note : `kernels print ${symbol.name} of it: they leave ${other} out`),
      ...(differ && { problem: `${placed.candidates.length} functions of this name fit` }),
      ...(!differ &&
        chain?.source === undefined &&
        image.hasDebugInfo && { problem: 'the debug information has no line for it' }),
    };
  }
}

const noFrames = { frames: [], candidates: [] } as const;

const isModule = (image: AskedFile): boolean => image instanceof Image && image.isModule;

/** Suffixes of what the compiler made of a function. */
const plainName = (name: string): string => name.replace(/\..*$/s, '');

/**
 * The function that an address is in, where that is not the one of its symbol: behind the end of what the symbol is of
 * lies code whose own symbols the kernel's table leaves out (`__efistub_*` of arm64, see `kallsyms-rules.ts`).
 */
function functionBehind({ symbol, lookups }: PlacedFrame, chain: Chain | undefined): string | undefined {
  const [lookup = symbol.address] = lookups;
  const { function: name } = chain ?? {};
  if (name === undefined || symbol.symbolSize === 0 || lookup - symbol.address < symbol.symbolSize) return undefined;
  return [symbol.name, ...symbol.aliases].map(plainName).includes(plainName(name)) ? undefined : name;
}

function named({ name, size }: KernelSymbol, offset: number): Pick<Answer, 'symbol' | 'offset' | 'size'> {
  return { symbol: name, offset, size };
}

function addressOf(image: Image, symbol: KernelSymbol, offset: number): Pick<Answer, 'address'> {
  return image.isModule ? {} : { address: toBigAddress(symbol.address + offset) };
}

/** A frame with its position, without what is said of that elsewhere. */
function frameOf(name: string, source: ChainSource | undefined, inlined: boolean): AnswerFrame {
  if (source === undefined) return { function: name, inlined };
  const { file, path, line, column } = source;
  // Nearly all have both; to spread conditions takes several times as long, and there are tens of thousands.
  if (path !== undefined && column !== undefined) return { function: name, file, path, line, column, inlined };
  const position = { file, ...(path !== undefined && { path }), line, ...(column !== undefined && { column }) };
  return { function: name, ...position, inlined };
}

function framesOf(name: string, chain: Chain | undefined): AnswerFrame[] {
  const frames: AnswerFrame[] = [];
  for (const inner of chain?.inlined ?? []) frames.push(frameOf(inner.function, inner.source, true));
  frames.push(frameOf(name, chain?.source, false));
  return frames;
}

function candidatesOf(
  { image, candidates, offset }: PlacedFrame,
  chains: readonly (Chain | undefined)[],
): readonly Candidate[] {
  return candidates.map((symbol, nth) => {
    const { name, section, address, size } = symbol;
    const inSection = address + offset - section.address;
    const frames = framesOf(name, chains[nth]);
    const { function: _function, inlined: _inlined, ...position } = frames[0] ?? {};
    return {
      symbol: name,
      ...(image.isModule ? { place: `${section.name}+0x${inSection.toString(16)}` } : addressOf(image, symbol, offset)),
      size,
      ...position,
      frames,
    };
  });
}

/** What the kernel's own sections mean (include/asm-generic/vmlinux.lds.h). */
const sectionNotes: readonly { readonly section: RegExp; readonly note: string }[] = [
  { section: /^\.init\.text/, note: 'in __init text, which is freed once the kernel or module has started' },
  { section: /^\.exit\.text/, note: 'in __exit text, which is freed at boot where the code is built in' },
  { section: /^\.data\.\.percpu/, note: 'a per-CPU variable: each CPU has its own' },
  { section: /^\.init\./, note: 'in __init data, which is freed once the kernel or module has started' },
];

const notesOfSections = new Map<string, string | undefined>();

function noteOfSection(name: string): string | undefined {
  if (!notesOfSections.has(name)) notesOfSections.set(name, sectionNotes.find((each) => each.section.test(name))?.note);
  return notesOfSections.get(name);
}

function noted({ section }: KernelSymbol, note?: string): Pick<Answer, 'notes'> {
  const ofSection = noteOfSection(section.name);
  if (note === undefined && ofSection === undefined) return {};
  return { notes: [note, ofSection].filter((each) => each !== undefined) };
}

/** The addresses that are to be looked up in each vmlinux. */
function addressesByImage(
  questions: readonly { readonly query: Query | undefined; readonly image: AskedFile }[],
  kaslrOffset: bigint | undefined,
): Map<Image, number[]> {
  const addresses = new Map<Image, number[]>();
  for (const { query, image } of questions) {
    if (!(image instanceof Image) || image.isModule || query?.kind !== 'address') continue;
    const linked = linkedAddress(image, query.address, kaslrOffset);
    const known = addresses.get(image);
    if (known === undefined) addresses.set(image, [linked]);
    else known.push(linked);
  }
  return addresses;
}

/** The names that are to be looked up in each file. */
function namesByImage(
  questions: readonly { readonly query: Query | undefined; readonly image: AskedFile }[],
): Map<Image, string[]> {
  const names = new Map<Image, string[]>();
  for (const { query, image } of questions) {
    if (!(image instanceof Image) || query?.kind !== 'symbol') continue;
    const known = names.get(image);
    if (known === undefined) names.set(image, [query.symbol]);
    else known.push(query.symbol);
  }
  return names;
}
