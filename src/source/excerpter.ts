import { statSync } from 'node:fs';
import type { SourceExcerpt } from '../model/excerpt.ts';
import type { Boot } from '../model/incident.ts';
import type { CrashReport, SourceLocation } from '../model/report.ts';
import { KtriageError } from '../util/errors.ts';
import { builtBefore } from './build-date.ts';
import { nameInSource } from './definitions.ts';
import { SourceFolder } from './folder.ts';
import { Git } from './git.ts';
import { judgeSource, type SourceFacts } from './judge.ts';
import { showLines } from './line-text.ts';
import { isInTree } from './paths.ts';
import { placeLine } from './place.ts';
import { type Position, positionsOf, withExcerpts } from './positions.ts';
import { isOfRelease, type KernelOrigin, revisionsOf, upstreamVersion } from './release.ts';
import { type ScannedFile, scanFile } from './scan.ts';
import { type Tree, treeOf } from './tree.ts';

/** Lines shown before and after the one that is meant. */
const around = 3;
/** Files are copied and checked out within so many milliseconds. */
const sameTime = 60_000;
/** More files are not read for the reports that come together. */
const mostFiles = 256;
/** So many excerpts are kept for reports that come later: the same crash comes again and again. */
const mostKept = 4096;

export interface ExcerptOptions {
  /** Folders with source, the first ones preferred. */
  readonly folders: readonly string[];
  /** Every frame of the trap's stack, and not only those to blame. */
  readonly all?: boolean;
  /** Called with each file that was read, and each that was not and why. */
  readonly onTried?: (path: string, refused?: string) => void;
  readonly signal?: AbortSignal;
}

/** A position of a report, and what it was built from. */
interface Asked extends Position {
  readonly kernel: KernelOrigin;
  /** When the module's file was written, in milliseconds since 1970. */
  readonly moduleTime?: number;
}

/** The same with the file that it was found in. */
interface Job extends Asked {
  readonly path: string;
}

/** All that an excerpt depends on, but for the files themselves. */
function keyOf({ source, kernel, ...rest }: Asked): string {
  const { file, line, column, md5 } = source;
  return JSON.stringify([
    file,
    line,
    column,
    md5,
    kernel.release,
    kernel.version,
    rest.function,
    rest.module,
    rest.moduleTime,
  ]);
}

/** Puts the lines of source that positions are of beside them. */
export class Excerpter {
  readonly #options: ExcerptOptions;
  readonly #folders: readonly SourceFolder[];
  readonly #git: Git;
  readonly #trees = new Map<string, Tree | undefined>();
  readonly #kept = new Map<string, SourceExcerpt>();

  /** @throws KtriageError KT-SOURCE-FOLDER for a folder that is none. */
  constructor(options: ExcerptOptions) {
    this.#options = options;
    this.#folders = options.folders.map((name) => new SourceFolder(name));
    this.#git = new Git(options.signal);
  }

