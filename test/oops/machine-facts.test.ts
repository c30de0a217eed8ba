import { expect, test } from 'vitest';
import type { CrashReport } from '../../src/model/report.ts';
import { shareModules } from '../../src/oops/machine-facts.ts';

type Known = Pick<CrashReport, 'modules' | 'linkedModules' | 'boot' | 'seconds'>;
const share = (...reports: Known[]) => shareModules(reports);
const listed: Known = { boot: 0, seconds: 10, modules: ['vfat'], linkedModules: [{ name: 'vfat' }] };

test('a report without a module list takes the nearest one of the same minute', () => {
  expect(share({ boot: 0, seconds: 9 }, listed, { boot: 0, seconds: 30 }).map((r) => r.modules)).toEqual([
    ['vfat'],
    ['vfat'],
    ['vfat'],
  ]);
});

test('but not of another boot, of another time, or over its own', () => {
  expect(share({ boot: 1, seconds: 9 }, listed)[0]?.modules).toBeUndefined();
  expect(share(listed, { boot: 0, seconds: 100 })[1]?.modules).toBeUndefined();
  expect(share(listed, { ...listed, modules: [] })[1]?.modules).toEqual([]);
});
