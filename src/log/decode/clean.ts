/** Bytes that need a closer look: control characters, DEL, and the first bytes of the blanks that Unicode adds. */
const suspicious = /[\x00-\x08\x0b-\x1f\x7f\xa0\xc2\xe2\xef]/;

/** Strings (OSC, APC, DCS, PM, SOS) end with BEL or ST; control sequences (CSI); charset choice; two-character escapes. */
const escapes =
  /\x1b(?:[\]_P^X][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?|\[[0-?]{0,64}[ -/]{0,8}[@-~]|[ -/]{1,4}[0-~]|[0-~])/g;

/** GitLab's and Travis' section markers; a carriage return follows each. */
const sectionMarkers =
  /^(?:(?:section_(?:start|end):\d{1,20}:[\w.\-/]{1,128}(?:\[[^\]\r]{0,128}\])?|travis_(?:fold|time):[\w:.,=-]{1,200})\r){1,16}/;

const stampBehindReturn = /\r(?=(?:<\d>)?\[ {0,8}\d{1,7}\.\d{2,9}\])/;

/** What cleaning took off, for the user. */
export type Noted = (decoration: string) => void;

/** Backspaces as a terminal shows them: each removes the character before (busybox's line editor, GRUB). */
function applyBackspaces(s: string): string {
  if (!s.includes('\b')) return s;
  const out: string[] = [];
  for (const c of s) {
    if (c === '\b') out.pop();
    else out.push(c);
  }
  return out.join('');
}

/**
 * Takes off what terminals, serial lines and web pages add within a line: line ends, escape sequences, NULs,
 * byte order marks, no-break and zero-width blanks, section markers. More than one string comes back where
 * a carriage return stands before a kernel line: what was before it was overwritten on the terminal.
 */
export function cleanLine(bytes: string, note: Noted): readonly string[] | string {
  if (!suspicious.test(bytes)) return bytes;
  let s = bytes;
  if (s.charCodeAt(s.length - 1) === 0x0d) {
    let end = s.length;
    while (end > 0 && s.charCodeAt(end - 1) === 0x0d) end--;
    s = s.slice(0, end);
    if (!suspicious.test(s)) return s;
  }
  if (s.includes('\x1b')) {
    s = s.replace(escapes, '');
    note('ansi');
  }
  if (/[\xa0\xc2\xe2\xef]/.test(s)) {
    s = s
      .replace(/\xef\xbb\xbf|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0|\xc2\xad/g, '')
      .replace(/\xc2\xa0|\xe2\x80[\x80-\x8a\xaf]/g, ' ')
      .replace(/(?<![\x80-\xff])\xa0{1,256}(?![\x80-\xff])/g, (blanks) => ' '.repeat(blanks.length));
  }
  if (s.startsWith('section_') || s.startsWith('travis_')) {
    const m = sectionMarkers.exec(`${s}\r`);
    if (m !== null) {
      s = s.slice(m[0].length);
      note('sections');
    }
  }
  s = applyBackspaces(s.replaceAll('\x00', ''));
  if (!s.includes('\r')) return s;
  s = s.replace(/^\r{1,16}|\r{1,16}$/g, '');
  const at = s.search(stampBehindReturn);
  // Old captures have carriage returns only: more of them than a progress line has stamps.
  const returns = s.split(/\r{1,8}/);
  if (returns.length > 3) return returns;
  if (at > 0) return [s.slice(0, at).replaceAll('\r', ''), s.slice(at).replaceAll('\r', '')];
  return s.replaceAll('\r', '');
}
