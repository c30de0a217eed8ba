import type { Boot } from '../model/incident.ts';
import type { OwnersChoice } from '../model/owners.ts';
import type { CrashReport, Culprit, Frame } from '../model/report.ts';
import { findCulprit } from '../oops/culprit.ts';
import { passRuleFor } from '../oops/culprit-rules/rules.ts';
import { guiltyFile } from '../oops/guilty-file.ts';
import type { OnTried } from '../symbols/candidates.ts';
import { symbolsNotFound } from '../symbols/not-found.ts';
import {
  compressedVmlinux,
  isThere,
  moduleFolders,
  type Roots,
  systemMapPaths,
  vmlinuxPaths,
} from '../symbols/places.ts';
import type { SymbolizeOptions, Symbolizer } from '../symbols/symbolize.ts';
import { baseName } from '../util/function-name.ts';
import { addExcerpts, openExcerpter } from './excerpts.ts';
import { Explainer } from './explain.ts';
import { addOwners, openOwners } from './owners.ts';

/** Where source positions come from, and the source itself. */
export interface SourcesOptions extends SymbolizeOptions {
  /** Folders with source; the frames that matter get the lines around their positions. */
  readonly source?: readonly string[];
  /** All frames do. */
  readonly allSource?: boolean;
  /** Who says whose code it is, where a folder of source has a MAINTAINERS; the tree's own script if it is not said. */
  readonly owners?: OwnersChoice;
  /** Reports get their positions, but no explanation. */
  readonly noExplain?: boolean;
  /** Explanations leave out the variables of all frames, for outputs that do not show them. */
  readonly noVariables?: boolean;
}

/** Where source positions come from. */
export interface Sources {
  /** False if there is nothing that could say more about a report than it says itself: no files, no machine state. */
  wants(report: CrashReport): boolean;
  /** What is told of a report that it does not want: what was sought for it, and how to get it. */
  withoutSymbols?(report: CrashReport): CrashReport;
  /** The reports with source positions, and what follows from these. */
  symbolize(reports: readonly CrashReport[], boots: readonly Boot[]): Promise<CrashReport[]>;
  close(): void;
}

/**
 * Source positions from debug information. Without any options only kernels are symbolized of which something lies at
 * the usual places; nothing of the readers is loaded before that is found.
 * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-NO-DEBUG-INFO, KT-SYMBOLS-MAP for files that were named,
 * KT-SOURCE-FOLDER for folders with source.
 */
export async function openSources(options: SourcesOptions = {}): Promise<Sources> {
  const { vmlinux, modules = [], systemMap, debugDir, home, debuginfodCache, debuginfod } = options;
  const excerpter = await openExcerpter(options);
  const asked = vmlinux !== undefined || modules.length > 0 || systemMap !== undefined || debuginfod !== undefined;
  const explainer = new Explainer(options.noExplain !== true, options.noVariables !== true);
  const explaining: SymbolizeOptions =
    options.noExplain === true ? options : { ...options, explain: (...given) => explainer.explain(...given) };
  // What was named wrong is told at once, also where no log will need it.
  const named = asked || (debugDir ?? '') !== '' || options.symbolizer !== undefined;
  let symbolizer: Symbolizer | undefined = named ? await loadSymbolizer(explaining) : undefined;
  await symbolizer?.check();
  const roots = {
    root: (debugDir ?? '').replace(/\/$/, ''),
    ...(home !== undefined && { home }),
    ...(debuginfodCache !== undefined && { debuginfodCache }),
  };
  const seek = seeker(roots, options.onTried);
  const hasSymbols = (report: CrashReport): boolean =>
    (report.frames.length > 0 || report.stacks.length > 0) && (asked || seek(report).found);
  const withoutSymbols = (report: CrashReport): CrashReport => {
    const symbols = symbolsNotFound(report, () => seek(report).places);
    return symbols === undefined ? report : { ...report, symbols };
  };
  const unsymbolized = (report: CrashReport): Promise<CrashReport> =>
    explainer.explain(withoutSymbols(report), undefined, report);
  const sources: Sources = {
    wants: (report) => explainer.wants(report) || hasSymbols(report),
    withoutSymbols,
    async symbolize(reports, boots) {
      const wanted = reports.filter(hasSymbols);
      if (wanted.length === 0) return eachInTurn(reports, unsymbolized, options.signal);
      symbolizer ??= await loadSymbolizer(explaining);
      const symbolized = await symbolizer.symbolize(wanted, boots);
      const better = new Map(wanted.map((report, nth) => [report, symbolized[nth] ?? report]));
      return eachInTurn(
        reports,
        async (report) => withBlame(withNames(better.get(report) ?? (await unsymbolized(report)), report), report),
        options.signal,
      );
    },
    close: () => symbolizer?.close(),
  };
  const excerpting = excerpter === undefined ? sources : addExcerpts(sources, excerpter);
  const owners = await openOwners(options);
  return owners === undefined ? excerpting : addOwners(excerpting, owners);
}

