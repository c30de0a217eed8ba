import { existsSync } from 'node:fs';
import type { Frame } from '../model/report.ts';
import type { KaslrOffset, SymbolFile } from '../model/symbols.ts';
import { KtriageError } from '../util/errors.ts';
import type { OnTried } from './candidates.ts';
import { checkSizes, type KernelIdentity, matchFile } from './match.ts';
import { type Roots, systemMapPaths } from './places.ts';
import { kaslrFromPairs } from './resolve.ts';
import { type MapSymbol, SystemMap } from './system-map.ts';

/** Where System.maps are sought, and whether one that does not fit is used. */
export interface MapOptions {
  /** The only one to be used. */
  readonly systemMap?: string;
  readonly force?: boolean;
  readonly onTried?: OnTried;
  readonly signal?: AbortSignal;
  /** The release of the running kernel, whose symbols /proc/kallsyms has. */
  readonly runningRelease?: string;
}

/** A System.map that was held against a log. */
export interface JudgedMap {
  readonly map: SystemMap;
  readonly file: SymbolFile;
}

/** Finds the System.map of kernels; files are read once. */
export class MapFiles {
  readonly #options: MapOptions;
  readonly #roots: Roots;
  readonly #maps = new Map<string, SystemMap | string>();

  constructor(options: MapOptions, roots: Roots) {
    this.#options = options;
    this.#roots = roots;
  }

  /** True if a user named one. */
  get isNamed(): boolean {
    return this.#options.systemMap !== undefined;
  }

  /**
   * Reads the one that was named, to tell early that it cannot be used.
   * @throws KtriageError KT-FILE-*, KT-SYMBOLS-MAP.
   */
  async check(): Promise<void> {
    const { systemMap, signal } = this.#options;
    if (systemMap !== undefined) this.#maps.set(systemMap, await SystemMap.read(systemMap, signal));
  }

