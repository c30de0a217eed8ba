import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { Maintainers } from '../../src/ownership/maintainers.ts';
import { maintainersText, makeTree } from './make-tree.ts';

const hasPerl = spawnSync('perl', ['-e', '1']).status === 0;
if (!hasPerl) console.warn('SKIPPED: tests of get_maintainer.pl, there is no perl');

const removes: (() => void)[] = [];
afterEach(() => {
  for (const remove of removes.splice(0)) remove();
});

function treeWith(files: Readonly<Record<string, string>>): string {
  const { root, remove } = makeTree({ MAINTAINERS: maintainersText, 'drivers/frob/bus.c': 'frob_get()', ...files });
  removes.push(remove);
  return root;
}

const script = 'scripts/get_maintainer.pl';

describe('a tree', () => {
  test('without MAINTAINERS knows nothing', () => {
    const { root, remove } = makeTree({ 'x.c': '' });
    removes.push(remove);
    expect(Maintainers.open(root)).toBeUndefined();
  });

  test('without the script is read by ourselves, as the newest script does: words in files do not count', async () => {
    const owners = await Maintainers.open(treeWith({}))?.ask('drivers/frob/bus.c', 'why');
    expect(owners).toMatchObject({ file: 'drivers/frob/bus.c', why: 'why', from: 'MAINTAINERS' });
    expect(owners?.note).toBeUndefined();
    expect(owners?.sections.map(({ title }) => title)).toEqual(['FROB BUS', 'THE REST']);
  });

  test('words in files count where the script of the tree looks for them', async () => {
    const old = await Maintainers.open(treeWith({ [script]: 'exit 1;' }), 'builtin')?.ask('drivers/frob/bus.c', '');
    expect(old?.sections.map(({ by }) => by)).toEqual(['F', 'F', 'K']);
    const later = treeWith({ [script]: "'kf|keywords-in-file!'" });
    const recent = await Maintainers.open(later, 'builtin')?.ask('drivers/frob/bus.c', '');
    expect(recent?.sections.map(({ by }) => by)).toEqual(['F', 'F']);
  });

  test.skipIf(!hasPerl)('with one asks it, in its own folder and with no settings of others', async () => {
    const root = treeWith({
      [script]: `print "Ada <ada\\@example.org> (maintainer:$ARGV[-1])\\n"; print "l\\@example.org (open list:$ENV{HOME})\\n";`,
    });
    expect(await Maintainers.open(root)?.ask('drivers/frob/bus.c', '')).toMatchObject({
      from: 'get_maintainer.pl',
      recipients: [
        { name: 'Ada', address: 'ada@example.org', role: 'maintainer', section: 'drivers/frob/bus.c' },
        { address: 'l@example.org', kind: 'list', section: '/nonexistent' },
      ],
    });
  });

  test.skipIf(!hasPerl)(
    'whose script fails is read by ourselves, which is said, and it is not asked again',
    async () => {
      const root = treeWith({ [script]: 'die "no tree\\n" if -e "asked"; open F, ">asked"; die "first\\n";' });
      const maintainers = Maintainers.open(root);
      const first = await maintainers?.ask('drivers/frob/bus.c', '');
      expect(first).toMatchObject({ from: 'MAINTAINERS', note: 'get_maintainer.pl failed: first' });
      expect(first?.recipients).toHaveLength(6);
      expect((await maintainers?.ask('drivers/frob/bus.c', ''))?.note).toBe('get_maintainer.pl failed: first');
    },
  );

  test.skipIf(!hasPerl)(
    'whose script never ends is not waited for',
    async () => {
      const root = treeWith({ [script]: 'sleep 60;' });
      const owners = await Maintainers.open(root)?.ask('drivers/frob/bus.c', '');
      expect(owners).toMatchObject({ from: 'MAINTAINERS', note: 'get_maintainer.pl failed: timeout' });
    },
    20_000,
  );

  test.skipIf(!hasPerl)('an abort is passed on', async () => {
    const root = treeWith({ [script]: 'sleep 60;' });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('enough')), 200);
    await expect(Maintainers.open(root)?.ask('drivers/frob/bus.c', '', abort.signal)).rejects.toThrow('enough');
  });
});
