import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ValueContext } from '../../../src/code/values/context.ts';
import { meaningOf } from '../../../src/code/values/meaning.ts';
import type { ArchitectureName } from '../../../src/model/report.ts';

const x86: ValueContext = { architecture: 'x86_64', la57: false };
const arm: ValueContext = { architecture: 'arm64', vaBits: 48, release: '6.12.1' };
const address = (context: ValueContext): ValueContext => ({ ...context, asAddress: true });

function said(value: bigint, context: ValueContext): string | undefined {
  const meaning = meaningOf(value, context);
  return meaning === undefined ? undefined : `${meaning.class}: ${meaning.words}`;
}

describe('numbers', () => {
  test.each<[bigint, ValueContext, string | undefined]>([
    [0n, x86, 'zero: NULL'],
    [0x20n, address(x86), 'null-offset: NULL plus 0x20'],
    [0x20n, x86, 'small: the number 32'],
    [0x1370n, address(arm), 'null-offset: NULL plus 0x1370'],
    [0xffff_ffff_ffff_fff4n, x86, 'errno: -ENOMEM (-12)'],
    [0xffff_fff4n, { architecture: 'i386' }, 'errno: -ENOMEM (-12)'],
    [0xffff_fff4n, x86, 'errno: -ENOMEM (-12) as an int'],
    [0xffff_ffff_ffff_fdfbn, x86, 'errno: -EPROBE_DEFER (-517)'],
    [0xffff_ffff_ffff_ff92n, { architecture: 'mips' }, 'small: the number -110'],
    [0xffff_ffff_ffff_ffffn, x86, 'small: -1'],
    [0xffff_ffff_fff5_b306n, arm, 'small: the number -675066'],
    [0xffff_ffff_ffff_fe00n + 0x20n, address(x86), 'null-offset: NULL minus 0x1e0'],
    [0xc000_0000n, x86, 'refcount-saturated: a saturated reference count'],
    [0x57fe8n, x86, undefined],
  ])('%x', (value, context, words) => {
    expect(said(value, context)).toBe(words);
  });
});

describe('poison', () => {
  test.each<[bigint, ValueContext, string]>([
    [0xdead_0000_0000_0100n, x86, 'list-poison: LIST_POISON1, what list_del() leaves in next'],
    [0xdead_0000_0000_0122n, arm, 'list-poison: LIST_POISON2, what list_del() leaves in prev'],
    // The lab's general protection fault: a member at 0x20 of what LIST_POISON1 was taken for.
    [0xdead_0000_0000_0120n, address(x86), 'list-poison: LIST_POISON1 plus 0x20, what list_del() leaves in next'],
    [0xdead_0000_0000_012an, address(x86), 'list-poison: LIST_POISON2 plus 0x8, what list_del() leaves in prev'],
    [0xdead_0000_0000_0300n, x86, 'other-poison: TIMER_ENTRY_STATIC, a timer that was never armed'],
    [0x5dea_dbee_f000_0100n, { architecture: 'ppc64' }, 'list-poison: LIST_POISON1, what list_del() leaves in next'],
    [0x6b6b_6b6b_6b6b_6b6bn, x86, 'slab-poison: freed slab memory (0x6b)'],
    [0x6b6b_6b6b_6b6b_6b93n, address(x86), 'slab-poison: freed slab memory (0x6b) plus 0x28'],
    [0x6b6b_6b6bn, { architecture: 'arm' }, 'slab-poison: freed slab memory (0x6b)'],
    [0x6b6b_6b6bn, x86, 'slab-poison: freed slab memory (0x6b), read as an int'],
    [0x5a5a_5a5a_5a5a_5a5an, arm, 'slab-poison: slab memory that was never written (0x5a)'],
    [0x57ac_6e9dn, x86, 'other-poison: STACK_END_MAGIC, which stands at the end of every task stack'],
    [0xdead_4ead_0000_001cn, x86, 'other-poison: half of it is the magic number of a spinlock'],
    [0xffff_ffff_dead_beefn, arm, 'other-poison: 0xdeadbeef, a marker for freed or unused memory'],
  ])('%x', (value, context, words) => {
    expect(said(value, context)).toBe(words);
  });

  test('int3 bytes and stack patterns', () => {
    expect(meaningOf(0xcccc_cccc_cccc_ccccn, x86)?.class).toBe('init-poison');
    expect(meaningOf(0xaaaa_aaaa_aaaa_aaaan, x86)?.class).toBe('page-poison');
    expect(meaningOf(0xfefe_fefe_fefe_fefen, x86)?.class).toBe('stack-poison');
  });
});

