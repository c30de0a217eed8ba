import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { compareRuns } from '../../src/compare/compare.ts';
import { comparisonJson, comparisonText } from '../../src/report/comparison.ts';
import { comparisonSchema } from '../../src/report/schema/comparison.ts';
import { plainPainter } from '../../src/report/text/style.ts';
import { crash, run } from '../compare/make.ts';

const old = crash({ signature: 'a'.repeat(16), title: 'BUG in old', names: ['old'], release: '6.1' });
const moved = crash({ title: 'WARNING in moved', names: ['a', 'b', 'c', 'd', 'e'], count: 3 });
const worse = { ...moved, severity: 'fatal' as const };
const hostile = crash({ signature: 'c'.repeat(16), title: '::error::\x1b[31m\u202e in x', names: ['x'], path: '-' });
const doubtful = { ...run('logs/9.log', worse, hostile), doubts: ['logs/9.log ends in the middle of a report'] };
const comparison = compareRuns(
  [run('run-1', old), run('run-2', moved, { ...old, signature: 'b'.repeat(16), title: 'BUG in b', follows: true })],
  doubtful,
);
const look = { width: 80, painter: plainPainter, all: false, limit: 20, program: 'ktriage' };

test('as JSON it is what its schema says', () => {
  const validate = new Ajv2020({ allErrors: true, strict: true }).compile(comparisonSchema);
  const document = JSON.parse(comparisonJson(comparison));
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(document.counts).toEqual({ new: 1, changed: 1, same: 0, gone: 1 });
  expect(comparisonJson(comparison)).not.toMatch(/[\x1b\u202e]/);
});

test('as text', () => {
  expect(
    [...comparisonText(comparison, look)].join(''),
  ).toBe(`logs/9.log against 2 earlier runs: 1 new, 1 changed and 1 gone.

new: ::error::\\x1B[31mU+202E in x
  error, oops/null-deref, signature cccccccccccccccc
  standard input:100

changed: WARNING in moved
  fatal, oops/null-deref, signature 0123456789abcdef
  boot.log:100, 3 reports; in 1 of 2 earlier runs, last in run-2
  severity was error

gone: BUG in old
  error, oops/null-deref, signature aaaaaaaaaaaaaaaa
  in 1 of 2 earlier runs, last in run-1 (boot.log:100)
Note: logs/9.log may lack crashes: logs/9.log ends in the middle of a report.
`);
});

test('no more than the limit, and all where all is wanted', () => {
  const text = (more: object) => [...comparisonText(comparison, { ...look, ...more })].join('');
  expect(text({ limit: 1 })).toContain('… 2 more crashes (--limit 0 shows all)');
  expect(text({ all: true })).toContain('stack: a < b < c < d < e');
});
