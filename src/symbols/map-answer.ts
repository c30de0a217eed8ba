import { toBigAddress } from '../elf/address.ts';
import type { Answer, Candidate } from './answer.ts';
import { sizeFits } from './match.ts';
import { type AddressQuery, parseQuery, type Query, type SymbolQuery } from './query.ts';
import { type MapSymbol, SystemMap } from './system-map.ts';

/** How questions are put to a map. */
export interface MapQuestion {
  /** What was added to its addresses; a kallsyms has been moved already. */
  readonly kaslrOffset?: bigint;
  /** Addresses are behind calls: they are looked up less one. */
  readonly returnAddresses?: boolean;
  /** Take functions of other sizes too. */
  readonly force?: boolean;
}

export interface MapAnswerOptions extends MapQuestion {
  /** The System.map or kallsyms. */
  readonly systemMap: string;
  readonly signal?: AbortSignal;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const nothing = { frames: [], candidates: [] } as const;

/** Answers as `Answerer` does, from a System.map or kallsyms: with functions and without lines. */
export class MapAnswerer {
  readonly #options: MapAnswerOptions;
  #map: SystemMap | undefined;

  constructor(options: MapAnswerOptions) {
    this.#options = options;
  }

  /** @throws KtriageError KT-FILE-*, KT-SYMBOLS-MAP. */
  async answer(inputs: readonly string[]): Promise<Answer[]> {
    const { systemMap, signal } = this.#options;
    this.#map ??= await SystemMap.read(systemMap, signal);
    const map = this.#map;
    return inputs.map((input) => answerByMap(map, input, parseQuery(input), this.#options));
  }

  get problems(): readonly string[] {
    return [`${this.#options.systemMap} has functions only: source lines need a vmlinux`];
  }

  close(): void {
    this.#map = undefined;
  }
}

/** What a map says of a question; one that is undefined was not understood. */
export function answerByMap(map: SystemMap, input: string, query: Query | undefined, options: MapQuestion): Answer {
  if (query?.kind === 'symbol') return symbolAnswer(map, query, options);
  if (query?.kind === 'address') return addressAnswer(map, query, options);
  return { input, ...nothing, problem: query === undefined ? 'not understood' : 'a System.map knows no sections' };
}

function addressAnswer(map: SystemMap, { input, address }: AddressQuery, options: MapQuestion): Answer {
  const { kaslrOffset = 0n, returnAddresses = false } = options;
  const linked = BigInt.asUintN(map.is64 ? 64 : 32, address - kaslrOffset);
  const back = returnAddresses ? 1n : 0n;
  const found = map.at(linked - back);
  if (found === undefined)
    return { input, address: linked, ...nothing, problem: 'no function is there (is KASLR taken off? --kaslr)' };
  return { input, ...told(map, found.symbol, found.offset + Number(back)) };
}

function symbolAnswer(map: SystemMap, query: SymbolQuery, options: MapQuestion): Answer {
  const { input, symbol: name, offset, size, module } = query;
  const asked = { input, symbol: name, offset, ...(module !== undefined && { module }) };
  const refuse = (problem: string): Answer => ({ ...asked, ...nothing, problem });
  const named = map.symbolsNamed(name, module);
  if (named.length === 0)
    return refuse(
      module === undefined || map.hasModule(module)
        ? `${map.path} has no symbol ${name}`
        : `${map.path} has nothing of module ${module}`,
    );
  const fitting = size === undefined ? named : named.filter((symbol) => sizeFits(symbol, size));
  const found = fitting.length === 0 && options.force === true ? named : fitting;
  const [first] = found;
  const sizes = [...new Set(named.map((symbol) => hex(symbol.size)))].slice(0, 8).join(', ');
  if (first === undefined)
    return refuse(`it has size ${sizes} there, not ${hex(size ?? 0)}: the file is of another build (--force)`);
  if (found.every((symbol) => symbol.sizeIsCertain && offset > symbol.size))
    return refuse(`offset ${hex(offset)} is beyond its end (size ${sizes})`);
  if (found.length === 1) return { input, ...told(map, first, offset) };
  const candidates = found.map((symbol): Candidate => {
    const { address, frames } = told(map, symbol, offset);
    return { symbol: symbol.name, ...(address !== undefined && { address }), size: symbol.size, frames };
  });
  return { ...asked, frames: [], candidates, problem: `${found.length} functions of this name fit` };
}

/** All that a map knows of a place in a function. */
function told(map: SystemMap, symbol: MapSymbol, offset: number): Omit<Answer, 'input'> {
  const isCode = /[tw]/i.test(symbol.type);
  return {
    address: BigInt.asUintN(map.is64 ? 64 : 32, toBigAddress(symbol.address + offset)),
    symbol: symbol.name,
    offset,
    ...(symbol.sizeIsCertain && { size: symbol.size }),
    ...(symbol.module !== undefined && { module: symbol.module }),
    frames: isCode ? [{ function: symbol.name, inlined: false }] : [],
    candidates: [],
    ...(isCode && map.isInitText(symbol) && { notes: ['in __init text, which is freed after boot'] }),
  };
}
