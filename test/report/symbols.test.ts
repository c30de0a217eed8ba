import { describe, expect, test } from 'vitest';
import type { CrashReport } from '../../src/model/report.ts';
import type { SymbolsUsed } from '../../src/model/symbols.ts';
import { textReport } from '../../src/report/text.ts';
import { crashReport, frame, plainOptions } from './make.ts';

const screen = (more: Partial<CrashReport>): string =>
  [...textReport(crashReport(more), 'log', plainOptions())].join('');
const words = (text: string): string => text.replace(/\s+/g, ' ');

const used: SymbolsUsed = {
  vmlinux: { path: '/d/vmlinux', match: 'certain', reasons: ['the build ID is the same'] },
  modules: [{ path: '/m/frob.ko', module: 'frob', match: 'likely', reasons: ['it is of 6.1.0'] }],
};

describe('source positions on the screen', () => {
  const source = { file: 'frob/main.c', line: 12 };

  test('Where has the line, and what a header put there', () => {
    const inlined = [{ function: 'ring_level', source: { file: 'frob/ring.h', line: 3, column: 7 } }];
    const text = screen({ frames: [frame('frob_read+0xe/0x19 [frob]', 104, { source, inlined })], symbols: used });
    expect(words(text)).toContain(
      'Where: frob_read+0xe/0x19 [frob] at frob/main.c:12, in ring_level inlined from frob/ring.h:3:7',
    );
    expect(text).toContain('ring_level at frob/ring.h:3:7 (inlined into the next)');
  });

  test('Where has the inlined function if that is in no header, and Stack marks its frame', () => {
    const inlined = [{ function: 'frob_fill', source: { file: 'frob/fill.c', line: 3 } }];
    const frames = [frame('frob_read+0xe/0x19 [frob]', 104, { source, inlined })];
    const culprit = { function: 'frob_fill', module: 'frob', passed: [] };
    const text = screen({ frames, culprit, symbols: used });
    expect(words(text)).toContain('Where: frob_read+0xe/0x19 [frob] at frob/fill.c:3 in frob_fill, inlined');
    expect(text).toMatch(/frob_read.*<- culprit/);
  });

  test('several places are called so', () => {
    const candidates = [source, { file: 'frob/b.c', line: 1 }];
    const text = screen({ frames: [frame('frob_read+0xe/0x19 [frob]', 104, { candidates })], symbols: used });
    expect(words(text)).toContain('at one of frob/main.c:12 and frob/b.c:1');
  });

  test('Trust says how sure it is', () => {
    const text = words(screen({ symbols: { ...used, missing: ['no file was found of module x'] } }));
    expect(text).toContain('Source lines of vmlinux are certain: the build ID is the same.');
    expect(text).toContain('Source lines of frob.ko are likely right: it is of 6.1.0.');
    expect(text).toContain('Source lines are missing: no file was found of module x.');
    expect(text).not.toContain('lacks source lines');
  });

  test('Trust is loud about what was refused or forced', () => {
    const file = { path: '/d/vmlinux', reasons: ['the log is of 6.1, the file of 6.2'] };
    expect(words(screen({ symbols: { vmlinux: { ...file, match: 'refused' } } }))).toContain(
      '/d/vmlinux is not of this kernel, and not used (--force uses it): the log is of 6.1, the file of 6.2.',
    );
    expect(words(screen({ symbols: { vmlinux: { ...file, match: 'unverified' } } }))).toContain(
      'are UNVERIFIED (--force)',
    );
  });

  test('what was forced says so at each position, and what speaks against a file is told of that one', () => {
    const frames = [frame('frob_read+0xe/0x19 [frob]', 104, { source: { ...source, unverified: true } })];
    const forced: SymbolsUsed = {
      vmlinux: { path: '/d/vmlinux', match: 'unverified', reasons: ['the log is of 6.1, the file of 6.2'] },
      modules: [{ path: '/m/frob.ko', module: 'frob', match: 'unverified', reasons: ['it is of 6.1'] }],
    };
    const text = words(screen({ frames, symbols: forced }));
    expect(text).toContain('frob/main.c:12 (unverified)');
    expect(text).toContain(
      'vmlinux are UNVERIFIED (--force): the log is of 6.1, the file of 6.2. Source lines of frob.ko',
    );
  });
});
