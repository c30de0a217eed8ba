import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFrameLine } from '../../../src/oops/extract/frame-line.ts';
import { parsePointerLine } from '../../../src/oops/extract/ip-line.ts';

const frame = (text: string) => parseFrameLine(text)?.frame;

describe('frames', () => {
  test.each([
    [' foo+0x12/0x34', { function: 'foo', offset: 0x12, size: 0x34, reliable: true }],
    [' ? foo.isra.0+0x12/0x34', { function: 'foo.isra.0', offset: 0x12, reliable: false }],
    [' [<ffffffff81012345>] foo+0x12/0x34 [mod]', { function: 'foo', module: 'mod', address: 0xffffffff81012345n }],
    [' [<ffffffff81012345>] ? foo+0x12/0x34', { function: 'foo', reliable: false, address: 0xffffffff81012345n }],
    ['([<000000000045ac94>] foo+0xdc/0x184)', { function: 'foo', address: 0x45ac94n }],
    [
      '[c000000001234560] [c000000000123456] foo+0x1/0x2 (unreliable)',
      { function: 'foo', reliable: false, address: 0xc000000000123456n },
    ],
    [
      ' foo+0x1/0x2 [mod 0123456789abcdef0123456789abcdef01234567]',
      { module: 'mod', moduleBuildId: '0123456789abcdef0123456789abcdef01234567' },
    ],
    [' foo+0x1/0x2 [mod(OE)]', { function: 'foo', module: 'mod' }],
    [' foo+0x1/0x2 (P)', { function: 'foo', reliable: true }],
    [' 0xffffffffc0000000', { address: 0xffffffffc0000000n, reliable: true }],
    [' ? 0xffffffffa02fdfff', { address: 0xffffffffa02fdfffn, reliable: false }],
    [' [<0000000029e80000>] 0x29e80000', { address: 0x29e80000n }],
    [' [<0000000000000000>]           (null)', { address: 0n }],
    [' foo+0x1/0x2 net/core/dev.c:123', { function: 'foo', source: { file: 'net/core/dev.c', line: 123 } }],
    [
      ' foo (net/core/dev.c:12 (discriminator 3) drivers/net/x.c:34) mod',
      { function: 'foo', module: 'mod', source: { file: 'drivers/net/x.c', line: 34 } },
    ],
    [
      // ktriage decode, where functions of one name and size cannot be told apart
      ' ? foo (net/core/dev.c:12 or drivers/net/x.c:34) mod',
      {
        function: 'foo',
        module: 'mod',
        candidates: [
          { file: 'net/core/dev.c', line: 12 },
          { file: 'drivers/net/x.c', line: 34 },
        ],
      },
    ],
    [
      ' <core::option::Option<T> as foo::Bar>::unwrap+0x1/0x2',
      { function: '<core::option::Option<T> as foo::Bar>::unwrap', offset: 1 },
    ],
    [' _RNvCs1234_7___rustc.llvm.123+0x1/0x2', { function: '_RNvCs1234_7___rustc.llvm.123' }],
    [' $a.1+0x1/0x2', { function: '$a.1' }],
    ['--- interrupt: 300 at foo+0x1/0x2', { function: 'foo' }],
  ])('%s', (text, expected) => {
    expect(frame(text)).toMatchObject(expected);
  });

  test('arm names a callee and its caller', () => {
    const old = parseFrameLine('[<c0015668>] (show_stack) from [<c069798c>] (dump_stack+0x7c/0xc8 [m])');
    expect(old?.frame).toMatchObject({ function: 'show_stack', address: 0xc0015668n });
    expect(old?.caller).toMatchObject({ function: 'dump_stack', offset: 0x7c, module: 'm' });
    const now = parseFrameLine(' show_stack from dump_stack_lvl+0x40/0x4c');
    expect(now?.frame).toMatchObject({ function: 'show_stack' });
    expect(now?.caller).toMatchObject({ function: 'dump_stack_lvl', offset: 0x40 });
  });

  test('marks', () => {
    expect(parseFrameLine(' <IRQ>')?.marks).toEqual([{ name: 'IRQ', closes: false }]);
    expect(parseFrameLine(' </TASK>')?.marks).toEqual([{ name: 'TASK', closes: true }]);
    const old = parseFrameLine(' <<EOE>>  <IRQ>  [<ffffffff81012345>] foo+0x1/0x2');
    expect(old?.marks.map((m) => m.name)).toEqual(['EOE', 'IRQ']);
    expect(old?.frame?.function).toBe('foo');
    expect(parseFrameLine(' foo+0x1/0x2 <EOI>')?.marksAfter).toEqual([{ name: 'EOI', closes: false }]);
  });

  test('an inlined function', () => {
    expect(frame(' foo net/core/dev.c:123 [inline]')).toMatchObject({ function: 'foo', inline: true });
  });

  test.each([
    '[0000000000000020] pgd=080000004331c003, p4d=080000004331c003',
    '[00000008] *pgd=00000000',
    ' ffff88003dda8000 ffff8807c692a000 ffffffff810889b0 0000000000000000',
    'usb 1-1: device not accepting address 5, error -71',
    ' 0x00000000: 6b 6b 6b 6b',
    'Hardware name: foo BIOS bar',
    '',
  ])('no frame: %s', (text) => {
    expect(frame(text)).toBeUndefined();
  });

  test('whatever it is given, it answers, and what it takes for a name stands in the text', () => {
    const piece = fc.constantFrom(
      ' ',
      '[<',
      '>]',
      'foo',
      '+0x',
      '/0x',
      '12',
      '?',
      '<IRQ>',
      '(',
      ')',
      '::',
      ' from ',
      '.c:1',
      '[m]',
      '0x',
      '$',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 24 }), (pieces) => {
        const text = pieces.join('');
        const found = frame(text)?.function;
        // Bytes above 127 are made proper text: only ASCII names can be looked for as they are.
        if (found !== undefined && /^[\x20-\x7e]+$/.test(found)) expect(text).toContain(found);
      }),
      { numRuns: 2000 },
    );
  });

  test('time is linear in the length of hostile lines', () => {
    const start = performance.now();
    for (const unit of ['[<ffffffff81012345>] ', '<IRQ>', ' (', 'a+0x', '[a', 'foo::', '(a.c:1 ', '0x1 ', '? ']) {
      parseFrameLine(` ${unit.repeat(20_000)}`);
      parsePointerLine(`RIP: 0010:${unit.repeat(20_000)}`);
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('instruction pointers', () => {
  test.each([
    [
      'RIP: 0010:foo+0x12/0x34 [mod]',
      { register: 'rip', codeSegment: 0x10, symbol: { function: 'foo', module: 'mod' } },
    ],
    [
      'RIP: 0010:[<ffffffff81253416>]  [<ffffffff81253416>] foo+0x1/0x2',
      { address: 0xffffffff81253416n, symbol: { function: 'foo' } },
    ],
    ['RIP: 0033:0x4ae3f7', { codeSegment: 0x33, address: 0x4ae3f7n }],
    ['RIP: 0010:          (null)', { codeSegment: 0x10, address: 0n }],
    ['EIP: 0060:[<c1234567>] EFLAGS: 00010246 CPU: 0', { register: 'eip', codeSegment: 0x60, address: 0xc1234567n }],
    ['EIP is at foo+0x1/0x2', { register: 'eip', symbol: { function: 'foo' } }],
    ['pc : foo+0x18/0x38 [mod]', { register: 'pc', symbol: { function: 'foo' } }],
    ['PC is at foo+0x1/0x2', { register: 'pc', symbol: { function: 'foo' } }],
    ['lr : foo+0x18/0x38', { which: 'lr', register: 'lr' }],
    ['NIP [c000000000123456] foo+0x1/0x2', { register: 'nip', address: 0xc000000000123456n }],
    ['epc   : 80123456 foo+0x1/0x2', { register: 'epc', address: 0x80123456n, symbol: { function: 'foo' } }],
    [' ra : foo+0x1/0x2', { which: 'lr', register: 'ra' }],
    ['  ERA: 9000000000210afc foo+0x1/0x2', { register: 'era', address: 0x9000000000210afcn }],
    [
      'Krnl PSW : 0404c00180000000 000000000045a78e (foo+0x62/0x7c)',
      { register: 'pswa', address: 0x45a78en, symbol: { function: 'foo' } },
    ],
  ])('%s', (text, expected) => {
    expect(parsePointerLine(text)).toMatchObject(expected);
  });
});
