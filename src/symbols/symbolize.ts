import type { Boot } from '../model/incident.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import type { KaslrOffset, SymbolFile, SymbolsUsed } from '../model/symbols.ts';
import { KtriageError } from '../util/errors.ts';
import type { Judged } from './candidates.ts';
import { frameLists, type KernelRun, kernelRuns, moduleBuildIds } from './kernels.ts';
import { isMadeAtRunTime } from './match.ts';
import { describeFrame, kaslrFromPairs, type PlacedFrame, placeFrame, resolveAll } from './resolve.ts';
import { ReturnAddresses } from './return-address.ts';
import { type FileOptions, SymbolFiles } from './symbol-files.ts';

export interface SymbolizeOptions extends FileOptions {
  /** How far the kernel was moved, where the log does not say it or says it wrong. */
  readonly kaslrOffset?: bigint;
}

/** More modules of one boot are not sought: a report names a dozen. */
const maxModules = 256;

/** Symbolizes reports of any number of logs; files are opened once. `close` it. */
export class Symbolizer {
  readonly #options: SymbolizeOptions;
  readonly #files: SymbolFiles;

  constructor(options: SymbolizeOptions = {}) {
    this.#options = options;
    this.#files = new SymbolFiles(options);
  }

  /**
   * The reports with source positions, and what was used for them, in the order given. Those of a
   * kernel of which there is no file come back with nothing but `symbols.missing`.
   * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-NO-DEBUG-INFO for the vmlinux that was named; the signal's
   * reason if it is aborted.
   */
  async symbolize(reports: readonly CrashReport[], boots: readonly Boot[]): Promise<CrashReport[]> {
    const done = new Map<CrashReport, CrashReport>();
    for (const run of kernelRuns(reports, boots)) {
      this.#options.signal?.throwIfAborted();
      const files = await this.#filesOf(run);
      for (const report of run.reports) done.set(report, await symbolizeReport(report, files, this.#options));
    }
    return reports.map((report) => done.get(report) ?? report);
  }

  /** Opens what was named, to tell early that it cannot be used; throws as `SymbolFiles.check`. */
  async check(): Promise<void> {
    await this.#files.check();
  }

  close(): void {
    this.#files.close();
  }

  async #filesOf({ identity, reports }: KernelRun): Promise<RunFiles> {
    const frames = reports.flatMap((report) => frameLists(report).flat());
    const own = frames.filter((frame) => frame.module === undefined);
    const vmlinux = await this.#files.vmlinux(identity, own);
    const byModule = new Map<string, Frame[]>();
    for (const frame of frames) {
      if (frame.module === undefined || isMadeAtRunTime(frame)) continue;
      const known = byModule.get(frame.module);
      if (known !== undefined) known.push(frame);
      else if (byModule.size < maxModules) byModule.set(frame.module, [frame]);
    }
    const ids = moduleBuildIds(reports);
    const { release } = identity;
    const modules = new Map<string, Judged | undefined>();
    for (const [module, itsFrames] of byModule) {
      const buildId = ids.get(module);
      const log = { ...(release !== undefined && { release }), ...(buildId !== undefined && { buildId }) };
      modules.set(module, await this.#files.module(module, log, itsFrames));
    }
    const kaslr = vmlinux === undefined ? undefined : this.#kaslr(vmlinux, reports, own);
    return { vmlinux, modules, kaslr, soughtIn: this.#files.vmlinuxPlaces(identity).length, release };
  }

  #kaslr({ image, file }: Judged, reports: readonly CrashReport[], frames: readonly Frame[]): KaslrOffset | undefined {
    if (file.match === 'refused') return undefined;
    const { kaslrOffset } = this.#options;
    if (kaslrOffset !== undefined) return { offset: kaslrOffset, from: 'given' };
    const printed = reports.find((report) => report.kernel?.kaslrOffset !== undefined)?.kernel?.kaslrOffset;
    if (printed !== undefined) return { offset: printed, from: 'log' };
    const offset = kaslrFromPairs(image, frames);
    return offset === undefined ? undefined : { offset, from: 'pairs' };
  }
}

/** The files of one boot. */
interface RunFiles {
  readonly vmlinux: Judged | undefined;
  readonly modules: ReadonlyMap<string, Judged | undefined>;
  readonly kaslr: KaslrOffset | undefined;
  readonly soughtIn: number;
  readonly release: string | undefined;
}

const usable = (judged: Judged | undefined): judged is Judged =>
  judged !== undefined && judged.file.match !== 'refused';

async function symbolizeReport(report: CrashReport, files: RunFiles, options: SymbolizeOptions): Promise<CrashReport> {
  const returns = new ReturnAddresses(report);
  const placed = new Map<Frame, PlacedFrame>();
  const problems = new Set<string>();
  for (const frames of frameLists(report)) {
    for (const [index, frame] of frames.entries()) {
      // What the log has already was found by somebody who had the right file.
      if (placed.has(frame) || frame.source !== undefined) continue;
      const judged = frame.module === undefined ? files.vmlinux : files.modules.get(frame.module);
      if (!usable(judged)) continue;
      const place = guard(problems, () =>
        placeFrame(judged.image, frame, {
          isReturn: returns.isReturn(frame, frames[index - 1]),
          force: options.force === true,
          ...(files.kaslr && { kaslrOffset: files.kaslr.offset }),
        }),
      );
      if (place !== undefined) placed.set(frame, place);
    }
  }
  await guardAsync(problems, () => resolveAll(placed.values()));
  const described = new Map<Frame, Frame>();
  for (const [frame, place] of placed) {
    const better = await guardAsync(problems, () => describeFrame(frame, place));
    if (better !== undefined) described.set(frame, better);
  }
  for (const { image } of placed.values()) for (const problem of image.problems) problems.add(problem);
  return withFrames(report, described, usedFiles(report, files, placed, problems));
}

/** Notes what is wrong with a file; other errors are ours. */
function noteProblem(problems: Set<string>, error: unknown): undefined {
  if (!(error instanceof KtriageError)) throw error;
  problems.add(`${error.message}: ${error.why}`);
  return undefined;
}

function guard<Result>(problems: Set<string>, call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    return noteProblem(problems, error);
  }
}

async function guardAsync<Result>(problems: Set<string>, call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    return noteProblem(problems, error);
  }
}

