/** One thing to look up: a symbol with an offset, or an address. */
export interface Query {
  /** As it was given. */
  readonly input: string;
  readonly symbol?: string;
  readonly offset?: number;
  /** Bytes to the next symbol, as an oops prints them behind the slash. */
  readonly size?: number;
  readonly module?: string;
  readonly address?: bigint;
}

/** The longest name that a kernel has is of 511 bytes (KSYM_NAME_LEN since 6.1). */
const maxInput = 1024;

const moduleName = /^\[?([A-Za-z0-9_-]{1,64})(?: [0-9a-f]{40})?\]?$/;
const symbolOffset = /^([^\s+/]+)(?:\+(0x[0-9a-f]{1,8}|[0-9a-f]{1,8}))?(?:\/(0x[0-9a-f]{1,8}|[0-9a-f]{1,8}))?$/i;
const plainAddress = /^(?:0x[0-9a-f]{1,16}|[0-9a-f]{8,16})$/i;

/** As faddr2line takes numbers: in hex with `0x`, else decimal; digits that are not decimal can only be hex. */
function numberOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.parseInt(text.replace(/^0x/i, ''), 16);
}

/** `foo+0x12/0x34 [mod]`, `foo+0x12/0x34`, `foo`, `0xffffffff81000000`; undefined for what is none of these. */
export function parseQuery(text: string): Query | undefined {
  const input = text.trim();
  if (input === '' || input.length > maxInput) return undefined;
  const space = input.indexOf(' ');
  const head = space < 0 ? input : input.slice(0, space);
  const module = space < 0 ? undefined : moduleName.exec(input.slice(space + 1).trim())?.[1];
  if (space >= 0 && module === undefined) return undefined;
  if (plainAddress.test(head))
    return module === undefined ? { input, address: BigInt(`0x${head.replace(/^0x/i, '')}`) } : undefined;
  const [, symbol, offset, size] = symbolOffset.exec(head) ?? [];
  if (symbol === undefined) return undefined;
  return {
    input,
    symbol,
    offset: offset === undefined ? 0 : numberOf(offset),
    ...(size !== undefined && { size: numberOf(size) }),
    ...(module !== undefined && { module }),
  };
}

/** Words of a command line as the inputs that they are: a module stands behind its symbol as a word of its own. */
export function joinWords(words: readonly string[]): string[] {
  const inputs: string[] = [];
  for (const word of words) {
    const before = inputs.at(-1);
    const isModule = before?.includes('+') === true && !before.includes(' ') && !word.includes('+');
    if (before !== undefined && isModule && moduleName.test(word) && !plainAddress.test(word))
      inputs[inputs.length - 1] = `${before} ${word}`;
    else inputs.push(word);
  }
  return inputs;
}
