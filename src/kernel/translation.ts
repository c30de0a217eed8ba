/** A page-table entry on the way of a translation. */
export interface TranslationStep {
  /** `PGD`, `P4D`, `PUD`, `PMD`, `PTE`, as the kernel prints them. */
  readonly level: string;
  /** Physical address of the entry. */
  readonly at: bigint;
  /** The entry; undefined if it could not be read. */
  readonly entry?: bigint;
}

/** A virtual address looked up in page tables. */
export interface Translation {
  readonly address: bigint;
  readonly steps: readonly TranslationStep[];
  /** Where it leads; undefined if it is not mapped. */
  readonly physical?: bigint;
  /** Bytes of the page: 4096 and up. */
  readonly pageBytes?: number;
  /** Why it leads nowhere: `the PMD entry is not present`, `the address is not canonical`. */
  readonly why?: string;
}
