import type { ResolvedFrame } from '../dwarf/debug-info.ts';
import type { SourceFile } from '../dwarf/line-files.ts';
import type { UnitCall } from '../dwarf/unit-functions.ts';
import type { CodePiece, Piece, PieceSegments } from '../dwarf/unit-pieces.ts';
import { ByteReader, ByteWriter } from './index-cache-bytes.ts';
import type { FoundEntry } from './index-cache-file.ts';
import type { Page, PageWriter } from './index-cache-pages.ts';

/**
 * An entry of code: its length, its kind, then for all but `bare`
 *
 *     files: their number, and of each one more than the numbers of its name, of what stands before the name in its path
 *         (of the path itself where it does not end so), and of its MD5; 0 for none
 *     the function's name and one, only for `function`
 *     calls: their number, and of each its distance to the one around it (0 for none), name and one, file, line, column
 *     segments up to the end: distance * 16 and bits of what changed, then what changed
 *
 * Files and names are texts of the page; a file's number is its place in the entry, from 1 on; 0 is no file.
 */
const kinds: readonly Piece['kind'][] = ['bare', 'function', 'padding', 'assembly'];
const bare = 0;
const functionKind = 1;
const padding = 2;
const segmentBits = { line: 1, column: 2, file: 4, call: 8 } as const;
const bitsFactor = 16;
const noFile: readonly number[] = [0, 0, 0];
/** In front of a path that does not end in the file's name. */
const wholePath = '\0';
/** In place of a file: there is no row. */
const noRow = 0;

interface Call {
  readonly around: number;
  readonly name: number;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** Collects pieces in any order, to be written in that of their addresses. */
export class PieceCollector {
  readonly #staged = new ByteWriter();
  readonly #lows: number[] = [];
  /** Where in `#staged` each begins. */
  readonly #starts: number[] = [];
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Of the files of the latest units. */
  readonly #files = new WeakMap<SourceFile, readonly number[]>();

  /** Takes what there is to say of a piece. */
  add(piece: Piece): void {
    const into = this.#staged;
    this.#lows.push(piece.low);
    this.#starts.push(into.length);
    into.number(piece.high - piece.low);
    into.number(kinds.indexOf(piece.kind));
    if (piece.kind !== 'bare') this.#addCode(into, piece);
  }

  /** Writes all pieces, once. `base` is what keys count from. */
  write(writer: PageWriter, base: number): void {
    const order = this.#lows.map((_, nth) => nth).sort((a, b) => (this.#lows[a] ?? 0) - (this.#lows[b] ?? 0));
    for (const nth of order) {
      const from = new ByteReader(
        this.#staged.bytes,
        this.#starts[nth] ?? 0,
        this.#starts[nth + 1] ?? this.#staged.length,
      );
      this.#writeOne(from, writer, writer.entry((this.#lows[nth] ?? 0) - base));
    }
    writer.end();
  }

