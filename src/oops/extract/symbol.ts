import type { SourceLocation } from '../../model/report.ts';
import { demangle } from '../../util/demangle/demangle.ts';
import { utf8 } from '../../util/text.ts';

/** What the kernel's `%pS`, `%pSb` or `%pBb` made of an address, and what symbolizing scripts added to it. */
export interface PrintedSymbol {
  readonly function?: string;
  readonly offset?: number;
  readonly size?: number;
  readonly module?: string;
  readonly moduleBuildId?: string;
  readonly address?: bigint;
  readonly source?: SourceLocation;
  /** Where it may be: `(a.c:1 or b.c:2)`, of `ktriage decode`. */
  readonly candidates?: readonly SourceLocation[];
  /** Marked `[inline]`: no frame of its own, the function was inlined into the next one. */
  readonly inline: boolean;
  /** Marked `(unreliable)`. */
  readonly unreliable: boolean;
  /** Where the text goes on behind it. */
  readonly end: number;
}

const name = /[A-Za-z_.$][\w.$]*/y;
const nameAndOffset = /([A-Za-z_.$][\w.$]*)\+0x([0-9a-f]{1,16})(?:\/0x([0-9a-f]{1,16}))?(?![\w])/y;
const offsetAndSize = /\+0x([0-9a-f]{1,16})(?:\/0x([0-9a-f]{1,16}))?(?![\w])/y;
const bareAddress = /0x([0-9a-f]{1,16})(?![\w/+])/y;
const moduleTag = /\[([A-Za-z0-9_-]{1,64})(?:\([A-Z+-]{1,24}\))?(?: ([0-9a-f]{16,64}))?(?:\([A-Z+-]{1,24}\))?\]/y;
const buildIdTag = /\[?([0-9a-f]{40})\]?(?![\w])/y;
// `net/core/dev.c:123`, with a column where llvm-symbolizer wrote it.
const sourcePlace = /(?:\.\/)?([\w./+@-]{1,512}\.(?:c|h|S|s|rs|cc|cpp|inc|y|l)):(\d{1,7})(?::(\d{1,7}))?/y;
const discriminator = /\(discriminator \d{1,6}\)/y;
// arm64 since 6.13 says where a frame comes from: (P) the registers' pc, (L) their lr, (F)graph, (K)retprobe.
const frameOrigin = /\([A-Z]{1,5}\)/y;

/** Longest name that is looked for: demangled Rust and C++ names grow, the kernel's own end at 511 (KSYM_NAME_LEN). */
const longestName = 1024;

