/**
 * What may stand in a terminal, a file name or a log line and would do something there instead of being seen:
 * C0 and C1 controls, DEL, the bidirectional controls of Unicode (UAX 9), invisible characters and line separators,
 * and lone surrogates, which no encoder can write.
 */
const unsafe =
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

function spellOut(character: string): string {
  if (character === '\t') return ' ';
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `U+${hex.padStart(4, '0')}`;
}

/** Text of a log, made safe to show: no character of the result moves a cursor, hides or turns others around. */
export function printable(text: string): string {
  return text.replace(unsafe, spellOut);
}

/** The same for characters inside of a JSON string, where JSON's own escapes say it without loss. */
export function escapeInJson(json: string): string {
  // What runners of CIs take for a command wherever it stands in a line: `##[group]`, `##vso[`, `##teamcity[`.
  return json.replace(/##(?=\[|vso\[|teamcity\[)/gi, '#\\u0023').replace(unsafe, (character) => {
    let escaped = '';
    for (let index = 0; index < character.length; index += 1) {
      escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}
