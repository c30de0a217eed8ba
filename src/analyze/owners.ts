import { realpathSync } from 'node:fs';
import { blamedFrame } from '../model/blame.ts';
import type { Owners } from '../model/owners.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import type { Maintainers } from '../ownership/maintainers.ts';
import { SourceFolder } from '../source/folder.ts';
import { treeOf } from '../source/tree.ts';
import type { Sources, SourcesOptions } from './sources.ts';

/** Files that are asked about: the same crash comes again and again, but not so many different ones. */
const mostFiles = 256;

/** The file to ask about. */
interface Asked {
  readonly file: string;
  /** Why that one, in words. */
  readonly why: string;
  readonly frame?: Frame;
}

/**
 * The file to blame: that of the culprit, which generic code was passed over for, and there of the innermost function
 * that is in no header; without one, the first file on the stack that the common rules find guilty.
 */
export function fileToBlame(report: CrashReport): Asked | undefined {
  const frame = report.culprit === undefined ? undefined : blamedFrame(report);
  const chain = frame === undefined ? [] : [...(frame.inlined ?? []), frame];
  const own = chain.find(({ source }) => source !== undefined && !source.file.endsWith('.h'));
  if (own?.source !== undefined && frame !== undefined) {
    return { file: own.source.file, why: `${own.function ?? report.culprit?.function ?? ''}() is to blame`, frame };
  }
  if (report.guiltyFile === undefined) return undefined;
  return {
    file: report.guiltyFile,
    why: 'it is the first on the stack that is no header, library or machinery that finds and reports bugs',
    ...(frame !== undefined && { frame }),
  };
}

/** One folder of `--source` that has a MAINTAINERS. */
interface OwnedTree {
  readonly root: string;
  readonly folder: SourceFolder;
  readonly isKernel: boolean;
  readonly maintainers: Maintainers;
}

/** A module that is not of the kernel's tree is nothing of its maintainers, whatever its files are called. */
function isOutOfTree({ linkedModules = [] }: CrashReport, module: string | undefined): boolean {
  return module !== undefined && linkedModules.some(({ name, flags }) => name === module && flags?.includes('O'));
}

/** Puts to reports whose code it is that they blame. */
export class OwnersFinder {
  readonly #trees: readonly OwnedTree[];
  readonly #known = new Map<string, Promise<Owners | undefined>>();
  readonly #signal: AbortSignal | undefined;

  constructor(trees: readonly OwnedTree[], signal: AbortSignal | undefined) {
    this.#trees = trees;
    this.#signal = signal;
  }

  /** The reports with their owners, where these are known; throws the signal's reason if it is aborted. */
  async own(reports: readonly CrashReport[]): Promise<CrashReport[]> {
    const owned: CrashReport[] = [];
    for (const report of reports) {
      this.#signal?.throwIfAborted();
      const owners = report.owners ?? (await this.#ownersOf(report));
      owned.push(owners === undefined ? report : { ...report, owners });
    }
    return owned;
  }

  async #ownersOf(report: CrashReport): Promise<Owners | undefined> {
    const asked = fileToBlame(report);
    if (asked === undefined) return undefined;
    for (const { root, folder, isKernel, maintainers } of this.#trees) {
      if (isKernel && isOutOfTree(report, asked.frame?.module)) continue;
      const found = folder.find(asked.file);
      if (!('path' in found) || !found.path.startsWith(`${root}/`)) continue;
      const owners = await this.#ask(maintainers, found.path, found.path.slice(root.length + 1));
      if (owners !== undefined) return { ...owners, why: asked.why };
    }
    return undefined;
  }

  #ask(maintainers: Maintainers, path: string, file: string): Promise<Owners | undefined> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    if (this.#known.size >= mostFiles) return Promise.resolve(undefined);
    const owners = maintainers.ask(file, '', this.#signal);
    this.#known.set(path, owners);
    return owners;
  }
}

/**
 * What finds out whose code it is; undefined if no folder of source has a MAINTAINERS, or nobody wants to know. Nothing
 * is read before a report needs it.
 */
export async function openOwners({
  source = [],
  owners = 'script',
  signal,
}: SourcesOptions): Promise<OwnersFinder | undefined> {
  if (source.length === 0 || owners === 'none') return undefined;
  const { Maintainers } = await import('../ownership/maintainers.ts');
  const trees = source.flatMap((name): OwnedTree[] => {
    const folder = new SourceFolder(name);
    const root = realpathSync(name);
    const maintainers = Maintainers.open(root, owners);
    return maintainers === undefined ? [] : [{ root, folder, isKernel: treeOf(root) !== undefined, maintainers }];
  });
  return trees.length === 0 ? undefined : new OwnersFinder(trees, signal);
}

/** Puts owners to the reports that have got their source positions. */
export function addOwners(sources: Sources, finder: OwnersFinder): Sources {
  return {
    ...sources,
    wants: (report) => sources.wants(report) || fileToBlame(report) !== undefined,
    symbolize: async (reports, boots) => finder.own(await sources.symbolize(reports, boots)),
  };
}