  #addCode(into: ByteWriter, piece: CodePiece): void {
    // Only what the piece itself uses: the calls that cover none of it are those of other parts of the function.
    const { segments } = piece;
    const used = usedCalls(segments, piece.calls);
    const places = new Map<number, number>();
    for (const call of used) places.set(call, places.size + 1);
    const files = new Map<number, number>();
    let latest = -1;
    for (let at = 0; at < segments.count; at++) {
      const file = segments.files[at] ?? -1;
      if (file === latest) continue;
      latest = file;
      if (file >= 0 && !files.has(file)) files.set(file, files.size + 1);
    }
    for (const call of used) {
      const file = piece.calls[call]?.callFile ?? 0;
      if (!files.has(file)) files.set(file, files.size + 1);
    }
    into.number(files.size);
    for (const index of files.keys()) for (const number of this.#file(piece.file(index))) into.number(number);
    if (piece.kind === 'function') into.number(this.#text(piece.name));
    into.number(used.length);
    for (const [nth, number] of used.entries()) {
      const call = piece.calls[number];
      if (call === undefined) continue;
      into.number(call.parent < 0 ? 0 : nth + 1 - (places.get(call.parent) ?? 0));
      into.number(this.#text(piece.nameOf(call)));
      into.number(files.get(call.callFile) ?? 0);
      into.number(call.callLine);
      into.number(call.callColumn);
    }
    writeSegments(into, segments, files, places);
  }

  #file(file: SourceFile | undefined): readonly number[] {
    if (file === undefined) return noFile;
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const { name, path, md5 } = file;
    const before = path.endsWith(name) ? path.slice(0, path.length - name.length) : undefined;
    const made = [this.#text(name), this.#text(before ?? `${wholePath}${path}`), this.#text(md5)];
    this.#files.set(file, made);
    return made;
  }

  /** The number of a text and one, 0 for none. */
  #text(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text);
    this.#numbers.set(text, number);
    return number;
  }

  /** Copies a piece; texts get the numbers that they have in its page. */
  #writeOne(from: ByteReader, writer: PageWriter, into: ByteWriter): void {
    const copy = (): number => {
      const value = from.number();
      into.number(value);
      return value;
    };
    const copyText = (): void => {
      const number = from.number();
      into.number(number === 0 ? 0 : writer.text(this.#texts[number - 1] ?? '') + 1);
    };
    copy();
    const kind = copy();
    if (kind === bare) return;
    for (let left = copy() * 3; left > 0; left--) copyText();
    if (kind === functionKind) copyText();
    for (let left = copy(); left > 0; left--) {
      copy();
      copyText();
      for (let rest = 3; rest > 0; rest--) copy();
    }
    into.add(from.rest());
  }
}

/** The calls of segments, and those around them, in their order. */
function usedCalls(segments: PieceSegments, calls: readonly UnitCall[]): readonly number[] {
  const used = new Set<number>();
  for (let at = 0; at < segments.count; at++)
    for (let each = segments.calls[at] ?? -1; each >= 0 && !used.has(each); each = calls[each]?.parent ?? -1)
      used.add(each);
  return used.size === 0 ? noNumbers : [...used].sort((a, b) => a - b);
}

const noNumbers: readonly number[] = [];

function writeSegments(
  into: ByteWriter,
  segments: PieceSegments,
  files: ReadonlyMap<number, number>,
  places: ReadonlyMap<number, number>,
): void {
  let start = 0;
  let file = -1;
  let line = 0;
  let column = 0;
  let call = -1;
  for (let at = 0; at < segments.count; at++) {
    const nextStart = segments.starts[at] ?? 0;
    const nextFile = segments.files[at] ?? -1;
    const nextLine = segments.lines[at] ?? 0;
    const nextColumn = segments.columns[at] ?? 0;
    const nextCall = segments.calls[at] ?? -1;
    let bits = nextLine === line ? 0 : segmentBits.line;
    if (nextColumn !== column) bits |= segmentBits.column;
    if (nextFile !== file) bits |= segmentBits.file;
    if (nextCall !== call) bits |= segmentBits.call;
    into.number((nextStart - start) * bitsFactor + bits);
    if (nextLine !== line) into.signed(nextLine - line);
    if (nextColumn !== column) into.number(nextColumn);
    if (nextFile !== file) into.number(files.get(nextFile) ?? noRow);
    if (nextCall !== call) into.number(places.get(nextCall) ?? 0);
    start = nextStart;
    file = nextFile;
    line = nextLine;
    column = nextColumn;
    call = nextCall;
  }
}

/** The frames at an address, which counts from the base as the keys do; undefined if the entry does not cover it. */
export function readFrames({ page, entry }: FoundEntry, address: number): ResolvedFrame[] | undefined {
  const from = page.read(entry);
  const key = page.keyOf(entry);
  if (address - key >= from.number()) return undefined;
  const kind = from.number();
  if (kind === bare) return from.failed ? undefined : [];
  const count = from.count();
  const filesAt = from.at;
  for (let each = 0; each < 3 * count; each++) from.number();
  const name = kind === functionKind ? from.number() : 0;
  const calls: Call[] = [];
  for (let left = from.count(); left > 0 && !from.failed; left--) {
    const distance = from.number();
    const around = distance === 0 ? 0 : calls.length + 1 - distance;
    calls.push({ around, name: from.number(), file: from.number(), line: from.number(), column: from.number() });
  }
  const at = segmentAt(from, address - key);
  if (from.failed) return undefined;
  const makeFrame = new FrameMaker(page, entry, filesAt);
  if (kind !== functionKind) {
    if (at.file === noRow) return [];
    const frame = makeFrame.make(0, at, false);
    return [kind === padding ? { ...frame, betweenFunctions: true } : frame];
  }
  const frames: ResolvedFrame[] = [];
  let position: Position = at;
  for (let each = at.call; each > 0 && frames.length <= calls.length; ) {
    const call = calls[each - 1];
    if (call === undefined) return undefined;
    frames.push(makeFrame.make(call.name, position, true));
    position = call;
    each = call.around;
  }
  frames.push(makeFrame.make(name, position, false));
  return frames;
}

interface Position {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** What holds at a distance from the beginning of the entry. */
function segmentAt(from: ByteReader, distance: number): Position & { readonly call: number } {
  let at = 0;
  let file = 0;
  let line = 0;
  let column = 0;
  let call = 0;
  while (!from.isAtEnd && !from.failed) {
    const head = from.number();
    at += Math.floor(head / bitsFactor);
    if (at > distance) break;
    const bits = head % bitsFactor;
    if ((bits & segmentBits.line) !== 0) line += from.signed();
    if ((bits & segmentBits.column) !== 0) column = from.number();
    if ((bits & segmentBits.file) !== 0) file = from.number();
    if ((bits & segmentBits.call) !== 0) call = from.number();
  }
  return { file, line, column, call };
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Makes frames of an entry's numbers, as `makeFrame` of `dwarf/unit-resolver.ts` does of debug information. */
class FrameMaker {
  readonly #page: Page;
  readonly #entry: number;
  readonly #filesAt: number;

  constructor(page: Page, entry: number, filesAt: number) {
    this.#page = page;
    this.#entry = entry;
    this.#filesAt = filesAt;
  }

  make(name: number, { file, line, column }: Position, inlined: boolean): ResolvedFrame {
    const frame: Mutable<ResolvedFrame> = { inlined };
    const text = this.#text(name);
    if (text !== undefined) frame.function = text;
    if (file > 0) this.#setFile(frame, file);
    if (line > 0) frame.line = line;
    if (column > 0) frame.column = column;
    return frame;
  }

  #setFile(frame: Mutable<ResolvedFrame>, number: number): void {
    const from = this.#page.read(this.#entry);
    from.at = this.#filesAt;
    for (let each = 3; each < 3 * number && !from.failed; each++) from.number();
    const name = this.#text(from.number());
    const before = this.#text(from.number());
    const md5 = this.#text(from.number());
    if (name === undefined || before === undefined) return;
    frame.file = name;
    frame.path = before.startsWith(wholePath) ? before.slice(wholePath.length) : before + name;
    if (md5 !== undefined) frame.md5 = md5;
  }

  #text(number: number): string | undefined {
    return number === 0 ? undefined : this.#page.text(number - 1);
  }
}
