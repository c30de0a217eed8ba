import { existsSync } from 'node:fs';
import type { Boot } from '../model/incident.ts';
import type { CrashReport, Culprit, Frame } from '../model/report.ts';
import { passRuleFor } from '../oops/culprit-rules/rules.ts';
import { baseName } from '../oops/function-name.ts';
import { guiltyFile } from '../oops/guilty-file.ts';
import { vmlinuxPaths } from '../symbols/places.ts';
import type { SymbolizeOptions, Symbolizer } from '../symbols/symbolize.ts';

/** Where source positions come from. */
export interface Sources {
  /** False if there is nothing that could say more about a report than it says itself. */
  wants(report: CrashReport): boolean;
  /** The reports with source positions, and what follows from these. */
  symbolize(reports: readonly CrashReport[], boots: readonly Boot[]): Promise<CrashReport[]>;
  close(): void;
}

/**
 * Source positions from debug information. Without any options only kernels are symbolized whose vmlinux lies at one
 * of the usual places; nothing of the readers is loaded before one is found.
 * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-NO-DEBUG-INFO for files that were named.
 */
export async function openSources(options: SymbolizeOptions = {}): Promise<Sources> {
  const { vmlinux, modules = [], debugDir } = options;
  const asked = vmlinux !== undefined || modules.length > 0 || debugDir !== undefined;
  let symbolizer: Symbolizer | undefined = asked ? await loadSymbolizer(options) : undefined;
  await symbolizer?.check();
  const home = options.home === undefined ? {} : { home: options.home };
  const found = new Map<string, boolean>();
  const isThere = ({ kernel }: CrashReport): boolean => {
    const key = `${kernel?.release ?? ''} ${kernel?.buildId ?? ''}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const there = vmlinuxPaths(kernel ?? {}, { root: '', ...home }).some((path) => existsSync(path));
    found.set(key, there);
    return there;
  };
  const wants = (report: CrashReport): boolean =>
    (report.frames.length > 0 || report.stacks.length > 0) && (asked || isThere(report));
  return {
    wants,
    async symbolize(reports, boots) {
      const wanted = reports.filter(wants);
      if (wanted.length === 0) return [...reports];
      symbolizer ??= await loadSymbolizer(options);
      const symbolized = await symbolizer.symbolize(wanted, boots);
      const better = new Map(wanted.map((report, nth) => [report, symbolized[nth] ?? report]));
      return reports.map((report) => withBlame(better.get(report) ?? report, report));
    },
    close: () => symbolizer?.close(),
  };
}

async function loadSymbolizer(options: SymbolizeOptions): Promise<Symbolizer> {
  const { Symbolizer } = await import('../symbols/symbolize.ts');
  return new Symbolizer(options);
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
