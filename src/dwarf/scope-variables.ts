import { Attribute, Form, Tag } from './constants.ts';
import { deepestTree, type EntryReader, type PlacedEntry } from './entry-reader.ts';
import type { OptimizedOut } from './expression-location.ts';
import { Operation } from './expression-operations.ts';
import type { FormValue } from './forms.ts';
import { locationAt, locationRanges } from './location-list.ts';
import type { Problems } from './problems.ts';
import { hasRanges, type ScopeLevel } from './scope.ts';
import type { TypeRef } from './type-reader.ts';

/** What the debug information has of a variable at one address. */
export type Presence =
  | { readonly kind: 'expression'; readonly expression: Uint8Array }
  /** The same wherever it is. */
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'optimized-out'; readonly why: OptimizedOut }
  /** What says where it is makes no sense; noted. */
  | { readonly kind: 'damaged' };

/** A parameter or local variable at an address. */
export interface ScopeVariable {
  readonly name: string;
  readonly kind: 'parameter' | 'local';
  readonly type: TypeRef;
  /** Where it is declared: a line of the file with an index of the line program, from 1 on; missing where not told. */
  readonly line?: number;
  readonly fileIndex?: number;
  /** Offset of its entry in `.debug_info`; of one that is only in the abstract instance, of that. */
  readonly entry: number;
  /** How many blocks of its function it is in: of two with one name, the deeper one is meant. */
  readonly depth: number;
  /** It is the same in all calls: `static` within the function. */
  readonly isStatic: boolean;
  readonly presence: Presence;
}

/** An abstract instance of an abstract instance does not exist; two steps are real, more a cycle. */
const longestChain = 16;
const mostVariables = 1 << 14;

const deepestBlock = 512;

const variableTags: readonly number[] = [Tag.formalParameter, Tag.variable];
const scopeTags: readonly number[] = [...variableTags, Tag.lexicalBlock];

/** Which variables of a scope are wanted. */
export interface WantedVariables {
  readonly kind?: ScopeVariable['kind'];
  readonly names?: readonly string[];
}

const everything: WantedVariables = {};

interface Found {
  readonly variable: ScopeVariable;
  /** Offset of the entry that it is an instance of. */
  readonly origin: number;
}

/** One question, and what was found so far. */
interface Search {
  readonly address: number;
  readonly wanted: WantedVariables;
  readonly found: Found[];
}

/** Reads the variables of functions and blocks. */
export class VariableEntries {
  readonly #entries: EntryReader;
  readonly #problems: Problems;

  constructor(entries: EntryReader, problems: Problems) {
    this.#entries = entries;
    this.#problems = problems;
  }

  /**
   * The parameters and variables of a level that are in scope at an address: in the order of the source, outer blocks
   * first. Of what is not wanted hardly more than the name is read.
   */
  variables({ entry, blocks }: ScopeLevel, address: number, wanted = everything): readonly ScopeVariable[] {
    const search: Search = { address, wanted, found: [] };
    for (const [depth, scope] of [entry, ...blocks].entries()) {
      this.#addChildren(scope, depth, search);
      this.#addInherited(scope, depth, search);
    }
    // Inlined parameters come in any order: that of the abstract instance is the source's.
    const order = ({ kind }: ScopeVariable): number => (kind === 'parameter' ? 0 : 1);
    return search.found
      .sort(
        (a, b) =>
          order(a.variable) - order(b.variable) ||
          a.variable.depth - b.variable.depth ||
          (a.variable.kind === 'parameter' ? a.origin - b.origin : 0),
      )
      .map(({ variable }) => variable);
  }

