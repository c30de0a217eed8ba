import { expect, test } from 'vitest';
import { refineKind } from '../../src/oops/refine-kind.ts';

const fault = 'BUG: unable to handle page fault for address: ffffffffc04135c0';
const user = 'BUG: unable to handle page fault for address: 00007fa873bed020';

test.each([
  [
    'an instruction fetch',
    ['kernel tried to execute NX-protected page - exploit attempt? (uid: 0)', fault],
    'oops/nx-exec',
  ],
  ['user text', ['unable to execute userspace code (SMEP?) (uid: 0)', user], 'oops/nx-exec'],
  [
    'user data',
    [user, '#PF: supervisor read access in kernel mode', '#PF: error_code(0x0001) - permissions violation'],
    'oops/user-access',
  ],
  [
    'a write to what is read-only',
    [fault, '#PF: supervisor write access in kernel mode', '#PF: error_code(0x0003) - permissions violation'],
    'oops/read-only-write',
  ],
  [
    'what is not there',
    [fault, '#PF: supervisor write access in kernel mode', '#PF: error_code(0x0002) - not-present page'],
    'oops/page-fault',
  ],
  [
    'user memory that is not there',
    [user, '#PF: supervisor read access in kernel mode', '#PF: error_code(0x0000) - not-present page'],
    'oops/page-fault',
  ],
])('a page fault on %s', (_, texts, kind) => {
  expect(refineKind('oops/page-fault', texts)).toBe(kind);
});

test('an invalid opcode that control flow integrity made', () => {
  expect(
    refineKind('oops/invalid-opcode', [
      'CFI failure at foo+0x1/0x2 (target: bar+0x0/0x1; expected type: 0x1)',
      'invalid opcode: 0000',
    ]),
  ).toBe('oops/cfi');
});

test('other kinds are what they are', () => {
  expect(refineKind('warning/generic', [user, '#PF: supervisor write access in kernel mode'])).toBe('warning/generic');
});
