import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countsOf, outputText, verdictOf } from '../../../src/cli/action/outcome.ts';
import { readOutputs } from '../../helpers/github-runner.ts';

const report = (signature: string, severity: string, more = {}) => ({ signature, severity, ...more });
const documentOf = (...files: unknown[]): string => JSON.stringify({ schema: 'ktriage/report/v1', files });
const sightings = { runs: 1, of: 1 };

describe('countsOf', () => {
  test('counts each crash once, over all inputs, and not what follows from it', () => {
    const panic = {
      reports: [report('a1', 'error'), report('b2', 'fatal')],
      incidents: [{ root: 0, follow: [{ report: 1 }] }],
    };
    const again = { reports: [report('a1', 'error'), report('c3', 'warning')], incidents: [{ root: 0 }, { root: 1 }] };
    expect(countsOf(documentOf(panic, again))).toEqual({
      crashes: '2',
      fatal: '0',
      errors: '1',
      warnings: '1',
      new: '2',
      known: '0',
      denied: '0',
      signatures: 'a1 c3',
    });
  });

  test('what an earlier run had is not new, but for what is only similar', () => {
    const reports = [
      report('a1', 'error', { history: { status: 'same', matchedBy: 'signature', seen: sightings } }),
      report('b2', 'error', { history: { status: 'changed', matchedBy: 'similarity', seen: sightings } }),
      report('c3', 'error', { history: { status: 'new', seen: sightings } }),
      report('d4', 'error', { history: { status: 'new', seen: sightings }, knownIssue: { reason: 'x' } }),
      report('e5', 'error', { history: { status: 'new', seen: sightings, follows: true } }),
    ];
    const incidents = reports.map((_report, root) => ({ root }));
    expect(countsOf(documentOf({ reports, incidents }))).toMatchObject({ crashes: '5', new: '2', known: '1' });
  });

  test('counts forbidden lines, those that are not listed too', () => {
    const input = { denied: { lines: [{ line: 1 }, { line: 2 }], omitted: 40 } };
    expect(countsOf(documentOf({ reports: [], incidents: [], input }, {}))).toMatchObject({ denied: '42' });
  });

  test('says nothing of a run that looked at no log', () => {
    expect(countsOf(documentOf())).toBeUndefined();
  });

  test('whatever a document holds, its words get nowhere', () => {
    fc.assert(
      fc.property(fc.json(), (files) => {
        const counts = countsOf(`{ "files": ${files} }`);
        for (const value of Object.values(counts ?? {})) expect(value).toMatch(/^[\da-f ]*$/);
      }),
    );
    const injected = report('a\n::error::x', 'error');
    expect(countsOf(documentOf({ reports: [injected], incidents: [{ root: 0 }] }))).toMatchObject({ crashes: '0' });
  });
});

describe('outputText', () => {
  test('is read back as it was, whatever is in a value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string()), (outputs) => {
        expect(readOutputs(outputText(outputs, 'ktriage-0123'))).toEqual(outputs);
      }),
    );
  });
});

test('every exit status has a word', () => {
  expect([0, 1, 2, 3, 130, 77].map(verdictOf)).toEqual([
    'clean',
    'crash',
    'error',
    'unvouched',
    'interrupted',
    'error',
  ]);
});
