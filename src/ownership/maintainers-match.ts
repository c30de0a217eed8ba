import type { OwnedSection, Recipient } from '../model/owners.ts';
import { type Mailbox, type Mailmap, parseMailboxes } from './maintainers-address.ts';
import { lastValue, type MaintainersSection } from './maintainers-file.ts';
import { type Finder, namePattern, type PathPattern, pathPattern, perlMatcher } from './maintainers-pattern.ts';

/** More are nobody to write to: the most of a file of 6.1 are 30. */
const mostRecipients = 200;

/** A section with its patterns. */
interface Patterns {
  readonly section: MaintainersSection;
  readonly excludes: readonly PathPattern[];
  /** In the order of the file, in which the last that fits counts. */
  readonly includes: readonly { readonly by: 'F' | 'N'; readonly pattern: PathPattern }[];
  readonly keywords: readonly string[];
}

/** What a file is asked about beside its name. */
export interface AskedFile {
  /** Below the root of the tree. */
  readonly file: string;
  /** True if the tree has a folder of that name. */
  readonly isFolder: (path: string) => boolean;
  /** What is in it, for K:; absent if it cannot be read. */
  readonly contents?: Uint8Array;
}

/** A section that a file is in. */
export interface SectionMatch {
  readonly section: MaintainersSection;
  readonly by: OwnedSection['by'];
  /** How specific the pattern is; undefined for words in the file, which come after all others. */
  readonly depth?: number;
}

const latin1 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

function patternsOf(section: MaintainersSection): Patterns {
  const excludes: PathPattern[] = [];
  const includes: { by: 'F' | 'N'; pattern: PathPattern }[] = [];
  const keywords: string[] = [];
  for (const { letter, value } of section.entries) {
    if (letter === 'X') excludes.push(pathPattern(value));
    else if (letter === 'F') includes.push({ by: 'F', pattern: pathPattern(value) });
    else if (letter === 'N') includes.push({ by: 'N', pattern: namePattern(value) });
    else if (letter === 'K') keywords.push(value);
  }
  return { section, excludes, includes, keywords };
}

/** What people of a section are, by its status: as get_maintainer.pl has it up to 6.14, which tells more than later. */
const roles: Readonly<Record<string, string>> = {
  supported: 'supporter',
  maintained: 'maintainer',
  'odd fixes': 'odd fixer',
  orphan: 'orphan minder',
  obsolete: 'obsolete minder',
  'buried alive in reporters': 'chief penguin',
};

/** Everything of Linux goes to him otherwise; the script leaves him out too. */
const penguinChief = 'torvalds@linux-foundation.org';
/** The section of everything. */
const theRest = 'THE REST';

/** As long as get_maintainer.pl prints titles. */
function shortTitle(title: string): string {
  return title.length > 50 ? `${title.slice(0, 47).trimEnd()}...` : title;
}

/** MAINTAINERS of a tree, made to be asked about files. */
export class MaintainersMatcher {
  readonly #sections: readonly Patterns[];
  readonly #mailmap: Mailmap;
  readonly #keywords = new Map<string, Finder | undefined>();

  constructor(sections: readonly MaintainersSection[], mailmap: Mailmap) {
    this.#sections = sections.map(patternsOf);
    this.#mailmap = mailmap;
  }

  /** The sections that a file is in, the most specific first; those of the same depth as they stand in MAINTAINERS. */
  sectionsOf({ file, isFolder, contents }: AskedFile): SectionMatch[] {
    const byPath: (SectionMatch & { depth: number })[] = [];
    const byWord: SectionMatch[] = [];
    for (const { section, excludes, includes, keywords } of this.#sections) {
      const isExcluded = excludes.some((pattern) => pattern.matches(file, isFolder));
      const fit = isExcluded ? undefined : includes.findLast(({ pattern }) => pattern.matches(file, isFolder));
      if (fit !== undefined) byPath.push({ section, by: fit.by, depth: fit.pattern.depth });
      // Words count even where the paths are excluded, as in the script.
      else if (contents !== undefined && keywords.some((word) => this.#hasWord(word, contents)))
        byWord.push({ section, by: 'K' });
    }
    return [...byPath.sort((a, b) => b.depth - a.depth), ...byWord];
  }

  #hasWord(word: string, contents: Uint8Array): boolean {
    if (!this.#keywords.has(word)) this.#keywords.set(word, perlMatcher(word));
    return this.#keywords.get(word)?.testBytes(contents) === true;
  }

  /** Who gets mail about a file of these sections: people, then lists, each once. */
  recipientsOf(matches: readonly SectionMatch[]): Recipient[] {
    const people = new People(this.#mailmap);
    const lists = new Map<string, Recipient>();
    for (const { section } of matches) {
      const role = roleOf(section);
      const title = shortTitle(section.title);
      for (const { letter, value } of section.entries) {
        if (letter === 'M') for (const box of parseMailboxes(value)) people.add(box, role, title);
        else if (letter === 'R') for (const box of parseMailboxes(value)) people.add(box, 'reviewer', title);
        else if (letter === 'L') addList(lists, value, title);
      }
    }
    const persons = people.recipients();
    // Some lists are their sections' maintainers as well.
    for (const { address } of persons) lists.delete(address.toLowerCase());
    return [...persons, ...lists.values()].slice(0, mostRecipients);
  }
}

function roleOf(section: MaintainersSection): string {
  const status = lastValue(section, 'S')?.toLowerCase() ?? 'unknown';
  return latin1(roles[status] ?? status);
}

/** `address (moderated for non-subscribers)`; those of subscribers only take no mail from others. */
function addList(lists: Map<string, Recipient>, value: string, title: string): void {
  const [, address = '', more = ''] = /^(\S+)\s*(.*)$/.exec(value) ?? [];
  const key = address.toLowerCase();
  if (!address.includes('@') || more.includes('subscribers-only') || lists.has(key)) return;
  lists.set(key, {
    address: latin1(address),
    kind: 'list',
    role: more.includes('moderated') ? 'moderated list' : 'open list',
    ...(title !== theRest && { section: latin1(title) }),
  });
}

/** People, each once: by name or address, as the script knows them, under which .mailmap has them today. */
class People {
  readonly #mailmap: Mailmap;
  readonly #names = new Set<string>();
  readonly #addresses = new Set<string>();
  readonly #found: { readonly box: Mailbox; readonly role: string; readonly section: string }[] = [];

  constructor(mailmap: Mailmap) {
    this.#mailmap = mailmap;
  }

  add(box: Mailbox, role: string, section: string): void {
    const name = box.name.toLowerCase();
    const address = box.address.toLowerCase();
    if (this.#addresses.has(address) || (name !== '' && this.#names.has(name))) return;
    if (name !== '') this.#names.add(name);
    this.#addresses.add(address);
    this.#found.push({ box, role, section });
  }

  recipients(): Recipient[] {
    const known = new Set<string>();
    return this.#found.flatMap(({ box, role, section }): Recipient[] => {
      const { name, address } = this.#mailmap.proper(box);
      if (known.has(address.toLowerCase()) || address.toLowerCase() === penguinChief) return [];
      known.add(address.toLowerCase());
      const named = name === '' ? {} : { name: latin1(name) };
      return [{ ...named, address: latin1(address), kind: 'person', role, section: latin1(section) }];
    });
  }
}

/** How a section is told. */
export function ownedSection({ section, by }: SectionMatch): OwnedSection {
  const status = lastValue(section, 'S');
  return { title: latin1(section.title), by, ...(status !== undefined && { status: latin1(status) }) };
}
