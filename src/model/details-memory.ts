/** A process with the sizes that the kernel counts for it, in KiB. */
export interface MemoryUser {
  readonly pid: number;
  readonly task: string;
  readonly uid?: number;
  readonly totalVm?: number;
  readonly anonRss?: number;
  readonly fileRss?: number;
  readonly shmemRss?: number;
  readonly pageTables?: number;
  readonly oomScoreAdj?: number;
}

/** mm/oom_kill.c */
export interface OutOfMemoryDetails {
  readonly of: 'out-of-memory';
  readonly invoker?: string;
  /** Flags as printed: `0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)`. */
  readonly gfp?: string;
  readonly order?: number;
  readonly oomScoreAdj?: number;
  readonly nodemask?: string;
  /** `NONE`, `CPUSET`, `MEMORY_POLICY`, `MEMCG`. */
  readonly constraint?: string;
  readonly cgroup?: string;
  readonly cgroupUsage?: { readonly usage: number; readonly limit: number; readonly failures: number };
  readonly killed?: MemoryUser;
  /** Further processes killed with it: those that share its memory, or its group. */
  readonly alsoKilled?: readonly MemoryUser[];
  /** What the nodes have, of `Node 0 active_anon:...kB`, in KiB. */
  readonly nodes?: readonly { readonly node: number; readonly values: Readonly<Record<string, number>> }[];
  /** The numbers of `Mem-Info:` (`active_anon`, `slab_unreclaimable`, `free`), in pages. */
  readonly pages?: Readonly<Record<string, number>>;
  readonly swap?: { readonly free?: number; readonly total?: number };
  /** The largest ones of the process table, by resident pages, at most ten. */
  readonly largest?: readonly { readonly pid: number; readonly task: string; readonly rssPages: number }[];
}

/** warn_alloc() in mm/page_alloc.c */
export interface AllocationFailureDetails {
  readonly of: 'allocation-failure';
  readonly task?: string;
  readonly order?: number;
  readonly gfp?: string;
  readonly nodemask?: string;
  readonly cpuset?: string;
  readonly stalledMilliseconds?: number;
  /** vmalloc(): bytes asked for. */
  readonly bytes?: number;
}

/** bad_page(), dump_page(), print_bad_pte() */
export interface BadPageDetails {
  readonly of: 'bad-page';
  readonly task?: string;
  readonly pfn?: bigint;
  readonly page?: bigint;
  readonly referenceCount?: number;
  readonly mapCount?: number;
  readonly mapping?: bigint;
  readonly index?: bigint;
  readonly flags?: string;
  readonly reason?: string;
  /** Bad page map: the entries. */
  readonly pte?: bigint;
  readonly pmd?: bigint;
  readonly address?: bigint;
}

/** check_mm() in kernel/fork.c */
export interface RssCounterDetails {
  readonly of: 'mm-counter';
  readonly mm?: string;
  /** `MM_ANONPAGES`, or the index of old kernels. */
  readonly counter?: string;
  readonly value?: number;
  readonly task?: string;
  readonly pid?: number;
}

/** mm/slub.c */
export interface SlabDetails {
  readonly of: 'slab';
  readonly cache?: string;
  readonly finding?: string;
  readonly object?: bigint;
  /** Offset of the object in its slab. */
  readonly objectOffset?: number;
  /** The overwritten range and what was found. */
  readonly range?: { readonly from: bigint; readonly to: bigint };
  readonly found?: number;
  readonly expected?: number;
  readonly allocatedIn?: {
    readonly function: string;
    readonly age?: number;
    readonly cpu?: number;
    readonly pid?: number;
  };
  readonly freedIn?: { readonly function: string; readonly age?: number; readonly cpu?: number; readonly pid?: number };
  /** The dump of object, redzone and padding, as printed. */
  readonly dump?: readonly string[];
}

/** mm/kmemleak.c */
export interface KmemleakDetails {
  readonly of: 'kmemleak';
  readonly address?: bigint;
  readonly size?: number;
  readonly task?: string;
  readonly pid?: number;
  readonly jiffies?: number;
  readonly ageSeconds?: number;
  readonly hexDump: readonly string[];
}
