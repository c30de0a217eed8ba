import type { Machine } from '../machine/machine.ts';
import type { KernelIdentity } from './kernel.ts';
import { TableEntries } from './page-tables/table-entries.ts';
import { arm64Finder } from './slide/arm64.ts';
import { identityOf } from './slide/banner.ts';
import { isBeforeKernel } from './slide/before-kernel.ts';
import { behind, buildIdBehind } from './slide/build-id-scan.ts';
import { cpuStates } from './slide/cpu-states.ts';
import type { CpuState, Finder } from './slide/lead.ts';
import { type FoundBanner, memoryOf, scanForBanner } from './slide/scan.ts';
import { x86Finder } from './slide/x86.ts';

/** Memory that is looked at in vain, before there is said to be no kernel. */
const mostBytes = 0x2000_0000;
/** The same where no CPU executes a kernel: there is hardly one, and the guest stands still meanwhile. */
const mostBytesBefore = 0x200_0000;
/** Bytes of an image that page tables point to. */
const mostImageBytes = 0x1000_0000;

/** What says which kernel a machine runs. */
export interface MachineIdentity {
  readonly identity: KernelIdentity;
  /** Physical address of its linux_banner. */
  readonly bannerAt: bigint;
}

/** How kernels of a machine are found; undefined where none are. */
export function finderOf(machine: Machine): Finder | undefined {
  switch (machine.architecture) {
    case 'x86_64':
      return x86Finder;
    case 'arm64':
      return arm64Finder;
    default:
      return undefined;
  }
}

/** How far memory is searched. */
export interface IdentifyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of memory that are gone through where registers tell nothing; 512 MiB by default, 32 MiB if no CPU can be in a kernel. */
  readonly most?: number;
}

/**
 * Finds out which kernel runs, without any vmlinux: looks for its banner in physical memory, first where the page tables
 * of the CPUs have an image.
 * @throws what the machine's own methods throw; the signal's reason.
 */
export async function identifyMachine(
  machine: Machine,
  options: IdentifyOptions = {},
): Promise<MachineIdentity | undefined> {
  const finder = finderOf(machine);
  if (finder === undefined || !machine.canReadPhysical) return undefined;
  const cpus = await cpuStates(machine);
  const most = options.most ?? (isBeforeKernel(cpus) ? mostBytesBefore : mostBytes);
  const found =
    (await likelyBanner(machine, finder, cpus, options.signal)) ??
    (await scanForBanner(machine, memoryOf(machine), most, options));
  if (found === undefined) return undefined;
  return { identity: await identityOfBanner(machine, found), bannerAt: found.at };
}

/** Which kernel it is that has a banner, with its build ID if that is found behind it. */
export async function identityOfBanner(machine: Machine, { at, banner, within }: FoundBanner): Promise<KernelIdentity> {
  const end = behind(at, within, memoryOf(machine));
  return identityOf(banner, await buildIdBehind(machine, at, end));
}

/** The banner of an image that page tables of CPUs point to. */
export async function likelyBanner(
  machine: Machine,
  finder: Finder,
  cpus: readonly CpuState[],
  signal: AbortSignal | undefined,
): Promise<FoundBanner | undefined> {
  const images = await finder.likelyImages({ machine, cpus, entries: new TableEntries(machine) });
  return scanForBanner(machine, images, mostImageBytes, { signal, backwards: machine.architecture === 'arm64' });
}
