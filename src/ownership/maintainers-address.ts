/** Who is at an address. */
export interface Mailbox {
  /** Empty where none is given. */
  readonly name: string;
  readonly address: string;
}

/** More in one line are no addresses. */
const mostInLine = 20;

/** Without comments in parentheses, but those of a quoted name. */
function withoutComments(text: string): string {
  let out = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"' && depth === 0) quoted = !quoted;
    if (!quoted && character === '(') depth += 1;
    if (depth === 0) out += character;
    if (!quoted && character === ')' && depth > 0) depth -= 1;
  }
  // Whatever an open one hides may be the address.
  return depth > 0 ? text : out;
}

function unquoted(name: string): string {
  return name.trim().replace(/^"|"$/g, '').replaceAll('\\"', '"').trim();
}

/** `Name <address>`, `"Name, More" <address>` or an address alone; undefined where there is none. */
export function parseMailbox(text: string): Mailbox | undefined {
  const open = text.indexOf('<');
  const close = text.lastIndexOf('>');
  if (open !== -1 && close > open) {
    const address = text.slice(open + 1, close).trim();
    return /^[^\s@]+@\S+$/.test(address) ? { name: unquoted(text.slice(0, open)), address } : undefined;
  }
  const address = text.trim();
  return /^[^\s@]+@\S+$/.test(address) ? { name: '', address } : undefined;
}

/** Splits at the commas that are neither in quotes nor in angle brackets. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  let angled = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (character === '<') angled = true;
    else if (character === '>') angled = false;
    else if (character === ',' && !quoted && !angled) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/**
 * The mailboxes of an M: or R: line. Almost always it is one; names with a comma that lack their quotes are one too, as
 * scripts/get_maintainer.pl takes them.
 */
export function parseMailboxes(value: string): Mailbox[] {
  const parts = partsOf(withoutComments(value)).slice(0, mostInLine);
  const boxes = parts.flatMap((part) => parseMailbox(part) ?? []);
  if (boxes.length === parts.length && parts.length > 1) return boxes;
  // The name keeps what stands in parentheses: `Matthew Wilcox (Oracle) <...>`; what follows the address is left out.
  const whole = parseMailbox(value.slice(0, value.lastIndexOf('>') + 1) || withoutComments(value));
  return whole === undefined ? boxes : [whole];
}

/** What .mailmap says of names and addresses (git-shortlog(1)). */
export interface Mailmap {
  /** Who is meant. */
  proper(mailbox: Mailbox): Mailbox;
}

/** Longer files are none: that of 7.2 has 0.06 MB. */
const mostLines = 100_000;

const written = ({ name, address }: Mailbox): string => `${name} <${address}>`;

/** Reads .mailmap; `text` has a char per byte. */
export function readMailmap(text: string): Mailmap {
  const names = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const line of text.split('\n', mostLines)) {
    const entry = line.slice(0, 1000).replace(/#.*$/, '').trim();
    const parts = entry.split(/[<>]/);
    // name <address> name <address>: with what follows the last >, which is nothing.
    const [properName = '', first = '', otherName = '', second] = parts.map((part) => part.trim());
    if (!entry.endsWith('>') || first === '') continue;
    if (second === undefined) {
      if (properName !== '' && parts.length === 3) names.set(first, unquoted(properName));
      continue;
    }
    const key = otherName === '' ? second : written({ name: unquoted(otherName), address: second });
    if (properName !== '') names.set(key, unquoted(properName));
    addresses.set(key, first);
  }
  return {
    proper(mailbox) {
      const key = [written(mailbox), mailbox.address].find((each) => names.has(each) || addresses.has(each));
      if (key === undefined) return mailbox;
      return { name: names.get(key) ?? mailbox.name, address: addresses.get(key) ?? mailbox.address };
    },
  };
}
