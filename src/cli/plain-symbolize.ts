import type { SymbolizeFlags } from './run/symbolize-run.ts';
import type { Session } from './session.ts';

/** A call of `ktriage symbolize` that needs no commander to be understood. */
export interface PlainSymbolize {
  readonly words: readonly string[];
  readonly flags: SymbolizeFlags;
}

/**
 * Reads calls of `ktriage symbolize` whose options are the usual ones, as commander would; undefined for all others,
 * which are commander's. To load it and wire all commands takes longer than to look up an address, and scripts call
 * this once for each.
 */
export function plainSymbolize(args: readonly string[], session: Session): PlainSymbolize | undefined {
  if (args[0] !== 'symbolize' || session.env.KTRIAGE_DEBUG_DIR) return undefined;
  const words: string[] = [];
  let flags: SymbolizeFlags = { returnAddresses: false, format: 'text' };
  for (let at = 1; at < args.length; at++) {
    const word = args[at] ?? '';
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    if (word === '--no-cache' || word === '--return-addresses') {
      flags = word === '--no-cache' ? { ...flags, noCache: true } : { ...flags, returnAddresses: true };
      continue;
    }
    const value = args[++at];
    if (value === undefined || value.startsWith('-')) return undefined;
    if (word === '--vmlinux') flags = { ...flags, vmlinux: value };
    else if (word === '--module') flags = { ...flags, module: value };
    else if (word === '--modules') flags = { ...flags, modules: [...(flags.modules ?? []), value] };
    else if (word === '--format' && (value === 'text' || value === 'jsonl')) flags = { ...flags, format: value };
    else return undefined;
  }
  // With nobody but a person at the keyboard to read from, help is due.
  return words.length === 0 && session.stdin.isTTY === true ? undefined : { words, flags };
}