  /** The reports with excerpts; throws the signal's reason if it is aborted. */
  async excerpt(reports: readonly CrashReport[], boots: readonly Boot[]): Promise<CrashReport[]> {
    const excerpts = new Map<SourceLocation, SourceExcerpt>();
    const jobs = new Map<string, Job[]>();
    for (const report of reports) {
      const kernel = originOf(report, boots);
      for (const position of positionsOf(report, this.#options.all === true)) {
        if (position.source.excerpt !== undefined || excerpts.has(position.source)) continue;
        const asked = { ...position, kernel, ...moduleTime(report, position.module) };
        const kept = this.#kept.get(keyOf(asked));
        const path = kept ?? this.#find(position.source);
        if (typeof path !== 'string') {
          this.#keep(asked, path, excerpts);
          continue;
        }
        const job: Job = { ...asked, path };
        const known = jobs.get(path);
        if (known !== undefined) known.push(job);
        else if (jobs.size < mostFiles) jobs.set(path, [job]);
      }
    }
    for (const [path, ofFile] of jobs) {
      this.#options.signal?.throwIfAborted();
      for (const [job, excerpt] of await this.#read(path, ofFile)) this.#keep(job, excerpt, excerpts);
    }
    return reports.map((report) => withExcerpts(report, excerpts));
  }

  #keep(asked: Asked, excerpt: SourceExcerpt, excerpts: Map<SourceLocation, SourceExcerpt>): void {
    excerpts.set(asked.source, excerpt);
    if (this.#kept.size < mostKept) this.#kept.set(keyOf(asked), excerpt);
  }

  #find({ file, line }: SourceLocation): string | SourceExcerpt {
    let refused: string | undefined;
    let best: { path: string; kept: number } | undefined;
    for (const folder of this.#folders) {
      const found = folder.find(file);
      if (!('path' in found)) refused ??= found.refused;
      else if (best === undefined || found.kept > best.kept) best = found;
    }
    if (best !== undefined) return best.path;
    this.#options.onTried?.(file, refused);
    return missing(line, refused ?? 'it is not in the folders given');
  }

  async #read(path: string, jobs: readonly Job[]): Promise<[Job, SourceExcerpt][]> {
    const file = this.#scan(path, jobs);
    this.#options.onTried?.(path, ...(typeof file === 'string' ? [file] : []));
    if (typeof file === 'string') return jobs.map((job) => [job, { ...missing(job.source.line, file), path }]);
    const told: [Job, SourceExcerpt][] = [];
    for (const job of jobs) told.push([job, await this.#tell(file, job)]);
    return told;
  }

  #scan(path: string, jobs: readonly Job[]): ScannedFile | string {
    const lines = new Set<number>();
    for (const { source } of jobs)
      for (let line = source.line - around; line <= source.line + around; line++) lines.add(line);
    const functions = new Set(jobs.flatMap((job) => (job.function === undefined ? [] : [nameInSource(job.function)])));
    try {
      return scanFile(path, { lines, functions });
    } catch (error) {
      if (!(error instanceof KtriageError)) throw error;
      return error.why;
    }
  }

  async #tell(file: ScannedFile, job: Job): Promise<SourceExcerpt> {
    const { line, column } = job.source;
    const judgement = judgeSource(await this.#facts(file, job));
    const { path } = job;
    if (line < 1 || line > file.lineCount) return { path, firstLine: line, lines: [], ...judgement };
    const first = Math.max(line - around, 1);
    const last = Math.min(line + around, file.lineCount);
    const bytes = Array.from({ length: last - first + 1 }, (_, nth) => file.lines.get(first + nth) ?? new Uint8Array());
    return { path, firstLine: first, ...showLines(bytes, line - first, column), ...judgement };
  }

  async #facts(file: ScannedFile, job: Job): Promise<SourceFacts> {
    const { source, path, kernel, function: name } = job;
    const tree = this.#tree(path, source.file);
    const revisions = tree === undefined ? [] : revisionsOf(kernel);
    const recorded = await this.#git.recorded(path, ['HEAD', ...revisions.map((revision) => revision.name)]);
    const blobAt = (revision: string): string | undefined => recorded.find((each) => each.revision === revision)?.blob;
    const built = revisions.find((revision) => blobAt(revision.name) !== undefined);
    const head = blobAt('HEAD');
    const isOf = tree === undefined ? undefined : isOfRelease(tree.version, kernel);
    return {
      line: source.line,
      lineCount: file.lineCount,
      ...(name !== undefined && { function: nameInSource(name) }),
      placement: placeLine(file, source.line, name),
      ...(source.md5 !== undefined && file.md5 !== undefined && { sameChecksum: source.md5 === file.md5 }),
      ...(built !== undefined && { revision: { ...built, same: blobAt(built.name) === file.blob } }),
      ...(head !== undefined && head !== file.blob && { uncommitted: true }),
      ...(tree !== undefined &&
        isOf !== undefined && {
          tree: { version: tree.version, isOfRelease: isOf, kernel: upstreamVersion(kernel) ?? '' },
        }),
      ...writtenAfter(path, job, tree),
    };
  }

  #tree(path: string, file: string): Tree | undefined {
    if (!isInTree(file) || !path.endsWith(`/${file}`)) return undefined;
    const root = path.slice(0, -file.length - 1);
    if (!this.#trees.has(root)) this.#trees.set(root, treeOf(root));
    return this.#trees.get(root);
  }
}

function missing(line: number, note: string): SourceExcerpt {
  return { firstLine: line, lines: [], state: 'missing', note };
}

function originOf({ kernel, boot }: CrashReport, boots: readonly Boot[]): KernelOrigin {
  const of = boot === undefined ? undefined : boots[boot];
  const release = kernel?.release ?? of?.release;
  const banner = of?.release === release ? of?.banner : undefined;
  // The end of the banner has the date, which a `Comm:` line may lack.
  const version = banner === undefined ? kernel?.version : banner.slice(Math.max(banner.lastIndexOf('#'), 0));
  return { ...(release !== undefined && { release }), ...(version !== undefined && { version }) };
}

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function moduleTime(report: CrashReport, module: string | undefined): { moduleTime?: number } {
  const file = report.symbols?.modules?.find((each) => each.module === module && each.match !== 'refused');
  const time = module === undefined || file === undefined ? undefined : timeOf(file.path);
  return time === undefined ? {} : { moduleTime: time };
}

/** Modules from outside the tree are built when they are; what is in the tree was built with the kernel. */
function writtenAfter(path: string, job: Job, tree: Tree | undefined): Pick<SourceFacts, 'built'> {
  const written = timeOf(path);
  const what = tree === undefined && job.module !== undefined ? 'module' : 'kernel';
  const built = what === 'module' ? job.moduleTime : builtBefore(job.kernel.version);
  if (written === undefined || built === undefined) return {};
  return { built: { what, writtenAfter: written > built + sameTime } };
}
