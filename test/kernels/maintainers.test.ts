import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Recipient } from '../../src/model/owners.ts';
import { Maintainers } from '../../src/ownership/maintainers.ts';
import { askScript } from '../../src/ownership/maintainers-script.ts';
import { type SourceTree, sourceTree } from './fetch-source.ts';

/** Files that both are asked about; KTRIAGE_MAINTAINERS_FILES asks for more. */
const wanted = Number(process.env.KTRIAGE_MAINTAINERS_FILES) || 150;

function tree(): SourceTree | undefined {
  if (spawnSync('perl', ['-e', '1']).status !== 0) {
    process.stderr.write('test:kernels: get_maintainer.pl: SKIPPED, there is no perl\n');
    return undefined;
  }
  try {
    return sourceTree();
  } catch (error) {
    if (process.env.KTRIAGE_KERNELS_OPTIONAL !== '1') throw error;
    process.stderr.write(`test:kernels: get_maintainer.pl: SKIPPED, no source tree: ${String(error)}\n`);
    return undefined;
  }
}

const found = tree();

/** Of .yaml files the script takes addresses out of the text; nothing crashes in one. */
const files = (found?.files ?? []).filter((file) => !file.endsWith('.yaml'));
const chosen = files.filter((_, nth) => nth % Math.max(Math.floor(files.length / wanted), 1) === 0).slice(0, wanted);

const key = ({ name = '', address, kind }: Recipient): string => `${name}|${address}|${kind}`;

const roles = (all: readonly Recipient[]): string =>
  all
    .map((each) => `${key(each)}|${each.role}|${each.section ?? ''}`)
    .sort()
    .join('\n');

/**
 * Sections of one depth come in any order from the script (that of Perl's hashes), and who is in several of them is named
 * for the first, with the address there.
 */
function isTie(mine: readonly Recipient[], theirs: readonly Recipient[]): boolean {
  const names = (all: readonly Recipient[]): string[] => all.map(({ name, address }) => name ?? address).sort();
  return names(mine).join('\n') === names(theirs).join('\n');
}

describe.skipIf(found === undefined)('MAINTAINERS of a whole kernel', () => {
  test(`names the same recipients as get_maintainer.pl for ${chosen.length} files`, async () => {
    const maintainers = Maintainers.open(found?.root ?? '', 'builtin');
    let same = 0;
    let sameRoles = 0;
    const others: string[] = [];
    for (const file of chosen) {
      const mine = (await maintainers?.ask(file, ''))?.recipients ?? [];
      const answer = await askScript(found?.root ?? '', file);
      if ('failure' in answer) {
        others.push(`${file}: ${answer.failure}`);
        continue;
      }
      const theirs = answer.recipients;
      const own = mine.map(key).sort().join('\n');
      if (own === theirs.map(key).sort().join('\n')) same += 1;
      else if (!isTie(mine, theirs)) others.push(`${file}\n${own}\n--\n${theirs.map(key).sort().join('\n')}`);
      if (roles(mine) === roles(theirs)) sameRoles += 1;
    }
    process.stderr.write(
      `test:kernels: get_maintainer.pl: ${same} of ${chosen.length} files have the same recipients, ${sameRoles} the same roles\n`,
    );
    expect(chosen.length).toBeGreaterThanOrEqual(100);
    expect(others).toEqual([]);
    // The rest are ties.
    expect(same).toBeGreaterThanOrEqual(chosen.length * 0.98);
    expect(sameRoles).toBeGreaterThanOrEqual(chosen.length * 0.9);
  }, 600_000);
});