describe('text', () => {
  test.each<[bigint, ArchitectureName, string]>([
    // Registers of the lab's logs: pieces of "running null-read".
    [0x6461_6572_2d6c_6c75n, 'arm64', 'the text "ull-read"'],
    [0x0064_6165_722d_6c6cn, 'x86_64', 'the text "ll-read"'],
    [0x726f_6f74_2f62_696en, 's390x', 'the text "root/bin"'],
  ])('%x of %s', (value, architecture, words) => {
    expect(meaningOf(value, { architecture })).toMatchObject({ class: 'text-string', words, certain: true });
  });

  test('addresses of programs are none', () => {
    expect(meaningOf(0x5555_5555_4141n, x86)?.class).toBe('user');
  });
});

describe('x86-64', () => {
  test.each<[bigint, Partial<ValueContext>, string]>([
    [0xffff_8881_0a2b_3c40n, { kaslrOffset: 0n }, 'direct-map'],
    [0xffff_c900_0038_ba98n, { kaslrOffset: 0n }, 'vmalloc'],
    [0xffff_ea00_071f_b7c0n, { kasan: 'generic' }, 'vmemmap'],
    [0xffff_fe00_0000_2fd0n, {}, 'fixmap'],
    [0xffff_ffff_c030_e280n, {}, 'module'],
    [0xffff_ffff_ff5f_d000n, {}, 'fixmap'],
    [0xff11_0001_0a2b_3c40n, { la57: true, kaslrOffset: 0n }, 'direct-map'],
    [0xffa0_0001_0a2b_3c40n, { la57: true, kaslrOffset: 0n }, 'vmalloc'],
    [0x00ff_0000_0000_0000n, { la57: true, asAddress: true }, 'user'],
    [0x00ff_0000_0000_0008n, { la57: false, asAddress: true }, 'non-canonical'],
    [0xffff_8801_d304_cd00n, { release: '4.14.1', kaslrOffset: 0n }, 'direct-map'],
    [0xdfff_fc00_0000_0004n, { asAddress: true }, 'kasan-shadow'],
    [0x4_0000_0000n, { asAddress: true }, 'bit-flip'],
  ])('%x, %o', (value, more, kind) => {
    expect(meaningOf(value, { ...x86, ...more })?.class).toBe(kind);
  });

  test('the direct map without KASLR has physical addresses, the array of struct page frame numbers', () => {
    const fixed: ValueContext = { ...x86, kaslrOffset: 0n };
    expect(meaningOf(0xffff_8881_0a2b_3c40n, fixed)?.words).toContain('physical address 0x10a2b3c40');
    expect(meaningOf(0xffff_ea00_071f_b7c0n, fixed)?.words).toContain('page frame 0x1c7edf');
  });

  // The lab's vfree-read on 6.1: GS base, stack pointer, and values of which each kind is known.
  test('regions that KASLR moved are told apart by the stack and the per-CPU base', () => {
    const moved: ValueContext = { ...x86, gsBase: 0xffff_8c69_5f40_0000n, stackPointer: 0xffff_d04f_403d_bcc8n };
    expect(meaningOf(0xffff_8c69_411b_8000n, moved)).toMatchObject({ class: 'direct-map', certain: true });
    expect(meaningOf(0xffff_d04f_4004_d000n, moved)).toMatchObject({ class: 'vmalloc', certain: true });
    expect(meaningOf(0xffff_f722_8009_fd08n, moved)).toMatchObject({ class: 'vmemmap', certain: true });
    expect(meaningOf(0xffff_b000_0000_0000n, moved)?.certain).toBe(false);
  });

  test('KASAN: back to what the shadow guards', () => {
    const kasan: ValueContext = { ...x86, kasan: 'generic' };
    expect(meaningOf(0xdfff_fc00_0000_0004n, address(kasan))).toMatchObject({
      address: 0x20n,
      words: "KASAN's shadow of 0x20, which is NULL plus 0x20",
    });
    expect(meaningOf(0xffff_ed10_15cc_5b8fn, kasan)?.address).toBe(0xffff_8880_ae62_dc78n);
    expect(meaningOf(0x1fff_f110_3723_a2c4n, kasan)?.address).toBe(0xffff_8881_b91d_1620n);
  });

  test('a flipped bit', () => {
    const near: ValueContext = { ...x86, kaslrOffset: 0n, neighbours: [0xffff_8881_0a2b_3000n] };
    const meaning = meaningOf(0xfff7_8881_0a2b_3c40n, near);
    expect(meaning).toMatchObject({ class: 'bit-flip', address: 0xffff_8881_0a2b_3c40n, certain: false });
    expect(meaning?.words).toBe('0xffff88810a2b3c40 (near 0xffff88810a2b3000) with bit 51 flipped');
  });

  test('a symbol table names addresses, and code that was freed', () => {
    const named: ValueContext = {
      ...x86,
      nameAddress: (value) =>
        value === 0xffff_ffff_8307_7010n ? { name: 'setup_foo', offset: 16, section: 'init' } : undefined,
    };
    expect(meaningOf(0xffff_ffff_8307_7010n, named)).toMatchObject({
      class: 'init-text',
      target: 'setup_foo+0x10',
      words: 'in freed __init code, of setup_foo+0x10',
    });
  });
});

