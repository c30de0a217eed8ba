import type { BtfEnumerator, BtfMember, BtfPlace, BtfType, BtfTypeId } from './type.ts';
import type { BtfTypes } from './types.ts';

/** Types by number and by name, as they are written. */
export interface WrittenTypes {
  readonly littleEndian: boolean;
  /** Numbers of types are below it. */
  readonly count: number;
  /** Why some types are missing. */
  readonly problems: readonly string[];
  /** All of them in memory. */
  readonly whole: BtfTypes;
  type(id: BtfTypeId): BtfType;
  /** Empty of what has none. */
  name(id: BtfTypeId): string;
  /** None of what is no structure. */
  members(id: BtfTypeId): readonly BtfMember[];
  /** None of what is no enumeration. */
  enumerators(id: BtfTypeId): readonly BtfEnumerator[];
  /** None of what is no section. */
  places(id: BtfTypeId): readonly BtfPlace[];
  /** All types of a name, of any kind; those of a module first, and last what is only known by name and size. */
  find(name: string): readonly BtfTypeId[];
  /** Enumerations that have an enumerator of a name; those of a module first. */
  withEnumerator(name: string): readonly BtfTypeId[];
  /** All types of some kinds (numbers of the format), with their names; those of the kernel first. */
  ofKinds(kinds: readonly number[]): Iterable<readonly [id: BtfTypeId, name: string]>;
}
