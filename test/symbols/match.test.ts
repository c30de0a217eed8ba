import { describe, expect, test } from 'vitest';
import type { KernelSymbol } from '../../src/elf/symbol-table.ts';
import type { Frame } from '../../src/model/report.ts';
import { checkSizes, matchFile, type SizeCheck } from '../../src/symbols/match.ts';
import { open } from '../elf/make.ts';
import { flag } from '../helpers/elf-writer.ts';

const banner =
  'Linux version 6.1.0-9-amd64 (b@example.org) (gcc-12, ld 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.27-1 (2023-05-08)';
const file = { release: '6.1.0-9-amd64', buildId: 'aa11', banner };
const agree: SizeCheck = { agree: 12, differ: [] };
const none: SizeCheck = { agree: 0, differ: [] };

describe('matchFile', () => {
  test('is certain with the same build ID or banner', () => {
    expect(matchFile({ buildId: 'AA11' }, file, none).match).toBe('certain');
    expect(matchFile({ release: file.release, banner }, file, agree).match).toBe('certain');
  });

  test('refuses another build ID, whatever else agrees', () => {
    const { match, reasons } = matchFile({ release: file.release, banner, buildId: 'bb22' }, file, agree);
    expect(match).toBe('refused');
    expect(reasons.join()).toContain('bb22');
  });

  test('refuses another release, or another package of the same release', () => {
    expect(matchFile({ release: '6.1.0-10-amd64' }, file, agree).match).toBe('refused');
    expect(matchFile({ release: file.release, version: '#1  Debian 6.1.20-1' }, file, agree).match).toBe('refused');
    expect(matchFile({ release: file.release, version: '#2' }, file, agree).match).toBe('refused');
  });

  test('is likely with release, build and sizes', () => {
    expect(matchFile({ release: file.release, version: '#1  Debian 6.1.27-1' }, file, agree).match).toBe('likely');
    expect(matchFile({ release: file.release, version: '#1 PREEMPT(lazy)' }, file, agree).match).toBe('likely');
    // The end of the line is lost; or the product is told, which is in no banner.
    expect(matchFile({ release: file.release, version: '#1  Debian 6.1.2' }, file, agree).match).toBe('likely');
    expect(matchFile({ release: file.release, version: '#1 SLE15-SP6 ab12' }, file, agree).match).toBe('likely');
    expect(matchFile({}, file, agree).match).toBe('likely');
  });

  test('refuses where nothing can be compared', () => {
    expect(matchFile({}, file, none).match).toBe('refused');
  });

  test('refuses other sizes, but for a damaged line of many', () => {
    const log = { release: file.release };
    expect(matchFile(log, file, { agree: 5, differ: ['f/0x1'] }).match).toBe('likely');
    expect(matchFile(log, file, { agree: 5, differ: ['f/0x1', 'g/0x2'] }).match).toBe('refused');
    expect(matchFile(log, file, { agree: 1, differ: ['f/0x1'] }).match).toBe('refused');
    expect(matchFile({ ...log, banner }, file, { agree: 1, differ: ['f/0x1', 'g/0x2'] }).match).toBe('refused');
  });
});

describe('checkSizes', () => {
  const elf = open({
    sections: [{ name: '.text', address: 0x1000n, flags: flag.alloc | flag.execute, contents: new Uint8Array(0x40) }],
    symbols: [
      { name: 'one', value: 0x1000n, size: 4n, section: '.text' },
      { name: 'two', value: 0x1010n, size: 4n, section: '.text' },
      { name: 'end', value: 0x1030n, size: 4n, section: '.text' },
    ],
  });
  const frame = (name: string, size: number): Frame => ({
    function: name,
    offset: 1,
    size,
    reliable: true,
    range: { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 1 },
  });
  const named = (name: string): KernelSymbol[] => elf.symbols().named(name);

  test('compares with the way to the next symbol, each function once', () => {
    const frames = [frame('one', 0x10), frame('one', 0x10), frame('two', 0x20), frame('two', 4), frame('gone', 0x10)];
    expect(checkSizes(frames, named)).toEqual({ agree: 2, differ: ['two/0x4', 'gone/0x10'] });
  });

  test('leaves out what the kernel makes while it runs', () => {
    expect(checkSizes([frame('bpf_prog_0123456789abcdef_f', 0x10)], named)).toEqual({ agree: 0, differ: [] });
  });
});
