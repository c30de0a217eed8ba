/** The index of the first of ascending numbers that is not below a value. */
export function firstFrom(ascending: readonly number[], value: number): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] ?? 0) < value) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}
