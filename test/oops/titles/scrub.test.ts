import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scrub } from '../../../src/oops/titles/scrub.ts';

test.each([
  ['killed syz-executor.3/12 and syzkaller123:4', 'killed syz-executor and syzkaller'],
  ['at ffff888012345678, 0xdeadbeef and abcdef12', 'at ADDR, ADDR and ADDR'],
  ['not1234567890ab but x=1234567', 'notNUMab but x=ADDR'],
  ['from 192.168.0.1:80', 'from IP:NUM'],
  ['a.c:12 b.h:3:4 c.rs:5', 'a.c:LINE b.h:LINE c.rs:LINE'],
  ['foo+0x1/0x2 bar.cold+0xab/0xcd', 'foo bar.cold'],
  ['on CPU#3 of 4', 'on CPU of NUM'],
  ['5 (6) 7', '5 (NUM) NUM'],
  ['tab\there,  two  blanks \x01\xe4 ', 'tab here, two blanks'],
])('%s', (text, scrubbed) => {
  expect(scrub(text)).toBe(scrubbed);
});

test('is printable and short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const once = scrub(text);
      expect(once).toMatch(/^[\x20-\x7e]{0,120}$/);
    }),
  );
});
