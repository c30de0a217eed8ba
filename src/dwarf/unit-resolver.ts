import type { Cursor } from './cursor.ts';
import { FunctionFinder, type FunctionMatch } from './functions.ts';
import { LineFiles } from './line-files.ts';
import { LineTables, loadLineProgram } from './line-header.ts';
import { findRows, type LineRow } from './line-program.ts';
import type { FunctionNames } from './names.ts';
import type { Problems } from './problems.ts';
import { SourceTree } from './source-tree.ts';
import type { SplitFiles } from './split.ts';
import type { Unit } from './unit.ts';
import type { UnitStore } from './unit-store.ts';

/** A function at an address, and where in it. Lines and columns count from 1 and are missing where not known. */
export interface ResolvedFrame {
  /** As in the source; of Rust and C++ demangled. Missing where no function's entry covers the address. */
  readonly function?: string;
  /** As in the kernel's tree, `kernel/fork.c`; outside of it as `path`. */
  readonly file?: string;
  /** The file as the compiler saw it: absolute, or below the directory it ran in. */
  readonly path?: string;
  /** MD5 of the file when it was compiled, in hex; clang tells it. */
  readonly md5?: string;
  readonly line?: number;
  readonly column?: number;
  readonly inlined: boolean;
  /**
   * The code was compiled, but no function covers the address: padding, or the NOPs before a function's first
   * instruction (arm64). File and line are then what the line program has there, which is mostly the function before.
   */
  readonly betweenFunctions?: boolean;
}

interface Position {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

interface Lines {
  readonly rows: (LineRow | undefined)[];
  readonly files: LineFiles;
}

/** Resolves addresses of one unit at a time. */
export class UnitResolver {
  readonly #store: UnitStore;
  readonly #names: FunctionNames;
  readonly #split: SplitFiles | undefined;
  readonly #problems: Problems;
  readonly #finder = new FunctionFinder();
  readonly #tree = new SourceTree();
  readonly #files = new Map<number, LineFiles>();
  #entries: Cursor | undefined;

  constructor(store: UnitStore, names: FunctionNames, split: SplitFiles | undefined, problems: Problems) {
    this.#store = store;
    this.#names = names;
    this.#split = split;
    this.#problems = problems;
  }

  /** The frames at ascending addresses of the unit at an offset of `.debug_info`. */
  resolve(offset: number, addresses: readonly number[]): ResolvedFrame[][] {
    const skeleton = this.#store.unit(offset);
    const split = this.#split === undefined ? undefined : this.#problems.guard(() => this.#split?.unit(skeleton));
    const unit = split?.unit ?? skeleton;
    const names = split?.names ?? this.#names;
    this.#entries ??= this.#store.cursor();
    const entries = split === undefined ? this.#entries : split.store.cursor();
    // Lines without functions are still worth having, and the other way round.
    const matches = this.#problems.guard(() => {
      (split?.store ?? this.#store).load(unit, entries);
      return this.#finder.find(unit, entries, addresses);
    });
    const lines = this.#problems.guard(() => this.#lines(unit, addresses));
    return addresses.map((_, nth) => {
      const match = matches?.[nth];
      const row = lines?.rows[nth];
      return (
        this.#problems.guard(() =>
          makeFrames(unit, match, row, lines?.files, (entry) =>
            entry === 0 ? undefined : this.#problems.guard(() => names.name(entry, unit, entries)),
          ),
        ) ?? []
      );
    });
  }

  /** What the kernel's tree calls a path that somebody else read from the unit at an offset of `.debug_info`. */
  treeName(offset: number, path: string): string | undefined {
    let files = this.#files.get(offset);
    if (files === undefined) {
      const unit = this.#store.unit(offset);
      const owner = unit.skeleton ?? unit;
      const cursor = owner.tables.cursor('line');
      if (owner.lineProgram === undefined || cursor === undefined) {
        return undefined;
      }
      const header = loadLineProgram(cursor, owner.lineProgram, owner.header.addressSize);
      files = new LineFiles(new LineTables(header, cursor), unit, this.#tree);
      this.#files.set(offset, files);
    }
    return files.treeName(path);
  }

  #lines(unit: Unit, addresses: readonly number[]): Lines | undefined {
    const owner = unit.skeleton ?? unit;
    const offset = owner.lineProgram;
    const cursor = offset === undefined ? undefined : owner.tables.cursor('line');
    if (offset === undefined || cursor === undefined) {
      return undefined;
    }
    const header = loadLineProgram(cursor, offset, owner.header.addressSize);
    const { name, size } = cursor.section;
    owner.tables.budget.spendBytes(cursor.end, name, size, offset);
    const rows = findRows(header, cursor, addresses);
    return { rows, files: new LineFiles(new LineTables(header, cursor), unit, this.#tree) };
  }
}

/** The deepest chains of a kernel have some twenty; of a damaged one that is deeper the outermost calls are left out. */
const mostFrames = 256;

function makeFrames(
  unit: Unit,
  match: FunctionMatch | undefined,
  row: LineRow | undefined,
  files: LineFiles | undefined,
  name: (entry: number) => string | undefined,
): ResolvedFrame[] {
  if (match === undefined) {
    return row === undefined ? [] : [makeFrame(undefined, row, files, false, !unit.isAssembly)];
  }
  const frames: ResolvedFrame[] = [];
  let position: Position | undefined = row;
  for (let call = match.innermost; call !== undefined && frames.length < mostFrames; call = call.parent) {
    frames.push(makeFrame(name(call.origin), position, files, true, false));
    position = { file: call.callFile, line: call.callLine, column: call.callColumn };
  }
  frames.push(makeFrame(name(match.entry), position, files, false, false));
  return frames;
}

function makeFrame(
  functionName: string | undefined,
  position: Position | undefined,
  files: LineFiles | undefined,
  inlined: boolean,
  betweenFunctions: boolean,
): ResolvedFrame {
  const file = position === undefined ? undefined : files?.file(position.file);
  // Member by member: there are tens of thousands, and each spread of a condition costs as much as all the rest.
  const frame: { -readonly [Key in keyof ResolvedFrame]: ResolvedFrame[Key] } = { inlined };
  if (functionName !== undefined) {
    frame.function = functionName;
  }
  if (file !== undefined) {
    frame.file = file.name;
    frame.path = file.path;
    if (file.md5 !== undefined) {
      frame.md5 = file.md5;
    }
  }
  if (position !== undefined && position.line > 0) {
    frame.line = position.line;
  }
  if (position !== undefined && position.column > 0) {
    frame.column = position.column;
  }
  if (betweenFunctions) {
    frame.betweenFunctions = true;
  }
  return frame;
}
