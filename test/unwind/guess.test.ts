import { describe, expect, test } from 'vitest';
import { isArm64Call, isX86Call } from '../../src/unwind/guess.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', '').padStart(14, '0'), 'hex');

describe('a return address is told by the call before it', () => {
  test.each([
    ['e8 11 22 33 44', 'call with a distance'],
    ['ff d0', 'call *%rax'],
    ['41 ff d3', 'call *%r11'],
    ['ff 53 18', 'call *0x18(%rbx)'],
    ['ff 54 24 08', 'call *0x8(%rsp)'],
    ['ff 14 c5 00 00 00 00', 'call *table(,%rax,8)'],
    ['ff 90 20 01 00 00', 'call *0x120(%rax)'],
    ['ff 15 11 22 33 44', 'call *0x44332211(%rip)'],
    ['ff 94 24 80 00 00 00', 'call *0x80(%rsp)'],
  ])('x86: %s (%s)', (code) => expect(isX86Call(bytes(code))).toBe(true));

  test.each([
    ['e9 11 22 33 44', 'jmp'],
    ['ff e0', 'jmp *%rax'],
    ['ff 53', 'a part of one'],
    ['48 89 c7', 'mov'],
    ['ff 30', 'push'],
  ])('x86 not: %s (%s)', (code) => expect(isX86Call(bytes(code))).toBe(false));

  test('arm64', () => {
    // bl, blr x8, blraaz x8, blraa x8, x9
    for (const word of [0x94000001, 0x97ffffff, 0xd63f0100, 0xd63f091f, 0xd73f0909])
      expect(isArm64Call(word)).toBe(true);
    // b, br x8, ret, nop
    for (const word of [0x14000001, 0xd61f0100, 0xd65f03c0, 0xd503201f]) expect(isArm64Call(word)).toBe(false);
  });
});
