import type { ElfMachine } from './constants.ts';
import type { StringTable } from './string-table.ts';

/**
 * Which symbols of an image the kernel's own table (kallsyms) has, and what it calls an address that has several.
 * An oops prints the distance to the next symbol of that table as the size of a function, so that a symbol too many
 * or too few makes sizes wrong.
 */

/**
 * Names that begin so are left out: scripts/mksysmap (6.3 on), is_ignored_symbol() in scripts/kallsyms.c (before).
 * Mapping symbols of arm, arm64 and riscv (`$x`), local labels, and namespaces of arm64's EFI stub and hypervisor.
 */
const ignoredPrefixes: readonly string[] = [
  '$',
  '.L',
  '__efistub_',
  '__kvm_nvhe_$',
  '__kvm_nvhe_.L',
  '__pi_$',
  '__pi_.L',
  '__crc_',
  '__kstrtab_',
  '__kstrtabns_',
  '__kcfi_typeid_',
  '__kvm_nvhe___kcfi_typeid_',
  '__pi___kcfi_typeid_',
  '__AArch64ADRPThunk_',
  '__ARMV5PILongThunk_',
  '__ARMV7PILongThunk_',
  '__ThumbV7PILongThunk_',
  '__LA25Thunk_',
  '__microLA25Thunk_',
];

/** Veneers that arm's linkers make. */
const armSuffixes: readonly string[] = ['_from_arm', '_from_thumb', '_veneer'];
/** Bytes of a name that are looked at for its suffix. */
const suffixReach = 512;

const prefixes = ignoredPrefixes.map((prefix) => Buffer.from(prefix, 'latin1'));

/** Bytes that a name which is left out can begin with; L0 is a label of parisc and of old assemblers. */
const suspicious = new Uint8Array(256);
for (const first of ['\0', 'L', ...ignoredPrefixes]) suspicious[first.charCodeAt(0)] = 1;

/**
 * Tells whether kallsyms has the symbol whose name begins at a place in the table of names. Bytes are compared, as
 * there are 200,000 names; one without letters is never printed (find_kallsyms_symbol() passes over them in modules).
 */
export function nameFilter(names: StringTable, machine: ElfMachine): (at: number) => boolean {
  const arm = machine === 'arm';
  const keeps = (bytes: Uint8Array, at: number): boolean => {
    const first = bytes[at] ?? 0;
    if (suspicious[first] === 1 && isIgnored(bytes, at, first)) return false;
    return !arm || !endsLikeVeneer(bytes, at);
  };
  return (at) => {
    const begins = arm ? undefined : names.beginning(at);
    return begins === undefined ? keeps(names.bytes, at) : keeps(begins, 0);
  };
}

function isIgnored(names: Uint8Array, at: number, first: number): boolean {
  if (first === 0) return true;
  if (first === 0x4c) return names[at + 1] === 0x30 && (names[at + 2] ?? 0) === 0;
  // All of those that begin with an underscore begin with two, and few names do.
  if (first === 0x5f && names[at + 1] !== 0x5f) return false;
  return prefixes.some((prefix) => beginsWith(names, at, prefix));
}

function beginsWith(names: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (names[at + i] !== prefix[i]) return false;
  return true;
}

function endsLikeVeneer(names: Uint8Array, at: number): boolean {
  const nul = names.subarray(at, at + suffixReach).indexOf(0);
  const name = Buffer.from(names.subarray(at, at + Math.max(nul, 0))).toString('latin1');
  return armSuffixes.some((suffix) => name.endsWith(suffix));
}

/** One of several symbols at an address. */
export interface Alias {
  readonly name: string;
  readonly weak: boolean;
  /** Its place in the symbol table. */
  readonly index: number;
}

/**
 * The order of names of one address: the first is what the kernel prints. As compare_symbols() in scripts/kallsyms.c
 * has it (2.6.36 to 7.x), whose last rule is the order of its input, which `nm -n` sorted by name.
 */
export function compareAliases(a: Alias, b: Alias): number {
  return (
    Number(a.weak) - Number(b.weak) ||
    Number(isLinkerProvided(a.name)) - Number(isLinkerProvided(b.name)) ||
    leadingUnderscores(a.name) - leadingUnderscores(b.name) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}

/** may_be_linker_script_provide_symbol(): `__start_x`, `__stop_x`, `__end_x`, `__x_start`, `__x_end`. */
function isLinkerProvided(name: string): boolean {
  if (name.length < 8 || !name.startsWith('__')) return false;
  return /^__(?:start|stop|end)_/.test(name) || name.endsWith('_start') || name.endsWith('_end');
}

function leadingUnderscores(name: string): number {
  let count = 0;
  while (name[count] === '_') count++;
  return count;
}
