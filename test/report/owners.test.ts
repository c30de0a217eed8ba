import { describe, expect, test } from 'vitest';
import type { Owners } from '../../src/model/owners.ts';
import { ownersSection } from '../../src/report/text/owners.ts';
import { sectionLines } from '../../src/report/text/section.ts';
import { plainPainter } from '../../src/report/text/style.ts';
import { crashReport } from './make.ts';

const person = (name: string) =>
  ({ name, address: `${name}@example.org`, kind: 'person', role: 'maintainer', section: 'FROB' }) as const;
const list = { address: 'frob@example.org', kind: 'list', role: 'open list' } as const;

const owners: Owners = {
  file: 'drivers/frob.c',
  why: 'frob() is to blame',
  from: 'MAINTAINERS',
  sections: [
    { title: 'FROB', status: 'Maintained', by: 'F' },
    { title: 'THE REST', by: 'F' },
  ],
  recipients: [person('Ada'), person('Bea'), person('Cid'), person('Dora'), list],
};

function text(more: Partial<Owners>): string {
  const section = ownersSection(crashReport({ owners: { ...owners, ...more } }));
  return section === undefined ? '' : sectionLines(section, 200, plainPainter).join('\n');
}

describe('owners as text', () => {
  test('the most specific section, two people, and its list', () => {
    expect(text({})).toBe('Owners:   FROB (Maintained): Ada, Bea and 2 more, frob@example.org');
    expect(text({ recipients: [person('Ada'), list] })).toContain(': Ada, frob@example.org');
    expect(text({ recipients: [person('Ada'), person('Bea')] })).toContain(': Ada and Bea');
    expect(text({ recipients: [list] })).toContain(': nobody, frob@example.org');
  });

  test('nothing where nothing is known, and nothing of a terminal', () => {
    expect(ownersSection(crashReport())).toBeUndefined();
    expect(text({ recipients: [person('\u001b[2Jx')], sections: [] })).toBe('Owners:   \\x1B[2Jx');
  });
});
