/**
 * The same number, as an integer where it is a small one. What comes out of a Float64Array, or is the difference of two
 * addresses, is a floating-point number to the engine, and so is everything that is computed with it: each time a new
 * object on the heap, and members that hold it are slow from then on for all objects of their class.
 */
export function small(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}
