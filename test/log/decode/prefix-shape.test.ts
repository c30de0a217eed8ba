import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { behindPrefix, shapeOf } from '../../../src/log/decode/prefix-shape.ts';
import { decodeText } from '../../helpers/decorate/decode.ts';

describe('the shape of a prefix', () => {
  test('numbers and their padding may differ, and the names of days and months', () => {
    const shape = shapeOf('[Fri Nov 20 05:20:12]  9: ');
    expect(behindPrefix(shape, '[Sat Dec  1 15:20:12] 10: BUG: x')).toBe(26);
    expect(behindPrefix(shape, '[Sat Dec  1 15:20:12] x: BUG: x')).toBe(-1);
  });

  test("the text's own indentation is left to it", () => {
    expect(behindPrefix(shapeOf('node7: '), 'node12:  foo+0x1/0x2')).toBe(8);
  });

  test('blanks at the end of a line may be lost', () => {
    expect(behindPrefix(shapeOf('node7: '), 'node7:')).toBe(6);
    expect(behindPrefix(shapeOf('node7: '), 'node7')).toBe(-1);
  });

  test('any prefix fits itself, and leaves what is behind it', () => {
    fc.assert(
      // Control characters are taken off before shapes are learnt.
      fc.property(
        fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
        fc.string({ maxLength: 20 }),
        (prefix, rest) => {
          fc.pre(!/\d$|[A-Za-z]$/.test(prefix) && !/^[ \d]/.test(rest));
          expect(behindPrefix(shapeOf(prefix), prefix + rest)).toBe(prefix.length);
        },
      ),
    );
  });
});

describe('prefixes that are learnt', () => {
  const crash = [
    'BUG: kernel NULL pointer dereference, address: 0000000000000020',
    'CPU: 0 PID: 143 Comm: init Not tainted 6.1.0',
    'RIP: 0010:foo+0x12/0x20',
    'Call Trace:',
    ' <TASK>',
    ' bar+0x1/0x2',
  ];

  test('a few lines are enough where all of them have it', () => {
    const log = crash.slice(0, 3).map((text) => `${text.length}/9 guest ~ ${text}\n`);
    expect(decodeText(log.join('')).lines.map((line) => line.text)).toEqual(crash.slice(0, 3));
  });

  test("a hypervisor's registers are not the kernel's", () => {
    const log = crash.map((text) => `(XEN) ${text}\n`).join('');
    expect(decodeText(log).lines.map((line) => line.text)).toEqual(crash.map((text) => `(XEN) ${text}`));
  });

  test('what one subsystem puts before its lines stays', () => {
    const texts = [...crash, 'usb 1-1: device descriptor read', 'usb 1-1: CPU: 0 is what its firmware says', ...crash];
    const log = texts.map((text, i) => `[    1.0000${10 + i}] ${text}\n`).join('');
    expect(decodeText(log).lines.map((line) => line.text)).toEqual(texts);
  });
});
