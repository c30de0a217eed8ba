import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

// Holds the expected documents of the cases against their logs, by other means than the program's: nothing that is
// said of a line may be missing in that line.

const folder = dirname(fileURLToPath(import.meta.url));

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** All objects in a document, with the way to each. */
function* objectsIn(value: unknown, path = ''): Generator<readonly [string, Json]> {
  if (!isObject(value)) return;
  if (!Array.isArray(value)) yield [path, value];
  for (const [key, inner] of Object.entries(value)) yield* objectsIn(inner, `${path}/${key}`);
}

const number = (object: Json, key: string): number => Number(object[key]);

interface CaseFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly document: Json;
}

function filesOf(name: string): CaseFile[] {
  const expected = join(folder, name, 'expected.stdout');
  if (!existsSync(expected) || !/^\{\s*"schema":\s*"[^"]*",\s*"files":/.test(readFileSync(expected, 'latin1')))
    return [];
  const parsed: unknown = JSON.parse(readFileSync(expected, 'utf8'));
  const found = isObject(parsed) && Array.isArray(parsed.files) ? parsed.files.filter(isObject) : [];
  return found.flatMap((document) => {
    const path = join(folder, name, String(document.path));
    if (!existsSync(path)) return [];
    const read = readFileSync(path);
    return [{ name, bytes: path.endsWith('.gz') ? gunzipSync(read) : read, document }];
  });
}

const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((entry) => filesOf(entry.name));

describe.each(cases.map((each) => [each.name, each] as const))('%s', (_, { bytes, document }) => {
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  const textOf = (range: unknown): string =>
    isObject(range) ? bytes.toString('latin1', number(range, 'firstByte'), number(range, 'endByte')) : '';
  const objects = [...objectsIn(document)];

  test('every range is made of whole lines, and bytes and lines say the same', () => {
    const wrong = objects.filter(
      ([, range]) =>
        range.firstByte !== undefined &&
        (starts[number(range, 'firstLine') - 1] !== range.firstByte ||
          (starts[number(range, 'lastLine')] ?? bytes.length) !== range.endByte),
    );
    expect(wrong).toEqual([]);
  });

  test('every frame stands in its line as it is told', () => {
    const wrong = objects.filter(([, frame]) => {
      if (typeof frame.function !== 'string' || typeof frame.reliable !== 'boolean') return false;
      const place = frame.offset === undefined ? '' : `+0x${number(frame, 'offset').toString(16)}/`;
      const size = frame.size === undefined ? '' : `0x${number(frame, 'size').toString(16)}`;
      const mark = frame.reliable ? '' : '? ';
      const line = textOf(frame.range);
      const at = line.indexOf(`${mark}${frame.function}${place}${size}`);
      return at < 0 || (frame.module !== undefined && !line.slice(at).includes(` [${frame.module}]`));
    });
    expect(wrong).toEqual([]);
  });

  test('every register stands in its line', () => {
    const wrong = objects.flatMap(([path, set]) => {
      const { values, ranges } = set;
      if (!isObject(values) || !isObject(ranges)) return [];
      return Object.entries(values)
        .filter(([name, value]) => !textOf(ranges[name]).includes(String(value).slice(2)))
        .map(([name]) => `${path} ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  test('every code dump is its line', () => {
    for (const [, dump] of objects) {
      if (!Array.isArray(dump.units)) continue;
      const printed = dump.units.map((unit, i) => (i === dump.marked ? `[<(]${unit}[>)]` : String(unit))).join(' ');
      expect(textOf(dump.range)).toMatch(new RegExp(`[Cc]ode: ${printed}\\s*$`));
    }
  });
});
