import type { Kernel } from '../kernel.ts';
import type { ImageInMemory } from './image-from-memory.ts';
import type { FoundSymbol } from './symbol-list.ts';

/** What a kernel that knows its functions alone (no CONFIG_KALLSYMS_ALL) does not tell, found otherwise. */
export async function missingSymbols(
  _kernel: Kernel,
  _made: ImageInMemory,
): Promise<{ readonly symbols: readonly FoundSymbol[]; readonly problems: readonly string[] }> {
  return { symbols: [], problems: [] };
}