  /** The variables of a block, and of those in it that have no code of their own: what is left of them is here. */
  #addChildren(scope: PlacedEntry, depth: number, search: Search): void {
    for (const child of this.#entries.children(scope, ({ tag }) => scopeTags.includes(tag))) {
      if (child.tag !== Tag.lexicalBlock) {
        this.#add(child, depth, search);
      } else if (!hasRanges(child) && depth < deepestBlock) {
        this.#addChildren(child, depth + 1, search);
      }
    }
  }

  /** The value of an attribute of an entry, or of what it is an instance or the definition of. */
  inherited(
    entry: PlacedEntry,
    attribute: number,
  ): { readonly owner: PlacedEntry; readonly value: FormValue } | undefined {
    let owner: PlacedEntry | undefined = entry;
    for (let length = 0; owner !== undefined && length < longestChain; length++) {
      const value = owner.attributes.get(attribute);
      if (value !== undefined) {
        return { owner, value };
      }
      owner = this.#originOf(owner);
    }
    return undefined;
  }

  /** The names of what an entry is an instance of, as far as `inherited` goes. */
  text(entry: PlacedEntry, attribute: number): string | undefined {
    const found = this.inherited(entry, attribute);
    return found?.owner.unit.string(found.value.form, found.value.value);
  }

  /** What there is of a variable's entry at an address. */
  presence(entry: PlacedEntry, address: number): Presence {
    const location = this.inherited(entry, Attribute.location);
    if (location !== undefined) {
      const { owner, value } = location;
      const inPlace = this.#entries.block(owner, value);
      if (inPlace !== undefined) {
        return present(inPlace, 'empty');
      }
      const ranges = locationRanges(owner.unit, value);
      return present(ranges && locationAt(ranges, address), ranges === undefined ? 'no-location' : 'not-here');
    }
    const constant = this.inherited(entry, Attribute.constValue);
    return constant === undefined
      ? { kind: 'optimized-out', why: 'no-location' }
      : this.#constant(constant.owner, constant.value);
  }

  /** The expression of an attribute in place, or that its location list has for an address. */
  expression(entry: PlacedEntry, value: FormValue, address: number): Uint8Array | undefined {
    const inPlace = this.#entries.block(entry, value);
    if (inPlace !== undefined) {
      return inPlace;
    }
    const ranges = locationRanges(entry.unit, value);
    return ranges && locationAt(ranges, address);
  }

  #originOf(entry: PlacedEntry): PlacedEntry | undefined {
    const offset =
      this.#entries.reference(entry, Attribute.abstractOrigin) ??
      this.#entries.reference(entry, Attribute.specification);
    return offset === undefined ? undefined : this.#entries.at(offset, entry.unit);
  }

  #add(entry: PlacedEntry, depth: number, { address, wanted, found }: Search): void {
    const kind = entry.tag === Tag.formalParameter ? 'parameter' : 'local';
    if (wanted.kind !== undefined && wanted.kind !== kind) {
      return;
    }
    const name = this.text(entry, Attribute.name);
    if (wanted.names !== undefined && !wanted.names.includes(name ?? '')) {
      return;
    }
    const isExtern =
      this.#entries.flag(entry, Attribute.declaration) && this.inherited(entry, Attribute.location) === undefined;
    // Nameless parameters are those of declarations; variables of other files are not of this function.
    if (name === undefined || name === '' || isExtern || found.length >= mostVariables) {
      return;
    }
    const type = this.inherited(entry, Attribute.type);
    const line = this.inherited(entry, Attribute.declLine)?.value.value;
    const fileIndex = this.inherited(entry, Attribute.declFile)?.value.value;
    const presence: Presence = this.#problems.guard(() => this.presence(entry, address)) ?? { kind: 'damaged' };
    if (isDropped(presence)) {
      return;
    }
    const origin = this.#entries.reference(entry, Attribute.abstractOrigin) ?? entry.offset;
    const variable: ScopeVariable = {
      name,
      kind,
      type: type && this.#entries.reference(type.owner, Attribute.type),
      ...(line !== undefined && line > 0 && { line }),
      ...(fileIndex !== undefined && fileIndex > 0 && { fileIndex }),
      entry: entry.offset,
      depth,
      isStatic: isFixed(presence),
      presence,
    };
    found.push({ variable, origin });
  }

  /**
   * Variables of the abstract instance that this one has no entry for: compilers leave out what was optimized away.
   * Blocks of which nothing is left belong to what was around them.
   */
  #addInherited(scope: PlacedEntry, depth: number, search: Search): void {
    const origin = this.#originOf(scope);
    if (origin === undefined || !origin.hasChildren) {
      return;
    }
    const taken = new Set<number>();
    this.#collectOrigins(scope, taken, 0);
    const visit = (parent: PlacedEntry, level: number): void => {
      for (const child of this.#entries.children(parent, ({ tag }) => scopeTags.includes(tag))) {
        if (taken.has(child.offset) || search.found.length >= mostVariables || level > longestChain) {
          continue;
        }
        if (child.tag === Tag.lexicalBlock) {
          visit(child, level + 1);
        } else {
          this.#add(child, depth, search);
        }
      }
    };
    visit(origin, 0);
  }

  /** The abstract entries that those below an entry are instances of, up to the next inlined calls. */
  #collectOrigins(parent: PlacedEntry, into: Set<number>, depth: number): void {
    for (const child of this.#entries.children(parent, ({ tag }) => scopeTags.includes(tag))) {
      const origin = this.#entries.reference(child, Attribute.abstractOrigin);
      if (origin !== undefined) {
        into.add(origin);
      }
      if (child.tag === Tag.lexicalBlock && depth < deepestTree) {
        this.#collectOrigins(child, into, depth + 1);
      }
    }
  }

  #constant(owner: PlacedEntry, value: FormValue): Presence {
    const number = this.#entries.constant(owner, value);
    if (number !== undefined) {
      return { kind: 'constant', value: number };
    }
    if (value.form === Form.addr || value.form === Form.addrx) {
      return { kind: 'constant', value: BigInt(owner.unit.address(value.form, value.value)) };
    }
    const block = this.#entries.block(owner, value);
    if (block !== undefined) {
      return { kind: 'bytes', bytes: block };
    }
    const text = owner.unit.string(value.form, value.value);
    return text === undefined
      ? { kind: 'optimized-out', why: 'no-location' }
      : { kind: 'bytes', bytes: Buffer.from(`${text}\0`, 'utf8') };
  }
}

function present(expression: Uint8Array | undefined, otherwise: OptimizedOut): Presence {
  if (expression === undefined) {
    return { kind: 'optimized-out', why: otherwise };
  }
  return expression.length === 0 ? { kind: 'optimized-out', why: 'empty' } : { kind: 'expression', expression };
}

/** A static variable that the linker dropped: its address is 0. */
function isDropped(presence: Presence): boolean {
  return (
    presence.kind === 'expression' &&
    presence.expression[0] === Operation.addr &&
    presence.expression.every((byte, nth) => nth === 0 || byte === 0)
  );
}

/** `DW_OP_addr` or `DW_OP_addrx`, and nothing else. */
function isFixed(presence: Presence): boolean {
  if (presence.kind !== 'expression') {
    return false;
  }
  const [first] = presence.expression;
  return first === Operation.addr || first === Operation.addrx || first === Operation.gnuAddrIndex;
}