function withFrames(report: CrashReport, described: ReadonlyMap<Frame, Frame>, symbols: SymbolsUsed): CrashReport {
  const better = (frame: Frame): Frame => described.get(frame) ?? frame;
  return {
    ...report,
    frames: report.frames.map(better),
    stacks: report.stacks.map((stack) => ({ ...stack, frames: stack.frames.map(better) })),
    ...(report.registers && {
      registers: report.registers.map((set) => ({
        ...set,
        ...(set.ip && { ip: better(set.ip) }),
        ...(set.lr && { lr: better(set.lr) }),
      })),
    }),
    symbols,
  };
}

/** What was used for one report, and what is missing for it. */
function usedFiles(
  report: CrashReport,
  files: RunFiles,
  placed: ReadonlyMap<Frame, PlacedFrame>,
  problems: ReadonlySet<string>,
): SymbolsUsed {
  const frames = [...new Set(frameLists(report).flat())];
  const names = new Set(frames.flatMap((frame) => (isMadeAtRunTime(frame) ? [] : (frame.module ?? []))));
  const modules = [...names].flatMap((name): readonly SymbolFile[] => {
    const file = files.modules.get(name)?.file;
    return file === undefined ? [] : [file];
  });
  const missing: string[] = [];
  const needsVmlinux = frames.some((frame) => frame.module === undefined && frame.function !== undefined);
  if (files.vmlinux === undefined && needsVmlinux)
    missing.push(
      `no vmlinux${files.release === undefined ? '' : ` of ${files.release}`} was found in ${files.soughtIn} places`,
    );
  const without = [...names].filter((name) => files.modules.get(name) === undefined);
  if (without.length > 0)
    missing.push(`no file was found of ${without.length > 1 ? 'modules' : 'module'} ${without.join(', ')}`);
  const unplaced = frames.filter((frame) => {
    const judged = frame.module === undefined ? files.vmlinux : files.modules.get(frame.module);
    return frame.function !== undefined && frame.source === undefined && usable(judged) && !placed.has(frame);
  });
  if (unplaced.length > 0) {
    const some = [...new Set(unplaced.map((frame) => frame.function ?? ''))];
    missing.push(
      `not in these files: ${some.slice(0, 3).join(', ')}${some.length > 3 ? `, ${some.length - 3} more` : ''}`,
    );
  }
  if (
    usable(files.vmlinux) &&
    files.kaslr === undefined &&
    frames.some((frame) => frame.function === undefined && frame.address !== undefined && frame.address > 0xffffn)
  )
    missing.push('the log does not say how far the kernel was moved, so bare addresses stay bare');
  missing.push(...problems);
  return {
    ...(files.vmlinux && { vmlinux: files.vmlinux.file }),
    ...(modules.length > 0 && { modules }),
    ...(files.kaslr && { kaslr: files.kaslr }),
    ...(missing.length > 0 && { missing }),
  };
}

/** Symbolizes the reports of one log; see `Symbolizer`. */
export async function symbolizeReports(
  reports: readonly CrashReport[],
  boots: readonly Boot[],
  options: SymbolizeOptions = {},
): Promise<CrashReport[]> {
  const symbolizer = new Symbolizer(options);
  try {
    return await symbolizer.symbolize(reports, boots);
  } finally {
    symbolizer.close();
  }
}
