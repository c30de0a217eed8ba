/** A record of a structured log, field by field; only what the decoder looks at is kept as text. */
export type Fields = ReadonlyMap<string, string>;

/** Text of a JSON or YAML string as bytes, a char each: what log text is everywhere else. */
function toBytes(text: string): string {
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

function fromBytes(bytes: string): string {
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** Bytes as journald writes a field that is not printable UTF-8: an array of numbers. */
function fieldText(value: unknown): string | undefined {
  if (typeof value === 'string') return toBytes(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return undefined;
  let out = '';
  for (const item of value) {
    // A field that stands there several times is an array of its values.
    if (typeof item === 'string') return toBytes(item);
    if (typeof item !== 'number' || !Number.isInteger(item)) return undefined;
    out += String.fromCharCode(item & 0xff);
  }
  return out;
}

/** Any JSON value of a log line; undefined if it is none. */
export function parseJson(bytes: string): unknown {
  try {
    const value: unknown = JSON.parse(fromBytes(bytes));
    return value;
  } catch {
    return undefined;
  }
}

/** The text of a single JSON value. */
export function parseJsonText(bytes: string): string | undefined {
  return fieldText(parseJson(bytes));
}

/** The fields of a one-line JSON object; undefined if it is none. */
export function parseFields(bytes: string): Fields | undefined {
  const value = parseJson(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = new Map<string, string>();
  for (const [key, content] of Object.entries(value)) {
    const text = fieldText(content);
    if (text !== undefined) fields.set(key, text);
  }
  return fields;
}

const yamlEscapes: Readonly<Record<string, string>> = {
  e: '\\u001b',
  '0': '\\u0000',
  a: '\\u0007',
  v: '\\u000b',
  _: '\\u00a0',
  N: '\\u0085',
  L: '\\u2028',
  P: '\\u2029',
  ' ': ' ',
};

/** YAML's double-quoted strings know more escapes than JSON's: `\x1b`, `\e`, `\0`. */
export function yamlToJson(bytes: string): string {
  return bytes.replace(/\\(x[0-9A-Fa-f]{2}|[\s\S])/g, (whole, code: string) =>
    code.length === 3 ? `\\u00${code.slice(1)}` : (yamlEscapes[code] ?? whole),
  );
}

/** A YAML scalar: double-quoted, single-quoted or plain. */
export function yamlScalar(bytes: string): string | undefined {
  if (bytes.startsWith('"')) return parseJsonText(yamlToJson(bytes));
  if (bytes.startsWith("'"))
    return bytes.endsWith("'") && bytes.length > 1 ? bytes.slice(1, -1).replaceAll("''", "'") : undefined;
  return bytes;
}
