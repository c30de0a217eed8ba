import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeBytes } from '../../src/code/code-bytes.ts';
import { type DecodedCode, disassembleCode, disassembleDump, tellsOfFault } from '../../src/code/code-dump.ts';
import { X86Disassembler } from '../../src/code/x86/disassembler.ts';
import { dump } from './bytes.ts';

const x86 = new X86Disassembler('x86_64');

function decode(text: string, boundary?: number): DecodedCode {
  const code = disassembleDump(dump(text), x86, boundary === undefined ? {} : { boundary });
  if (code === undefined) throw new Error('no code');
  return code;
}

const brief = ({ lines }: DecodedCode): string[] =>
  lines.map(({ line }) => `${line.offset}${line.marked ? '*' : ''} ${line.text.replace(/\s+/g, ' ')}`);

describe('where instructions begin', () => {
  test('with the first byte, where that leads to the mark', () => {
    const code = decode('48 8b 43 08 48 85 c0 74 05 <8b> 40 10 c3');
    expect(brief(code)).toEqual([
      '-9 mov 0x8(%rbx),%rax',
      '-5 test %rax,%rax',
      '-2 je 0xe',
      '0* mov 0x10(%rax),%eax',
      '3 ret',
    ]);
    expect(code).toMatchObject({ skippedBytes: 0, marked: 3, markedByte: 9, certain: false });
    expect(code.lines[3]?.line.bytes).toBe('8b 40 10');
  });

  test('behind bytes that would swallow the mark', () => {
    const code = decode('48 b8 01 02 90 <8b> 40 10 c3');
    expect(code.skippedBytes).toBe(2);
    expect(brief(code).slice(0, 3)).toEqual(['-3 add %eax,(%rdx)', '-1 nop', '0* mov 0x10(%rax),%eax']);
  });

  test('behind bytes that are no instruction, unless all ways lead over such', () => {
    expect(decode('06 06 48 8b 43 08 <8b> 40 10').skippedBytes).toBe(2);
    const code = decode('05 00 00 00 00 06 06 <8b> 00');
    expect(brief(code)).toEqual(['-7 add $0x0,%eax', '-2 (bad)', '-1 (bad)', '0* mov (%rax),%eax']);
  });

  test('with the mark, where nothing before leads there', () => {
    expect(brief(decode('b8 00 <00> 00 90'))).toEqual(['0* add %al,(%rax)', '2 nop']);
  });

  test('where the file says', () => {
    // 00 00 is an instruction as good as any.
    const text = '00 00 00 00 0f 1f 44 00 00 <8b> 40 10';
    expect(decode(text)).toMatchObject({ skippedBytes: 0, certain: false });
    expect(decode(text, -5)).toMatchObject({ skippedBytes: 4, certain: true });
    // What leads past the mark, or lies outside, is not believed.
    for (const boundary of [-10, 1]) expect(decode(text, boundary)).toMatchObject({ certain: false });
    expect(decode('48 b8 01 02 90 <8b> 40 10 c3', -5)).toMatchObject({ skippedBytes: 2, certain: false });
  });
});

describe('dumps of other forms', () => {
  test('without a mark', () => {
    const code = decode('8b 40 10 c3 90');
    expect(code.marked).toBeUndefined();
    expect(code).toMatchObject({ skippedBytes: 0, markedByte: 0 });
    expect(brief(code)).toEqual(['0 mov 0x10(%rax),%eax', '3 ret', '4 nop']);
  });

  test('cut off in an instruction', () => {
    expect(brief(decode('<90> 48 8b 40'))).toEqual(['0* nop', '1 rex.W', '2 .byte 0x8b', '3 rex']);
  });

  test('addresses count from the first byte, or from that of the mark', () => {
    const line = dump('90 90 <eb> 01 90 c3');
    expect(disassembleDump(line, x86)?.lines[2]?.line.text).toBe('jmp    0x5');
    expect(disassembleDump(line, x86, { address: 0xffffffff81000010n })?.lines[2]?.line.text).toBe(
      'jmp    0xffffffff81000013',
    );
  });

  test('words lie in memory with the last byte first', () => {
    expect(codeBytes(dump('d503201f (f9400000)'))).toEqual({
      bytes: Uint8Array.of(0x1f, 0x20, 0x03, 0xd5, 0x00, 0x00, 0x40, 0xf9),
      marked: 4,
    });
    expect(disassembleDump(dump('d503201f (f9400000)'), x86)).toBeUndefined();
  });

  test('a unit that is damaged ends it', () => {
    expect(codeBytes({ ...dump('90 <90>'), units: ['90', '9', '90'] })?.bytes).toHaveLength(1);
    expect(codeBytes({ ...dump('90 <90>'), units: ['XX', '90'] })).toBeUndefined();
    // Thumb instructions of 16 bits.
    expect(codeBytes(dump('4770 (b510)'))).toBeUndefined();
  });
});

test('loads what the architecture needs, or nothing', async () => {
  const line = dump('90 <8b> 40 10');
  expect((await disassembleCode(line, 'x86_64'))?.lines[1]?.line.text).toBe('mov    0x10(%rax),%eax');
  expect((await disassembleCode(line, 'i386'))?.lines[1]?.line.text).toBe('mov    0x10(%eax),%eax');
  for (const architecture of ['s390x', 'arm64', undefined])
    expect(await disassembleCode(line, architecture)).toBeUndefined();
});

test('what tells of a fault', () => {
  const tells = (text: string, mode: 'kernel' | 'user' = 'kernel'): boolean =>
    tellsOfFault(dump(text, mode), decode(text));
  expect(tells('90 <8b> 40 10')).toBe(true);
  expect([tells('90 <8b> 40 10', 'user'), tells('90 <0f> 0b'), tells('8b 40 10 c3')]).toEqual([false, false, false]);
});

test('any bytes: all from the first instruction on are listed, and one begins at the mark', () => {
  const codes = fc.uint8Array({ minLength: 1, maxLength: 96 });
  fc.assert(
    fc.property(codes, fc.nat(), fc.option(fc.integer({ min: -100, max: 5 })), (bytes, nth, boundary) => {
      const marked = nth % bytes.length;
      const units = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
      const line = { ...dump('90 <90>'), units, marked };
      const code = disassembleDump(line, x86, boundary === null ? {} : { boundary });
      if (code === undefined) throw new Error('no code');
      const listed = code.lines.map((each) => each.line.bytes).join(' ');
      expect(listed).toBe(units.slice(code.skippedBytes).join(' '));
      expect(code.lines[code.marked ?? -1]?.line).toMatchObject({ offset: 0, marked: true });
      expect(code.lines[0]?.line.offset).toBe(code.skippedBytes - marked);
    }),
    { numRuns: 200 },
  );
});
