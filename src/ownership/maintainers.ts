import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openRandomAccess } from '../io/random-access.ts';
import type { Owners, OwnersChoice, Recipient } from '../model/owners.ts';
import { KtriageError } from '../util/errors.ts';
import { readMailmap } from './maintainers-address.ts';
import { largestMaintainers, readMaintainers } from './maintainers-file.ts';
import { MaintainersMatcher, ownedSection } from './maintainers-match.ts';
import { askScript, scriptPath } from './maintainers-script.ts';

/** Of a bigger file the beginning is searched for K:. */
const mostContents = 4_194_304;
/** Files that the script is asked about: of more, as a run over many logs has, the program itself says who. */
const mostAsked = 8;
/** Sections told of one file. */
const mostSections = 50;

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The first bytes of a file; undefined if it cannot be read. */
function firstBytes(path: string, most: number): Buffer | undefined {
  try {
    const file = openRandomAccess(path);
    try {
      const bytes = Buffer.alloc(Math.min(file.size, most));
      return bytes.subarray(0, file.readInto(bytes, 0));
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof KtriageError) return undefined;
    throw error;
  }
}

/** Whose code the files of one source tree are, by its MAINTAINERS. */
export class Maintainers {
  /** The tree's root. */
  readonly root: string;
  readonly #choice: OwnersChoice;
  #matcher: MaintainersMatcher | undefined;
  #words: boolean | undefined;
  #asked = 0;
  /** Why the script is not asked any more. */
  #refused: string | undefined;

  private constructor(root: string, choice: OwnersChoice) {
    this.root = root;
    this.#choice = choice;
  }

  /** The MAINTAINERS of a tree; undefined if there is none. */
  static open(root: string, choice: OwnersChoice = 'script'): Maintainers | undefined {
    return isFile(join(root, 'MAINTAINERS')) ? new Maintainers(root, choice) : undefined;
  }

  /**
   * Whose code a file is; undefined if MAINTAINERS cannot be read, or has nothing for it. Throws the signal's reason.
   * @param file below the root.
   * @param why that file, in words.
   */
  async ask(file: string, why: string, signal?: AbortSignal): Promise<Owners | undefined> {
    const matcher = this.#open();
    if (matcher === undefined) return undefined;
    const contents = this.#looksForWords() ? firstBytes(join(this.root, file), mostContents) : undefined;
    const matches = matcher.sectionsOf({
      file,
      isFolder: (path) => isFolder(join(this.root, path)),
      ...(contents !== undefined && { contents }),
    });
    const answer = await this.#askScript(file, signal);
    const own = (): Recipient[] => matcher.recipientsOf(matches);
    const recipients = 'recipients' in answer ? answer.recipients : own();
    if (recipients.length === 0) return undefined;
    const note = 'note' in answer ? answer.note : undefined;
    return {
      file,
      why,
      from: 'recipients' in answer ? 'get_maintainer.pl' : 'MAINTAINERS',
      ...(note !== undefined && { note }),
      sections: matches.slice(0, mostSections).map(ownedSection),
      recipients,
    };
  }

  #open(): MaintainersMatcher | undefined {
    if (this.#matcher !== undefined) return this.#matcher;
    const text = firstBytes(join(this.root, 'MAINTAINERS'), largestMaintainers);
    if (text === undefined) return undefined;
    const mailmap = firstBytes(join(this.root, '.mailmap'), largestMaintainers);
    this.#matcher = new MaintainersMatcher(
      readMaintainers(text.toString('latin1')),
      readMailmap(mailmap?.toString('latin1') ?? ''),
    );
    return this.#matcher;
  }

  /**
   * Whether K: lines are looked for in the file: the script did so up to 6.6, and since 6.7 only if it is asked to
   * (`--keywords-in-file`), as too many files have `bpf` or `rust` somewhere. As the tree's own does, so do we.
   */
  #looksForWords(): boolean {
    this.#words ??= firstBytes(join(this.root, scriptPath), largestMaintainers)?.includes('keywords-in-file') === false;
    return this.#words;
  }

  async #askScript(
    file: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly recipients: readonly Recipient[] } | { readonly note?: string }> {
    if (this.#choice !== 'script' || !isFile(join(this.root, scriptPath))) return {};
    if (this.#refused !== undefined) return { note: this.#refused };
    if (this.#asked >= mostAsked) return { note: `it was asked about ${mostAsked} files already` };
    this.#asked += 1;
    const answer = await askScript(this.root, file, signal);
    if ('recipients' in answer) return answer;
    this.#refused = answer.failure;
    return { note: answer.failure };
  }
}
