/** A log's words within a sentence of Markdown: shown as they are, and nothing in them is a link, mention or markup. */
export function markdownText(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*_[\]#|~$]/g, (character) => `\\${character}`)
      // Only at the beginning of a line these make lists, rules and headings.
      .replace(/^(\s*\d{0,9})([-+=.)])/, '$1\\$2')
      // `http://` and `www.` become links by themselves, `@name` and `#12` on GitHub as well, `:name:` an emoji: a word
      // joiner parts them.
      .replace(/@|\\#(?=\d)|:(?=\/\/|\w{1,40}:)|\bwww(?=\.)/gi, (match) => `${match}&#8288;`)
  );
}

/** A log's words in a code span; no line ends. */
export function markdownCode(text: string): string {
  if (text.trim() === '') return '';
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
  const space = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}

/** A code span in a cell of a table, where a bar ends the cell even in code. */
export const markdownCellCode = (text: string): string => markdownCode(text.replaceAll('|', '\\|'));

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
