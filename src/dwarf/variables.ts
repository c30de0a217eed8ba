import { Budget } from './budget.ts';
import { type CallFrame, CallFrameTable, type KnownCallFrames } from './call-frame-table.ts';
import { CallSites } from './call-site.ts';
import { Attribute } from './constants.ts';
import type { DebugInfoParts } from './debug-info.ts';
import { EntryReader, type PlacedEntry } from './entry-reader.ts';
import type { ExpressionEncoding } from './expression.ts';
import type { Problems } from './problems.ts';
import { ScopeFinder, type ScopeLevel } from './scope.ts';
import { type ScopeVariable, VariableEntries, type WantedVariables } from './scope-variables.ts';
import type { SplitFiles } from './split.ts';
import { TypeReader } from './type-reader.ts';
import { TypeSearch } from './type-search.ts';
import type { Unit } from './unit.ts';
import type { UnitStore } from './unit-store.ts';

/** Reads entries of one file: the whole of it, or the split file of one unit. */
export interface EntryTools {
  readonly entries: EntryReader;
  readonly types: TypeReader;
  readonly search: TypeSearch;
  readonly scopes: ScopeFinder;
  readonly variables: VariableEntries;
  readonly sites: CallSites;
}

/** A function, or an inlined call of one, at an address, with what it has in scope there. */
export interface FunctionScope {
  /** As in the source; of Rust and C++ mangled. */
  readonly name?: string;
  readonly inlined: boolean;
  /** Parameters first, in their order, then variables, those of outer blocks first. Read when they are asked for. */
  readonly variables: readonly ScopeVariable[];
  /** Those of them that are wanted, which takes less reading. */
  some(wanted: WantedVariables): readonly ScopeVariable[];
  readonly entry: PlacedEntry;
  /** The types of its variables; offsets of another file's types mean nothing here. */
  readonly tools: EntryTools;
}

/** A level with what is read of it when it is asked for. */
class LevelScope implements FunctionScope {
  readonly inlined: boolean;
  readonly entry: PlacedEntry;
  readonly tools: EntryTools;
  readonly name?: string;
  readonly #level: ScopeLevel;
  readonly #address: number;
  readonly #guard: VariableReader['guard'];
  #variables: readonly ScopeVariable[] | undefined;

  constructor(level: ScopeLevel, address: number, tools: EntryTools, guard: VariableReader['guard']) {
    this.inlined = level.inlined;
    this.entry = level.entry;
    this.tools = tools;
    this.#level = level;
    this.#address = address;
    this.#guard = guard;
    const { variables } = tools;
    const name = variables.text(level.entry, Attribute.linkageName) ?? variables.text(level.entry, Attribute.name);
    if (name !== undefined) this.name = name;
  }

  get variables(): readonly ScopeVariable[] {
    this.#variables ??= this.#read({});
    return this.#variables;
  }

  some(wanted: WantedVariables): readonly ScopeVariable[] {
    return this.#variables === undefined
      ? this.#read(wanted)
      : this.#variables.filter((variable) => isWanted(variable, wanted));
  }

  #read(wanted: WantedVariables): readonly ScopeVariable[] {
    return this.#guard(() => this.tools.variables.variables(this.#level, this.#address, wanted)) ?? [];
  }
}

function isWanted(variable: ScopeVariable, { kind, names }: WantedVariables): boolean {
  return (kind === undefined || kind === variable.kind) && (names === undefined || names.includes(variable.name));
}

/** Addresses whose scopes are kept: the frames of some stacks. */
const mostScopes = 64;

function makeTools(store: UnitStore, problems: Problems): EntryTools {
  const entries = new EntryReader(store);
  return {
    entries,
    types: new TypeReader(entries),
    search: new TypeSearch(entries),
    scopes: new ScopeFinder(entries),
    variables: new VariableEntries(entries, problems),
    sites: new CallSites(entries),
  };
}

/**
 * Variables, types and call frames of a file with debug information. Addresses are those of the file, as numbers (see
 * `DebugInfo`). What is damaged is left out and noted in the problems of the `DebugInfo`; types may throw KT-DWARF-*.
 */
