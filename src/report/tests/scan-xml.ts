import { KtriageError } from '../../util/errors.ts';

/** A tag of an XML document. */
export interface Tag {
  readonly name: string;
  readonly type: 'open' | 'close' | 'empty';
  /** Where its `<` is. */
  readonly start: number;
  /** Behind its `>`. */
  readonly end: number;
  /** What stands between its name and its end. */
  readonly attributes: string;
}

/** What begins something that is no tag, and what ends it. */
const others: readonly { readonly start: string; readonly end: string }[] = [
  { start: '<!--', end: '-->' },
  { start: '<![CDATA[', end: ']]>' },
  { start: '<?', end: '?>' },
];

/** The error for what is no JUnit file. */
export function badTests(why: string): KtriageError {
  return new KtriageError(
    'KT-TESTS',
    'cannot use the file of --tests',
    why,
    'name the JUnit XML that the test runner wrote, whole',
  );
}

/**
 * The tags of an XML document in their order. Entities are not looked at, and a document type is refused: it could
 * define its own.
 * @throws KtriageError KT-TESTS for what is not well formed as far as it matters.
 */
export function* scanXml(xml: string): Generator<Tag> {
  let at = xml.indexOf('<');
  while (at !== -1) {
    const other = others.find(({ start }) => xml.startsWith(start, at));
    if (other !== undefined) {
      const end = xml.indexOf(other.end, at + other.start.length);
      if (end === -1) throw badTests(`${other.start} at character ${at + 1} has no end`);
      at = xml.indexOf('<', end + other.end.length);
      continue;
    }
    if (xml.startsWith('<!', at)) throw badTests('it has a document type, which could make anything of it');
    const tag = tagAt(xml, at);
    yield tag;
    at = xml.indexOf('<', tag.end);
  }
}

const namePattern = /[A-Za-z_][\w.:-]{0,200}/y;

function tagAt(xml: string, start: number): Tag {
  const closes = xml[start + 1] === '/';
  namePattern.lastIndex = start + (closes ? 2 : 1);
  const name = namePattern.exec(xml)?.[0];
  if (name === undefined) throw badTests(`the < at character ${start + 1} begins no tag`);
  const from = namePattern.lastIndex;
  const close = endOfTag(xml, from);
  if (close === -1) throw badTests(`the tag ${name} at character ${start + 1} has no end`);
  const empty = xml[close - 1] === '/';
  const attributes = xml.slice(from, empty ? close - 1 : close);
  return { name, type: closes ? 'close' : empty ? 'empty' : 'open', start, end: close + 1, attributes };
}

/** Where the `>` of a tag is; one in quotes is none. -1 if there is none. */
function endOfTag(xml: string, from: number): number {
  for (let at = from; at < xml.length; at += 1) {
    const character = xml[at];
    if (character === '>') return at;
    if (character !== '"' && character !== "'") continue;
    at = xml.indexOf(character, at + 1);
    if (at === -1) return -1;
  }
  return -1;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text of an attribute as it is meant. */
export function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));/g, (all, decimal, hex, name) => {
    if (typeof name === 'string') return named[name] ?? all;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

const attributePattern = /([A-Za-z_][\w.:-]{0,200})\s{0,100}=\s{0,100}(?:"([^"]*)"|'([^']*)')/g;

/** The value of an attribute, as it is meant; undefined if it has none of that name. */
export function attributeOf({ attributes }: Pick<Tag, 'attributes'>, name: string): string | undefined {
  for (const [, key, double, single] of attributes.matchAll(attributePattern)) {
    if (key === name) return unescapeXml(double ?? single ?? '');
  }
  return undefined;
}
