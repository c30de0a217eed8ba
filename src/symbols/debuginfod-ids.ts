import { readFileSync } from 'node:fs';
import { release, version } from 'node:os';
import type { ElfLayout } from '../elf/constants.ts';
import { buildIdOf, parseNotes } from '../elf/notes.ts';
import { openElf } from '../elf/open-elf.ts';
import { KtriageError } from '../util/errors.ts';
import { Image } from './image.ts';
import { type KernelIdentity, matchFile } from './match.ts';

/** Files of one name beyond these are not looked into. */
const maxFiles = 32;

/** A build ID by which a server can be asked, and what it was learnt from. */
export interface LearntId {
  readonly buildId: string;
  readonly from: string;
}

/**
 * The build ID of a file that is there without debug information (`/lib/modules/RELEASE/kernel/x.ko`) and is of the
 * release that the log is of.
 */
export async function idOfStripped(
  paths: readonly string[],
  log: KernelIdentity,
  signal?: AbortSignal,
): Promise<LearntId | undefined> {
  for (const path of paths.slice(0, maxFiles)) {
    const image = await opened(path, signal);
    if (image === undefined) continue;
    try {
      const { buildId } = image;
      const itsRelease = image.release;
      if (buildId !== undefined && log.release !== undefined && itsRelease === log.release)
        return { buildId, from: path };
    } catch (error) {
      if (!(error instanceof KtriageError)) throw error;
    } finally {
      image.close();
    }
  }
  return undefined;
}

async function opened(path: string, signal: AbortSignal | undefined): Promise<Image | undefined> {
  try {
    return Image.of(await openElf(path, signal));
  } catch (error) {
    if (error instanceof KtriageError) return undefined;
    throw error;
  }
}

/** What this machine runs, and where it says more about it. */
export interface RunningKernel {
  readonly release: string;
  /** `#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-08-26)` */
  readonly version: string;
  /** `/sys` */
  readonly sys: string;
  readonly littleEndian: boolean;
}

export function thisMachine(): RunningKernel {
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  return { release: release(), version: version(), sys: '/sys', littleEndian };
}

/**
 * The build ID of the kernel that runs, or of a module of it, if the log can be of it. The kernel shows its own notes
 * (kernel/ksysfs.c) and those of its modules (kernel/module/sysfs.c) to everybody.
 */
export function idOfRunning(
  log: KernelIdentity,
  module: string | undefined,
  machine: RunningKernel,
): LearntId | undefined {
  if (log.release !== machine.release) return undefined;
  const banner = `Linux version ${machine.release} ${machine.version}`;
  if (matchFile(log, { release: machine.release, banner }, { agree: 0, differ: [] }).match === 'refused')
    return undefined;
  // Names come from logs.
  if (module !== undefined && !/^\w{1,64}$/.test(module.replaceAll('-', '_'))) return undefined;
  const from =
    module === undefined
      ? `${machine.sys}/kernel/notes`
      : `${machine.sys}/module/${module.replaceAll('-', '_')}/notes/.note.gnu.build-id`;
  try {
    const layout: ElfLayout = { is64: true, littleEndian: machine.littleEndian };
    const buildId = buildIdOf(parseNotes(readFileSync(from), 4, layout));
    return buildId === undefined ? undefined : { buildId, from };
  } catch {
    // No such module, or no /sys (containers).
    return undefined;
  }
}
