import type { Image } from '../symbols/image.ts';
import type { Kernel } from './kernel.ts';
import type { KernelModule } from './module.ts';
import { readSections } from './module-sections.ts';
import type { LoadedModule } from './symbols.ts';
import { readWindow } from './window.ts';

/** `Elf64_Sym`. */
const entryBytes = 24;
const mostSymbols = 262_144;
const mostNameBytes = 16_777_216;
/** KSYM_NAME_LEN, since 6.1. */
const longestName = 512;

/** A symbol of a module, from the table that the kernel keeps of it. */
export interface ModuleSymbol {
  readonly name: string;
  readonly address: bigint;
}

/**
 * The symbols that a kernel with KALLSYMS has of a module (`core_kallsyms`, since 4.5), in the order of their addresses.
 * Undefined if there are none, or they cannot be read.
 */
export async function readModuleSymbols(
  kernel: Kernel,
  module: KernelModule,
): Promise<readonly ModuleSymbol[] | undefined> {
  const { view } = module;
  const table = view.pointer('core_kallsyms.symtab', 'core_symtab', 'symtab');
  const names = view.pointer('core_kallsyms.strtab', 'core_strtab', 'strtab');
  const count = view.number('core_kallsyms.num_symtab', 'core_num_syms', 'num_symtab');
  if (table === undefined || names === undefined || count === undefined || count < 2 || count > mostSymbols)
    return undefined;
  const entries = (await readWindow(kernel.memory, table, count * entryBytes)).whole;
  if (entries === undefined) return undefined;
  const fields = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  const offsetOf = (index: number): number => fields.getUint32(index * entryBytes, true);
  let end = 0;
  for (let index = 0; index < count; index++) end = Math.max(end, offsetOf(index));
  if (end > mostNameBytes) return undefined;
  const texts = await readWindow(kernel.memory, names, end + longestName);
  const symbols: ModuleSymbol[] = [];
  for (let index = 1; index < count; index++) {
    const at = index * entryBytes;
    const name = texts.text(offsetOf(index), longestName);
    const address = fields.getBigUint64(at + 8, true);
    // Those of other modules and of the kernel have no section; mapping symbols mark what is code and what data.
    if (fields.getUint16(at + 6, true) === 0 || name === undefined || name === '' || /^\$[adtx]\b/.test(name)) continue;
    if (kernel.memory.isKernelAddress(address)) symbols.push({ name, address });
  }
  return symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

/**
 * A module as `KernelSymbols.addModule` takes it: with its sections, and where there is no file that fits, with the
 * symbols that the kernel keeps.
 */
export async function loadedModule(kernel: Kernel, module: KernelModule, image?: Image): Promise<LoadedModule> {
  const [sections, symbols] = await Promise.all([
    readSections(kernel, module),
    image === undefined ? readModuleSymbols(kernel, module) : undefined,
  ]);
  return {
    name: module.name,
    ranges: module.ranges
      .filter(({ isInit }) => !isInit || module.state !== 'live')
      .map(({ start, bytes }) => ({ start, bytes })),
    sections: sections ?? [],
    ...(image !== undefined && { image }),
    ...(symbols !== undefined && { symbols }),
  };
}
