import type { Boot } from '../model/incident.ts';
import type { CrashReport, Frame, KernelInfo } from '../model/report.ts';
import type { KernelIdentity } from './match.ts';

/** Reports of one boot, and what all of them together say of the kernel. */
export interface KernelRun {
  readonly identity: KernelIdentity;
  readonly reports: readonly CrashReport[];
}

function first<Key extends keyof KernelInfo>(reports: readonly CrashReport[], key: Key): KernelInfo[Key] | undefined {
  return reports.find((report) => report.kernel?.[key] !== undefined)?.kernel?.[key];
}

/** Reports by their boot; those without one are each on their own. */
export function kernelRuns(reports: readonly CrashReport[], boots: readonly Boot[]): KernelRun[] {
  const groups = new Map<number | CrashReport, CrashReport[]>();
  for (const report of reports) {
    const key = report.boot ?? report;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [report]);
    else known.push(report);
  }
  return [...groups].map(([key, group]) => {
    const boot = typeof key === 'number' ? boots[key] : undefined;
    const release = first(group, 'release') ?? boot?.release;
    const version = first(group, 'version');
    const buildId = first(group, 'buildId');
    // A boot's banner is that of the report's kernel unless the log says otherwise.
    const banner = boot?.release === release ? boot?.banner : undefined;
    return {
      identity: {
        ...(release !== undefined && { release }),
        ...(version !== undefined && { version }),
        ...(buildId !== undefined && { buildId }),
        ...(banner !== undefined && { banner }),
      },
      reports: group,
    };
  });
}

/** Every frame of a report that is code of the kernel, each list in the order of its stack. */
export function frameLists(report: CrashReport): (readonly Frame[])[] {
  const registers = (report.registers ?? [])
    .filter((set) => set.mode === 'kernel')
    .map((set) => [set.ip, set.lr].filter((frame) => frame !== undefined));
  const stacks = report.stacks.filter((stack) => stack.role !== 'user').map((stack) => stack.frames);
  return [report.frames, ...stacks, ...registers];
}

/** Build IDs of modules by their names, as frames or the list of modules print them. */
export function moduleBuildIds(reports: readonly CrashReport[]): Map<string, string> {
  const found = new Map<string, string>();
  const note = (name: string | undefined, id: string | undefined): void => {
    if (name !== undefined && id !== undefined && !found.has(name)) found.set(name, id);
  };
  for (const report of reports) {
    for (const module of report.linkedModules ?? []) note(module.name, module.buildId);
    for (const frame of frameLists(report).flat()) note(frame.module, frame.moduleBuildId);
  }
  return found;
}
