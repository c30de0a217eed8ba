import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentForm, readDocument } from '../../src/compare/read-document.ts';
import { RunBuilder } from '../../src/compare/run.ts';
import type { FileResult } from '../../src/model/document.ts';
import { JsonDocumentWriter } from '../../src/report/json.ts';
import { jsonLine } from '../../src/report/jsonl.ts';
import { crashReport, fileResult } from '../report/make.ts';

function document(...files: readonly FileResult[]): string {
  const writer = new JsonDocumentWriter();
  return [...writer.begin(), ...files.flatMap((file) => [...writer.file(file)]), ...writer.end()].join('');
}

function runOf(files: ReturnType<typeof readDocument>) {
  const builder = new RunBuilder('run');
  for (const file of files ?? []) builder.add(file);
  return builder.build();
}

const panic = crashReport({ signature: 'f'.repeat(16), title: 'kernel panic: Fatal exception', kind: 'panic/generic' });
const file = fileResult([crashReport({ repeats: 2 }), panic], {
  incidents: [{ root: 0, follow: [{ report: 1, why: 'panic-after' }], ending: [], boot: 0 }],
});

describe('documents of earlier runs', () => {
  test('say the same as the results that they were made of', () => {
    const builder = new RunBuilder('run');
    builder.add(file);
    const text = document(file);
    expect(runOf(readDocument(text))).toEqual(builder.build());
    expect(runOf(readDocument(JSON.stringify(JSON.parse(text))))).toEqual(builder.build());
    const [first, second] = builder.build().crashes;
    expect(first).toMatchObject({
      count: 3,
      names: ['frob_read', 'frob_write', 'proc_reg_write', 'vfs_write', 'sys_write'],
    });
    expect(second?.follows).toBe(true);
  });

  test('lines of jsonl do, too', () => {
    const lines = file.reports.map((report) => jsonLine(report, file.path)).join('');
    expect(documentForm(lines)).toBe('ktriage/report/v1');
    expect(runOf(readDocument(lines)).crashes.map(({ signature }) => signature)).toEqual(
      file.reports.map(({ signature }) => signature),
    );
  });

  test('what could not be read to its end is doubted', () => {
    const cut = { ...file, input: { ...file.input, cutOff: true } };
    expect(runOf(readDocument(document(cut))).doubts).toEqual([`${file.path} ends in the middle of a report`]);
  });

  test('are told apart from logs', () => {
    expect(documentForm(document(file))).toBe('ktriage/report/v1');
    expect(documentForm('{"schema":"ktriage/live/v1"')).toBe('ktriage/live/v1');
    expect(documentForm('{"__CURSOR":"s=1","MESSAGE":"BUG"}')).toBeUndefined();
    expect(documentForm('[    0.000000] Linux version 6.1')).toBeUndefined();
  });

  test('a report that cannot be read keeps the others in their places', () => {
    const value = JSON.parse(document(file));
    value.files[0].reports.unshift({ title: 7 });
    value.files[0].incidents[0].root = 1;
    value.files[0].incidents[0].follow[0].report = 2;
    expect(runOf(readDocument(JSON.stringify(value))).crashes.map(({ follows }) => follows)).toEqual([undefined, true]);
  });

  test.each<[string, unknown]>([
    ['an input that is none', { schema: 'ktriage/report/v1', files: [[[]]] }],
    ['an input without its facts', { schema: 'ktriage/report/v1', files: [{ path: 'a.log', reports: [] }] }],
    ['an input without its reports', { schema: 'ktriage/report/v1', files: [{ path: 'a.log', input: {} }] }],
    ['a report that is none', { schema: 'ktriage/report/v1', files: [{ path: 'a', reports: [{ x: 1 }], input: {} }] }],
  ])('that lack something do not say that there was nothing: %s', (_what, value) => {
    const { crashes, doubts } = runOf(readDocument(JSON.stringify(value)));
    expect(crashes).toEqual([]);
    expect(doubts).toEqual([expect.stringMatching(/^not all of (?:a|the document) could be read$/)]);
  });

  test('of many inputs that are none tell so once', () => {
    const files = Array.from({ length: 5000 }, () => 0);
    expect(runOf(readDocument(JSON.stringify({ schema: 'ktriage/report/v1', files }))).doubts).toHaveLength(1);
  });

  test('lines that are no reports are doubted', () => {
    const lines = `${jsonLine(file.reports[0] ?? crashReport(), 'a.log')}{"schema":"ktriage/report/v1","x":1}\n`;
    expect(runOf(readDocument(lines)).doubts).toHaveLength(1);
  });

  test('a run that lacked its end mark is doubted later, too', () => {
    const cut = { ...file, input: { ...file.input, endMark: 'missing' as const } };
    expect(runOf(readDocument(document(cut))).doubts).toEqual([
      `${file.path} ends before the line that was said to end it`,
    ]);
  });

  test('whatever is in them, they are read, or no document, or no JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (files, reports) => {
        const texts = [
          JSON.stringify({ schema: 'ktriage/report/v1', files }),
          JSON.stringify({ schema: 'ktriage/report/v1', files: [{ reports, incidents: reports, input: files }] }),
          JSON.stringify({ schema: 'ktriage/report/v1', signature: 'a', kind: 'b', title: 'c', frames: reports }),
        ];
        for (const text of texts) runOf(readDocument(text));
      }),
    );
    fc.assert(
      fc.property(fc.nat(2000), (length) => {
        try {
          readDocument(document(file).slice(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });
});
