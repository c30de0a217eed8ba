import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demangle, demangleInText } from '../../../src/util/demangle/demangle.ts';
import { decodePunycode } from '../../../src/util/demangle/punycode.ts';
import { maxResultLength } from '../../../src/util/demangle/reader.ts';

const seeds = [
  '_RNvXs1_C5abcdeNtB5_6AshmemNtNtC6kernel10miscdevice10MiscDevice4mmap',
  '_RINvC1t1tDG_INtC1a2FnTRL0_hEEp6OutputRL0_hEL_EB2_',
  '_RINvC1t1cKVNtC1t2StS1ah3_1bb1_EE',
  '_ZN4core9panicking9panic_fmt17h0123456789abcdefE',
  '_ZN4llvm12function_refIFvvEE11callback_fnIZ3barvEUlvE_EEvl',
  '_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_',
  '_Z1fIJicEEvDpDp1AIJT_EE',
];
const alphabet = '_RZNSTIEJXLBCKPFADMUdtpscl0123456789abzvisu.$';

describe('demangle', () => {
  test.each([
    '',
    '_',
    '_R',
    '_Z',
    'printk',
    '__x64_sys_read',
    '_raw_spin_lock',
    '_Ready',
    '_Zone_lock',
    '_RET_IP_',
    'ZN3foo',
  ])('leaves %j alone', (name) => {
    expect(demangle(name)).toBe(name);
  });

  test('never throws and never grows beyond the limit, whatever it is given', () => {
    const edit = fc.tuple(fc.nat(), fc.constantFrom(...alphabet), fc.nat(3));
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 6 }), (seed, edits) => {
        let name = seed;
        for (const [position, character, removed] of edits) {
          const at = 2 + (position % Math.max(1, name.length - 2));
          name = name.slice(0, at) + character + name.slice(at + removed);
        }
        const plain = demangle(name);
        expect(plain === name || plain.length <= maxResultLength).toBe(true);
        expect(plain).not.toMatch(/[\x00-\x1f\x7f]/);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 60 }), (rest) => {
        for (const prefix of ['_R', '_Z', '_ZN', '_RINv', '_Z1fI']) {
          demangle(prefix + rest);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['Rust types that double', `_RINvC1a1bTuuE${Array.from({ length: 60 }, () => 'TBa_Ba_Ba_E').join('')}E`],
    ['Rust nesting', `_RINvC1a1b${'T'.repeat(3000)}`],
    ['Rust binder', '_RINvC1a1bFGzzzz_EuE'],
    ['C++ nesting', `_Z1f${'P'.repeat(3000)}i`],
    ['C++ packs', `_Z1fIJ${'i'.repeat(900)}EEv${'Dp1AI'.repeat(20)}T_${'E'.repeat(20)}`],
    ['C++ substitutions', `_Z1f1AIS_S_E${Array.from({ length: 30 }, (_, i) => `S_IS${i}_S${i}_E`).join('')}`],
    ['a long name', `_Z4000${'a'.repeat(4000)}v${'i'.repeat(4000)}`],
  ])('takes no time over %s', (_, name) => {
    const begin = performance.now();
    expect(demangle(name).length).toBeLessThanOrEqual(Math.max(name.length, maxResultLength));
    expect(performance.now() - begin).toBeLessThan(500);
  });
});

describe('demangleInText', () => {
  test('replaces what stands alone', () => {
    expect(demangleInText('RIP: 0010:_RNvC1t3foo+0x1/0x2 [t]')).toBe('RIP: 0010:t::foo+0x1/0x2 [t]');
    expect(demangleInText('_RNvC1t3foo and _ZN1a1bEv, (_Z1cv).')).toBe('t::foo and a::b, (c).');
  });

  test('leaves the rest', () => {
    for (const text of ['my_RNvC1t3foo', 'x._ZN1a1bEv', 'no name', '_Z', '_R_', '']) {
      expect(demangleInText(text)).toBe(text);
    }
  });

  test('gives a char per byte, as it was given', () => {
    expect(demangleInText('_ZN1t13gr$uf6$$udf$e17h9989f3108da4fc93E')).toBe(Buffer.from('t::größe').toString('latin1'));
  });
});

describe('decodePunycode', () => {
  // From RFC 3492, section 7.1, in lower case as far as it matters.
  test.each([
    ['', 'ihqwcrb4cv8a8dqg056pqjye', '他们为什么不说中文'],
    ['Pro', '', 'Pro'],
    ['Proprostnemluvesky', 'uyb24dma41a', 'Pročprostěnemluvíčesky'],
    ['gre', '6ra7g', undefined],
    ['a', 'A', undefined],
    ['', '99999999', undefined],
  ])('%j with %j', (ascii, encoded, expected) => {
    if (expected === undefined) {
      // Only that it ends: not every text is Punycode, but many are by chance.
      expect(['string', 'undefined']).toContain(typeof decodePunycode(ascii, encoded));
    } else {
      expect(decodePunycode(ascii, encoded)).toBe(expected);
    }
  });
});
