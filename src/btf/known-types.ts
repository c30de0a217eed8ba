import type { BtfTypeId } from './type.ts';

/** What an index of a kernel's BTF says of it. What it does not know, `undefined`, is looked up in the BTF itself. */
export interface KnownTypes {
  /** Bytes of the types and of the strings: an index of others is of no use. */
  readonly typeBytes: number;
  readonly stringBytes: number;
  /** Numbers of types are below it. */
  readonly count: number;
  /** Whether enumerations say if their numbers have a sign. */
  readonly tellsSigns: boolean;
  /** Types that are sections. */
  readonly sections: readonly BtfTypeId[];
  /** The first word of a type among those of all. */
  start(id: BtfTypeId): number | undefined;
  /** Types that may have a name, in the order in which they are found. */
  named(name: string): readonly BtfTypeId[] | undefined;
  /** Enumerations that may have an enumerator, in the same way. */
  withEnumerator(name: string): readonly BtfTypeId[] | undefined;
}

/** All that there is to know of the types of a kernel, to be put into an index. */
export interface TypesToKnow {
  readonly typeBytes: number;
  readonly stringBytes: number;
  readonly tellsSigns: boolean;
  readonly sections: readonly BtfTypeId[];
  /** The first word of each type, from that with the number 1 on; and behind the last the number of words. */
  readonly starts: Uint32Array;
  /** Each name with its types; and each enumerator with its enumerations, in the order in which they are found. */
  readonly names: ReadonlyMap<string, readonly BtfTypeId[]>;
  readonly enumerators: ReadonlyMap<string, readonly BtfTypeId[]>;
}
