import type { LineEntry, LineTables } from './line-header.ts';
import { foldPath, joinPath, type SourceTree } from './source-tree.ts';
import type { Unit } from './unit.ts';

/** A source file of a unit. */
export interface SourceFile {
  /** As the kernel's tree has it: `kernel/fork.c`. */
  readonly name: string;
  /** As the compiler saw it, below its directory, without `.` and `..`. */
  readonly path: string;
  /** MD5 of the file when it was compiled, in hex, where the line program has it. */
  readonly md5?: string;
}

/** The source files of a unit by the index that its line program and its inlined calls have for them. */
export class LineFiles {
  readonly #tables: LineTables;
  readonly #unit: Unit;
  readonly #tree: SourceTree;
  readonly #files = new Map<number, SourceFile | undefined>();

  constructor(tables: LineTables, unit: Unit, tree: SourceTree) {
    this.#tables = tables;
    this.#unit = unit;
    this.#tree = tree;
  }

  file(index: number): SourceFile | undefined {
    if (!this.#files.has(index)) {
      this.#files.set(index, this.#make(index));
    }
    return this.#files.get(index);
  }

  /** What the kernel's tree calls a path that somebody else read from the unit. */
  treeName(path: string): string {
    return this.#tree.name(foldPath(path), this.#unit.directory, () => this.#directories());
  }

  #make(index: number): SourceFile | undefined {
    const entry = this.#tables.file(index);
    const written = entry === undefined ? undefined : this.#text(entry);
    if (entry === undefined || written === undefined || written === '') {
      return undefined;
    }
    const compilation = this.#unit.directory;
    const directory = this.#tables.directory(entry.directory);
    const path = foldPath(
      joinPath(compilation, joinPath(directory === undefined ? undefined : this.#text(directory), written)),
    );
    const md5 = this.#tables.checksum(entry);
    const name = this.#tree.name(path, compilation, () => this.#directories());
    return { path, name, ...(md5 !== undefined && { md5 }) };
  }

  #directories(): string[] {
    return this.#tables.directories.map((entry) => foldPath(joinPath(this.#unit.directory, this.#text(entry) ?? '')));
  }

  /** The line program's strings are of the file with the line program, which is the skeleton's. */
  #text(entry: LineEntry): string | undefined {
    const unit = this.#unit.skeleton ?? this.#unit;
    return unit.lineString(entry.form, entry.path);
  }
}
