import type { ElfFile } from './elf-file.ts';

/** What a module says about itself. */
export interface ModuleInfo {
  /** As the kernel calls it: with `_` for `-`. */
  readonly name: string;
  readonly nameFrom: 'modinfo' | 'this_module' | 'file name';
  /** Release and options of the kernel that it was built for: `6.1.0-50-amd64 SMP preempt mod_unload modversions`. */
  readonly vermagic?: string;
  readonly srcversion?: string;
  /** All entries of `.modinfo`, in order; keys may repeat (`alias`, `parm`). */
  readonly entries: readonly (readonly [key: string, value: string])[];
}

const maxInfoBytes = 4_194_304;
/** MODULE_NAME_LEN (include/linux/module.h): 64 less the size of a long. */
const maxNameBytes = 64;

/** What is known of a module; `undefined` for files that are none. */
export function moduleInfo(elf: ElfFile): ModuleInfo | undefined {
  const section = elf.section('.modinfo');
  const structure = elf.section('.gnu.linkonce.this_module');
  if (elf.type !== 'rel' || (section === undefined && structure === undefined)) return undefined;
  const entries = modinfo(elf);
  const value = (key: string): string | undefined => entries.find(([name]) => name === key)?.[1];
  const vermagic = value('vermagic');
  const srcversion = value('srcversion');
  return {
    ...moduleName(elf, value('name')),
    ...(vermagic === undefined ? {} : { vermagic }),
    ...(srcversion === undefined ? {} : { srcversion }),
    entries,
  };
}

/** The name that the kernel would give a module of this file, whatever is in it. */
export function moduleNameOfPath(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return underscored(
    file
      .replace(/\.(?:gz|xz|zst)$/, '')
      .replace(/\.debug$/, '')
      .replace(/\.ko$/, ''),
  );
}

function underscored(name: string): string {
  return name.replaceAll('-', '_');
}

function moduleName(elf: ElfFile, entry: string | undefined): Pick<ModuleInfo, 'name' | 'nameFrom'> {
  // Modules have it since 4.13 (3e2e857f9c3a, "module: Add module name to modinfo").
  if (entry !== undefined && entry !== '') return { name: underscored(entry), nameFrom: 'modinfo' };
  const built = builtName(elf);
  if (built !== undefined) return { name: underscored(built), nameFrom: 'this_module' };
  return { name: moduleNameOfPath(elf.name), nameFrom: 'file name' };
}

/** `struct module` begins with its state, a list head of two pointers, and the name. */
function builtName(elf: ElfFile): string | undefined {
  const section = elf.section('.gnu.linkonce.this_module');
  if (section === undefined || !elf.hasContents(section)) return undefined;
  const bytes = elf.data(section).read(elf.is64 ? 24 : 12, maxNameBytes);
  const nul = bytes.indexOf(0);
  const name = Buffer.from(bytes.subarray(0, Math.max(nul, 0))).toString('latin1');
  return /^[\w-]+$/.test(name) ? name : undefined;
}

/** `key=value`, each ended by one or more NULs. */
function modinfo(elf: ElfFile): [key: string, value: string][] {
  const section = elf.section('.modinfo');
  if (section === undefined || !elf.hasContents(section)) return [];
  const text = Buffer.from(elf.data(section).read(0, maxInfoBytes)).toString('latin1');
  const entries: [key: string, value: string][] = [];
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=');
    if (equals > 0) entries.push([entry.slice(0, equals), entry.slice(equals + 1)]);
  }
  return entries;
}
