import type { KtriageError } from '../util/errors.ts';
import { Budget } from './budget.ts';
import { FunctionNames } from './names.ts';
import { Problems } from './problems.ts';
import { type DebugSections, SectionSet } from './sections.ts';
import { foldPath } from './source-tree.ts';
import { type OpenSplitFile, SplitFiles, type SplitPackage } from './split.ts';
import { type KnownUnits, type ReadUnitRanges, UnitFinder } from './unit-finder.ts';
import { type ResolvedFrame, UnitResolver } from './unit-resolver.ts';
import { UnitStore } from './unit-store.ts';
import type { SharedEntries } from './unit-tables.ts';

export type { DebugSections } from './sections.ts';
export type { ResolvedFrame } from './unit-resolver.ts';

/** What `DebugInfo` needs beyond the sections of one file. */
export interface DebugInfoOptions {
  /** Opens files of split debug information; without it their functions stay unknown. */
  readonly openSplitFile?: OpenSplitFile;
  /** The directory of the file itself, where split files are sought too. */
  readonly directory?: string;
  /** A package that split debug information is in. */
  readonly splitPackage?: SplitPackage;
  /** The file that `dwz` moved to what several files have; without it its names stay unknown. */
  readonly supplement?: (problems: Problems) => SharedEntries;
  /** Reads a table of the units' ranges where there is no `.debug_aranges`. */
  readonly readUnitRanges?: ReadUnitRanges;
  /** Knows the units of some addresses without reading anything of the file. */
  readonly unitAt?: KnownUnits;
}

/** What reads debug information, for others that read more of it than positions. */
export interface DebugInfoParts {
  readonly store: UnitStore;
  readonly finder: UnitFinder;
  readonly problems: Problems;
  /** Split files of one's own: those of one unit are open at a time. */
  readonly openSplit: () => SplitFiles | undefined;
}

/**
 * The debug information of a file, read only as far as questions need it. Addresses are numbers: signed for files with
 * addresses of 64 bits (a kernel's are negative, and exact), unsigned for those with 32.
 */
export class DebugInfo {
  readonly #store: UnitStore;
  readonly #finder: UnitFinder;
  readonly #resolver: UnitResolver;
  readonly #split: SplitFiles | undefined;
  readonly #problems = new Problems();
  readonly #openSplit: () => SplitFiles | undefined;

  constructor(sections: DebugSections, options: DebugInfoOptions = {}) {
    this.#store = new UnitStore(new SectionSet(sections, false));
    this.#store.tables.supplement = options.supplement?.(this.#problems);
    this.#finder = new UnitFinder(this.#store, this.#problems, options.readUnitRanges, options.unitAt);
    const { openSplitFile, directory, splitPackage } = options;
    this.#openSplit = () => openSplitFile && new SplitFiles(openSplitFile, directory, this.#problems, splitPackage);
    this.#split = this.#openSplit();
    this.#resolver = new UnitResolver(this.#store, new FunctionNames(this.#store), this.#split, this.#problems);
  }

  /** What was found damaged or missing so far; what depends on it is left out of the answers. */
  get problems(): readonly KtriageError[] {
    return this.#problems.list;
  }

  /** What readers of variables and types share with this one; see `variables.ts`. */
  get parts(): DebugInfoParts {
    return { store: this.#store, finder: this.#finder, problems: this.#problems, openSplit: this.#openSplit };
  }

  /**
   * The frames at each address, innermost first, in the order of the addresses; empty where nothing covers it.
   * Each unit is gone through once, for all addresses in it.
   */
  resolve(addresses: readonly number[]): ResolvedFrame[][] {
    this.#store.tables.budget = new Budget();
    const answers = new Map<number, ResolvedFrame[]>();
    let open = this.#candidates(addresses);
    while (open.size > 0) {
      const later = new Map<number, number[]>();
      for (const [unit, wanted] of byUnit(open)) {
        const frames = this.#problems.guard(() => this.#resolver.resolve(unit, wanted)) ?? [];
        for (const [nth, address] of wanted.entries()) {
          const found = frames[nth] ?? [];
          const rest = open.get(address)?.slice(1) ?? [];
          if (answers.get(address) === undefined || found.some((frame) => frame.function !== undefined)) {
            answers.set(address, found);
          }
          // Units that overlap: of several, the one that has a function there.
          if (rest.length > 0 && !found.some((frame) => frame.function !== undefined)) {
            later.set(address, rest);
          }
        }
      }
      open = later;
    }
    this.#split?.close();
    return addresses.map((address) => answers.get(address) ?? []);
  }

  /** What the kernel's tree calls a path that another tool read of the code at an address. */
  treeName(address: number, path: string): string {
    const [unit] = this.#problems.guard(() => this.#finder.find(address)) ?? [];
    const name = unit === undefined ? undefined : this.#problems.guard(() => this.#resolver.treeName(unit, path));
    return name ?? foldPath(path);
  }

  /** The units that may have an address. */
  #candidates(addresses: readonly number[]): Map<number, number[]> {
    const candidates = new Map<number, number[]>();
    for (const address of addresses) {
      if (!candidates.has(address)) {
        candidates.set(address, this.#finder.find(address));
      }
    }
    return candidates;
  }
}

/** Addresses, ascending, by the first unit that may have them, in the units' order. */
function byUnit(candidates: ReadonlyMap<number, readonly number[]>): [unit: number, addresses: number[]][] {
  const units = new Map<number, number[]>();
  for (const [address, [unit]] of candidates) {
    if (unit !== undefined) {
      const known = units.get(unit);
      if (known === undefined) {
        units.set(unit, [address]);
      } else {
        known.push(address);
      }
    }
  }
  const sorted = [...units].sort(([a], [b]) => a - b);
  for (const [, addresses] of sorted) {
    addresses.sort((a, b) => a - b);
  }
  return sorted;
}
