import type { FileResult } from '../model/document.ts';
import { kernelRuns } from '../symbols/kernels.ts';
import type { KernelIdentity } from '../symbols/match.ts';
import type { Patient } from './kernels.ts';

/** More kernels are not looked for: logs of a farm have a few dozen. */
const maxKernels = 64;

const keyOf = ({ release, buildId, version, banner }: KernelIdentity): string =>
  [release, buildId ?? '', version ?? '', banner ?? ''].join('\0');

/** The kernels of logs, those of several logs or boots once. */
export function patientsOf(results: readonly FileResult[]): Patient[] {
  const found = new Map<string, Patient>();
  const note = (identity: KernelIdentity, path: string, reports: Patient['reports']): void => {
    const key = keyOf(identity);
    const known = found.get(key);
    if (known === undefined && found.size >= maxKernels) return;
    const logs = [...new Set([...(known?.logs ?? []), path])];
    found.set(key, { identity, logs, running: false, reports: [...(known?.reports ?? []), ...reports] });
  };
  for (const { path, reports, boots } of results) {
    const told = new Set<string>();
    for (const run of kernelRuns(reports, boots)) {
      if (run.identity.release === undefined && run.identity.buildId === undefined) continue;
      told.add(run.identity.release ?? '');
      note(run.identity, path, run.reports);
    }
    for (const { release, banner } of boots) {
      if (release === undefined || told.has(release)) continue;
      told.add(release);
      note({ release, ...(banner !== undefined && { banner }) }, path, []);
    }
  }
  return [...found.values()];
}