describe('arm64', () => {
  test.each<[bigint, Partial<ValueContext>, string]>([
    [0xffff_0a38_4320_6180n, {}, 'direct-map'],
    [0xffff_ffc0_0812_15e0n, { vaBits: 39, release: '6.1.0' }, 'vmalloc'],
    [0xffff_ff80_0000_1000n, { vaBits: 39 }, 'direct-map'],
    [0xffff_8000_0050_0000n, {}, 'module'],
    [0xffff_fdff_c010_5d80n, {}, 'vmemmap'],
    [0xffff_fc5d_7b0f_2c00n, { release: '6.1.0' }, 'vmemmap'],
    [0xfff0_0000_051f_2500n, { vaBits: 52 }, 'direct-map'],
    [0x0000_ffff_ad79_7020n, { asAddress: true }, 'user'],
    [0xdfff_8000_0000_0003n, { asAddress: true }, 'kasan-shadow'],
    [0xdfff_a000_0000_0003n, { asAddress: true, release: '5.10.3' }, 'kasan-shadow'],
    [0xefff_8000_0000_0137n, { asAddress: true }, 'kasan-shadow'],
  ])('%x, %o', (value, more, kind) => {
    expect(meaningOf(value, { ...arm, ...more })?.class).toBe(kind);
  });

  test('a tag is taken off', () => {
    const meaning = meaningOf(0xf4ff_0a38_4320_6180n, arm);
    expect(meaning).toMatchObject({ class: 'direct-map', address: 0xffff_0a38_4320_6180n });
    expect(meaning?.words).toContain('with tag 0xf4');
  });
});

const architectureNames: readonly ArchitectureName[] = [
  'x86_64',
  'i386',
  'arm64',
  'arm',
  'riscv64',
  'ppc64',
  's390x',
  'mips',
  'loongarch64',
  'unknown',
];

test('any value in any context has a meaning or none, and never throws', () => {
  const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
  const options = fc.record(
    {
      release: fc.constantFrom('2.6.32', '4.19.1', '5.10', '6.1', '7.2', 'x'),
      la57: fc.boolean(),
      vaBits: fc.constantFrom(36, 39, 42, 47, 48, 52, 0, 64),
      pageSize: fc.constantFrom(4096, 16384, 65536),
      kaslrOffset: word,
      kasan: fc.constantFrom<'generic' | 'tags'>('generic', 'tags'),
      stackPointer: word,
      gsBase: word,
      asAddress: fc.boolean(),
      neighbours: fc.array(word, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
      fc.constantFrom(...architectureNames),
      options,
      (value, architecture, more) => {
        const meaning = meaningOf(value, { architecture, ...more });
        if (meaning !== undefined) expect(meaning.words).not.toBe('');
      },
    ),
  );
});
