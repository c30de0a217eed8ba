import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KtriageError } from '../util/errors.ts';
import { pathParts, suffixes } from './paths.ts';

/** A file that may be the one that was compiled. */
export interface FoundFile {
  /** Without symbolic links. */
  readonly path: string;
  /** How many parts of its recorded path it has. */
  readonly kept: number;
}

/** Why there is no file. */
export interface NotFound {
  /** Absent if there is simply no such file. */
  readonly refused?: string;
}

/** A folder that source is read from: a kernel's tree, a part of it, or that of a module. Nothing outside of it is. */
export class SourceFolder {
  /** As it was given. */
  readonly name: string;
  readonly #real: string;

  /** @throws KtriageError KT-SOURCE-FOLDER if there is no such folder. */
  constructor(name: string) {
    this.name = name;
    this.#real = realFolder(name);
  }

  /** The file with the longest part of a recorded path. */
  find(file: string): FoundFile | NotFound {
    const parts = pathParts(file);
    if (parts === undefined) return { refused: 'its name is none of a source file' };
    const absolute = file.startsWith('/') ? this.#check(file, parts.length) : undefined;
    if (absolute !== undefined && 'path' in absolute) return absolute;
    let refused: string | undefined;
    for (const suffix of suffixes(file, parts, this.#real)) {
      const found = this.#check(join(this.#real, suffix), suffix.split('/').length);
      if (found === undefined) continue;
      if ('path' in found) return found;
      refused ??= found.refused;
    }
    return { ...(refused !== undefined && { refused }) };
  }

  #check(path: string, kept: number): FoundFile | NotFound | undefined {
    let real: string;
    try {
      real = realpathSync(path);
      // Symbolic links may lead anywhere, and the path comes from a log or from debug information.
      if (!real.startsWith(this.#real === '/' ? '/' : `${this.#real}/`))
        return { refused: 'it leads out of the folder' };
      if (!statSync(real).isFile()) return { refused: 'it is no regular file' };
    } catch {
      return undefined;
    }
    return { path: real, kept };
  }
}

function realFolder(name: string): string {
  const what = `cannot use the source folder ${name}`;
  let real: string;
  try {
    real = realpathSync(name);
    if (statSync(real).isDirectory()) return real;
  } catch {
    throw new KtriageError('KT-SOURCE-FOLDER', what, 'there is no such folder', 'check the path');
  }
  throw new KtriageError('KT-SOURCE-FOLDER', what, 'it is no folder', 'name the folder that the file is in');
}
