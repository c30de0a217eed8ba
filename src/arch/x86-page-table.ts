import type { DecodedField, PageMapping, PageTableEntry } from '../model/report.ts';
import { bits } from './architecture.ts';
import { type DecodedWalk, folded, levelName, rightsWords, set, sizeWords } from './page-walk.ts';

// Intel SDM 3A, 4.5; arch/x86/include/asm/pgtable_types.h.
const addressMask = 0x000f_ffff_ffff_f000n;

/** Bytes that an entry of a level maps if it is a page itself, with entries of eight bytes; those of i386 without PAE apart. */
const pageSizes: Readonly<Record<string, number>> = { pte: 0x1000, pmd: 0x20_0000, pud: 0x4000_0000 };

const bit = (value: bigint, n: number): boolean => bits(value, n, n) === 1;

const isLeaf = (level: string, value: bigint): boolean =>
  level === 'pte' || ((level === 'pmd' || level === 'pud' || level === 'pde') && bit(value, 7));

/**
 * A kernel page made not present: accessed and dirty stay. KFENCE clears the present bit, or as of 6.19 flips the whole
 * entry (arch/x86/include/asm/kfence.h); debug_pagealloc takes RW and G away as well (__set_pages_np()).
 */
const looksLikeKernelPage = (value: bigint): boolean => (value & 0x165n) === 0x060n || (~value & 0x67n) === 0x63n;

type State = 'empty' | 'present' | 'none' | 'guarded' | 'swap';

function stateOf(value: bigint): State {
  if (value === 0n) return 'empty';
  if (bit(value, 0)) return 'present';
  if (looksLikeKernelPage(value)) return 'guarded';
  // _PAGE_PROTNONE is the global bit of an entry that is not present.
  return bit(value, 8) ? 'none' : 'swap';
}

function presentFields(level: string, value: bigint, top: boolean): DecodedField[] {
  const leaf = isLeaf(level, value);
  const fields: DecodedField[] = [set('P', leaf ? 'present' : 'present, a table')];
  fields.push({ name: 'RW', value: bit(value, 1) ? '1' : '0', meaning: bit(value, 1) ? 'writable' : 'read-only' });
  fields.push({
    name: 'US',
    value: bit(value, 2) ? '1' : '0',
    meaning: bit(value, 2) ? 'user space too' : 'kernel only',
  });
  if (bit(value, 3)) fields.push(set('PWT', 'write-through or write-combining'));
  if (bit(value, 4)) fields.push(set('PCD', 'not cached'));
  if (bit(value, 5)) fields.push(set('A', 'accessed'));
  if (leaf && bit(value, 6)) fields.push(set('D', 'dirty'));
  if (leaf && level !== 'pte') fields.push(set('PSE', 'large page'));
  if (leaf && bit(value, 8)) fields.push(set('G', 'global'));
  if (leaf && bit(value, 11)) fields.push(set('SOFT_DIRTY', 'written since it was last tracked'));
  const key = bits(value, 62, 59);
  if (leaf && key !== 0) fields.push({ name: 'PK', value: String(key), meaning: 'protection key' });
  if (bit(value, 63)) {
    // arch/x86/mm/pti.c, __pti_set_user_pgtbl(): so that a return to user space on the kernel's tables faults.
    const pti = top && bit(value, 2) && !leaf;
    fields.push(
      set('NX', pti ? 'no execution: page-table isolation keeps user code from these tables' : 'no execution'),
    );
  }
  return fields;
}

function absentFields(state: State, value: bigint): DecodedField[] {
  const absent: DecodedField = { name: 'P', value: '0', meaning: 'not present' };
  switch (state) {
    case 'empty':
      return [{ ...absent, meaning: 'empty' }];
    case 'none':
      return [absent, set('PROTNONE', 'no access is allowed (PROT_NONE, or NUMA balancing watches it)')];
    case 'guarded':
      return [
        absent,
        { name: 'flags', value: `0x${(value & 0xfffn).toString(16)}`, meaning: 'otherwise a page of the kernel' },
      ];
    default:
      // arch/x86/include/asm/pgtable_64.h: the type in the upper five bits, the offset inverted.
      return [
        absent,
        { name: 'swap', value: String(bits(value, 63, 59)), meaning: 'a swap or migration entry of this type' },
      ];
  }
}

/** What a walk that ended at an entry that is not present comes to. */
function absentMapping(level: string, state: State, value: bigint): PageMapping {
  const name = levelName(level);
  switch (state) {
    case 'empty':
      return { state: 'unmapped', level, words: `nothing is mapped there: the ${name} is empty` };
    case 'none':
      return { state: 'unmapped', level, words: `the page allows no access at all (PROT_NONE or NUMA balancing)` };
    case 'guarded':
      return {
        state: 'guarded',
        level,
        words: 'the kernel took the page out of use and kept its entry, as KFENCE and debug_pagealloc do',
      };
    default:
      return {
        state: 'swapped',
        level,
        words: `the ${name} is not present and not empty: a swap or migration entry (type ${bits(value, 63, 59)}), or a broken one`,
      };
  }
}

function pageSize(level: string, count: number): number | undefined {
  // Two levels: i386 without PAE, where a large page has 4 MiB; with PAE 2 MiB.
  if (level === 'pde') return count > 2 ? 0x20_0000 : 0x40_0000;
  return pageSizes[level];
}

/** Bits of an address that an entry can hold; above the machine's own width they are reserved, which a log does not tell. */
function mappedPage(entries: readonly PageTableEntry[], leaf: PageTableEntry): PageMapping {
  const { level, value } = leaf;
  const above = entries.slice(0, entries.indexOf(leaf) + 1).filter((entry) => entry.level !== 'pdpt');
  const writable = above.every((entry) => bit(entry.value, 1));
  const user = above.every((entry) => bit(entry.value, 2));
  const executable = !above.some((entry) => bit(entry.value, 63));
  const size = pageSize(level, entries.length);
  const base = value & addressMask;
  // A large page has its PAT bit where a small one has its address.
  const physical = size === undefined ? base : base - (base % BigInt(size));
  const large = level === 'pte' || size === undefined ? '' : ` (a large page of ${sizeWords(size)})`;
  return {
    state: 'mapped',
    level,
    words: `the page is mapped ${rightsWords(writable, executable, user)}${large}`,
    ...(size !== undefined && { size }),
    physical,
    writable,
    executable,
    user,
  };
}

/** Entries of x86 in words (`PGD 2a7d067 P4D ...`, `*pde = ...`). */
export function walkX86(entries: readonly PageTableEntry[]): DecodedWalk {
  let mapping: PageMapping | undefined;
  const decoded = entries.map((entry, index): PageTableEntry => {
    const { level, value } = entry;
    const before = entries[index - 1];
    if (level === 'p4d' && before?.value === value) return { ...entry, fields: folded };
    const state = stateOf(value);
    if (state !== 'present') {
      mapping ??= absentMapping(level, state, value);
      return { ...entry, fields: absentFields(state, value) };
    }
    if (isLeaf(level, value)) mapping ??= mappedPage(entries, entry);
    return { ...entry, fields: presentFields(level, value, level === 'pgd') };
  });
  const last = entries.at(-1);
  if (mapping === undefined && last !== undefined) {
    // dump_pagetable() ends a line at an entry that points to memory that is not there: it cannot read on.
    mapping = {
      state: 'incomplete',
      level: last.level,
      words: `the entries end with the ${levelName(last.level)}: the table below it could not be read`,
    };
  }
  return { entries: decoded, ...(mapping !== undefined && { mapping }) };
}