  /** The one that fits a log, else the first that was refused; undefined if there is none. */
  async find(log: KernelIdentity, frames: readonly Frame[]): Promise<JudgedMap | undefined> {
    const { systemMap, onTried } = this.#options;
    let refused: JudgedMap | undefined;
    for (const path of systemMap === undefined ? systemMapPaths(log, this.#roots) : [systemMap]) {
      if (systemMap === undefined && !existsSync(path)) {
        onTried?.(path, 'there is no such file');
        continue;
      }
      const map = await this.#read(path);
      if (typeof map === 'string') {
        onTried?.(path, map);
        continue;
      }
      const judged = { map, file: this.#judge(map, log, frames) };
      const fits = judged.file.match !== 'refused';
      onTried?.(path, fits ? undefined : judged.file.reasons.join('; '));
      if (fits) return judged;
      refused ??= judged;
    }
    return refused;
  }

  async #read(path: string): Promise<SystemMap | string> {
    const known = this.#maps.get(path);
    if (known !== undefined) return known;
    let result: SystemMap | string;
    try {
      result = await SystemMap.read(path, this.#options.signal);
    } catch (error) {
      if (!(error instanceof KtriageError)) throw error;
      result = error.why;
    }
    this.#maps.set(path, result);
    return result;
  }

  #judge(map: SystemMap, log: KernelIdentity, frames: readonly Frame[]): SymbolFile {
    const { force = false, runningRelease } = this.#options;
    const own = frames.filter(({ module }) => module === undefined);
    const sizes = checkSizes(own, (name) => map.symbolsNamed(name));
    // A file's name, or the running kernel's, says something only where it agrees: files get copied and renamed.
    const named = map.path === '/proc/kallsyms' ? runningRelease : releaseOfPath(map.path);
    const release = named !== undefined && named === log.release ? { release: named } : {};
    const { match, reasons } = matchFile(log, release, sizes);
    const forced = force && match !== 'certain';
    return { path: map.path, match: forced ? 'unverified' : match, reasons };
  }
}

/** `/boot/System.map-6.1.0-9-amd64`, `/lib/modules/6.1.0-9-amd64/build/System.map`. */
function releaseOfPath(path: string): string | undefined {
  const named = /(?:^|\/)(?:System\.map|kallsyms)-([^/]+?)(?:\.(?:gz|xz|zst))?$/.exec(path)?.[1];
  return named ?? /\/lib\/modules\/([^/]+)\/(?:build\/)?System\.map$/.exec(path)?.[1];
}

/** What is said of how far the kernel was moved. */
export interface MoveWords {
  /** The user's word. */
  readonly given: bigint | undefined;
  /** `Kernel Offset:` of the log. */
  readonly printed: bigint | undefined;
}

/**
 * What to take off the addresses of a log to find them in a map. A kallsyms has the addresses of one boot: what the log
 * says counts from where the kernel was linked, and has to be compared with how far the kallsyms was moved.
 */
export function mapOffset(map: SystemMap, frames: readonly Frame[], words: MoveWords): KaslrOffset | undefined {
  const { given, printed } = words;
  const pairs = kaslrFromPairs({ symbolsNamed: (name) => map.symbolsNamed(name) }, frames);
  const fromPairs = pairs === undefined ? undefined : ({ offset: pairs, from: 'pairs' } as const);
  if (!map.isKallsyms) {
    if (given !== undefined) return { offset: given, from: 'given' };
    return printed === undefined ? fromPairs : { offset: printed, from: 'log' };
  }
  if (fromPairs !== undefined) return fromPairs;
  const told = given ?? printed;
  if (told === undefined) return { offset: 0n, from: 'kallsyms' };
  return map.movedBy === undefined
    ? undefined
    : { offset: told - map.movedBy, from: given === undefined ? 'log' : 'given' };
}

/** A bare address as the frame that the kernel would have printed with symbols; undefined where the map has none. */
export function nameByMap(
  map: SystemMap,
  frame: Frame,
  offset: bigint,
): { frame: Frame; symbol: MapSymbol } | undefined {
  if (frame.function !== undefined || frame.address === undefined) return undefined;
  const found = map.at(BigInt.asUintN(64, frame.address - offset));
  if (found === undefined) return undefined;
  const { symbol } = found;
  return {
    symbol,
    frame: {
      ...frame,
      function: symbol.name,
      offset: found.offset,
      ...(symbol.sizeIsCertain && { size: symbol.size }),
      ...(symbol.module !== undefined && { module: symbol.module }),
    },
  };
}

/** What a System.map says of a boot's frames. */
export interface NamesByMap {
  readonly judged: JudgedMap;
  /** Bare frames with their functions. */
  readonly named: ReadonlyMap<Frame, Frame>;
  /** Bare frames in code that is freed after boot. */
  readonly inInit: ReadonlySet<Frame>;
  readonly kaslr?: KaslrOffset;
}

/** True for a frame of which the log has the address only, if that is none of the NULL page. */
export const isBare = ({ function: name, address }: Frame): boolean =>
  name === undefined && address !== undefined && address > 0xffffn;

/** Functions of a boot's bare frames. `modulesOnly`: the kernel's own are found elsewhere, with their lines. */
export function namesByMap(
  judged: JudgedMap,
  frames: readonly Frame[],
  words: MoveWords,
  modulesOnly: boolean,
): NamesByMap {
  const { map, file } = judged;
  const named = new Map<Frame, Frame>();
  const inInit = new Set<Frame>();
  const kaslr = file.match === 'refused' ? undefined : mapOffset(map, frames, words);
  if (kaslr === undefined) return { judged, named, inInit };
  for (const frame of frames.filter(isBare)) {
    const found = nameByMap(map, frame, kaslr.offset);
    if (found === undefined || (modulesOnly && found.frame.module === undefined)) continue;
    named.set(frame, found.frame);
    if (map.isInitText(found.symbol)) inInit.add(frame);
  }
  return { judged, named, inInit, kaslr };
}

/** How far a kernel was moved, by where kallsyms has what is in its vmlinux. */
export function kaslrFromKallsyms(
  { judged, kaslr }: NamesByMap,
  image: { symbolsNamed(name: string): readonly { readonly address: number }[] },
): KaslrOffset | undefined {
  const { map } = judged;
  const [linked] = image.symbolsNamed('_text');
  const [moved] = map.symbolsNamed('_text');
  if (!map.isKallsyms || kaslr === undefined || linked === undefined || moved === undefined) return undefined;
  return { offset: BigInt(moved.address - linked.address) + kaslr.offset, from: 'kallsyms' };
}
