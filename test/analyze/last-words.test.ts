import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastWords } from '../../src/analyze/last-words.ts';

const bootLines = [
  '[    0.000000] Linux version 6.1.0 (a@b) (gcc 12) #1 SMP',
  '[    0.000000] Command line: console=ttyS0',
  '[    1.250000] clocksource: Switched to clocksource tsc',
];
const inUserSpace = [...bootLines, '[    2.093365] Run /init as init process'];

const last = (...lines: string[]) => lastWords(Buffer.from(lines.join('\n'), 'latin1'));

describe('lastWords', () => {
  test.each([
    ['nothing', [], 'unseen'],
    ['the firmware', ['SeaBIOS (version 1.16.2)', 'Booting from ROM..', ''], 'unseen'],
    ['a kernel that boots', [...bootLines, ''], 'booting'],
    ['init', [...inUserSpace, 'Welcome!', ''], 'running'],
    ['getty', [...inUserSpace, 'Debian GNU/Linux 12 vm ttyS0', '', 'vm login: '], 'prompt'],
    ['a shell', [...inUserSpace, 'root@vm:~# '], 'prompt'],
    ['busybox', [...inUserSpace, '(initramfs) '], 'prompt'],
    ['a test', [...inUserSpace, '# selftests: mm: hugetlb', ''], 'testing'],
    ['a test that is over', [...inUserSpace, '# selftests: mm: hugetlb', 'ok 1 selftests: mm: hugetlb', ''], 'running'],
    ['a machine that is off', [...inUserSpace, '[    9.0] reboot: Power down', ''], 'down'],
    [
      'a machine that was off and boots again',
      [...inUserSpace, '[    9.0] reboot: Power down', ...bootLines, ''],
      'booting',
    ],
    ['a line that only looks like a prompt', [...inUserSpace, 'PASS #', ''], 'running'],
  ])('knows %s', (_name, lines, state) => {
    expect(last(...lines).state).toBe(state);
  });

  test('tells the last lines, the clock of the kernel and the test', () => {
    const found = last(...inUserSpace, '# selftests: net: tls.sh', '[   12.500000] tls: slow', '');
    expect(found).toMatchObject({ kernelSeconds: 12.5, harness: 'kselftest', test: 'net: tls.sh' });
    expect(found.lines.at(-1)).toBe('[   12.500000] tls: slow');
    expect(found.lines.length).toBeLessThanOrEqual(8);
  });

  test('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const { lines } = lastWords(bytes);
        expect(lines.every((line) => line.length <= 320)).toBe(true);
      }),
    );
  });
});
