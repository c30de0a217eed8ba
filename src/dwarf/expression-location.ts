/** Why a number is not known. */
export type MissingReason =
  | 'register' // the register's value is not known here
  | 'memory' // the memory was not printed
  | 'caller' // the caller's debug information does not tell what it passed
  | 'frame-base' // the function's frame base, or the frame's call frame address
  | 'thread' // thread-local storage, which a kernel has none of
  | 'object' // the object that an expression of a type is about
  | 'address' // where the section was loaded
  | 'type' // a type that cannot be computed with: floating point, or one that is not there
  | 'arithmetic' // a division by zero
  | 'unsupported' // an operation that is not known
  | 'damaged'; // an expression that makes no sense, or does not end

/** What is not known, and why. */
export interface Missing {
  readonly reason: MissingReason;
  /** Of the reasons that are about a register: its DWARF number. */
  readonly register?: number;
}

/** What a number counts from. */
export type Base =
  | { readonly kind: 'register'; readonly register: number }
  /** A register as it was when the function was entered. */
  | { readonly kind: 'entry-register'; readonly register: number }
  /** The call frame address: where the stack pointer was before the call. */
  | { readonly kind: 'call-frame' }
  /** The addresses of the file, before the kernel was moved. */
  | { readonly kind: 'file' };

/** A number that may be unknown, and what it is made of where that is a base and a constant. */
export interface Quantity {
  /** Unsigned. */
  readonly value?: bigint;
  readonly base?: Base;
  /** Signed; what is added to the base, or without one 0. */
  readonly offset: bigint;
  /** Said where there is no value. */
  readonly missing?: Missing;
  /** True only if a call by pointer, whose target is not known, led straight to the function above it. */
  readonly isAssumed?: true;
}

/** A part of a variable, from its low end on. */
export interface Piece {
  /** Bits of the variable. */
  readonly bits: number;
  /** Bits of the place that come before the piece. */
  readonly skip: number;
  readonly location: Location;
}

/** Why a variable has no place at an address. */
export type OptimizedOut =
  | 'no-location' // nowhere in the function
  | 'not-here' // it has places, but none at this address
  | 'empty'; // said to have none at this address

/** Where a variable is, or what it is made of. */
export type Location =
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'memory'; readonly address: Quantity }
  /** It is nowhere, but its value is known. */
  | { readonly kind: 'value'; readonly content: Quantity }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A pointer to a variable that is not in memory; `entry` is the offset of its entry in `.debug_info`. */
  | { readonly kind: 'implicit-pointer'; readonly entry: number; readonly offset: bigint }
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'optimized-out'; readonly why: OptimizedOut }
  /** There is a place, but which is not known. */
  | { readonly kind: 'unknown'; readonly missing: Missing };

/** A number that is not known. */
export function missing(reason: MissingReason, register?: number): Quantity {
  return { offset: 0n, missing: { reason, ...(register !== undefined && { register }) } };
}

/** A number that is known. */
export function known(value: bigint): Quantity {
  return { value, offset: 0n };
}

/** A base with a constant added, whose value is that of the base, where it is known. */
export function based(base: Base, value: bigint | undefined, offset: bigint, reason: MissingReason): Quantity {
  if (value !== undefined) {
    return { value: BigInt.asUintN(64, value + offset), base, offset };
  }
  const register = base.kind === 'register' || base.kind === 'entry-register' ? { register: base.register } : {};
  return { base, offset, missing: { reason, ...register } };
}

/** A number with a constant added. */
export function plus(quantity: Quantity, offset: bigint): Quantity {
  const { value, base } = quantity;
  return {
    ...quantity,
    ...(value !== undefined && { value: BigInt.asUintN(64, value + offset) }),
    offset: base === undefined ? 0n : BigInt.asIntN(64, quantity.offset + offset),
  };
}
