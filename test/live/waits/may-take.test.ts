import { describe, expect, test } from 'vitest';
import { hasNumberedParts, mayTake } from '../../../src/live/waits/may-take.ts';
import type { LockKind } from '../../../src/model/live.ts';
import { Image } from '../../../src/symbols/image.ts';
import { bytes } from '../../code/bytes.ts';
import { open } from '../../elf/make.ts';
import { flag } from '../../helpers/elf-writer.ts';

const start = 0xffffffff81000000n;
const functionBytes = 0x20;

/** An image with functions of 32 bytes each, and whether each of them may take a lock. */
function image(code: Readonly<Record<string, string>>, type = 2): (name: string, kind?: LockKind) => boolean {
  const names = Object.keys(code);
  const contents = Buffer.alloc(names.length * functionBytes, 0x90);
  for (const [nth, name] of names.entries()) contents.set(bytes(code[name] ?? ''), nth * functionBytes);
  const symbols = names.map((name, nth) => ({ name, value: start + BigInt(nth * functionBytes), section: '.text' }));
  const sections = [{ name: '.text', flags: flag.alloc | flag.execute, address: start, contents }];
  const made = Image.of(open({ type, sections, symbols }));
  const isArm = Object.values(code).some((each) => each.endsWith('c0 03 5f d6'));
  return (name, kind = 'spinlock') => {
    const [symbol] = made.symbolsNamed(name);
    if (symbol === undefined) throw new Error(`no ${name}`);
    return mayTake(kind, { image: made, address: symbol.address + 4 }, isArm);
  };
}

/** `call` from an offset to another. */
function call(from: number, to: number): string {
  const distance = Buffer.alloc(4);
  distance.writeInt32LE(to - from - 5);
  return `e8 ${[...distance].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}

describe('x86: whether a function may take a lock is told by', () => {
  const takes = image({
    _raw_spin_lock: 'c3',
    _raw_spin_unlock: 'c3',
    down_read: 'c3',
    calls: `90 ${call(0x61, 0)} c3`,
    'gives back': `90 ${call(0x81, 0x20)} c3`,
    reads: `90 ${call(0xa1, 0x40)} c3`,
    exchanges: 'f0 0f b1 17 c3',
    'sets a bit': 'f0 48 0f ba 2f 07 c3',
    swaps: '48 87 07 c3',
    'only a nop': '66 90 31 c0 c3',
    'calls nowhere': 'e8 ff ff ff 7f c3',
    apart: 'c3',
    'apart.cold': `90 ${call(0x181, 0)} c3`,
  });

  test('calls of functions that take one', () => {
    expect([takes('calls'), takes('gives back'), takes('reads')]).toEqual([true, false, true]);
    expect([takes('calls', 'rwsem'), takes('reads', 'rwsem')]).toEqual([false, true]);
  });

  test('atomic exchanges, with which inlined code does', () => {
    expect([takes('exchanges'), takes('sets a bit'), takes('swaps')]).toEqual([true, true, true]);
  });

  test('nothing else', () => {
    expect([takes('only a nop'), takes('calls nowhere')]).toEqual([false, false]);
  });

  test('the part that lies elsewhere, too, from either part', () => {
    expect([takes('apart'), takes('apart.cold')]).toEqual([true, true]);
  });
});

test('arm64: by the same', () => {
  const end = 'c0 03 5f d6';
  const takes = image({
    _raw_spin_lock: end,
    // bl, 8 words back.
    calls: `f8 ff ff 97 ${end}`,
    plain: `1f 20 03 d5 ${end}`,
    // casa w1, w2, [x0]; ldaxr w1, [x0]; swpa w1, w2, [x0]
    compares: `02 7c e1 88 ${end}`,
    exclusive: `01 fc 5f 88 ${end}`,
    swaps: `02 80 a1 b8 ${end}`,
    // ldr w1, [x0]; str w1, [x0]; ldp x29, x30, [sp]
    loads: `01 00 40 b9 01 00 00 b9 fd 7b 40 a9 ${end}`,
  });
  expect(['calls', 'plain', 'compares', 'exclusive', 'swaps', 'loads'].map((name) => takes(name))).toEqual([
    ...[true, false, true, true, true, false],
  ]);
});

test('in modules it cannot be told: calls are yet to be relocated', () => {
  expect(image({ plain: 'c3' }, 1)('plain')).toBe(true);
});

test.each([
  ['Linux version 4.18.0-1.el8 (a@b) (gcc version 8.5.0 20210514 (Red Hat 8.5.0-22) (GCC)) #1 SMP', true],
  ['Linux version 5.10.0 (a@b) (gcc (GCC) 8.3.1 20191121, GNU ld version 2.30) #1 SMP', true],
  ['Linux version 5.10.0 (a@b) (gcc-8 (Debian 8.3.0-6) 8.3.0, GNU ld (GNU Binutils) 2.31) #1 SMP', true],
  ['Linux version 5.10.0 (a@b) (aarch64-linux-gnu-gcc-8 (Debian 8.3.0-2) 8.3.0, GNU ld 2.31) #1 SMP', true],
  ['Linux version 6.1.0-50-amd64 (a@b) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP', false],
  ['Linux version 6.8.0 (a@b) (gcc (GCC) 14.8.1, GNU ld 2.41) #8 SMP', false],
  ['Linux version 5.10.0 (a@b) (clang version 8.0.1) #1 SMP', false],
  [undefined, false],
])('%s: functions have numbered parts: %s', (banner, isNumbered) => {
  expect(hasNumberedParts(banner)).toBe(isNumbered);
});
