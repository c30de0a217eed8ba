import { describe, expect, test } from 'vitest';
import { scanForBanner } from '../../../src/kernel/slide/scan.ts';
import { MadeMachine } from '../made-machine.ts';

const banner = 'Linux version 6.1.0 (me@here) (gcc) #1 SMP 2020-01-01';
/** As printk leaves it: the level's two bytes are gone from the front, and the end is there twice. */
const logged = (high: number): Buffer => {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32LE(0xffff_f001, 0);
  bytes.writeUInt32LE(high, 4);
  bytes.write(`${banner}01\n\0`, 8, 'latin1');
  return bytes;
};

describe('a banner in memory', () => {
  test('is not the one that was printed', async () => {
    const machine = new MadeMachine();
    machine.put(0x10_1000n, logged(0));
    machine.put(0x10_2000n, logged(0x3fff_ffff));
    machine.put(0x10_3000n, Buffer.from(`\x10\xff\xff\xff\0\0\0\0${banner}\n\0`, 'latin1'));
    const found = await scanForBanner(machine, [{ start: 0x10_0000n, end: 0x10_4000n }], 0x10_0000);
    expect(found).toMatchObject({ at: 0x10_3008n, banner });
  });

  test('may end with the same twice', async () => {
    const machine = new MadeMachine();
    machine.put(0x10_1000n, Buffer.from(`of_irq_init\0\0\0\0\0${banner.slice(0, -10)}UTC 2020\n\0`, 'latin1'));
    const found = await scanForBanner(machine, [{ start: 0x10_0000n, end: 0x10_4000n }], 0x10_0000);
    expect(found?.at).toBe(0x10_1010n);
  });
});
