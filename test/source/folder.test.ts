import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SourceFolder } from '../../src/source/folder.ts';
import { KtriageError } from '../../src/util/errors.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'ktriage-folder-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const inside = join(base, 'mod');
mkdirSync(join(inside, 'deep'), { recursive: true });
writeFileSync(join(base, 'secret.c'), 'secret');
writeFileSync(join(inside, 'foo.c'), 'foo');
writeFileSync(join(inside, 'deep', 'foo.c'), 'deep foo');
symlinkSync(join(base, 'secret.c'), join(inside, 'link.c'));
symlinkSync('foo.c', join(inside, 'alias.c'));
symlinkSync(base, join(inside, 'up'));
mkdirSync(join(inside, 'folder.c'));

describe('SourceFolder', () => {
  const folder = new SourceFolder(inside);

  test('finds the longest part of a path', () => {
    expect(folder.find('/build/deep/foo.c')).toEqual({ path: join(inside, 'deep/foo.c'), kept: 2 });
    expect(folder.find('/build/other/foo.c')).toEqual({ path: join(inside, 'foo.c'), kept: 1 });
    expect(folder.find('foo.c')).toEqual({ path: join(inside, 'foo.c'), kept: 1 });
  });

  test('finds absolute paths in it', () => {
    expect(folder.find(join(inside, 'deep/foo.c'))).toMatchObject({ path: join(inside, 'deep/foo.c') });
  });

  test('follows links that stay inside', () => {
    expect(folder.find('alias.c')).toMatchObject({ path: join(inside, 'foo.c') });
  });

  test.each(['link.c', 'up/secret.c', '../secret.c', 'deep/../../secret.c', join(base, 'secret.c'), '/etc/passwd'])(
    'reads nothing outside: %s',
    (file) => {
      expect(folder.find(file)).not.toHaveProperty('path');
    },
  );

  test('says why', () => {
    expect(folder.find('link.c')).toEqual({ refused: 'it leads out of the folder' });
    expect(folder.find('folder.c')).toEqual({ refused: 'it is no regular file' });
    expect(folder.find('gone.c')).toEqual({});
  });

  test('does not wait for what is a pipe', () => {
    execFileSync('mkfifo', [join(inside, 'pipe.c')]);
    expect(folder.find('pipe.c')).toEqual({ refused: 'it is no regular file' });
  });

  test.each([join(base, 'gone'), join(inside, 'foo.c')])('is a folder: %s', (name) => {
    expect(() => new SourceFolder(name)).toThrow(KtriageError);
    expect(() => new SourceFolder(name)).toThrow('cannot use the source folder');
  });
});
