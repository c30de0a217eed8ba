import type { Frame } from '../model/report.ts';
import { type JudgedMap, type MapFiles, mapOffset, nameByMap } from '../symbols/map-files.ts';
import { checkSizes, isMadeAtRunTime, type KernelIdentity, matchFile } from '../symbols/match.ts';
import type { SystemMap } from '../symbols/system-map.ts';

/**
 * The System.map of a kernel, or one that was refused. One that was named is taken at its word where nothing speaks
 * against it: a map does not say what it is of, and logs with addresses only say little.
 */
export async function findMap(
  maps: MapFiles,
  identity: KernelIdentity,
  frames: readonly Frame[],
): Promise<JudgedMap | undefined> {
  if (identity.release === undefined && !maps.isNamed) return undefined;
  const found = await maps.find(identity, frames);
  if (found?.file.match !== 'refused' || !maps.isNamed) return found;
  const own = frames.filter(({ module }) => module === undefined);
  const { differ } = checkSizes(own, (name) => found.map.symbolsNamed(name));
  return differ.length > 0 ? found : { map: found.map, file: { ...found.file, match: 'likely' } };
}

/** So many functions whose sizes differ before a map is given up: one or two may be damaged lines. */
const fewDiffering = 3;
/** So many functions are held against a map. */
const maxCompared = 256;

/** Holds the functions that a log prints against a map, as they come. */
export class MapCheck {
  readonly #compared = new Map<string, Frame>();
  #differing = 0;

  /** Why the map cannot be of this kernel, once that is clear. */
  whyOther(map: SystemMap, frame: Frame): readonly string[] | undefined {
    const key = `${frame.function}/${frame.size}`;
    if (frame.function === undefined || frame.size === undefined || frame.module !== undefined) return undefined;
    if (isMadeAtRunTime(frame) || this.#compared.has(key) || this.#compared.size >= maxCompared) return undefined;
    const sizes = (frames: readonly Frame[]) => checkSizes(frames, (name) => map.symbolsNamed(name));
    this.#compared.set(key, frame);
    this.#differing += sizes([frame]).differ.length;
    if (this.#differing < fewDiffering) return undefined;
    const { match, reasons } = matchFile({}, {}, sizes([...this.#compared.values()]));
    return match === 'refused' ? reasons : undefined;
  }
}

/** What to take off addresses to find them in a map. `pairs`: addresses that the log prints with their symbols. */
export function offsetInMap(map: SystemMap, pairs: readonly Frame[], kaslr: bigint | undefined): bigint | undefined {
  if (!map.isKallsyms) return kaslr;
  return mapOffset(map, pairs, { given: undefined, printed: kaslr })?.offset;
}

/** A bare address with its function, as a kernel prints it; undefined if the map has none there. */
export function wordsByMap(map: SystemMap, frame: Frame, offset: bigint): string | undefined {
  const named = nameByMap(map, frame, offset);
  return named && symbolWords(named.frame);
}

/** `vfs_write+0xc7/0x3f0`, `ext4_sync+0x1/0x20 [ext4]`: a function of which no line is known. */
export function symbolWords({ function: name, offset = 0, size, module }: Frame): string | undefined {
  if (name === undefined) return undefined;
  const place = `${name}+0x${offset.toString(16)}${size === undefined ? '' : `/0x${size.toString(16)}`}`;
  return module === undefined ? place : `${place} [${module}]`;
}
