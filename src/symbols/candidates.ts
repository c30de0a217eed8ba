import type { Frame } from '../model/report.ts';
import type { SymbolFile } from '../model/symbols.ts';
import { KtriageError } from '../util/errors.ts';
import type { SymbolizerChoice } from './backends/choice.ts';
import { Image } from './image.ts';
import { checkSizes, type FileIdentity, type KernelIdentity, matchFile } from './match.ts';

/** Called for each path that was looked at; `refused` is absent for the one that is used. */
export type OnTried = (path: string, refused?: string) => void;

/** A file that was held against a log. */
export interface Judged {
  readonly image: Image;
  readonly file: SymbolFile;
}

/** What to hold a file against. */
export interface Expected {
  readonly log: KernelIdentity;
  readonly frames: readonly Frame[];
  /** The module's name; absent for vmlinux. */
  readonly module?: string;
  readonly force: boolean;
}

/** Files that are open; each is opened once for all logs. */
export class OpenImages {
  readonly #images = new Map<string, Image | string>();
  readonly #signal: AbortSignal | undefined;
  readonly #root: string | undefined;
  readonly #symbolizer: SymbolizerChoice | undefined;
  readonly #cache: string | undefined;
  readonly #onTried: OnTried | undefined;

  /**
   * `root`: what stands in place of `/` where debug information is that was split off. `cache`: a folder for indexes of
   * what was looked up. `onTried` hears of files that such information was not taken from.
   */
  constructor(signal?: AbortSignal, root?: string, symbolizer?: SymbolizerChoice, cache?: string, onTried?: OnTried) {
    this.#cache = cache;
    this.#signal = signal;
    this.#root = root;
    this.#symbolizer = symbolizer;
    this.#onTried = onTried;
  }

  /** The image, which may have symbols only, or why it cannot be used. @throws KtriageError KT-SYMBOLIZER-* for the tool that was chosen. */
  async open(path: string): Promise<Image | string> {
    const known = this.#images.get(path);
    if (known !== undefined) return known;
    let result: Image | string;
    try {
      const image = await Image.open(path, this.#signal, this.#root, this.#onTried);
      result = whyUseless(image) ?? image;
      if (result !== image) image.close();
      else if (this.#cache !== undefined && image.hasDebugInfo) await image.useCache(this.#cache);
    } catch (error) {
      if (!(error instanceof KtriageError)) throw error;
      result = error.why;
    }
    if (this.#symbolizer !== undefined && typeof result !== 'string' && result.hasDebugInfo)
      await result.useTool(this.#symbolizer, this.#signal);
    this.#images.set(path, result);
    return result;
  }

  /** Another file lies at the path now. */
  forget(path: string): void {
    const image = this.#images.get(path);
    if (image !== undefined && typeof image !== 'string') image.close();
    this.#images.delete(path);
  }

  close(): void {
    for (const image of this.#images.values()) if (typeof image !== 'string') image.close();
    this.#images.clear();
  }
}

/** What is said of a file that has symbols only. */
export const withoutDebugInfo = 'it has no debug information';

/** Why a file that was opened can be used for nothing at all. */
export function whyUseless(image: Image): string | undefined {
  if (image.elf.type === 'core') return 'it is a dump of memory (a core file), and not the program that it is of';
  return image.hasDebugInfo || image.hasSymbols ? undefined : `${withoutDebugInfo}, and no symbols either`;
}

/** True for a file that fits a log and has lines: none will be better. */
export const isWhole = (judged: Judged | undefined): boolean =>
  judged !== undefined && judged.file.match !== 'refused' && judged.file.symbolsOnly !== true;

/**
 * The better of two places' files: with debug information rather than with symbols only, and if neither fits, the
 * first.
 */
export function better(one: Judged | undefined, other: Judged | undefined): Judged | undefined {
  if (one === undefined || isWhole(other)) return other ?? one;
  return one.file.match === 'refused' && other !== undefined && other.file.match !== 'refused' ? other : one;
}

/** Holds one file against a log. */
export function judge(image: Image, expected: Expected): SymbolFile {
  const { module, force } = expected;
  const identity: FileIdentity = present(image.release, image.buildId, image.banner);
  const sizes = checkSizes(expected.frames, (name) => image.symbolsNamed(name));
  const { match, reasons } = matchFile(expected.log, identity, sizes);
  return {
    path: image.path,
    ...(module !== undefined && { module }),
    ...(identity.buildId !== undefined && { buildId: identity.buildId }),
    ...(!image.hasDebugInfo && { symbolsOnly: true }),
    match: force && match !== 'certain' ? 'unverified' : match,
    reasons: image.debugPath === undefined ? reasons : [...reasons, `its debug information is in ${image.debugPath}`],
  };
}

function present(release: string | undefined, buildId: string | undefined, banner: string | undefined): FileIdentity {
  return {
    ...(release !== undefined && { release }),
    ...(buildId !== undefined && { buildId }),
    ...(banner !== undefined && { banner }),
  };
}

/**
 * The best of several files: the first that is certain, else the first that is likely, else (if the user insists) the
 * first at all; of those with symbols only, the first that fits if none of the others does. Without one of these, the
 * first that was refused, if there was any.
 */
export async function choose(
  paths: readonly string[],
  images: OpenImages,
  expected: Expected,
  tried: OnTried = () => {},
): Promise<Judged | undefined> {
  let best: Judged | undefined;
  let lesser: Judged | undefined;
  let refused: Judged | undefined;
  for (const path of paths) {
    const image = await images.open(path);
    if (typeof image === 'string') {
      tried(path, image);
      continue;
    }
    const file = await judgeSafely(image, { ...expected, force: false });
    if (file.symbolsOnly === true && file.match !== 'refused') {
      tried(path, withoutDebugInfo);
      lesser ??= { image, file };
      continue;
    }
    if (file.match === 'certain') {
      tried(path);
      return { image, file };
    }
    if (file.match === 'refused') {
      tried(path, file.reasons.join('; '));
      refused ??= { image, file };
    } else if (best === undefined) best = { image, file };
    else tried(path, `it fits no better than ${best.file.path}`);
  }
  // Who insists on files that do not fit wants their lines.
  const found = best ?? (expected.force ? (refused ?? lesser) : (lesser ?? refused));
  if (found === undefined) return undefined;
  if (best !== undefined) tried(best.file.path);
  if (!expected.force || found.file.match === 'certain') return found;
  return { image: found.image, file: { ...found.file, match: 'unverified' } };
}

/** A file that is damaged where it matters is of no kernel. */
async function judgeSafely(image: Image, expected: Expected): Promise<SymbolFile> {
  try {
    await image.prepare(expected.frames.flatMap((frame) => frame.function ?? []));
    return judge(image, expected);
  } catch (error) {
    if (!(error instanceof KtriageError)) throw error;
    return {
      path: image.path,
      ...(expected.module !== undefined && { module: expected.module }),
      match: 'refused',
      reasons: [error.why],
    };
  }
}
