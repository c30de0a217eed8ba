import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MapLinesReader } from '../../src/symbols/map-lines.ts';
import { SystemMap } from '../../src/symbols/system-map.ts';
import { KtriageError } from '../../src/util/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-map-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kernelMap = `0000000000000000 D __per_cpu_start
0000000000004000 D gdt_page
ffffffff81000000 T _stext
ffffffff81000000 T _text
ffffffff81000040 t twin
ffffffff81000060 T __x64_sys_frob
ffffffff81000060 T __do_frob
ffffffff81000100 t twin
ffffffff81000180 T frob_all
ffffffff81000300 r table_in_text
ffffffff81000400 T _etext
ffffffff81800000 D some_data
ffffffff82000000 D __init_begin
ffffffff82001000 T _sinittext
ffffffff82001000 t frob_setup
ffffffff82001100 T _einittext
ffffffff82001200 t frob_exit
ffffffff82002000 R __init_end
ffffffff82400000 B _end
`;

const kallsyms = `ffffffff9c000000 T _stext
ffffffff9c000000 T _text
ffffffff9c000180 T frob_all
ffffffff9c000400 T _etext
ffffffffc0201000 t frob_read\t[frob]
ffffffffc0201040 t frob_write\t[frob]
ffffffffc0202000 d frob_data\t[frob]
ffffffffc0300000 t other_read\t[other_one]
ffffffffc0400000 t bpf_prog_6deef7357e7b4530\t[bpf]
`;

function mapOf(text: string, path = 'System.map'): SystemMap {
  const reader = new MapLinesReader();
  reader.push(Buffer.from(text));
  return SystemMap.of(path, reader.end());
}

const named = (map: SystemMap, address: bigint): string | undefined => {
  const found = map.at(address);
  return found && `${found.symbol.name}+${found.offset}/${found.symbol.size}`;
};

describe('SystemMap', () => {
  test('names addresses as the kernel does, with the distance to the next symbol as size', () => {
    const map = mapOf(kernelMap);
    expect(named(map, 0xffffffff81000048n)).toBe('twin+8/32');
    expect(named(map, 0xffffffff810001ffn)).toBe('frob_all+127/384');
    expect(map.isKallsyms).toBe(false);
  });

  test('of several names of an address the one with fewer underscores is printed', () => {
    const map = mapOf(kernelMap);
    const found = map.at(0xffffffff81000060n);
    expect(found?.symbol.name).toBe('__do_frob');
    expect(found?.symbol.aliases).toEqual(['__x64_sys_frob']);
  });

  test('what is no code has no function', () => {
    const map = mapOf(kernelMap);
    for (const address of [0n, 0x4000n, 0xffffffff81800010n, 0xffffffff82400000n, 0xfffffffffffffffen, 1n << 63n])
      expect(map.at(address)).toBeUndefined();
  });

  test('functions of one name are told with their sizes', () => {
    expect(
      mapOf(kernelMap)
        .symbolsNamed('twin')
        .map(({ size }) => size),
    ).toEqual([32, 128]);
    expect(mapOf(kernelMap).symbolsNamed('nothing')).toEqual([]);
    expect(mapOf(kernelMap).symbolsNamed('__proto__')).toEqual([]);
  });

  test('init code is what lies between __init_begin and __init_end', () => {
    const map = mapOf(kernelMap);
    const isInit = (name: string): boolean[] => map.symbolsNamed(name).map((symbol) => map.isInitText(symbol));
    expect(isInit('frob_setup')).toEqual([true]);
    expect(isInit('frob_exit')).toEqual([true]);
    expect(isInit('frob_all')).toEqual([false]);
  });

  test('modules of kallsyms are apart from the kernel and from each other', () => {
    const map = mapOf(kallsyms, '/proc/kallsyms');
    expect(map.isKallsyms).toBe(true);
    expect(map.at(0xffffffffc0201042n)?.symbol).toMatchObject({ name: 'frob_write', module: 'frob' });
    expect(map.symbolsNamed('frob_read')).toEqual([]);
    expect(map.symbolsNamed('other_read', 'other-one')).toHaveLength(1);
    expect(map.hasModule('frob')).toBe(true);
    expect(map.movedBy).toBe(0x1b000000n);
    // The last function ends where the memory ends that the kernel allocated, which nobody knows.
    const [last] = map.symbolsNamed('frob_write', 'frob');
    expect(last?.sizeIsCertain).toBe(false);
    expect(map.at(0xffffffffc0400010n)?.symbol.module).toBeUndefined();
  });

  test('32-bit maps', () => {
    const map = mapOf('c0008000 T _stext\nc0008000 T _text\nc0008100 T frob\nc0009000 T _etext\n');
    expect(map.is64).toBe(false);
    expect(named(map, 0xc0008110n)).toBe('frob+16/3840');
  });

  test('is read from files, compressed ones too', async () => {
    const path = join(folder, 'System.map.gz');
    writeFileSync(path, gzipSync(kernelMap));
    expect(named(await SystemMap.read(path), 0xffffffff81000048n)).toBe('twin+8/32');
  });
});

describe('files that are none', () => {
  const refused = (text: string): unknown => {
    try {
      return mapOf(text);
    } catch (error) {
      return error;
    }
  };

  test('a user without privileges sees zeros', () => {
    expect(refused(kallsyms.replace(/^[0-9a-f]+/gm, '0000000000000000'))).toMatchObject({
      code: 'KT-SYMBOLS-MAP',
      hint: expect.stringContaining('as root'),
    });
  });

  test("Debian's note", () => {
    const note = 'ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n';
    expect(refused(note)).toMatchObject({ why: expect.stringContaining('linux-image-<version>-dbg') });
  });

  test.each(['', '\n\n', 'hello\nworld\n', '\0\0\0\0', 'ffffffff81000000\n', 'x'.repeat(100_000)])('%j', (text) => {
    expect(refused(text)).toMatchObject({ code: 'KT-SYMBOLS-MAP' });
  });

  test('a file that is missing, a folder', async () => {
    await expect(SystemMap.read(join(folder, 'none'))).rejects.toMatchObject({ code: 'KT-FILE-MISSING' });
    await expect(SystemMap.read(folder)).rejects.toMatchObject({ code: 'KT-FILE-IRREGULAR' });
  });

  test('compressed data that is cut off', async () => {
    const path = join(folder, 'cut.gz');
    writeFileSync(path, gzipSync(kernelMap.repeat(50)).subarray(0, 200));
    await expect(SystemMap.read(path)).rejects.toMatchObject({ code: 'KT-SYMBOLS-MAP' });
  });
});

describe('any bytes', () => {
  test('are a map or are refused, however they are cut into pieces', () => {
    const line = fc.oneof(
      fc.constantFrom(...kernelMap.split('\n'), ...kallsyms.split('\n')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.integer({ min: 1, max: 64 }), (lines, step) => {
        const bytes = Buffer.from(lines.join('\n'));
        const whole = new MapLinesReader();
        whole.push(bytes);
        const pieces = new MapLinesReader();
        for (let from = 0; from < bytes.length; from += step) pieces.push(bytes.subarray(from, from + step));
        const result = whole.end();
        expect(pieces.end()).toEqual(result);
        try {
          const map = SystemMap.of('any', result);
          for (const address of result.addresses) map.at(BigInt.asUintN(64, BigInt(address)));
        } catch (error) {
          expect(error).toBeInstanceOf(KtriageError);
        }
      }),
    );
  });

  test('what it finds at an address is the nearest code before it', () => {
    const addresses = fc.uniqueArray(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(addresses, fc.integer({ min: 0, max: 4000 }), (starts, wanted) => {
        const base = 0xffffffff81000000n;
        const text = [...starts, 5000].map((start) => `${(base + BigInt(start)).toString(16)} t f${start}`).join('\n');
        const found = mapOf(text).at(base + BigInt(wanted));
        const before = starts.filter((start) => start <= wanted);
        const nearest = Math.max(...before);
        expect(found?.symbol.name).toBe(before.length === 0 ? undefined : `f${nearest}`);
        if (found !== undefined) expect(found.offset).toBe(wanted - nearest);
      }),
    );
  });
});
