import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixedLayouts, layoutOfPacket } from '../../src/machine/gdb/register-layout.ts';
import { beyondPacket, decodeRegisters, littleEndian } from '../../src/machine/gdb/register-packet.ts';
import { readTargetDescription } from '../../src/machine/gdb/target-description.ts';
import { xmlEvents } from '../../src/machine/gdb/xml.ts';

const documents: Readonly<Record<string, string>> = {
  'target.xml': `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd">
    <target><architecture>aarch64</architecture>
    <xi:include href="core.xml"/><xi:include href="system.xml"/><xi:include href="../../secret"/></target>`,
  'core.xml': `<feature name="org.gnu.gdb.aarch64.core">
    <flags id="cpsr_flags" size="4"><field name="SP" start="0" end="0"/></flags>
    <reg name="x0" bitsize="64"/><!-- <reg name="gone" bitsize="64"/> -->
    <reg name='sp' bitsize='64' type="a>b"/>
    <reg name="pc" bitsize="64"/>
    <reg name="cpsr" bitsize="32" type="cpsr_flags"></reg>
    <reg name="v0" bitsize="128"/><reg name="fpsr" bitsize="32"/></feature>`,
  'system.xml': `<feature name="org.qemu.gdb.arm.sys.regs"><reg name="VBAR" bitsize="64" regnum="9" group="cp_regs"/>
    <reg name="TTBR1_EL1" bitsize="64" regnum="8"/><reg name="no size"/><reg name="odd" bitsize="7"/></feature>`,
};

const read = async (name: string): Promise<string | undefined> => documents[name];

describe('a description', () => {
  test('with documents in it gives registers in the order of their numbers', async () => {
    const layout = await readTargetDescription(read);
    expect(layout?.architecture).toBe('aarch64');
    expect(layout?.registers.map(({ name, number, offset, isWide }) => [name, number, offset, isWide])).toEqual([
      ['x0', 0, 0, false],
      ['sp', 1, 8, false],
      ['pc', 2, 16, false],
      ['cpsr', 3, 24, false],
      ['v0', 4, 28, true],
      ['fpsr', 5, 44, true],
      ['TTBR1_EL1', 8, 48, false],
      ['VBAR', 9, 56, false],
    ]);
  });

  test('that includes itself has an end', async () => {
    let reads = 0;
    const layout = await readTargetDescription(async () => {
      reads++;
      return '<target><xi:include href="target.xml"/><xi:include href="target.xml"/><reg name="r" bitsize="32"/></target>';
    });
    expect(reads).toBeLessThan(100);
    expect(layout?.registers).toHaveLength(64);
  });

  test('of anything gives registers or none', async () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      '=',
      '<reg ',
      'name="a"',
      ' bitsize="64"',
      '<!--',
      '-->',
      '&lt;',
      'x',
      ' regnum="3"',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        await readTargetDescription(async (name) => (name === 'target.xml' ? pieces.join('') : undefined));
      }),
    );
  });
});

test('elements, texts, entities', () => {
  expect([...xmlEvents('<a b="1 &gt; 0">x &amp; y</a><c/>')]).toEqual([
    { kind: 'open', name: 'a', attributes: new Map([['b', '1 > 0']]) },
    { kind: 'text', text: 'x & y' },
    { kind: 'close', name: 'a' },
    { kind: 'open', name: 'c', attributes: new Map() },
    { kind: 'close', name: 'c' },
  ]);
});

describe('layouts', () => {
  const [x8664, i386, aarch64] = fixedLayouts;

  // Sizes as gdb has them for stubs without a description; the kernel's stub sends 164 bytes.
  test.each([
    [164, 'i386:x86-64'],
    [536, 'i386:x86-64'],
    [552, 'i386:x86-64'],
    [308, 'i386'],
    [312, 'i386'],
    [64, 'i386'],
    [268, 'aarch64'],
    [788, 'aarch64'],
    [100, undefined],
  ])('%d bytes are of %s', (bytes, architecture) => {
    expect(layoutOfPacket(bytes, undefined)?.architecture).toBe(architecture);
  });

  test('a described layout holds for what ends behind its program counter', async () => {
    const described = await readTargetDescription(read);
    expect(layoutOfPacket(28, described)).toBe(described);
    expect(layoutOfPacket(64, described)).toBe(described);
  });

  test('a target in another mode has the layout of that', () => {
    expect(layoutOfPacket(308, x8664)).toBe(i386);
    expect(layoutOfPacket(312, x8664)).toBe(i386);
    expect(layoutOfPacket(164, x8664)).toBe(x8664);
    expect(layoutOfPacket(536, i386)).toBe(x8664);
    expect(layoutOfPacket(16, i386)).toBe(i386);
  });

  test('places', () => {
    const place = (layout: typeof x8664, name: string) => layout?.registers.find((each) => each.name === name)?.offset;
    expect([
      place(x8664, 'rip'),
      place(x8664, 'eflags'),
      place(x8664, 'gs'),
      place(x8664, 'fctrl'),
      place(x8664, 'mxcsr'),
    ]).toEqual([128, 136, 160, 244, 532]);
    expect([place(i386, 'eip'), place(i386, 'xmm0'), place(i386, 'mxcsr')]).toEqual([32, 176, 304]);
    expect([place(aarch64, 'sp'), place(aarch64, 'pc'), place(aarch64, 'cpsr'), place(aarch64, 'fpcr')]).toEqual([
      248, 256, 264, 784,
    ]);
  });

  test('values, those that are not there left out', async () => {
    const described = await readTargetDescription(read);
    if (described === undefined) throw new Error('no layout');
    const values = decodeRegisters(
      `0100000000000080${'x'.repeat(16)}0000000081ffffff02000040${'00'.repeat(20)}`,
      described,
    );
    expect([...values]).toEqual([
      ['x0', 0x8000000000000001n],
      ['pc', 0xffffff8100000000n],
      ['cpsr', 0x40000002n],
    ]);
    expect(beyondPacket(described, 28).map(({ name }) => name)).toEqual(['TTBR1_EL1', 'VBAR']);
    expect(beyondPacket(described, 60).map(({ name }) => name)).toEqual(['VBAR']);
  });

  test('numbers', () => {
    expect(littleEndian('efbeadde')).toBe(0xdeadbeefn);
    expect(littleEndian('efbe0')).toBeUndefined();
    expect(littleEndian('xxxx')).toBeUndefined();
    expect(littleEndian('')).toBeUndefined();
  });
});
