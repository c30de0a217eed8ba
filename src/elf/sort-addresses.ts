/** Addresses in order, with what belongs to each. */
export interface SortedAddresses {
  readonly addresses: Float64Array;
  readonly indexes: Uint32Array;
}

/** 2^53: numbers below are exact. */
const exactRange = 2 ** 53;

/**
 * Sorts addresses and the ascending indexes that belong to them; equal ones keep their order. Both are packed into
 * one number each, which typed arrays sort without calling back for every comparison.
 */
export function sortByAddress(addresses: Float64Array, indexes: Uint32Array): SortedAddresses {
  const count = addresses.length;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const address of addresses) {
    if (address < lowest) lowest = address;
    if (address > highest) highest = address;
  }
  if ((highest - lowest + 1) * count >= exactRange) return sortByComparing(addresses, indexes);
  const packed = new Float64Array(count);
  for (let at = 0; at < count; at++) packed[at] = ((addresses[at] ?? 0) - lowest) * count + at;
  packed.sort();
  const sortedAddresses = new Float64Array(count);
  const sortedIndexes = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    const offset = Math.floor((packed[at] ?? 0) / count);
    sortedAddresses[at] = offset + lowest;
    sortedIndexes[at] = indexes[(packed[at] ?? 0) - offset * count] ?? 0;
  }
  return { addresses: sortedAddresses, indexes: sortedIndexes };
}

function sortByComparing(addresses: Float64Array, indexes: Uint32Array): SortedAddresses {
  const order = Uint32Array.from(addresses, (_, at) => at);
  order.sort((a, b) => (addresses[a] ?? 0) - (addresses[b] ?? 0) || a - b);
  return {
    addresses: Float64Array.from(order, (at) => addresses[at] ?? 0),
    indexes: Uint32Array.from(order, (at) => indexes[at] ?? 0),
  };
}
