import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namePattern, pathPattern, perlMatcher, perlPattern } from '../../src/ownership/maintainers-pattern.ts';

const nowhere = (): boolean => false;
const matches = (pattern: string, file: string): boolean => pathPattern(pattern).matches(file, nowhere);

describe('patterns of paths', () => {
  test.each([
    ['drivers/net/', 'drivers/net/a/b.c', true],
    ['drivers/net/', 'drivers/network.c', false],
    ['drivers/net/*', 'drivers/net/a.c', true],
    ['drivers/net/*', 'drivers/net/a/b.c', false],
    ['drivers/*/tun.c', 'drivers/net/tun.c', true],
    ['arch/*/include/', 'arch/x86/include/asm/a.h', true],
    ['include/linux/frob?.h', 'include/linux/frob1.h', true],
    ['include/linux/frob?.h', 'include/linux/frob12.h', false],
    ['drivers/x/da[79]*.[ch]', 'drivers/x/da9x.c', true],
    ['drivers/x/da[79]*.[ch]', 'drivers/x/da8x.c', false],
    // The script looks at the beginning only.
    ['fs/ext4.c', 'fs/ext4.c.orig', true],
    ['fs/extXc', 'fs/ext4c', false],
    ['fs/ext4.c', 'fs/ext4xc', false],
    ['*', 'Makefile', true],
    ['*', 'fs/Makefile', false],
    ['*/', 'fs/a/b.c', true],
    ['[', 'fs/a.c', false],
    ['', 'fs', false],
  ])('%s and %s: %s', (pattern, file, expected) => {
    expect(matches(pattern, file)).toBe(expected);
  });

  test('how deep they are', () => {
    expect(
      ['fs/', 'fs/ext4/', 'fs/ext4/*', 'fs/ext4/inode.c', '*', '*/'].map((each) => pathPattern(each).depth),
    ).toEqual([1, 2, 3, 3, -1, -1]);
  });

  test('agree with what a regular expression says', () => {
    const part = fc.stringMatching(/^[ab.*?]{1,5}$/);
    const pattern = fc.tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean());
    const path = fc.array(fc.stringMatching(/^[ab.]{1,4}$/), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pattern, path, ([parts, isBelow], names) => {
        const glob = parts.join('/') + (isBelow ? '/' : '');
        const file = names.join('/');
        const expression = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}`);
        const sameDepth = glob.split('/').length === file.split('/').length;
        expect(matches(glob, file)).toBe(expression.test(file) && (isBelow || sameDepth));
      }),
    );
  });
});

describe('expressions of Perl', () => {
  test.each([
    ['\\b(?i:clang|llvm)\\b', 'built with CLang 17', true],
    ['\\b(?i:clang|llvm)\\b', 'clanging', false],
    ['(?i)pidfd', 'PIDFD_open', true],
    // With /x blanks mean nothing.
    ['a b # comment', 'xabx', true],
    ['a\\ b', 'a b', true],
    ['[ #]x', '#x', true],
    ['[]x]y', ']y', true],
    ['[^@]sifive', 'x@sifive', false],
    ['(?:\\b|_)bpf(?:\\b|_)', 'sched_bpf', true],
    ['(devm_)?hwmon_device_(un)?register(|_with_groups|_with_info)', 'hwmon_device_unregister(x)', true],
  ])('%s in %s: %s', (pattern, text, expected) => {
    expect(perlMatcher(pattern)?.test(text)).toBe(expected);
  });

  test.each(['(?<!x)y', '(?=x)', '(a)\\1', '(', '', '  # nothing'])('%s is not known, and fits nothing', (pattern) => {
    expect(perlMatcher(pattern)).toBeUndefined();
    expect(namePattern(pattern).matches('xyz', nowhere)).toBe(false);
  });

  test('nothing breaks it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        perlPattern(pattern);
        perlMatcher(Buffer.from(pattern).toString('latin1'))?.test(Buffer.from(text).toString('latin1'));
      }),
    );
  });
});
