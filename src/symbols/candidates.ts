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

  /**
   * `root`: what stands in place of `/` where debug information is that was split off. `cache`: a folder for indexes of
   * what was looked up.
   */
  constructor(signal?: AbortSignal, root?: string, symbolizer?: SymbolizerChoice, cache?: string) {
    this.#cache = cache;
    this.#signal = signal;
    this.#root = root;
    this.#symbolizer = symbolizer;
  }

  /** The image, or why it cannot be used. @throws KtriageError KT-SYMBOLIZER-* for the tool that was chosen. */
  async open(path: string): Promise<Image | string> {
    const known = this.#images.get(path);
    if (known !== undefined) return known;
    let result: Image | string;
    try {
      const image = await Image.open(path, this.#signal, this.#root);
      // Stripped files whose debug information is nowhere have the same names, sizes and build ID, and say nothing of lines.
      result = image.hasDebugInfo ? image : 'it has no debug information';
      if (result !== image) image.close();
      else if (this.#cache !== undefined) await image.useCache(this.#cache);
    } catch (error) {
      if (!(error instanceof KtriageError)) throw error;
      result = error.why;
    }
    if (this.#symbolizer !== undefined && typeof result !== 'string')
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
 * first at all. Without one of these, the first that was refused, if there was any.
 */
export async function choose(
  paths: readonly string[],
  images: OpenImages,
  expected: Expected,
  tried: OnTried = () => {},
): Promise<Judged | undefined> {
  let best: Judged | undefined;
  let refused: Judged | undefined;
  for (const path of paths) {
    const image = await images.open(path);
    if (typeof image === 'string') {
      tried(path, image);
      continue;
    }
    const file = await judgeSafely(image, { ...expected, force: false });
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
  const found = best ?? refused;
  if (found === undefined) return undefined;
  if (best !== undefined) tried(best.file.path);
  if (!expected.force) return found;
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
