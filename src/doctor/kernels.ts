import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelCheckup, PartCheckup } from '../model/doctor.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import type { SymbolFile } from '../model/symbols.ts';
import { howToGet } from '../symbols/how-to-get.ts';
import { frameLists, moduleBuildIds } from '../symbols/kernels.ts';
import { MapFiles } from '../symbols/map-files.ts';
import { isMadeAtRunTime, type KernelIdentity } from '../symbols/match.ts';
import { moduleFolders, plainReleaseOf, type Roots } from '../symbols/places.ts';
import { SymbolFiles } from '../symbols/symbol-files.ts';
import type { SymbolizeOptions } from '../symbols/symbolize.ts';

/** More modules of one log are not sought. */
const maxModules = 64;

/** A kernel whose files are to be sought. */
export interface Patient {
  readonly identity: KernelIdentity;
  readonly logs: readonly string[];
  readonly running: boolean;
  readonly machine?: string;
  /** What it printed when it crashed: names and sizes of functions tell builds apart. */
  readonly reports: readonly CrashReport[];
}

/** Finds what there is of kernels; files are opened once. `close` it. */
export class KernelChecker {
  readonly #files: SymbolFiles;
  readonly #maps: MapFiles;

  constructor(options: SymbolizeOptions) {
    this.#files = new SymbolFiles(options);
    this.#maps = new MapFiles(options, this.#files.roots);
  }

  /** Opens what was named; throws as `Symbolizer.check`. */
  async check(): Promise<void> {
    await this.#files.check();
    await this.#maps.check();
  }

