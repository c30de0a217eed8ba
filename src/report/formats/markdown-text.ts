const withoutTags = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * `http://` and `www.` become links by themselves, `@name`, `#12`, `GH-12` and GitLab's `!12` as well, `:name:` an emoji:
 * a word joiner parts them.
 */
const withoutAutolinks = (text: string): string =>
  text.replace(/@|[#!](?=\d)|\bGH-(?=\d)|:(?=\/\/|\w{1,40}:)|\bwww(?=\.)/gi, (match) => `${match}&#8288;`);

/** A log's words within a sentence of Markdown: shown as they are, and nothing in them is a link, mention or markup. */
export function markdownText(text: string): string {
  const literal = withoutTags(text)
    .replace(/[\\`*_[\]#|~$]/g, (character) => `\\${character}`)
    // Only at the beginning of a line these make lists, rules and headings.
    .replace(/^(\s*\d{0,9})([-+=.)])/, '$1\\$2');
  return withoutAutolinks(literal);
}

/** A log's words within the HTML of a `<summary>`, in which Markdown is not read, but links are made all the same. */
export const markdownSummary = (text: string): string => withoutAutolinks(withoutTags(text));

/** A log's words in a code span; no line ends. */
export function markdownCode(text: string): string {
  if (text.trim() === '') return '';
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
  const space = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}

/**
 * A code span in a cell of a table, where a bar ends the cell even in code. A backslash before it escapes it, unless there
 * is one before that already (cmark-gfm, ext_scanners.re): such a bar is spelled out.
 */
export const markdownCellCode = (text: string): string =>
  markdownCode(text.replace(/(\\?)\|/g, (_bar, before) => (before === '' ? '\\|' : '\\x7C')));

/** Lines as they are, in a fence that none of them can close. */
export function markdownBlock(lines: readonly string[]): string[] {
  const longest = lines.reduce((most, line) => Math.max(most, /^\s*(`+)/.exec(line)?.[1]?.length ?? 0), 2);
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence];
}

/** A link on something that is Markdown already; the address cannot end it. */
export function markdownLink(markdown: string, url: string): string {
  const safe = url.replace(/[\s()<>[\]\\|"'`]/g, (character) =>
    encodeURIComponent(character).replace(/[()'\\]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
  );
  return `[${markdown}](${safe})`;
}
