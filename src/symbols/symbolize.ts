import type { Boot } from '../model/incident.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import type { KaslrOffset, SymbolFile, SymbolsUsed } from '../model/symbols.ts';
import { demangle } from '../util/demangle/demangle.ts';
import { KtriageError } from '../util/errors.ts';
import type { Judged } from './candidates.ts';
import { type CodeLocations, codeLocations } from './code-locations.ts';
import { isBooting, isInitCode } from './init-text.ts';
import { frameLists, type KernelRun, kernelRuns, moduleBuildIds } from './kernels.ts';
import { isBare, kaslrFromKallsyms, MapFiles, type NamesByMap, namesByMap } from './map-files.ts';
import { isMadeAtRunTime, type KernelIdentity } from './match.ts';
import { mentionedFrames, mentionedFunctions } from './mentions.ts';
import { describeFrame, kaslrFromPairs, type PlacedFrame, placeFrame, resolveAll } from './resolve.ts';
import { ReturnAddresses } from './return-address.ts';
import { type FileOptions, SymbolFiles } from './symbol-files.ts';
import { unverifiedFrame } from './unverified.ts';
import { type RunFiles, usable, usedFiles } from './used-files.ts';

export interface SymbolizeOptions extends FileOptions {
  /** How far the kernel was moved, where the log does not say it or says it wrong. */
  readonly kaslrOffset?: bigint;
  /** A System.map or kallsyms, which has functions only: for addresses that are not in the files. */
  readonly systemMap?: string;
  /** The release of the running kernel, whose symbols /proc/kallsyms has. */
  readonly runningRelease?: string;
  /** Says more about each report, by the files that its code is in. `raw` is the report as it was given. */
  readonly explain?: (report: CrashReport, locations: CodeLocations, raw: CrashReport) => Promise<CrashReport>;
}

/** More modules of one boot are not sought: a report names a dozen. */
const maxModules = 256;

/** Symbolizes reports of any number of logs; files are opened once. `close` it. */
export class Symbolizer {
  readonly #options: SymbolizeOptions;
  readonly #files: SymbolFiles;
  readonly #maps: MapFiles;

  constructor(options: SymbolizeOptions = {}) {
    this.#options = options;
    this.#files = new SymbolFiles(options);
    this.#maps = new MapFiles(options, this.#files.roots);
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
    await this.#maps.check();
  }

  close(): void {
    this.#files.close();
  }

  async #filesOf({ identity, reports }: KernelRun): Promise<RunFiles> {
    const frames = reports.flatMap((report) => frameLists(report).flat());
    const own = frames.filter((frame) => frame.module === undefined);
    const { vmlinux, refused } = await this.#vmlinux(identity, own);
    const byMap = await this.#namesByMap(identity, reports, usable(vmlinux));
    const byModule = new Map<string, Frame[]>();
    for (const printed of frames) {
      const frame = byMap?.named.get(printed) ?? printed;
      if (frame.module === undefined || isMadeAtRunTime(frame)) continue;
      const known = byModule.get(frame.module);
      if (known !== undefined) known.push(frame);
      else if (byModule.size < maxModules) byModule.set(frame.module, [frame]);
    }
    const ids = moduleBuildIds(reports);
    const { release } = identity;
    const modules = new Map<string, Judged | undefined>();
    const moduleIdentity = (module: string): KernelIdentity => {
      const buildId = ids.get(module);
      return { ...(release !== undefined && { release }), ...(buildId !== undefined && { buildId }) };
    };
    for (const [module, itsFrames] of byModule)
      modules.set(module, await this.#files.module(module, moduleIdentity(module), itsFrames));
    const notFetched = new Map<string, string>();
    for (const module of ['', ...byModule.keys()]) {
      const why = this.#files.whyNotFetched(module === '' ? identity : moduleIdentity(module), module);
      if (why !== undefined) notFetched.set(module, why);
    }
    const kaslr = usable(vmlinux) ? this.#kaslr(vmlinux, reports, own, byMap) : byMap?.kaslr;
    const soughtIn = this.#files.vmlinuxPlaces(identity).length;
    const files = { identity, vmlinux, modules, kaslr, byMap, soughtIn, notFetched };
    return refused === undefined ? files : { ...files, refused };
  }