  async checkup({ identity, logs, running, machine, reports }: Patient): Promise<KernelCheckup> {
    const frames = reports.flatMap((report) => frameLists(report).flat());
    const parts: PartCheckup[] = [
      await this.#vmlinux(identity, frames),
      ...(await this.#modules(identity, reports, frames)),
      await this.#systemMap(identity, frames),
      sourceOf(identity, this.#files.roots),
    ];
    const { release, version, buildId } = identity;
    const isThere = parts.some(({ part, state }) => part === 'vmlinux' && state === 'found');
    return {
      logs,
      running,
      ...(release !== undefined && { release }),
      ...(version !== undefined && { version }),
      ...(buildId !== undefined && { buildId }),
      ...(machine !== undefined && { machine }),
      parts,
      ...(!isThere && { how: howToGet(identity) }),
    };
  }

  close(): void {
    this.#files.close();
  }

  async #vmlinux(identity: KernelIdentity, frames: readonly Frame[]): Promise<PartCheckup> {
    const own = frames.filter(({ module }) => module === undefined);
    const found = await this.#files.vmlinux(identity, own);
    if (found !== undefined) return judged('vmlinux', found.file);
    const places = this.#files.vmlinuxPlaces(identity).length;
    const words = places === 0 ? 'nothing says which kernel it is' : `it is in none of ${places} places (--verbose)`;
    return { part: 'vmlinux', state: 'missing', words };
  }

  /** Modules of the stacks; for a kernel that did not crash, the folder that has them all. */
  async #modules(
    identity: KernelIdentity,
    reports: readonly CrashReport[],
    frames: readonly Frame[],
  ): Promise<PartCheckup[]> {
    const byModule = new Map<string, Frame[]>();
    for (const frame of frames) {
      if (frame.module === undefined || isMadeAtRunTime(frame)) continue;
      byModule.set(frame.module, [...(byModule.get(frame.module) ?? []), frame]);
    }
    if (byModule.size === 0) return reports.length > 0 ? [] : [folderOf(identity, this.#files.roots)];
    const ids = moduleBuildIds(reports);
    const { release } = identity;
    const files = new Map<string, SymbolFile | undefined>();
    for (const [module, itsFrames] of [...byModule].slice(0, maxModules)) {
      const buildId = ids.get(module);
      const log = { ...(release !== undefined && { release }), ...(buildId !== undefined && { buildId }) };
      files.set(module, (await this.#files.module(module, log, itsFrames))?.file);
    }
    return [modulesPart(files)];
  }

  async #systemMap(identity: KernelIdentity, frames: readonly Frame[]): Promise<PartCheckup> {
    const found = await this.#maps.find(identity, frames);
    if (found === undefined) return { part: 'systemMap', state: 'missing' };
    return judged('systemMap', found.file);
  }
}

function judged(part: PartCheckup['part'], { path, match, reasons, symbolsOnly }: SymbolFile): PartCheckup {
  if (symbolsOnly === true && match !== 'refused')
    return { part, state: 'partly', path, words: `without debug information; ${reasons.join('; ')}` };
  const sure = { certain: 'certain', likely: 'likely right', unverified: 'unverified', refused: 'of another build' };
  return {
    part,
    state: match === 'refused' ? 'refused' : 'found',
    path,
    words: `${sure[match]}: ${reasons.join('; ')}`,
  };
}

function modulesPart(files: ReadonlyMap<string, SymbolFile | undefined>): PartCheckup {
  const found: string[] = [];
  const bad: string[] = [];
  for (const [module, file] of files) {
    if (file === undefined) bad.push(`${module} is missing, --modules FOLDER says where it is`);
    else if (file.match === 'refused') bad.push(`${file.path} is of another build (${file.reasons.join('; ')})`);
    else if (file.symbolsOnly === true) bad.push(`${file.path} has no debug information`);
    else found.push(`${module} at ${file.path}`);
  }
  const state = bad.length === 0 ? 'found' : found.length > 0 ? 'partly' : 'missing';
  return { part: 'modules', state, words: [...found, ...bad].join('; ') };
}

/** The folder of a kernel's modules with debug information, or that of those without. */
function folderOf(identity: KernelIdentity, roots: Roots): PartCheckup {
  const folders = moduleFolders(identity, roots).filter((path) => existsSync(join(path, 'kernel')));
  const [path] = folders;
  if (path === undefined) return { part: 'modules', state: 'missing' };
  const withDebug = path.startsWith(`${roots.root}/usr/lib/debug/`);
  return withDebug
    ? { part: 'modules', state: 'found', path }
    : { part: 'modules', state: 'partly', path, words: 'the installed ones, which rarely have debug information' };
}

/** Folders that may hold the source that a kernel was built from. */
function sourceFolders(release: string, root: string): string[] {
  const [upstream = ''] = /^\d+\.\d+(?:\.\d+)?/.exec(release) ?? [];
  const series = /^\d+\.\d+/.exec(upstream)?.[0] ?? '';
  return [
    `${root}/lib/modules/${release}/source`,
    `${root}/lib/modules/${release}/build`,
    `${root}/usr/src/linux-${release}`,
    `${root}/usr/src/linux-${upstream}`,
    `${root}/usr/src/linux-source-${series}`,
    `${root}/usr/src/linux-source-${upstream}`,
    ...debugSources(`${root}/usr/src/debug`).map((folder) => `${folder}/linux-${release}`),
  ];
}

/** Fedora's and RHEL's kernel-debuginfo-common: /usr/src/debug/kernel-6.8.5/linux-6.8.5-301.fc40.x86_64. */
function debugSources(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith('kernel-'))
      .slice(0, 64)
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function sourceOf({ release }: KernelIdentity, { root }: Roots): PartCheckup {
  const plain = plainReleaseOf(release);
  const there = plain === undefined ? [] : sourceFolders(plain, root).filter((path) => existsSync(path));
  const whole = there.find((path) => existsSync(join(path, 'kernel', 'fork.c')));
  if (whole !== undefined) return { part: 'source', state: 'found', path: whole };
  const [headers] = there;
  if (headers === undefined) return { part: 'source', state: 'missing' };
  return { part: 'source', state: 'partly', path: headers, words: 'headers only' };
}
