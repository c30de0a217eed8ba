import { execFileSync } from 'node:child_process';

/** A function as elfutils reads it; offsets count from the section in a module, addresses are as linked in a vmlinux. */
export interface TextSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly size: number;
  readonly section: string;
}

const output = (args: readonly string[]): string =>
  execFileSync('eu-readelf', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C' },
  });

/** `[ 1] .text PROGBITS ...` of eu-readelf -S. */
function sectionNames(path: string): Map<string, string> {
  return new Map(
    [...output(['-S', path]).matchAll(/^\[ *(\d+)\] (\S+) /gm)].map(([, index = '', name = '']) => [index, name]),
  );
}

/** Functions with code in the sections of that name; padding before functions (`__pfx_`, x86 since 6.3) is left out. */
export function textSymbols(path: string, sections: ReadonlySet<string>): TextSymbol[] {
  const names = sectionNames(path);
  const found: TextSymbol[] = [];
  // `   12: ffffffff81000000    304 FUNC    GLOBAL DEFAULT        1 startup_64`
  const line = /^ *\d+: ([0-9a-f]{16}) +(\d+) FUNC +\S+ +\S+ +(\d+) (\S+)/gm;
  for (const [, value = '', size = '', index = '', name = ''] of output(['-s', path]).matchAll(line)) {
    const section = names.get(index);
    if (section === undefined || !sections.has(section) || Number(size) === 0 || name.startsWith('__pfx_')) continue;
    found.push({ name, value: BigInt(`0x${value}`), size: Number(size), section });
  }
  return found;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A place in a function. */
export interface Place {
  readonly symbol: TextSymbol;
  readonly offset: number;
  readonly address: bigint;
}

/** Different places: a function, each as likely as any other, and an offset within it. */
export function randomPlaces(symbols: readonly TextSymbol[], count: number, seed: number, step: number): Place[] {
  const random = randomNumbers(seed);
  const places = new Map<string, Place>();
  for (let tries = 0; places.size < count && tries < count * 20; tries++) {
    const symbol = symbols[Math.floor(random() * symbols.length)];
    if (symbol === undefined) break;
    const offset = Math.floor((random() * symbol.size) / step) * step;
    const address = symbol.value + BigInt(offset);
    places.set(`${symbol.section}+${address}`, { symbol, offset, address });
  }
  return [...places.values()];
}
