import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shortRunFlag } from '../../src/cli/short-run.ts';

test('this V8 knows the flag, and says nothing of it', () => {
  const flag = shortRunFlag(process.versions.node);
  const script = `require('node:v8').setFlagsFromString(${JSON.stringify(flag ?? '')})`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('other versions get none', () => {
  expect(shortRunFlag('18.20.0')).toBeUndefined();
  expect(shortRunFlag('20.19.0')).toMatch(/^--wasm-tiering-budget=\d+$/);
  expect(shortRunFlag('99.0.0')).toBeUndefined();
});
