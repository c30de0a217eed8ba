/** The kernel's own (Documentation/process/coding-style.rst), and what terminals do. */
const tabColumns = 8;
/** Longer lines are cut: those of the kernel have 100 columns, those of generators have no end. */
const longestLine = 240;
/** Where a line is cut that must show a column far from its beginning. */
const before = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes of a source file as text: UTF-8, or Latin-1 where they are not. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

function expanded(text: string): string {
  if (!text.includes('\t')) return text;
  let result = '';
  for (const [nth, part] of text.split('\t').entries()) {
    if (nth > 0) result += ' '.repeat(tabColumns - (result.length % tabColumns));
    result += part;
  }
  return result;
}

function cut(text: string, from: number): string {
  const shown = text.slice(from, from + longestLine);
  const head = from > 0 && shown !== '' ? `…${shown.slice(1)}` : shown;
  return text.length > from + longestLine ? `${head.slice(0, -1)}…` : head;
}

/** Lines as they are to be shown, and where in the target line a column is. */
export interface ShownLines {
  readonly lines: readonly string[];
  readonly column?: number;
}

/**
 * Lines with their tabs expanded, all cut at the same columns. `column` is that of debug information: bytes of the line
 * at `target`, from 1.
 */
export function showLines(lines: readonly Uint8Array[], target: number, column: number | undefined): ShownLines {
  const texts = lines.map((line) => expanded(textOf(line)));
  const at = characterOf(lines[target], column);
  const from = at !== undefined && at > longestLine - before ? at - before : 0;
  return {
    lines: texts.map((text) => cut(text, from).trimEnd()),
    ...(at !== undefined && { column: at - from }),
  };
}

/** The character, from 1, that a byte becomes; undefined where there is none, or a blank that nothing can be said of. */
function characterOf(line: Uint8Array | undefined, column: number | undefined): number | undefined {
  if (line === undefined || column === undefined || column < 1 || column > line.length) return undefined;
  const byte = line[column - 1] ?? 0;
  if (byte === 0x20 || byte === 0x09) return undefined;
  return expanded(textOf(line.subarray(0, column - 1))).length + 1;
}