/** Runs a sticky expression at a position. */
function at(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

/** Index of the first char from `position` on that is no blank. */
export function skipBlanks(text: string, position: number): number {
  let i = position;
  while (i < text.length && (text.charCodeAt(i) === 0x20 || text.charCodeAt(i) === 0x09)) i++;
  return i;
}

/** A hex number as a `number`; nothing if it is too large to be an offset into a function. */
function offsetOf(digits: string | undefined): number | undefined {
  return digits === undefined || digits.length > 12 ? undefined : Number.parseInt(digits, 16);
}

interface Head {
  readonly function?: string;
  readonly offset?: number | undefined;
  readonly size?: number | undefined;
  readonly address?: bigint;
  readonly end: number;
  /** A name alone: only a frame if a source position follows. */
  readonly needsSource: boolean;
}

/** `core::panicking::panic_fmt+0x2c/0x30`, `<a::B as c::D>::fmt+0x1/0x2`, `ns::f(int)+0x..`: names that were demangled. */
function demangledHead(text: string, position: number): Head | undefined {
  const plus = text.indexOf('+0x', position);
  if (plus < 0 || plus - position > longestName) return undefined;
  const found = text.slice(position, plus);
  if (!/^[<\w$~]/.test(found) || !(found.includes('::') || found.includes('('))) return undefined;
  // `a.c:1 foo::bar+0x` would be two things: a blank is only allowed inside of brackets.
  let depth = 0;
  for (const char of found) {
    if (char === '<' || char === '(' || char === '{') depth++;
    else if (char === '>' || char === ')' || char === '}') depth--;
    else if (char === ' ' && depth === 0) return undefined;
  }
  const tail = at(offsetAndSize, text, plus);
  if (tail === null) return undefined;
  return {
    function: found,
    offset: offsetOf(tail[1]),
    size: offsetOf(tail[2]),
    end: offsetAndSize.lastIndex,
    needsSource: false,
  };
}

function head(text: string, position: number): Head | undefined {
  const plain = at(nameAndOffset, text, position);
  if (plain !== null) {
    const end = nameAndOffset.lastIndex;
    return { function: plain[1] ?? '', offset: offsetOf(plain[2]), size: offsetOf(plain[3]), end, needsSource: false };
  }
  const bare = at(bareAddress, text, position);
  if (bare !== null) return { address: BigInt(`0x${bare[1] ?? '0'}`), end: bareAddress.lastIndex, needsSource: false };
  // `%pS` of a null pointer, up to 4.19 or so; now it is 0x0.
  if (text.startsWith('(null)', position)) return { address: 0n, end: position + 6, needsSource: false };
  const demangled = demangledHead(text, position);
  if (demangled !== undefined) return demangled;
  const alone = at(name, text, position);
  return alone === null ? undefined : { function: alone[0], end: name.lastIndex, needsSource: true };
}

/** What a bracket behind a name holds: a position, or several of which one is right. */
interface Sources {
  readonly source?: SourceLocation;
  readonly candidates?: readonly SourceLocation[];
  readonly end: number;
}

/** `(net/core/dev.c:12 (discriminator 3) drivers/x.c:3)`: innermost first, the last one is the function's own. */
function parenthesizedSources(text: string, position: number): Sources | undefined {
  let i = position + 1;
  const places: SourceLocation[] = [];
  let isUnsure = false;
  for (;;) {
    i = skipBlanks(text, i);
    const source = places.at(-1);
    if (text[i] === ')' && source !== undefined)
      return isUnsure ? { candidates: places, end: i + 1 } : { source, end: i + 1 };
    const place = at(sourcePlace, text, i);
    if (place !== null) {
      places.push(location(place));
      i = sourcePlace.lastIndex;
    } else if (source !== undefined && text.startsWith('or ', i)) {
      isUnsure = true;
      i += 3;
    } else if (source !== undefined && at(discriminator, text, i) !== null) {
      i = discriminator.lastIndex;
    } else {
      return undefined;
    }
  }
}

function location(place: RegExpExecArray): SourceLocation {
  const column = place[3];
  return {
    file: utf8(place[1] ?? ''),
    line: Number(place[2]),
    ...(column !== undefined && { column: Number(column) }),
  };
}

/**
 * Reads a symbol at a position: `foo.isra.0+0x1/0x2 [mod 0123...] net/core/dev.c:12`, `0xffffffffc0000000`, `(null)`,
 * `foo net/core/dev.c:12 [inline]`, `foo (net/core/dev.c:12) mod`. Nothing if there is none.
 */
export function parseSymbol(text: string, position: number): PrintedSymbol | undefined {
  const start = head(text, position);
  if (start === undefined) return undefined;
  let end = start.end;
  let source: SourceLocation | undefined;
  let candidates: readonly SourceLocation[] | undefined;
  let module: string | undefined;
  let moduleBuildId: string | undefined;
  let inline = false;
  let unreliable = false;
  for (;;) {
    const i = skipBlanks(text, end);
    if (i >= text.length) break;
    if (text.startsWith('[inline]', i)) {
      inline = true;
      end = i + 8;
      continue;
    }
    if (text.startsWith('(unreliable)', i)) {
      unreliable = true;
      end = i + 12;
      continue;
    }
    const tag = module === undefined ? at(moduleTag, text, i) : null;
    if (tag !== null) {
      module = tag[1];
      moduleBuildId = tag[2];
      end = moduleTag.lastIndex;
      continue;
    }
    const id = module !== undefined && moduleBuildId === undefined ? at(buildIdTag, text, i) : null;
    if (id !== null) {
      moduleBuildId = id[1];
      end = buildIdTag.lastIndex;
      continue;
    }
    const place = source === undefined ? at(sourcePlace, text, i) : null;
    if (place !== null) {
      source = location(place);
      end = sourcePlace.lastIndex;
      continue;
    }
    if (text[i] === '(' && at(frameOrigin, text, i) !== null) {
      end = frameOrigin.lastIndex;
      continue;
    }
    const isOpen = source === undefined && candidates === undefined;
    const sources = isOpen && text[i] === '(' ? parenthesizedSources(text, i) : undefined;
    if (sources === undefined) break;
    ({ source, candidates } = sources);
    end = sources.end;
    // decode_stacktrace.sh puts the module's name behind, without its brackets.
    const bareModule = module === undefined ? /^ ([a-z][\w-]{0,63})$/.exec(text.slice(end, end + 66)) : null;
    if (bareModule !== null) {
      module = bareModule[1];
      end = text.length;
    }
  }
  if (start.needsSource && source === undefined && candidates === undefined) return undefined;
  return {
    ...(start.function !== undefined && { function: demangle(utf8(start.function)) }),
    ...(start.offset !== undefined && { offset: start.offset }),
    ...(start.size !== undefined && { size: start.size }),
    ...(start.address !== undefined && { address: start.address }),
    ...(module !== undefined && { module }),
    ...(moduleBuildId !== undefined && { moduleBuildId }),
    ...(source !== undefined && { source }),
    ...(candidates !== undefined && { candidates }),
    inline,
    unreliable,
    end,
  };
}
