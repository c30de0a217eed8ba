import { describe, expect, test } from 'vitest';
import type { CrashReport } from '../../src/model/report.ts';
import type { NotFound } from '../../src/model/symbols.ts';
import { textFile } from '../../src/report/text.ts';
import { crashReport, fileResult, frame, plainOptions } from './make.ts';

const how = { distribution: 'Debian', commands: ['apt install linux-image-6.1.0-9-amd64-dbg=6.1.27-1'], notes: ['n'] };
const lost: NotFound = { release: '6.1.0-9-amd64', places: 12, how };
const without = (more: Partial<CrashReport> = {}, notFound = lost): CrashReport =>
  crashReport({
    symbols: {
      missing: ['no vmlinux of 6.1.0-9-amd64 was found in 13 places', 'no file was found of module x'],
      notFound,
    },
    ...more,
  });

const screen = (reports: readonly CrashReport[]): string =>
  [...textFile(fileResult(reports, { path: 'a b.log' }), plainOptions())].join('');

describe('a kernel whose debug information is not there', () => {
  test('is told once, with commands to copy in lines of their own', () => {
    const text = screen([without(), without({ signature: 'ffffffffffffffff' })]);
    expect(text.match(/No source lines/g)).toHaveLength(1);
    expect(text.replace(/\s+/g, ' ')).toContain(
      'No source lines: no vmlinux of 6.1.0-9-amd64 was found in 13 places; no file was found of module x. To get them (Debian): apt',
    );
    expect(text).toMatch(/^ {2}apt install linux-image-6\.1\.0-9-amd64-dbg=6\.1\.27-1$/m);
    expect(text).toMatch(/^ {2}ktriage doctor 'a b\.log'$/m);
    expect(text).toContain('The log lacks source lines.');
    expect(text).not.toContain('Source lines are missing');
  });

  test('that nobody publishes has the command that says more', () => {
    const text = screen([without({}, { ...lost, how: { ...how, distribution: 'self-built', commands: [] } })]);
    expect(text).toMatch(/To get\s+them:\n {2}ktriage doctor/);
  });

  test('that the log does not name', () => {
    const text = screen([without({}, { places: 0, how })]).replace(/\s+/g, ' ');
    expect(text).toContain('No source lines: the log does not say which kernel it is of');
  });

  test('other reasons are told where they belong', () => {
    const modules = [{ path: 'm.ko', match: 'likely' as const, reasons: ['r'] }];
    const symbols = { modules, missing: ['no vmlinux', 'no file was found of module frob'], notFound: lost };
    const text = screen([crashReport({ symbols })]).replace(/\s+/g, ' ');
    expect(text).toContain('Source lines are missing: no file was found of module frob.');
  });
});

describe('a System.map', () => {
  const systemMap = {
    path: '/b/System.map-6',
    match: 'likely',
    reasons: ['the sizes of all 7 functions agree'],
  } as const;

  test('says what it is good for', () => {
    const text = screen([crashReport({ symbols: { systemMap } })]).replace(/\s+/g, ' ');
    expect(text).toContain(
      'Functions of System.map-6 are likely right: the sizes of all 7 functions agree. It has no lines.',
    );
  });

  test('of another kernel is told loudly', () => {
    const text = screen([crashReport({ symbols: { systemMap: { ...systemMap, match: 'refused' } } })]);
    expect(text.replace(/\s+/g, ' ')).toContain(
      '/b/System.map-6 is not of this kernel, and not used (--force uses it)',
    );
  });
});

test('init code that is gone is said to be so', () => {
  const frames = [frame('frob_read+0xe/0x19 [frob]', 104, { initText: true })];
  const text = screen([crashReport({ frames })]).replace(/\s+/g, ' ');
  expect(text.match(/in __init text, which is freed after boot/g)).toHaveLength(2);
});
