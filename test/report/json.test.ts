import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexAddress, JsonDocumentWriter, jsonReport, toJson, toJsonValue } from '../../src/report/json.ts';
import { jsonLine } from '../../src/report/jsonl.ts';
import { crashReport, fileResult } from './make.ts';

function documentOf(files: readonly ReturnType<typeof fileResult>[]): string {
  const writer = new JsonDocumentWriter();
  return [...writer.begin(), ...files.flatMap((file) => [...writer.file(file)]), ...writer.end()].join('');
}

describe('toJsonValue', () => {
  test('addresses keep all their bits, as strings', () => {
    expect(hexAddress(0xffff_ffff_8100_0001n)).toBe('0xffffffff81000001');
    expect(toJson({ at: 0xffff_ffff_ffff_ffffn })).toBe('{"at":"0xffffffffffffffff"}');
  });

  test('unknown is absent, never null', () => {
    expect(toJson({ a: undefined, b: null, c: Number.NaN, d: 0, e: '', f: false })).toBe('{"d":0,"e":"","f":false}');
  });

  test('a key of the log cannot reach a prototype', () => {
    const values: Record<string, bigint> = JSON.parse('{"__proto__": 1}');
    expect(toJson(values)).toBe('{"__proto__":1}');
  });

  test('what refers to itself ends', () => {
    const loop: { next?: unknown } = {};
    loop.next = loop;
    expect(() => toJsonValue(loop)).not.toThrow();
  });

  test('takes anything', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true }), (value) => {
        expect(() => JSON.parse(toJson(value))).not.toThrow();
      }),
    );
  });
});

describe('JsonDocumentWriter', () => {
  test('is valid JSON with no, one and several files', () => {
    for (const files of [
      [],
      [fileResult([])],
      [fileResult([crashReport(), crashReport()]), fileResult([crashReport()])],
    ]) {
      const parsed = JSON.parse(documentOf(files));
      expect(parsed.schema).toBe('ktriage/report/v1');
      expect(parsed.files).toHaveLength(files.length);
      for (const [index, file] of files.entries()) {
        expect(parsed.files[index].reports).toHaveLength(file.reports.length);
        expect(Object.keys(parsed.files[index])).toEqual(['path', 'input', 'reports', 'incidents', 'boots', 'notices']);
      }
    }
  });

  test('is the same as writing it in one piece', () => {
    const file = fileResult([crashReport()]);
    const { path, input, reports, incidents, boots, notices } = file;
    const whole = {
      schema: 'ktriage/report/v1',
      files: [{ path, input, reports: reports.map(jsonReport), incidents, boots, notices }],
    };
    expect(documentOf([file])).toBe(`${toJson(whole, 2)}\n`);
  });
});

test('a line of JSON per report', () => {
  const line = jsonLine(crashReport({ reportText: 'a\nb\u2028c' }), 'boot.log');
  expect(line.indexOf('\n')).toBe(line.length - 1);
  const parsed = JSON.parse(line);
  expect(parsed).toMatchObject({ schema: 'ktriage/report/v1', path: 'boot.log', title: crashReport().title });
  expect(parsed.reportText).toBe('a\nb\u2028c');
});
