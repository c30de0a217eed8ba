import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dialectOf, findTool, toolNames, whereIs } from '../../../src/symbols/backends/choice.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-tools-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with programs of these names. */
function programs(name: string, ...names: string[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const each of names) {
    writeFileSync(join(path, each), '#!/bin/sh\n');
    chmodSync(join(path, each), 0o755);
  }
  return path;
}

describe('dialectOf', () => {
  test.each([
    ['addr2line', 'addr2line'],
    ['aarch64-linux-gnu-addr2line', 'addr2line'],
    ['/opt/cross/bin/riscv64-linux-gnu-addr2line', 'addr2line'],
    ['llvm-symbolizer', 'llvm-symbolizer'],
    ['llvm-symbolizer-19', 'llvm-symbolizer'],
    ['/usr/lib/llvm-19/bin/llvm-symbolizer', 'llvm-symbolizer'],
    ['llvm-addr2line-14', 'llvm-symbolizer'],
    ['gdb', undefined],
    ['addr2line.sh', undefined],
    ['', undefined],
    ['a'.repeat(5000), undefined],
  ])('%#: %.40s', (program, dialect) => {
    expect(dialectOf(program)).toBe(dialect);
  });
});

describe('toolNames', () => {
  test('of another machine have its prefix', () => {
    expect(toolNames('addr2line', {}, 'arm64')).toEqual(['aarch64-linux-gnu-addr2line', 'addr2line']);
    expect(toolNames('addr2line', {}, undefined)).toEqual(['addr2line']);
    expect(toolNames('ld', {}, 'unknown')).toEqual(['ld', 'ld.lld']);
  });

  test('heed what the build of a kernel heeds', () => {
    expect(toolNames('addr2line', { CROSS_COMPILE: 'my-' }, 'arm64')).toEqual(['my-addr2line']);
    expect(toolNames('addr2line', { LLVM: '1', CROSS_COMPILE: 'my-' }, 'arm64')).toEqual(['llvm-addr2line']);
    expect(toolNames('llvm-symbolizer', { LLVM: '-19' }, 'arm64')).toEqual(['llvm-symbolizer-19']);
    expect(toolNames('ld', { LLVM: '/opt/llvm/bin/' }, 'arm64')).toEqual(['/opt/llvm/bin/ld.lld']);
  });

  test('end in versions, the newest first', () => {
    const names = toolNames('llvm-symbolizer', {}, undefined);
    expect(names[0]).toBe('llvm-symbolizer');
    expect(names.indexOf('llvm-symbolizer-19')).toBeLessThan(names.indexOf('llvm-symbolizer-14'));
  });
});

describe('findTool', () => {
  const first = programs('first', 'llvm-symbolizer-14', 'llvm-symbolizer-19', 'addr2line', 'llvm-addr2line');
  const second = programs('second', 'addr2line', 'x-addr2line');
  const PATH = `:${first}:${second}`;

  test('goes through PATH in its order', () => {
    const tool = (program: string, more = {}): unknown => findTool({ program, environment: { PATH, ...more } });
    expect(tool('addr2line')).toEqual({ path: join(first, 'addr2line'), dialect: 'addr2line' });
    expect(tool('x-addr2line')).toEqual({ path: join(second, 'x-addr2line'), dialect: 'addr2line' });
    expect(tool('llvm-symbolizer')).toEqual({ path: join(first, 'llvm-symbolizer-19'), dialect: 'llvm-symbolizer' });
    expect(tool('addr2line', { LLVM: '1' })).toEqual({
      path: join(first, 'llvm-addr2line'),
      dialect: 'llvm-symbolizer',
    });
    expect(tool(join(second, 'addr2line'))).toEqual({ path: join(second, 'addr2line'), dialect: 'addr2line' });
  });

  test('never takes what lies in the working folder', () => {
    expect(whereIs('package.json', { PATH: ':' })).toBeUndefined();
    expect(whereIs('package.json', {})).toBeUndefined();
  });

  test('says what is missing', () => {
    const find = (program: string) => () => findTool({ program, environment: { PATH: second } }, 'arm64');
    expect(find('llvm-symbolizer')).toThrow(expect.objectContaining({ code: 'KT-SYMBOLIZER-MISSING' }));
    expect(find('addr2line-99')).toThrow(expect.objectContaining({ code: 'KT-SYMBOLIZER-MISSING' }));
    expect(find(second)).toThrow(expect.objectContaining({ code: 'KT-SYMBOLIZER-UNKNOWN' }));
    expect(find('gdb')).toThrow(expect.objectContaining({ code: 'KT-SYMBOLIZER-UNKNOWN' }));
  });
});
