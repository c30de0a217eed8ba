import type { Frame } from '../model/report.ts';
import type { SymbolFile } from '../model/symbols.ts';
import { isWhole, withoutDebugInfo } from '../symbols/candidates.ts';
import type { Image } from '../symbols/image.ts';
import { isMadeAtRunTime } from '../symbols/match.ts';
import type { SymbolFiles } from '../symbols/symbol-files.ts';
import type { OnProblem } from './problem.ts';

/** More modules of one kernel are not sought. */
const maxModules = 256;
/** A file that does not have a function is held against so many others: the line may have been damaged. */
const maxTries = 8;

interface Sought {
  image: Image | undefined;
  readonly tried: Set<string>;
  why: string;
}

const whyNot = ({ path, match, reasons }: SymbolFile): string =>
  `${path}: ${match === 'refused' ? reasons.join('; ') : withoutDebugInfo}`;

/** The files of a kernel's modules, each sought when it is met first. */
export class ModuleImages {
  readonly #files: SymbolFiles;
  readonly #onProblem: OnProblem;
  readonly #modules = new Map<string, Sought>();

  constructor(files: SymbolFiles, onProblem: OnProblem) {
    this.#files = files;
    this.#onProblem = onProblem;
  }

  /** The file that has a frame of a module; undefined if there is none, which is told once. */
  async find(frame: Frame, release: string | undefined): Promise<Image | undefined> {
    const { module } = frame;
    // Programs that were made at run time are said to be of a module `bpf`.
    if (module === undefined || isMadeAtRunTime(frame)) return undefined;
    let known = this.#modules.get(module);
    if (known === undefined) {
      if (this.#modules.size >= maxModules) return undefined;
      known = { image: undefined, tried: new Set(), why: '' };
      this.#modules.set(module, known);
    }
    const key = `${frame.function}/${frame.size}`;
    if (known.image !== undefined || known.tried.size >= maxTries || known.tried.has(key)) return known.image;
    known.tried.add(key);
    const { moduleBuildId: buildId } = frame;
    const log = { ...(release !== undefined && { release }), ...(buildId !== undefined && { buildId }) };
    const found = await this.#files.module(module, log, [frame]);
    if (found !== undefined && isWhole(found)) {
      known.image = found.image;
      return known.image;
    }
    const why = found === undefined ? 'no file of it was found' : whyNot(found.file);
    if (known.why !== why) this.#onProblem({ type: 'no module', module, why });
    known.why = why;
    // What is nowhere is not sought again.
    if (found === undefined) for (let n = known.tried.size; n < maxTries; n++) known.tried.add(`${n}`);
    return undefined;
  }
}
