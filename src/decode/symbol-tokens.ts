/** `name+0xoffset/0xsize [module buildid]` as it stands in a line: what the kernel's `%pS`, `%pB` and `%pSb` print. */
export interface SymbolToken {
  /** Where the name begins. */
  readonly start: number;
  /** Behind the size, or behind the module's bracket. */
  readonly end: number;
  readonly name: string;
  /** Bytes from the symbol's start. */
  readonly offset: number;
  /** Bytes to the next symbol. */
  readonly size: number;
  readonly module?: string;
  readonly moduleBuildId?: string;
}

/** KSYM_NAME_LEN of include/linux/kallsyms.h since 6.1. */
const maxNameBytes = 512;

const numbers = /\+0x([0-9a-f]{1,8})\/0x([0-9a-f]{1,8})(?!\w)/y;
// `[ext4]`, `[ext4 <build ID>]` (CONFIG_STACKTRACE_BUILD_ID, 5.14).
const moduleTag = / \[([A-Za-z0-9_-]{1,64})(?: ([0-9a-f]{16,64}))?\]/y;
// `[inline]` is what other scripts add. What has a position already needs no other.
const positionBehind = /(?: \[inline\])?[ (]{1,2}[\w./+@-]{1,512}\.(?:[chSs]|rs|cc|cpp|inc):\d/y;
/** The beginning of a sequence that colours text: its end is the first letter of what follows it. */
const colour = /\x1b\[[0-9;]{0,16}$/;

function isNameByte(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || // a-z
    (code >= 0x41 && code <= 0x5a) || // A-Z
    (code >= 0x30 && code <= 0x39) || // 0-9
    code === 0x5f || // _
    code === 0x2e || // .
    code === 0x24 // $
  );
}

/** Where the name begins that ends there; `end` itself if there is none. */
function nameStart(text: string, end: number): number {
  let start = end;
  const least = Math.max(0, end - maxNameBytes - 1);
  while (start > least && isNameByte(text.charCodeAt(start - 1))) start--;
  const before = text[start - 1];
  // Names of Rust that were demangled; what the last part of one is alone would be another function.
  if (before === ':' && text[start - 2] === ':') return end;
  if (before === '[' || before === ';') {
    const colours = colour.test(text.slice(Math.max(0, start - 20), start))
      ? /^\d{0,3}m/.exec(text.slice(start, start + 4))
      : null;
    if (colours !== null) start += colours[0].length;
  } else if (before === '\\' && /[nrt]/.test(text[start] ?? '')) {
    // A line break of a JSON string.
    start += 1;
  }
  return end - start > maxNameBytes || /\d/.test(text[start] ?? '') ? end : start;
}

/** All symbols of a line, in order. `text` has a char per byte. */
export function findSymbols(text: string): SymbolToken[] {
  const found: SymbolToken[] = [];
  for (let plus = text.indexOf('+0x'); plus >= 0; plus = text.indexOf('+0x', plus + 3)) {
    numbers.lastIndex = plus;
    const match = numbers.exec(text);
    if (match === null) continue;
    const start = nameStart(text, plus);
    if (start === plus) continue;
    let end = numbers.lastIndex;
    moduleTag.lastIndex = end;
    const tag = moduleTag.exec(text);
    if (tag !== null && tag[1] !== 'inline') end = moduleTag.lastIndex;
    positionBehind.lastIndex = end;
    if (positionBehind.test(text)) continue;
    const [, module, moduleBuildId] = end === numbers.lastIndex ? [] : (tag ?? []);
    found.push({
      start,
      end,
      name: text.slice(start, plus),
      offset: Number.parseInt(match[1] ?? '', 16),
      size: Number.parseInt(match[2] ?? '', 16),
      ...(module !== undefined && { module }),
      ...(moduleBuildId !== undefined && { moduleBuildId }),
    });
  }
  return found;
}

/** `[<ffffffff81234567>]`: an address as the kernel printed it up to 4.9, and on arm and others for longer. */
export interface AddressToken {
  readonly start: number;
  readonly end: number;
  readonly address: bigint;
}

const bracketed = /\[<(?:0x)?([0-9a-f]{8,16})>\]/g;

/** All bracketed addresses of a line, in order. */
export function findAddresses(text: string): AddressToken[] {
  if (!text.includes('[<')) return [];
  return [...text.matchAll(bracketed)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    address: BigInt(`0x${match[1] ?? '0'}`),
  }));
}
