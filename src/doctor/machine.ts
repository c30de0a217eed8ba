import { readFileSync } from 'node:fs';
import { machine, release, version } from 'node:os';
import { idOfRunning, thisMachine } from '../symbols/debuginfod-ids.ts';
import type { KernelIdentity } from '../symbols/match.ts';

/** So much is read of files of /etc and /proc. */
const maxBytes = 65_536;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').slice(0, maxBytes);
  } catch {
    // Containers and other systems have no such file.
    return undefined;
  }
}

/** The system's own name for itself (os-release(5)). */
export function systemName(root = ''): string | undefined {
  const text = read(`${root}/etc/os-release`) ?? read(`${root}/usr/lib/os-release`);
  const value = /^PRETTY_NAME=(.{1,200})$/m.exec(text ?? '')?.[1]?.trim();
  return value?.replace(/^(["'])(.*)\1$/, '$2');
}

/** The kernel that runs here, as far as it tells. */
export function runningKernel(): KernelIdentity & { readonly machine: string } {
  const banner = read('/proc/version')?.trim();
  const known: KernelIdentity = {
    release: release(),
    version: version(),
    // Of a machine that only plays Linux, it is not that of its release.
    ...(banner?.startsWith(`Linux version ${release()} `) && { banner }),
  };
  const buildId = idOfRunning(known, undefined, thisMachine())?.buildId;
  return { ...known, ...(buildId !== undefined && { buildId }), machine: machine() };
}
