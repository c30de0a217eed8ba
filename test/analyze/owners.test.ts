import { afterEach, describe, expect, test } from 'vitest';
import { addOwners, fileToBlame, openOwners } from '../../src/analyze/owners.ts';
import type { Sources } from '../../src/analyze/sources.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { maintainersText, makeTree } from '../ownership/make-tree.ts';
import { crashReport, frame, lines } from '../report/make.ts';

const removes: (() => void)[] = [];
afterEach(() => {
  for (const remove of removes.splice(0)) remove();
});

function tree(files: Readonly<Record<string, string>> = {}): string {
  const { root, remove } = makeTree({
    MAINTAINERS: maintainersText,
    Makefile: 'VERSION = 6\nPATCHLEVEL = 9\nSUBLEVEL = 0\n',
    'drivers/frob/bus.c': '',
    ...files,
  });
  removes.push(remove);
  return root;
}

const at = (file: string) => ({ file, line: 3 });

function placed(file: string, more: Partial<CrashReport> = {}): CrashReport {
  return crashReport({
    frames: [frame('frob_read+0xe/0x19', 104, { source: at(file) }), frame('vfs_write+0x1/0x2', 105)],
    culprit: { function: 'frob_read', range: lines(104), passed: [] },
    linkedModules: [],
    ...more,
  });
}

async function owned(source: readonly string[], report: CrashReport): Promise<CrashReport['owners']> {
  const finder = await openOwners({ source, owners: 'builtin' });
  return (await finder?.own([report]))?.[0]?.owners;
}

describe('the file to ask about', () => {
  test("is the culprit's, of the innermost function that is in no header", () => {
    const report = placed('drivers/frob/main.c', {
      frames: [
        frame('frob_read+0xe/0x19', 104, {
          source: at('drivers/frob/main.c'),
          inlined: [
            { function: 'list_del', source: at('include/linux/list.h') },
            { function: 'frob_level', source: at('drivers/frob/level.c') },
          ],
        }),
      ],
    });
    expect(fileToBlame(report)).toMatchObject({ file: 'drivers/frob/level.c', why: 'frob_level() is to blame' });
  });

  test('is the guilty one of the common rules where the culprit has no line; else there is none', () => {
    const report = crashReport({ guiltyFile: 'fs/frob.c' });
    expect(fileToBlame(report)?.file).toBe('fs/frob.c');
    expect(fileToBlame(crashReport())).toBeUndefined();
  });
});

describe('owners', () => {
  test('are those of the file in the tree that has it', async () => {
    expect(await owned([tree()], placed('drivers/frob/bus.c'))).toMatchObject({
      file: 'drivers/frob/bus.c',
      why: 'frob_read() is to blame',
      from: 'MAINTAINERS',
      sections: [{ title: 'FROB BUS' }, { title: 'THE REST' }],
    });
    expect((await owned([tree()], placed('/home/me/linux/drivers/frob/bus.c')))?.file).toBe('drivers/frob/bus.c');
  });

  test.each([
    ['a file that the tree does not have', 'drivers/frob/other.c'],
    ['a file outside of it', '../../../etc/passwd'],
    ['a name that is none', 'drivers/frob/\n.c'],
  ])('%s has none', async (_, file) => {
    expect(await owned([tree()], placed(file))).toBeUndefined();
  });

  test('a module from elsewhere is not of a kernel tree, but may have a MAINTAINERS of its own', async () => {
    const module = placed('/build/drivers/frob/bus.c', {
      frames: [frame('frob_read+0xe/0x19 [frob]', 104, { source: at('/build/drivers/frob/bus.c') })],
      culprit: { function: 'frob_read', module: 'frob', range: lines(104), passed: [] },
      linkedModules: [{ name: 'frob', flags: 'OE' }],
    });
    expect(await owned([tree()], module)).toBeUndefined();
    expect((await owned([tree({ Makefile: 'obj-m += frob.o\n' })], module))?.file).toBe('drivers/frob/bus.c');
  });

  test('nobody is asked where there is no MAINTAINERS, no source, or nobody wants to know', async () => {
    const { root, remove } = makeTree({ 'x.c': '' });
    removes.push(remove);
    expect(await openOwners({ source: [root] })).toBeUndefined();
    expect(await openOwners({})).toBeUndefined();
    expect(await openOwners({ source: [tree()], owners: 'none' })).toBeUndefined();
  });

  test('reports that nothing else is known of get them too', async () => {
    const none: Sources = { wants: () => false, symbolize: async (reports) => [...reports], close: () => {} };
    const finder = await openOwners({ source: [tree()], owners: 'builtin' });
    if (finder === undefined) throw new Error('no owners');
    const sources = addOwners(none, finder);
    const report = placed('drivers/frob/bus.c');
    expect(sources.wants(report)).toBe(true);
    expect(sources.wants(crashReport())).toBe(false);
    const [first, second] = await sources.symbolize([report, report], []);
    expect(first?.owners?.recipients).toHaveLength(5);
    expect(second?.owners).toEqual(first?.owners);
  });
});