  /** The vmlinux of a boot: the one that was named, and where that is of another kernel the one at the usual places. */
  async #vmlinux(
    identity: KernelIdentity,
    frames: readonly Frame[],
  ): Promise<{ readonly vmlinux: Judged | undefined; readonly refused?: SymbolFile }> {
    const vmlinux = await this.#files.vmlinux(identity, frames);
    if (this.#options.vmlinux === undefined || vmlinux?.file.match !== 'refused') return { vmlinux };
    const other = await this.#files.unnamedVmlinux(identity, frames);
    return usable(other) ? { vmlinux: other, refused: vmlinux.file } : { vmlinux };
  }

  /** Functions of bare addresses, where vmlinux does not have them. */
  async #namesByMap(
    identity: KernelIdentity,
    reports: readonly CrashReport[],
    hasVmlinux: boolean,
  ): Promise<NamesByMap | undefined> {
    const frames = reports.flatMap((report) => frameLists(report).flat());
    if (!this.#maps.isNamed && (hasVmlinux || !frames.some(isBare))) return undefined;
    const judged = await this.#maps.find(identity, frames);
    const words = { given: this.#options.kaslrOffset, printed: printedOffset(reports) };
    return judged && namesByMap(judged, frames, words, hasVmlinux);
  }

  #kaslr(
    { image }: Judged,
    reports: readonly CrashReport[],
    frames: readonly Frame[],
    byMap: NamesByMap | undefined,
  ): KaslrOffset | undefined {
    const { kaslrOffset } = this.#options;
    if (kaslrOffset !== undefined) return { offset: kaslrOffset, from: 'given' };
    const printed = printedOffset(reports);
    if (printed !== undefined) return { offset: printed, from: 'log' };
    const offset = kaslrFromPairs(image, frames);
    if (offset !== undefined) return { offset, from: 'pairs' };
    return byMap && kaslrFromKallsyms(byMap, image);
  }
}

/** `Kernel Offset:` of a boot, which is printed in its panic. */
function printedOffset(reports: readonly CrashReport[]): bigint | undefined {
  return reports.find((report) => report.kernel?.kaslrOffset !== undefined)?.kernel?.kaslrOffset;
}

async function symbolizeReport(report: CrashReport, files: RunFiles, options: SymbolizeOptions): Promise<CrashReport> {
  const returns = new ReturnAddresses(report);
  const placed = new Map<Frame, PlacedFrame>();
  const problems = new Set<string>();
  const inInit = new Set<Frame>();
  const mentioned = mentionedFrames(report);
  const judgedOf = ({ module }: Frame): Judged | undefined =>
    module === undefined ? files.vmlinux : files.modules.get(module);
  for (const frames of [...frameLists(report), mentioned]) {
    const booting = isBooting(frames);
    for (const [index, printed] of frames.entries()) {
      const frame = files.byMap?.named.get(printed) ?? printed;
      if (!booting && files.byMap?.inInit.has(printed)) inInit.add(printed);
      // What the log has already was found by somebody who had the right file.
      if (placed.has(printed) || frame.source !== undefined) continue;
      const judged = judgedOf(frame);
      if (!usable(judged)) continue;
      const place = guard(problems, () =>
        placeFrame(judged.image, frame, {
          isReturn: returns.isReturn(printed, frames[index - 1]),
          force: options.force === true,
          ...(files.kaslr && { kaslrOffset: files.kaslr.offset }),
        }),
      );
      if (place === undefined) continue;
      placed.set(printed, place);
      if (!booting && isInitCode(place)) inInit.add(printed);
    }
  }
  await guardAsync(problems, () => resolveAll(placed.values()));
  const described = new Map<Frame, Frame>(files.byMap?.named);
  for (const [frame, place] of placed) {
    const better = await guardAsync(problems, () => describeFrame(described.get(frame) ?? frame, place));
    if (better === undefined) continue;
    const isSure = judgedOf(better)?.file.match !== 'unverified';
    described.set(frame, isSure ? plainNames(better) : unverifiedFrame(plainNames(better)));
  }
  for (const frame of inInit) described.set(frame, { ...(described.get(frame) ?? frame), initText: true });
  for (const { image } of placed.values()) for (const problem of image.problems) problems.add(problem);
  const used = usedFiles(report, files, new Set(placed.keys()), problems);
  const better = withFrames(report, described, { ...used, ...mentionedFunctions(mentioned, described) });
  if (options.explain === undefined) return better;
  // The frames that the report has now.
  const places = new Map([...placed].map(([frame, place]) => [described.get(frame) ?? frame, place]));
  const vmlinux = usable(files.vmlinux) ? files.vmlinux.image : undefined;
  const locations = codeLocations(places, judgedOf, files.kaslr?.offset, vmlinux);
  return options.explain(better, locations, report);
}

/** Names of Rust and C++ as in the source; that of the frame itself stays as it is printed. */
function plainNames(frame: Frame): Frame {
  if (frame.inlined === undefined) return frame;
  return { ...frame, inlined: frame.inlined.map((inner) => ({ ...inner, function: demangle(inner.function) })) };
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