async function eachInTurn(
  reports: readonly CrashReport[],
  improve: (report: CrashReport) => Promise<CrashReport>,
  signal: AbortSignal | undefined,
): Promise<CrashReport[]> {
  const better: CrashReport[] = [];
  for (const report of reports) {
    signal?.throwIfAborted();
    better.push(await improve(report));
  }
  return better;
}

/** Says whether anything of a report's kernel lies at the usual places, each kernel's being looked at once. */
function seeker(roots: Roots, onTried: OnTried = () => {}) {
  const known = new Map<string, { readonly found: boolean; readonly places: number }>();
  return (report: CrashReport): { readonly found: boolean; readonly places: number } => {
    const { kernel = {}, frames, stacks } = report;
    const all = [...frames, ...stacks.flatMap((stack) => stack.frames)];
    const needs = { modules: all.some(({ module }) => module !== undefined), map: all.some(isBare) };
    const key = [kernel.release, kernel.buildId, needs.modules, needs.map].join('\0');
    const before = known.get(key);
    if (before !== undefined) return before;
    const paths = vmlinuxPaths(kernel, roots);
    const folders = needs.modules ? moduleFolders(kernel, roots) : [];
    const files = [...paths, ...(needs.map ? systemMapPaths(kernel, roots) : [])];
    const found = [...files, ...folders].some(isThere) || compressedVmlinux(paths).length > 0;
    // What is there is told when it is opened.
    if (!found) {
      for (const path of files) onTried(path, 'there is no such file');
      for (const path of folders) onTried(path, 'there is no such folder');
    }
    const result = { found, places: paths.length };
    known.set(key, result);
    return result;
  };
}

/** A frame of which the log has the address only. */
const isBare = ({ function: name, address }: Frame): boolean => name === undefined && address !== undefined;

async function loadSymbolizer(options: SymbolizeOptions): Promise<Symbolizer> {
  const { Symbolizer } = await import('../symbols/symbolize.ts');
  return new Symbolizer(options);
}

/** Who is to blame, if frames have other names now, or names at all. */
function withNames(report: CrashReport, before: CrashReport): CrashReport {
  const { frames, kind, registers } = report;
  if (frames.every((frame, nth) => frame.function === before.frames[nth]?.function)) return report;
  const culprit = findCulprit(frames, kind, registers?.find((set) => set.mode === 'kernel')?.lr);
  return { ...report, ...(culprit && { culprit }) };
}

/** Who and which file is to blame, now that inlined functions and files are known. */
function withBlame(report: CrashReport, before: CrashReport): CrashReport {
  const { frames, kind } = report;
  // A log that has positions itself was judged by them.
  if (!frames.some(isPlaced) || before.frames.some(isPlaced)) return report;
  const culprit = refineCulprit(report);
  const file = guiltyFile(positionLines(report), /stall/.test(kind)) ?? report.guiltyFile;
  return { ...report, ...(culprit && { culprit }), ...(file !== undefined && { guiltyFile: file }) };
}

const isPlaced = (frame: Frame): boolean => frame.source !== undefined;

/** Code that everybody calls, and that is rarely wrong itself; its own tests are not of it. */
const library = /^(?:arch\/[^/]+\/)?lib\//;
const librarySelfTest = /test|kunit/;

const isLibrary = ({ source }: Frame): boolean =>
  source !== undefined && library.test(source.file) && !librarySelfTest.test(source.file);

/** The culprit by its source file: if that is a library's, who called it. */
function refineCulprit({ culprit, frames, kind }: CrashReport): Culprit | undefined {
  const at = frames.findIndex(
    ({ function: name, range }) =>
      name !== undefined && baseName(name) === culprit?.function && range.firstByte === culprit.range?.firstByte,
  );
  const [frame, ...callers] = at < 0 ? [] : frames.slice(at);
  if (culprit === undefined || frame === undefined || !isLibrary(frame)) return culprit;
  const caller = callers.find(
    (other) =>
      other.reliable &&
      isPlaced(other) &&
      !isLibrary(other) &&
      other.function !== undefined &&
      passRuleFor(baseName(other.function), kind) === undefined,
  );
  if (caller?.function === undefined) return culprit;
  return {
    function: baseName(caller.function),
    ...(caller.module !== undefined && { module: caller.module }),
    range: caller.range,
    passed: [...culprit.passed, { function: culprit.function, rule: 'in a library, which does what it is told' }],
  };
}

/** The trap's stack as a symbolized log would print it, for the rules that look for the guilty file. */
function positionLines({ frames }: CrashReport): string[] {
  return frames
    .filter((frame) => frame.reliable)
    .flatMap((frame) => {
      const inner = (frame.inlined ?? []).map(({ source }) => source);
      return [...inner, frame.source].flatMap((source) =>
        source === undefined ? [] : [`${frame.function ?? ''}+0x0 ${source.file}:${source.line}`],
      );
    });
}
