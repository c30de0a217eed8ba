/** A level of page tables, as entries of it are found and what they can be. */
export interface PageTableLevel {
  /** `PGD`, `P4D`, `PUD`, `PMD`, `PTE`, as the kernel prints them. */
  readonly name: string;
  /** Bits of an address below those that choose the entry. */
  readonly shift: number;
  /** How many bits choose the entry. */
  readonly bits: number;
  /** Whether an entry can be a page (a large one, except at the last level). */
  readonly canBePage: boolean;
}

/** What an entry leads to. */
export type EntryTarget =
  | { readonly kind: 'table'; readonly address: bigint }
  | { readonly kind: 'page'; readonly address: bigint }
  /** `why`: `not present`, `a page where only a table can be`. */
  | { readonly kind: 'nothing'; readonly why: string };

/** Page tables of one kind: what a processor's registers say of how it translates. */
export interface PageTableFormat {
  /** For people: `4 levels of 4 KiB pages`. */
  readonly words: string;
  /** Outermost first; two to five. */
  readonly levels: readonly PageTableLevel[];
  /** Why an address cannot be translated by such tables; undefined if it can. */
  refuses(address: bigint): string | undefined;
  /** What an entry of a level leads to. */
  target(entry: bigint, level: PageTableLevel): EntryTarget;
}

/** Names of levels, outermost first; those that are folded away are left out (include/asm-generic/pgtable-nop4d.h and the like). */
export function levelNames(count: number): readonly string[] {
  const inner = ['PUD', 'PMD', 'PTE'];
  if (count >= 5) return ['PGD', 'P4D', ...inner];
  if (count <= 1) return ['PTE'];
  return ['PGD', ...inner.slice(4 - count)];
}

const everyBit = (1n << 64n) - 1n;

/** Bits `high` to `low` of 64, all set. */
export function bitMask(high: number, low: number): bigint {
  return ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
}

/** All bits but the lowest `count`. */
export function withoutLow(value: bigint, count: number): bigint {
  return value & everyBit & ~((1n << BigInt(count)) - 1n);
}
