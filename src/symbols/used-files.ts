import type { CrashReport, Frame } from '../model/report.ts';
import type { KaslrOffset, SymbolFile, SymbolsUsed } from '../model/symbols.ts';
import { isWhole, type Judged } from './candidates.ts';
import { frameLists } from './kernels.ts';
import { isBare, type NamesByMap } from './map-files.ts';
import { isMadeAtRunTime, type KernelIdentity } from './match.ts';
import { lacksLines, modulesNotFound, notFound, notFoundWords, symbolsOnlyWords } from './not-found.ts';

/** The files of one boot. */
export interface RunFiles {
  readonly identity: KernelIdentity;
  readonly vmlinux: Judged | undefined;
  readonly modules: ReadonlyMap<string, Judged | undefined>;
  readonly kaslr: KaslrOffset | undefined;
  readonly byMap: NamesByMap | undefined;
  /** The vmlinux that was named, where that is of another kernel and a fitting one was found elsewhere. */
  readonly refused?: SymbolFile;
  /** How many paths of a vmlinux were looked at. */
  readonly soughtIn: number;
  /** Why servers gave no file, by modules; of vmlinux under the empty name. */
  readonly notFetched: ReadonlyMap<string, string>;
}

/** True for a file that was found and is not of another kernel. */
export const usable = (judged: Judged | undefined): judged is Judged =>
  judged !== undefined && judged.file.match !== 'refused';

/** Up to three of some, and how many more. */
function some(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  return `${distinct.slice(0, 3).join(', ')}${distinct.length > 3 ? `, ${distinct.length - 3} more` : ''}`;
}

/** Why frames of a report have no position. */
function missingOf(
  frames: readonly Frame[],
  modules: ReadonlySet<string>,
  files: RunFiles,
  placed: ReadonlySet<Frame>,
): string[] {
  const missing: string[] = [];
  const needsVmlinux = lacksLines(frames);
  const without = [...modules].filter((name) => files.modules.get(name) === undefined);
  missing.push(...modulesNotFound(without));
  for (const name of modules) {
    const { path, symbolsOnly, match } = files.modules.get(name)?.file ?? {};
    if (path !== undefined && symbolsOnly === true && match !== 'refused') missing.push(symbolsOnlyWords(path));
  }
  const unusable = [...modules].filter((name) => !isWhole(files.modules.get(name)));
  const unfetched = [...unusable, ...(needsVmlinux && !isWhole(files.vmlinux) ? [''] : [])];
  for (const why of new Set(unfetched.flatMap((name) => files.notFetched.get(name) ?? [])))
    missing.push(`debuginfod: ${why}`);
  const unplaced = frames.filter((frame) => {
    const judged = frame.module === undefined ? files.vmlinux : files.modules.get(frame.module);
    return frame.function !== undefined && frame.source === undefined && usable(judged) && !placed.has(frame);
  });
  if (unplaced.length > 0) missing.push(`not in these files: ${some(unplaced.map((frame) => frame.function ?? ''))}`);
  const knowsFunctions =
    usable(files.vmlinux) || (files.byMap !== undefined && files.byMap.judged.file.match !== 'refused');
  if (knowsFunctions && files.kaslr === undefined && frames.some(isBare))
    missing.push('the log does not say how far the kernel was moved, so bare addresses stay bare');
  return missing;
}

/** What was used for one report, and what is missing for it. `placed`: frames that were found in the files. */
export function usedFiles(
  report: CrashReport,
  files: RunFiles,
  placed: ReadonlySet<Frame>,
  problems: ReadonlySet<string>,
): SymbolsUsed {
  const frames = [...new Set(frameLists(report).flat())];
  const named = frames.map((frame) => files.byMap?.named.get(frame) ?? frame);
  const names = new Set(named.flatMap((frame) => (isMadeAtRunTime(frame) ? [] : (frame.module ?? []))));
  const modules = [...names].flatMap((name): readonly SymbolFile[] => {
    const file = files.modules.get(name)?.file;
    return file === undefined ? [] : [file];
  });
  const { vmlinux } = files;
  const plain = vmlinux?.file.symbolsOnly === true && usable(vmlinux) ? vmlinux.file : undefined;
  const isLost = (vmlinux === undefined || plain !== undefined) && lacksLines(frames);
  const lost = isLost ? notFound(files.identity, files.soughtIn) : undefined;
  const missing = [
    ...(lost === undefined ? [] : [plain === undefined ? notFoundWords(lost) : symbolsOnlyWords(plain.path)]),
    ...missingOf(frames, names, files, placed),
    ...problems,
  ];
  return {
    ...(files.vmlinux && { vmlinux: files.vmlinux.file }),
    ...(files.refused && { refused: files.refused }),
    ...(modules.length > 0 && { modules }),
    ...(files.byMap && { systemMap: files.byMap.judged.file }),
    ...(files.kaslr && { kaslr: files.kaslr }),
    ...(missing.length > 0 && { missing }),
    ...(lost && { notFound: lost }),
  };
}
