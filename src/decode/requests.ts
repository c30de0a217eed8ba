import type { Frame } from '../model/report.ts';
import { type AddressToken, findAddresses, findSymbols, type SymbolToken } from './symbol-tokens.ts';

/** Something in a line that may be looked up: a symbol, or where a line has none an address. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly frame: Frame;
}

const nowhere: Frame['range'] = { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 0 };

/** What of a line may be looked up, in order. */
export function requestsIn(text: string): Found[] {
  const addresses = findAddresses(text);
  const symbols = findSymbols(text);
  if (symbols.length === 0)
    return addresses.map(({ start, end, address }) => ({
      start,
      end,
      frame: { address, reliable: true, range: nowhere },
    }));
  let nth = 0;
  return symbols.map((token) => {
    while ((addresses[nth + 1]?.end ?? Number.POSITIVE_INFINITY) <= token.start) nth += 1;
    const { start, end } = token;
    return { start, end, frame: frameOf(token, addressBefore(text, token, addresses[nth])) };
  });
}

/** The address that belongs to a symbol stands just before it. */
function addressBefore(text: string, { start }: SymbolToken, before: AddressToken | undefined): bigint | undefined {
  if (before === undefined || before.end > start || start - before.end > 4) return undefined;
  return /^[ \t?(]*$/.test(text.slice(before.end, start)) ? before.address : undefined;
}

function frameOf({ name, offset, size, module, moduleBuildId }: SymbolToken, address: bigint | undefined): Frame {
  return {
    function: name,
    offset,
    size,
    ...(module !== undefined && { module }),
    ...(moduleBuildId !== undefined && { moduleBuildId }),
    ...(address !== undefined && { address }),
    reliable: true,
    range: nowhere,
  };
}
