/** A line `X: value` of a section. */
export interface MaintainersEntry {
  readonly letter: string;
  readonly value: string;
}

/** A section of MAINTAINERS. Its texts have a char per byte, as lengths and patterns are of bytes. */
export interface MaintainersSection {
  readonly title: string;
  readonly entries: readonly MaintainersEntry[];
}

/** Longer files are no MAINTAINERS: that of 7.2 has 0.9 MB. */
export const largestMaintainers = 8_388_608;
/** Of 7.2: 3000. */
const mostSections = 50_000;
/** Longer lines have nothing that is worth a match. */
const longestLine = 2000;

/**
 * Reads MAINTAINERS as scripts/get_maintainer.pl does (6.1 to 7.2): `X:` at the left margin begins an entry, any other
 * line that is no comment is a title, and the last of these before entries is theirs. The text before the list has
 * titles only, and so none of it gets in.
 * @param text a char per byte.
 */
export function readMaintainers(text: string): MaintainersSection[] {
  const sections: MaintainersSection[] = [];
  let title: string | undefined;
  let entries: MaintainersEntry[] = [];
  const close = (): void => {
    if (title !== undefined && entries.length > 0 && sections.length < mostSections) sections.push({ title, entries });
    entries = [];
  };
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf('\n', from);
    const end = found === -1 ? text.length : found;
    const line = text.slice(from, Math.min(end, from + longestLine));
    from = end + 1;
    if (line[1] === ':' && /^[A-Z]/.test(line)) {
      entries.push({ letter: line.slice(0, 1), value: line.slice(2).trim() });
    } else if (/^\s*[^\s#]/.test(line)) {
      close();
      title = line.trimEnd();
    }
  }
  close();
  return sections;
}

/** The last value of a letter, which is the one that counts. */
export function lastValue({ entries }: MaintainersSection, letter: string): string | undefined {
  return entries.findLast((entry) => entry.letter === letter)?.value;
}
