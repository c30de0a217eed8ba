import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { logOf, withHang } from '../../../src/analyze/hang/result.ts';
import { type FileResult, guestInput } from '../../../src/model/document.ts';
import type { LiveDocument } from '../../../src/model/live.ts';
import { type RunFormatName, runFormatNames } from '../../../src/model/output-formats.ts';
import { runFormats } from '../../../src/report/formats/formats.ts';
import { RunCollector } from '../../../src/report/formats/run.ts';
import { mutexPair, silentHang } from '../../analyze/hang/make.ts';
import { projectRoot } from '../../helpers/built.ts';
import { crashReport, fileResult, inputFacts } from '../make.ts';
import { formatOptions, manyProblems, placedReport, runOf, signature } from './make.ts';

const shared = join(projectRoot, '..', 'shared', 'specs', 'schemas');

/** The schemas are of draft 4, whose `id` and boolean bounds are all that draft 7 reads in another way. */
function draft7(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(draft7);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, member]) =>
      !(
        (key === '$schema' && typeof member === 'string') ||
        (key === 'id' && typeof member === 'string') ||
        (typeof member === 'boolean' && key.startsWith('exclusive'))
      ),
  );
  return Object.fromEntries(entries.map(([key, member]) => [key, draft7(member)]));
}

function validator(path: string): (text: string) => unknown {
  const schema = draft7(JSON.parse(readFileSync(path, 'utf8')));
  if (typeof schema !== 'object' || schema === null) throw new Error(`${path} is no schema`);
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  return (text) => (validate(JSON.parse(text)) ? undefined : validate.errors);
}

const collector = new RunCollector();
collector.add(
  fileResult(
    [placedReport(), crashReport({ signature: signature(1), kind: 'warning/other', severity: 'warning', repeats: 4 })],
    { path: 'logs/a b.log' },
  ),
);
collector.add(fileResult([], { path: '/abs/b.log', input: { ...inputFacts, kernelLines: false } }));
collector.failed('gone.log', 'there is no such file');

const [silent, pair] = [silentHang(), mutexPair('deposit')];
const ofGuest = (document: LiveDocument, path: string): FileResult =>
  withHang(logOf(document, guestInput(path)), document).result;

const runs = {
  'nothing at all': runOf(),
  'a clean log': runOf(fileResult([])),
  'a crash with source lines, one without, inputs without a verdict': collector.run(),
  'more than anybody shows': manyProblems(300),
  'guests that hang, without a word': runOf(ofGuest(silent, ':1234'), ofGuest(pair, 'qmp:/tmp/a "b" <c>')),
};

const render = (name: RunFormatName, run: (typeof runs)[keyof typeof runs]): string =>
  [...runFormats[name](run, formatOptions())].join('');

describe.each(Object.entries(runs))('%s', (_, run) => {
  const sarif = validator(join(projectRoot, 'test', 'report', 'formats', 'sarif-2.1.0.schema.json'));

  test('SARIF is valid', () => {
    expect(sarif(render('sarif', run))).toBeUndefined();
  });

  test('formats of JSON are JSON, and end with a line feed', () => {
    for (const name of ['sarif', 'gitlab', 'rdjson', 'kcidb', 'squad', 'jenkins'] as const) {
      const text = render(name, run);
      expect(() => JSON.parse(text), name).not.toThrow();
      expect(text.endsWith('\n'), name).toBe(true);
    }
  });

  test('every format prints something for everything but an empty run', () => {
    for (const name of runFormatNames) {
      const text = render(name, run);
      if (run.problems.length > 0) expect(text.length, name).toBeGreaterThan(20);
    }
  });

  const kcidb = join(shared, 'kcidb-5.3.schema.json');
  test.skipIf(!existsSync(kcidb))('KCIDB is valid (skipped without ../shared, whose schema may not be copied)', () => {
    expect(validator(kcidb)(render('kcidb', run))).toBeUndefined();
  });

  const rdjson = join(shared, 'rdf', 'DiagnosticResult.json');
  test.skipIf(!existsSync(rdjson))('rdjson and rdjsonl are valid (skipped without ../shared)', () => {
    expect(validator(rdjson)(render('rdjson', run))).toBeUndefined();
    const line = validator(join(shared, 'rdf', 'Diagnostic.json'));
    for (const each of render('rdjsonl', run).split('\n')) if (each !== '') expect(line(each)).toBeUndefined();
  });

  const junit = join(shared, 'junit-10.xsd');
  const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;
  test.skipIf(!existsSync(junit) || !hasXmllint)('JUnit is valid (skipped without ../shared or xmllint)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ktriage-junit-'));
    try {
      const file = join(folder, 'junit.xml');
      writeFileSync(file, render('junit', run));
      const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '--schema', junit, file], {
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, `${file} validates\n`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