export class VariableReader {
  readonly #parts: DebugInfoParts;
  readonly #tools: EntryTools;
  readonly #split: SplitFiles | undefined;
  readonly #frames: CallFrameTable;
  /** By address, those that were asked for last. */
  readonly #scopes = new Map<number, readonly FunctionScope[]>();
  #splitTools: { readonly store: UnitStore; readonly tools: EntryTools } | undefined;

  /**
   * @param isArm64 decides what one instruction of call frames means.
   * @param callFrames knows the call frames of some addresses already.
   */
  constructor(parts: DebugInfoParts, isArm64 = false, callFrames?: KnownCallFrames) {
    this.#parts = parts;
    this.#tools = makeTools(parts.store, parts.problems);
    this.#split = parts.openSplit();
    this.#frames = new CallFrameTable(parts.store.set, isArm64, callFrames);
  }

  /** What reads the types of the file; those of variables in split files are of their `FunctionScope.tools`. */
  get types(): TypeReader {
    return this.#tools.types;
  }

  get search(): TypeSearch {
    return this.#tools.search;
  }

  /** The function at an address and the inlined calls in it, innermost first, with their variables. */
  scopesAt(address: number): readonly FunctionScope[] {
    const known = this.#scopes.get(address);
    if (known !== undefined) {
      return known;
    }
    const found = this.#findScopes(address);
    if (this.#scopes.size >= mostScopes) {
      this.#scopes.clear();
    }
    this.#scopes.set(address, found);
    return found;
  }

  #findScopes(address: number): readonly FunctionScope[] {
    this.#parts.store.tables.budget = new Budget();
    for (const offset of this.#guard(() => this.#parts.finder.find(address)) ?? []) {
      const found = this.#guard(() => this.#scopesIn(offset, address)) ?? [];
      if (found.length > 0) {
        return found;
      }
    }
    return [];
  }

  /** The unit whose code is at an address, with what reads its types: where a type of a name is sought first. */
  unitAt(address: number): { readonly unit: Unit; readonly tools: EntryTools } | undefined {
    const [offset] = this.#guard(() => this.#parts.finder.find(address)) ?? [];
    return offset === undefined ? undefined : this.#guard(() => this.#unit(offset));
  }

  /** How the caller's registers are found at an address. */
  callFrameAt(address: number): CallFrame | undefined {
    return this.#guard(() => this.#frames.at(address));
  }

  /** Does something with the readers; undefined if what it reads is damaged, which is noted. */
  guard<Outcome>(action: () => Outcome): Outcome | undefined {
    this.#parts.store.tables.budget = new Budget();
    return this.#guard(action);
  }

  close(): void {
    this.#split?.close();
  }

  #guard<Outcome>(action: () => Outcome): Outcome | undefined {
    return this.#parts.problems.guard(action);
  }

  #unit(offset: number): { readonly unit: Unit; readonly tools: EntryTools } {
    const skeleton = this.#parts.store.unit(offset);
    const split = this.#guard(() => this.#split?.unit(skeleton));
    if (split === undefined) {
      return { unit: skeleton, tools: this.#tools };
    }
    if (this.#splitTools?.store !== split.store) {
      this.#splitTools = { store: split.store, tools: makeTools(split.store, this.#parts.problems) };
    }
    return { unit: split.unit, tools: this.#splitTools.tools };
  }

  #scopesIn(offset: number, address: number): FunctionScope[] {
    const { unit, tools } = this.#unit(offset);
    const guard: VariableReader['guard'] = (action) => this.guard(action);
    return tools.scopes.levels(unit, address).map((level) => new LevelScope(level, address, tools, guard));
  }
}

/** How the numbers of expressions of an entry's unit are written. */
export function encodingOf({ unit }: PlacedEntry): ExpressionEncoding {
  const { version, addressSize, is64 } = unit.header;
  return { version, addressSize, is64, littleEndian: unit.tables.set.littleEndian };
}
