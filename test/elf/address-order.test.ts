import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressList, AddressOrder, addressList } from '../../src/elf/address-order.ts';

const address = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  fc.integer({ min: -(2 ** 47), max: 0 }),
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: -(2 ** 31), max: -(2 ** 31) + 5000 }),
);

function listOf(addresses: readonly number[]): AddressList {
  const indexes = Uint32Array.from(addresses, (_, index) => index + 7);
  return addressList(Float64Array.from(addresses), indexes);
}

function expectOrder(order: AddressOrder, addresses: readonly number[], asked: readonly number[]): void {
  const sorted = addresses.map((each, index) => [each, index + 7] as const).sort(([a, i], [b, j]) => a - b || i - j);
  for (const each of asked) {
    const beyond = sorted.findIndex(([known]) => known > each);
    expect(order.firstBeyond(each)).toBe(beyond < 0 ? sorted.length : beyond);
  }
  for (let place = sorted.length - 1; place >= 0; place--) {
    expect([order.addressAt(place), order.indexAt(place)]).toEqual(sorted[place]);
  }
}

describe('an order of addresses', () => {
  test('is that of a sort, whatever is asked first', () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 200 }), fc.array(address, { maxLength: 20 }), (addresses, asked) => {
        expectOrder(new AddressOrder(listOf(addresses)), addresses, [...asked, ...addresses.slice(0, 20)]);
      }),
    );
  });

  test('holds with addresses outside of the bounds that were told', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -100_000, max: 100_000 }), { minLength: 1, maxLength: 100 }),
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (addresses, lowest, range) => {
          const offsets = Int32Array.from(addresses);
          const list = { ...listOf(addresses), base: 0, offsets, lowest, highest: lowest + range };
          expectOrder(new AddressOrder(list), addresses, addresses);
        },
      ),
    );
  });

  test('may be of thousands at one place', () => {
    const addresses = [...Array.from({ length: 5000 }, (_, index) => (index % 3) - 2), 2 ** 40];
    expectOrder(new AddressOrder(listOf(addresses)), addresses, [-3, -2, -1, 0, 1, 2 ** 40]);
  });

  test('is empty of nothing', () => {
    const order = new AddressOrder(listOf([]));
    expect([order.length, order.firstBeyond(0), order.firstBeyond(-5), order.addressAt(0), order.indexAt(0)]).toEqual([
      0,
      0,
      0,
      undefined,
      0,
    ]);
  });
});
