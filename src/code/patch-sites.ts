import { isWithin, type PatchSite, patchTables, sitesOf } from '../symbols/patch-tables.ts';
import type { CodeFile } from './code-references.ts';

type Cause = PatchSite['cause'];

/**
 * What of the code from an address up to another may be changed by the kernel: the places that begin there, or reach
 * into it. The file's index knows them; where there is none, tables are read when they are needed: a kernel's have a
 * megabyte, and some of them are found by names only.
 */
export class PatchSites {
  readonly #file: CodeFile;
  readonly #from: number;
  readonly #to: number;
  /** What the index has of all tables; null if it was not asked. */
  #listed: readonly PatchSite[] | undefined | null = null;
  /** What tables have, by their numbers. */
  readonly #read = new Map<number, readonly PatchSite[]>();

  constructor(file: CodeFile, from: number, to: number) {
    this.#file = file;
    this.#from = from;
    this.#to = to;
  }

  /**
   * The first place within a part of the code, or that reaches into it, of some causes or any: of the first table that
   * has one.
   * @throws KtriageError KT-ELF-*
   */
  within(from: number, to: number, causes?: ReadonlySet<Cause>): PatchSite | undefined {
    if (this.#listed === null) this.#listed = this.#file.sitesWithin?.(this.#from, this.#to);
    if (this.#listed !== undefined) return firstOf(this.#listed, from, to, causes);
    for (const [nth, { cause }] of patchTables.entries()) {
      if (causes?.has(cause) === false) continue;
      const site = this.#sites(nth).find((each) => isWithin(each, from, to));
      if (site !== undefined) return site;
    }
    return undefined;
  }

  #sites(table: number): readonly PatchSite[] {
    const known = this.#read.get(table);
    if (known !== undefined) return known;
    const sites = sitesOf(this.#file, table, this.#from, this.#to);
    this.#read.set(table, sites);
    return sites;
  }
}

/** Of places in their order the first one that is meant. */
function firstOf(
  sites: readonly PatchSite[],
  from: number,
  to: number,
  causes: ReadonlySet<Cause> | undefined,
): PatchSite | undefined {
  let first: PatchSite | undefined;
  for (const site of sites) {
    if (site.start >= to) break;
    if (!isWithin(site, from, to) || causes?.has(site.cause) === false) continue;
    if (first === undefined || site.table < first.table) first = site;
  }
  return first;
}
