import type { HowToGet } from './symbols.ts';

/** What source lines of a kernel come from, and what helps beside. */
export type PartName = 'vmlinux' | 'modules' | 'systemMap' | 'source';

/** One thing that was sought for a kernel. */
export interface PartCheckup {
  readonly part: PartName;
  /** `refused`: something is there, and is of another kernel or cannot be used. `partly`: some of several. */
  readonly state: 'found' | 'partly' | 'refused' | 'missing';
  readonly path?: string;
  /** How sure it is, or why there is none, in words. */
  readonly words?: string;
}

/** One kernel, and what there is of it. */
export interface KernelCheckup {
  /** Logs that it printed, as given; none for the running one. */
  readonly logs: readonly string[];
  readonly running: boolean;
  readonly release?: string;
  readonly version?: string;
  readonly buildId?: string;
  readonly machine?: string;
  readonly parts: readonly PartCheckup[];
  /** How one comes by the debug information, where it is not there. */
  readonly how?: HowToGet;
}

/** A program of others that ktriage can use. */
export interface ToolCheckup {
  readonly name: string;
  /** What it would be used for. */
  readonly use: string;
  /** Where it is; absent if it is not in PATH. */
  readonly path?: string;
  readonly version?: string;
  /** Why it does not tell its version. */
  readonly problem?: string;
}

/** A folder of files that can be made again. */
export interface CacheCheckup {
  readonly name: string;
  readonly path: string;
  /** Absent if there is no such folder. */
  readonly files?: number;
  readonly bytes?: number;
  /** There is more in it than was counted. */
  readonly incomplete?: true;
}

/** What `ktriage doctor` finds. */
export interface Checkup {
  readonly schema: 'ktriage/doctor/v1';
  readonly ktriage: string;
  readonly node: string;
  /** The system that this is, by its /etc/os-release. */
  readonly system?: string;
  readonly kernels: readonly KernelCheckup[];
  /** Logs that say nothing of a kernel, or could not be read. */
  readonly unclear: readonly { readonly log: string; readonly why: string }[];
  readonly tools: readonly ToolCheckup[];
  readonly debuginfod: { readonly servers: readonly string[]; readonly problem?: string };
  readonly caches: readonly CacheCheckup[];
}
