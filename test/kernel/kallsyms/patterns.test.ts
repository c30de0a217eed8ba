import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callTargets, veneerTarget } from '../../../src/kernel/kallsyms/call-targets.ts';
import { findExceptionTable } from '../../../src/kernel/kallsyms/exception-table.ts';
import { findExports } from '../../../src/kernel/kallsyms/exports.ts';
import { findBtf } from '../../../src/kernel/kallsyms/find-btf.ts';

/** Garbage that is the same in every run. */
function noise(bytes: number): Buffer {
  let state = 0x2545f491;
  return Buffer.from(
    Uint8Array.from({ length: bytes }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

describe('exported symbols', () => {
  /** Names may end others, as linkers join them: `alpha_lock` in `the_alpha_lock`. */
  const names = [
    'phys_base',
    'the_alpha_lock',
    'alpha_lock',
    ...Array.from({ length: 100 }, (_, nth) => `symbol_${nth}`),
  ];

  function made(): { readonly bytes: Buffer; readonly places: readonly number[] } {
    const texts = 8192;
    const bytes = Buffer.concat([noise(4096), Buffer.alloc(4096), Buffer.from(`x\0${names.join('\0')}\0`, 'latin1')]);
    const places = names.map((_, nth) => 16 * nth);
    for (const [nth, name] of names.entries()) {
      const entry = 4096 + 12 * nth;
      const text =
        name === 'alpha_lock' ? bytes.indexOf('the_alpha_lock', texts) + 4 : bytes.indexOf(`\0${name}\0`, texts) + 1;
      bytes.writeInt32LE((places[nth] ?? 0) - entry, entry);
      bytes.writeInt32LE(text - entry - 4, entry + 4);
    }
    return { bytes, places };
  }

  test('all are found by one of them', () => {
    const { bytes, places } = made();
    expect(findExports(bytes, 'phys_base')).toEqual(names.map((name, nth) => ({ name, place: places[nth] })));
    expect(findExports(bytes, 'alpha_lock')).toHaveLength(names.length);
    expect(findExports(bytes, 'no_such')).toEqual([]);
  });

  test('a name alone is no table, and garbage neither', () => {
    expect(findExports(Buffer.from('\0phys_base\0', 'latin1'), 'phys_base')).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(), (bytes, at) => {
        Buffer.from(bytes.buffer).write('\0phys_base\0', at % (bytes.length + 1), 'latin1');
        return findExports(bytes, 'phys_base').length === 0;
      }),
    );
  });
});

describe('the table of exceptions', () => {
  const image = { codeEnd: 0x4000, initStart: 0x1_0000, initEnd: 0x1_1000 };

  function made(size: number): Buffer {
    const bytes = Buffer.concat([noise(0x6000), Buffer.alloc(0xb000)]);
    for (let nth = 0; nth < 400; nth++) {
      const at = 0x8004 + nth * size;
      // The last ones are of code that boots.
      const code = nth < 390 ? nth * 16 : image.initStart + nth;
      bytes.writeInt32LE(code - at, at);
      bytes.writeInt32LE(code + 8 - at - 4, at + 4);
      if (size > 8) bytes.writeInt16LE(nth % 12, at + 8);
    }
    return bytes;
  }

  test.each([8, 12])('entries of %i bytes', (size) => {
    expect(findExceptionTable(made(size), size, image)).toEqual({ start: 0x8004, end: 0x8004 + 400 * size });
  });

  test('zeros, garbage and sizes that cannot be', () => {
    expect(findExceptionTable(Buffer.alloc(0x2_0000), 12, image)).toBe(undefined);
    expect(findExceptionTable(noise(0x2_0000), 12, image)).toBe(undefined);
    expect(findExceptionTable(made(12), 3, image)).toBe(undefined);
    expect(findExceptionTable(new Uint8Array(0), 12, image)).toBe(undefined);
  });
});

describe('BTF in an image', () => {
  function btf(header: number, types: number, strings: number): Buffer {
    const bytes = Buffer.alloc(header + types + strings, 0x41);
    bytes.writeUInt32LE(0x0001_eb9f);
    bytes.writeUInt32LE(header, 4);
    for (const [nth, value] of [0, types, types, strings].entries()) bytes.writeUInt32LE(value, 8 + 4 * nth);
    bytes[header + types] = 0;
    bytes[header + types + strings - 1] = 0;
    return bytes;
  }

  test('the largest is taken, of both lengths of headers', () => {
    for (const header of [24, 32]) {
      const [small, large] = [btf(header, 0x1_0000, 0x100), btf(header, 0x2_0000, 0x3000)];
      const bytes = Buffer.concat([noise(1000), small, noise(77), large, noise(50)]);
      expect(findBtf(bytes)).toEqual({ at: 1000 + small.length + 77, bytes: large.length });
    }
  });

  test('what is cut off or small is none', () => {
    const whole = btf(24, 0x2_0000, 0x3000);
    expect(findBtf(whole.subarray(0, -1))).toBe(undefined);
    expect(findBtf(btf(24, 100, 20))).toBe(undefined);
    fc.assert(
      fc.property(fc.nat({ max: 40 }), (length) => {
        expect(findBtf(whole.subarray(0, length))).toBe(undefined);
      }),
    );
  });
});

describe('what code calls', () => {
  test('x86-64', () => {
    const code = Buffer.from('90e8fbffff0fc3e800000000e9f6ffffff', 'hex');
    const start = 0xffff_ffff_c000_0000n;
    // The second call and the jump stay inside.
    expect([...callTargets('x86_64', code, start)]).toEqual([start + 6n + 0x0fff_fffbn]);
  });

  test('arm64', () => {
    const code = Buffer.alloc(16);
    code.writeUInt32LE(0x97ff_fc00, 0); // bl .-0x1000
    code.writeUInt32LE(0x1400_0001, 4); // b .+4
    code.writeUInt32LE(0xd503_201f, 8); // nop
    code.writeUInt32LE(0x9400_0400, 12); // bl .+0x1000
    const start = 0xffff_8000_0100_0000n;
    expect([...callTargets('arm64', code, start)]).toEqual([start - 0x1000n, start + 0x100cn]);
  });

  test('veneers of arm64', () => {
    const code = Buffer.alloc(16);
    code.writeUInt32LE(0xd503_245f, 0); // bti c
    code.writeUInt32LE(0xb000_0010, 4); // adrp x16, .+0x1000
    code.writeUInt32LE(0x9111_1210, 8); // add x16, x16, #0x444
    code.writeUInt32LE(0xd61f_0200, 12); // br x16
    const start = 0xffff_8000_0100_0ff0n;
    expect(veneerTarget(code, 0, start)).toBe(0xffff_8000_0100_1444n);
    expect(veneerTarget(code, 4, start + 4n)).toBe(0xffff_8000_0100_1444n);
    code.writeUInt32LE(0x90ff_fff0, 4); // adrp x16, .-0x4000
    expect(veneerTarget(code, 4, start + 4n)).toBe(0xffff_8000_00ff_c444n);
    expect(veneerTarget(code, 8, start)).toBe(undefined);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), fc.integer({ min: -8, max: 30 }), (bytes, at) => {
        veneerTarget(bytes, at, start);
        callTargets('arm64', bytes, start);
        callTargets('x86_64', bytes, start);
      }),
    );
  });
});
