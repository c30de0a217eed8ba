import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { troublePlaces } from '../../src/live/breakpoints.ts';

const base = 0xffff_ffff_8100_0000n;

/** As much of a kernel as breakpoints need: symbols of 64 bytes each, in the order given, and code. */
function kernelOf(
  architecture: Kernel['architecture'],
  names: readonly string[],
  code: Readonly<Record<string, readonly number[]>>,
): Kernel {
  const places = new Map(names.map((name, nth) => [name, base + BigInt(nth * 64)]));
  const symbols: Pick<Kernel['symbols'], 'address' | 'addresses' | 'at' | 'isText'> = {
    address: (name) => places.get(name),
    addresses: (name) => [places.get(name)].filter((each) => each !== undefined),
    at: (address) => {
      const name = names[Number(address - base) / 64];
      return name === undefined ? undefined : { name, start: address, offset: 0, size: 64 };
    },
    isText: () => true,
  };
  const memory: Pick<Kernel['memory'], 'read'> = {
    async read(address, length) {
      const bytes = new Uint8Array(length);
      bytes.set(code[names[Number(address - base) / 64] ?? ''] ?? []);
      return bytes;
    },
  };
  const kernel: unknown = { architecture, symbols, memory };
  return kernel as Kernel;
}

describe('troublePlaces', () => {
  test('are where functions begin, and where reports are printed', async () => {
    // At 128 + 7: call to _printk at 0, so 0 - (128 + 7 + 5).
    const call = [...Array.from({ length: 7 }, () => 0x90), 0xe8, 0x74, 0xff, 0xff, 0xff];
    const kernel = kernelOf(
      'x86_64',
      ['_printk', 'panic', 'watchdog_timer_fn.cold', 'oops_enter', 'watchdog_timer_fn'],
      {
        'watchdog_timer_fn.cold': call,
      },
    );
    const missing: string[] = [];
    const places = await troublePlaces(kernel, (words) => missing.push(words));
    expect(places.map(({ words, address }) => [words, address - base])).toEqual([
      ['panic', 64n],
      ['an oops', 192n],
      ['a soft lockup', 135n],
    ]);
    expect(missing).toEqual(['an RCU stall', 'a hard lockup', 'a hung task']);
  });

  test('are found in code of arm64', async () => {
    // bl to 64 + 8 - 72 = 0.
    const word = (0x9400_0000 | (-18 & 0x3ff_ffff)) >>> 0;
    const bytes = [0x1f, 0x20, 0x03, 0xd5, 0x1f, 0x20, 0x03, 0xd5];
    for (let shift = 0; shift < 32; shift += 8) bytes.push((word >>> shift) & 0xff);
    const kernel = kernelOf('arm64', ['_printk', 'watchdog_timer_fn'], { watchdog_timer_fn: bytes });
    const [place] = await troublePlaces(kernel, () => undefined);
    expect(place).toMatchObject({ words: 'a soft lockup', address: base + 72n });
  });
});
