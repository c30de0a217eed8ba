import { isFile } from '../elf/debug-files.ts';
import { openSplitFile } from './elf-sections.ts';
import { DwarfPackage } from './package.ts';

/**
 * The package of split debug information beside a file: `vmlinux.dwp`, for `x.debug` also `x.dwp` (as gdb and llvm have
 * it). Undefined if there is none that can be read.
 */
export function openPackage(path: string): DwarfPackage | undefined {
  const names = [`${path}.dwp`, ...(path.endsWith('.debug') ? [path.replace(/\.debug$/, '.dwp')] : [])];
  for (const name of names) {
    const sections = isFile(name) ? openSplitFile(name) : undefined;
    if (sections !== undefined) return new DwarfPackage(sections);
  }
  return undefined;
}
