import { type Dialect, known, maxChain, noAnswer, position, type ToolFrame } from './dialect.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) ? value : 0);

const assembly = /\.[sS]$/;

function frameOf(symbol: unknown): ToolFrame | undefined {
  if (!isRecord(symbol)) return undefined;
  const name = known(textOf(symbol.FunctionName));
  const place = position(textOf(symbol.FileName), numberOf(symbol.Line), numberOf(symbol.Column));
  // The line on which a function begins is only known of those in the debug information; assembly has none there.
  const outside = place.line !== undefined && numberOf(symbol.StartLine) === 0 && !assembly.test(place.path ?? '');
  return { ...(name !== undefined && { function: name }), ...place, ...(outside && { outside }) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The frames of one answer; undefined if it is none. */
function framesOf(line: string): ToolFrame[] | undefined {
  const answer = parse(line);
  if (!isRecord(answer) || !Array.isArray(answer.Symbol) || answer.Symbol.length > maxChain) return undefined;
  const frames = answer.Symbol.map(frameOf).filter((frame) => frame !== undefined);
  return frames.length === answer.Symbol.length ? frames : undefined;
}

/** llvm-symbolizer since 13, and llvm-addr2line, which is the same program. A line of JSON is an answer. */
export const llvmSymbolizer: Dialect = {
  arguments: (file) => [`--obj=${file}`, '--functions=linkage', '--inlines', '--no-demangle', '--output-style=JSON'],
  questions: (addresses) => addresses.map((address) => `0x${address.toString(16)}\n`).join(''),
  async answers(next, addresses) {
    const found: ToolFrame[][] = [];
    for (const address of addresses) {
      const line = await next();
      const frames = framesOf(line);
      if (frames === undefined) throw noAnswer(address, line);
      found.push(frames);
    }
    return found;
  },
};
