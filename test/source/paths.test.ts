import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInTree, pathParts, suffixes } from '../../src/source/paths.ts';

describe('pathParts', () => {
  test.each([
    ['kernel/fork.c', ['kernel', 'fork.c']],
    ['/home/x/./mod//foo.c', ['home', 'x', 'mod', 'foo.c']],
    ['../../drivers/a.c', ['drivers', 'a.c']],
    ['a/../../etc/passwd', ['etc', 'passwd']],
  ])('%s', (file, parts) => {
    expect(pathParts(file)).toEqual(parts);
  });

  test.each(['', '/', '..', 'a/..', 'a\0b', 'a\nb', 'x/'.repeat(65), 'x'.repeat(4097)])('refuses %j', (file) => {
    expect(pathParts(file)).toBeUndefined();
  });
});

describe('suffixes', () => {
  const of = (file: string, folder: string): string[] => suffixes(file, pathParts(file) ?? [], folder);

  test('a module that was moved is found by what is left of its path, the longest first', () => {
    expect(of('/home/x/mod/foo.c', '/src/elsewhere')).toEqual([
      'home/x/mod/foo.c',
      'x/mod/foo.c',
      'mod/foo.c',
      'foo.c',
    ]);
  });

  test('a file of the kernel is not taken for one of the same name in a module', () => {
    expect(of('init/main.c', '/src/module')).toEqual(['init/main.c']);
  });

  test('a part of the tree has its own files', () => {
    expect(of('drivers/net/tun.c', '/src/linux/drivers/net')).toEqual(['drivers/net/tun.c', 'tun.c']);
    expect(of('drivers/net/tun.c', '/src/linux/drivers')).toEqual(['drivers/net/tun.c', 'net/tun.c']);
  });

  test('whatever the names are, none leads up or to another root', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', 'kernel', 'a.c'), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.boolean(), (parts, absolute) => {
        const file = (absolute ? '/' : '') + parts.join('/');
        for (const suffix of suffixes(file, pathParts(file) ?? [], '/src/linux')) {
          expect(suffix.startsWith('/')).toBe(false);
          expect(suffix.split('/')).not.toContain('..');
          expect(suffix).not.toBe('');
        }
      }),
    );
  });
});

test('isInTree', () => {
  expect(isInTree('kernel/fork.c')).toBe(true);
  expect(isInTree('/home/kernel/fork.c')).toBe(false);
  expect(isInTree('kernel')).toBe(false);
  expect(isInTree('mod/foo.c')).toBe(false);
});
