import { createHash, type Hash } from 'node:crypto';
import { openRandomAccess, type RandomAccess } from '../io/random-access.ts';
import { DefinitionFinder, type LineRange } from './definitions.ts';

/** Headers of registers that a generator wrote have 20 MB. */
const largestFile = 33_554_432;
const window = 65_536;
/** No more of a line is kept. */
const longestLine = 65_536;

/** What is wanted of a file. */
export interface Wanted {
  /** Numbers of lines to keep. */
  readonly lines: ReadonlySet<number>;
  /** Functions whose definitions are sought. */
  readonly functions: ReadonlySet<string>;
}

/** What a file was found to be. */
export interface ScannedFile {
  readonly lineCount: number;
  /** Lines by their numbers, without their ends. */
  readonly lines: ReadonlyMap<number, Uint8Array>;
  readonly definitions: ReadonlyMap<string, readonly LineRange[]>;
  /** Absent where the machine's policy has no MD5 (FIPS). */
  readonly md5?: string;
  /** What git names its contents by. */
  readonly blob: string;
}

/** Lines of a file in their order; the bytes are good until the next one. */
function* linesOf(file: RandomAccess, hashes: readonly Hash[]): Generator<Uint8Array> {
  const buffer = Buffer.alloc(window);
  let rest: Buffer = Buffer.alloc(0);
  for (let offset = 0; offset < file.size; ) {
    const read = file.readInto(buffer, offset);
    if (read === 0) break;
    offset += read;
    const bytes = buffer.subarray(0, read);
    for (const hash of hashes) hash.update(bytes);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const part = bytes.subarray(start, end);
      yield rest.length === 0 ? part : Buffer.concat([rest, part]);
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    if (rest.length < longestLine) rest = Buffer.concat([rest, bytes.subarray(start)]);
  }
  if (rest.length > 0) yield rest;
}

function md5Hash(): Hash | undefined {
  try {
    return createHash('md5');
  } catch {
    return undefined;
  }
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}

/**
 * Reads a source file once, in windows. Returns why not, if it is none.
 * @throws KtriageError KT-FILE-* if it cannot be read.
 */
export function scanFile(path: string, wanted: Wanted): ScannedFile | string {
  const file = openRandomAccess(path);
  try {
    if (file.size > largestFile) return `it has ${Math.round(file.size / 1_048_576)} MiB, which no source file has`;
    // No secrets are kept by these: MD5 is what DWARF 5 has, SHA-1 what git has.
    const md5 = md5Hash();
    const blob = createHash('sha1').update(`blob ${file.size}\0`);
    const finders = new Map(
      [...wanted.functions].map((name) => [name, new DefinitionFinder(name, path.endsWith('.rs'))]),
    );
    const lines = new Map<number, Uint8Array>();
    let number = 0;
    for (const line of linesOf(file, md5 === undefined ? [blob] : [md5, blob])) {
      number += 1;
      if (line.includes(0)) return 'it is a binary file';
      if (wanted.lines.has(number)) lines.set(number, Buffer.from(withoutReturn(line).subarray(0, longestLine)));
      if (finders.size === 0) continue;
      const text = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, 1024)).toString('latin1');
      for (const finder of finders.values()) finder.push(text);
    }
    return {
      lineCount: number,
      lines,
      definitions: new Map([...finders].map(([name, finder]) => [name, finder.end()])),
      ...(md5 !== undefined && { md5: md5.digest('hex') }),
      blob: blob.digest('hex'),
    };
  } finally {
    file.close();
  }
}
