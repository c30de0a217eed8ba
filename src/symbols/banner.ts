import { symbolType } from '../elf/constants.ts';
import type { ElfFiles } from '../elf/with-debug-file.ts';

/** The banner has the compiler's and the linker's versions in it, and none is known of a thousand bytes. */
const maxBannerBytes = 4096;

/** `Linux version 6.1.0 (builder) (compiler) #1 SMP ...`: linux_banner of init/version.c; undefined where there is none. */
export function readBanner({ loaded, symbols }: ElfFiles): string | undefined {
  if (symbols.type === 'rel') return undefined;
  const symbol = symbols.symbols().named('linux_banner')[0];
  if (symbol === undefined || symbol.type === symbolType.function) return undefined;
  // A file of debug information has the section without its contents.
  const section = loaded.section(symbol.section.name);
  if (section?.address !== symbol.section.address || !loaded.hasContents(section)) return undefined;
  const bytes = loaded.data(section).read(symbol.address - symbol.section.address, maxBannerBytes);
  const text = Buffer.from(bytes).toString('utf8').split('\0', 1)[0] ?? '';
  return text.startsWith('Linux version ') ? text.trim() : undefined;
}
