import { Attribute, Tag } from './constants.ts';
import type { EntryReader, PlacedEntry } from './entry-reader.ts';

/** What a caller passed in one place: a register, or memory as the callee finds it. */
export interface CallParameter {
  /** The place, as an expression of the callee; missing where the parameter has none any more. */
  readonly location?: Uint8Array;
  /** Offset in `.debug_info` of the callee's parameter, where it is told. */
  readonly parameter?: number;
  /** What was passed, as an expression of the caller. */
  readonly value?: Uint8Array;
  /** What was in memory where the passed value points to. */
  readonly dataValue?: Uint8Array;
}

/** A call, by where it returns to. */
export interface CallSite {
  readonly entry: PlacedEntry;
  /** Offset in `.debug_info` of the called function; missing of calls by pointer. */
  readonly origin?: number;
  /** Of a call by pointer: the called address, as an expression of the caller. */
  readonly target?: Uint8Array;
  readonly parameters: readonly CallParameter[];
}

const siteTags: readonly number[] = [Tag.callSite, Tag.gnuCallSite];
const parameterTags: readonly number[] = [Tag.callSiteParameter, Tag.gnuCallSiteParameter];
const aroundTags: readonly number[] = [Tag.lexicalBlock, Tag.inlinedSubroutine];

const deepestSite = 512;
const mostVisits = 1 << 20;
const mostParameters = 256;

/** Finds calls in the entries of functions (DWARF 5, 3.4; GNU's before). */
export class CallSites {
  readonly #entries: EntryReader;
  #visits = 0;

  constructor(entries: EntryReader) {
    this.#entries = entries;
  }

  /** The call in a function that returns to an address of the file; undefined where none is told of. */
  returningTo(subprogram: PlacedEntry, address: number): CallSite | undefined {
    this.#visits = 0;
    const site = this.#find(subprogram, (entry) => returnAddress(entry) === address, 0);
    return site && this.#read(site);
  }

  /** Whether a function may end by jumping to itself: then what was passed is not what its caller passed. */
  callsItselfLast(subprogram: PlacedEntry, isSelf: (origin: number) => boolean): boolean {
    this.#visits = 0;
    return (
      this.#find(
        subprogram,
        (entry) => {
          const origin = this.#origin(entry);
          return isTailCall(entry) && origin !== undefined && isSelf(origin);
        },
        0,
      ) !== undefined
    );
  }

  #find(parent: PlacedEntry, isWanted: (entry: PlacedEntry) => boolean, depth: number): PlacedEntry | undefined {
    const wanted = (tag: number): boolean => siteTags.includes(tag) || aroundTags.includes(tag);
    for (const child of this.#entries.children(parent, ({ tag }) => wanted(tag))) {
      if (++this.#visits > mostVisits) {
        return undefined;
      }
      if (siteTags.includes(child.tag)) {
        if (isWanted(child)) return child;
      } else if (depth < deepestSite) {
        const found = this.#find(child, isWanted, depth + 1);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #origin(entry: PlacedEntry): number | undefined {
    return (
      this.#entries.reference(entry, Attribute.callOrigin) ?? this.#entries.reference(entry, Attribute.abstractOrigin)
    );
  }

  #read(entry: PlacedEntry): CallSite {
    const origin = this.#origin(entry);
    const target = this.#expression(entry, Attribute.callTarget, Attribute.gnuCallSiteTarget);
    const parameters: CallParameter[] = [];
    for (const child of this.#entries.children(entry, ({ tag }) => parameterTags.includes(tag))) {
      const location = this.#expression(child, Attribute.location, Attribute.location);
      const value = this.#expression(child, Attribute.callValue, Attribute.gnuCallSiteValue);
      const dataValue = this.#expression(child, Attribute.callDataValue, Attribute.gnuCallSiteDataValue);
      const parameter =
        this.#entries.reference(child, Attribute.callParameter) ??
        this.#entries.reference(child, Attribute.abstractOrigin);
      if (parameters.length < mostParameters) {
        parameters.push({
          ...(location && { location }),
          ...(parameter !== undefined && { parameter }),
          ...(value && { value }),
          ...(dataValue && { dataValue }),
        });
      }
    }
    return { entry, parameters, ...(origin !== undefined && { origin }), ...(target && { target }) };
  }

  #expression(entry: PlacedEntry, attribute: number, gnu: number): Uint8Array | undefined {
    const value = entry.attributes.get(attribute) ?? entry.attributes.get(gnu);
    return value && this.#entries.block(entry, value);
  }
}

/** Where a call returns to; before DWARF 5 that is where it is. */
function returnAddress({ attributes, unit, tag }: PlacedEntry): number | undefined {
  const found = attributes.get(tag === Tag.gnuCallSite ? Attribute.lowPc : Attribute.callReturnPc);
  return found && unit.address(found.form, found.value);
}

function isTailCall({ attributes }: PlacedEntry): boolean {
  return ((attributes.get(Attribute.callTailCall) ?? attributes.get(Attribute.gnuTailCall))?.value ?? 0) !== 0;
}
