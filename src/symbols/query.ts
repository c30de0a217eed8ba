/** One thing to look up. `input` is as it was given, `module` the one that it is in. */
export type Query = SymbolQuery | AddressQuery | SectionQuery;

interface Asked {
  readonly input: string;
  readonly module?: string;
}

/** `symbol+0x12/0x34 [module]`, as an oops prints it, or as much of it as is known. */
export interface SymbolQuery extends Asked {
  readonly kind: 'symbol';
  readonly symbol: string;
  /** May be negative: before the symbol. */
  readonly offset: number;
  /** Bytes to the next symbol: what an oops prints behind the slash. */
  readonly size?: number;
  /** What it is as an address, where it is no symbol: `add` is both. */
  readonly address?: bigint;
}

export interface AddressQuery extends Asked {
  readonly kind: 'address';
  readonly address: bigint;
}

/** `.text+0x12`, as objdump prints what a relocation leads to. */
export interface SectionQuery extends Asked {
  readonly kind: 'section';
  readonly section: string;
  readonly offset: number;
}

/** The longest name that a kernel has is of 511 bytes (KSYM_NAME_LEN since 6.1). */
const maxInput = 1024;

const moduleName = /^[A-Za-z0-9_-]{1,64}$/;
const bracketedModule = /^([A-Za-z0-9_-]{1,64})(?: [0-9a-f]{8,64})?$/;
const number = /^(?:0x[0-9a-f]{1,8}|[0-9a-f]{1,8})$/i;
const prefixedAddress = /^0x[0-9a-f]{1,16}$/i;
const bareAddress = /^(?:[0-9a-f]{8,16}|\d{1,16})$/i;
const shortHex = /^[0-9a-f]{1,7}$/i;
const absolute = /^\*ABS\*\+(0x[0-9a-f]{1,16})$/i;
const plainName = /^[^\s+/]+$/;
/** Demangled names have spaces and more in them. */
const demangledName = /::|</;
/** What a log has before a frame: a register's name, an address (kernels up to 4.9, arm, riscv), doubt. */
const before =
  /^(?:(?:RIP:(?: [0-9a-f]{4}:)?|(?:pc|lr|epc|ra) ?:|(?:PC|LR) is at|NIP|Call Trace:) *)?(?:\[<([0-9a-f]{8,16})>\] *)?(?:\? +)?/i;

/** As faddr2line takes numbers: in hex with `0x`, else decimal; digits that are not decimal can only be hex. */
function numberOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.parseInt(text.replace(/^0x/i, ''), 16);
}

function addressOf(text: string): bigint {
  return BigInt(`0x${text.replace(/^0x/i, '')}`);
}

/** Takes the module off the end: in brackets as an oops has it, or a word as faddr2line's users may write it. */
function splitModule(text: string): { readonly rest: string; readonly module?: string } {
  if (text.endsWith(']')) {
    const start = text.lastIndexOf('[');
    const module = bracketedModule.exec(text.slice(start + 1, -1))?.[1];
    if (start > 0 && module !== undefined) return { rest: text.slice(0, start).trimEnd(), module };
  }
  const space = text.lastIndexOf(' ');
  const word = text.slice(space + 1);
  return space > 0 && moduleName.test(word) ? { rest: text.slice(0, space).trimEnd(), module: word } : { rest: text };
}

/** A name with what stands behind it. */
interface Place {
  readonly name: string;
  readonly offset: number;
  readonly size?: number;
}

function placeOf(text: string): Place | undefined {
  const slash = text.lastIndexOf('/');
  const sizeText = slash < 0 ? undefined : text.slice(slash + 1);
  // Names of Rust may have a slash in a path.
  const hasSize = sizeText !== undefined && number.test(sizeText);
  const rest = hasSize ? text.slice(0, slash) : text;
  const sign = Math.max(rest.lastIndexOf('+'), rest.lastIndexOf('-'));
  const offsetText = sign < 0 ? '' : rest.slice(sign + 1);
  const hasOffset = sign > 0 && number.test(offsetText);
  const name = hasOffset ? rest.slice(0, sign) : rest;
  if (!plainName.test(name) && !(demangledName.test(name) && /^\S.*\S$/.test(name))) return undefined;
  const offset = hasOffset ? numberOf(offsetText) : 0;
  return {
    name,
    offset: rest[sign] === '-' && offset !== 0 ? -offset : offset,
    ...(hasSize && { size: numberOf(sizeText) }),
  };
}

/**
 * Understands an input: symbol, offset, size and module in the forms that logs and other tools have, addresses in hex
 * (with or without `0x`, as addr2line takes them), places in sections. Undefined for what is none of these.
 */
export function parseQuery(text: string): Query | undefined {
  const input = text.trim();
  if (input === '' || input.length > maxInput) return undefined;
  const [dressing = '', address] = before.exec(input) ?? [];
  const plain = input.slice(dressing.length);
  if (plain === '') return address === undefined ? undefined : { kind: 'address', input, address: addressOf(address) };
  const { rest, module } = splitModule(plain);
  const asked = { input, ...(module !== undefined && { module }) };
  const fixed = absolute.exec(rest)?.[1] ?? (prefixedAddress.test(rest) || bareAddress.test(rest) ? rest : undefined);
  if (fixed !== undefined) return { kind: 'address', ...asked, address: addressOf(fixed) };
  const place = placeOf(rest);
  if (place === undefined) return undefined;
  const { name, offset, size } = place;
  if (name.startsWith('.') && size === undefined) return { kind: 'section', ...asked, section: name, offset };
  return {
    kind: 'symbol',
    ...asked,
    symbol: name,
    offset,
    ...(size !== undefined && { size }),
    ...(shortHex.test(rest) && { address: addressOf(rest) }),
  };
}

/** Words of a command line as the inputs that they are: a module stands behind its symbol as a word of its own. */
export function joinWords(words: readonly string[]): string[] {
  const inputs: string[] = [];
  for (const word of words) {
    const last = inputs.at(-1);
    const isBehindSymbol = last !== undefined && /^[^.].*\+/.test(last) && !/[ ]/.test(last) && !word.includes('+');
    const isModule = moduleName.test(word) || bracketedModule.test(word.replace(/^\[(.*)\]$/, '$1'));
    if (last !== undefined && isBehindSymbol && isModule && !bareAddress.test(word) && !prefixedAddress.test(word))
      inputs[inputs.length - 1] = `${last} ${word}`;
    else inputs.push(word);
  }
  return inputs;
}
