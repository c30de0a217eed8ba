import type { DecodedField, PageMapping, PageTableEntry } from '../model/report.ts';
import { bits } from './architecture.ts';
import { type DecodedWalk, folded, levelName, rightsWords, set, sizeWords, type WalkContext } from './page-walk.ts';

// Arm ARM D8.3 (VMSAv8-64 descriptors); arch/arm64/include/asm/pgtable-hwdef.h and pgtable-prot.h.

const bit = (value: bigint, n: number): boolean => bits(value, n, n) === 1;

/** Major and minor number of a release as one number; what is not known is taken for a recent one. */
function versionOf(release: string | undefined): number {
  const match = /^(\d{1,3})\.(\d{1,4})/.exec(release ?? '');
  return match === null ? 7000 : Number(match[1]) * 1000 + Number(match[2]);
}

/** Memory types by AttrIndx, arch/arm64/include/asm/memory.h: MT_*. Reordered in 5.10 and 5.12. */
const memoryTypes: readonly { readonly since: number; readonly names: readonly string[] }[] = [
  {
    since: 5012,
    names: [
      'normal memory',
      'normal memory with tags',
      'memory that is not cached',
      'device memory (nGnRnE)',
      'device memory (nGnRE)',
    ],
  },
  {
    since: 5010,
    names: [
      'normal memory',
      'normal memory with tags',
      'memory that is not cached',
      'write-through memory',
      'device memory (nGnRnE)',
      'device memory (nGnRE)',
      'device memory (GRE)',
    ],
  },
  {
    since: 0,
    names: [
      'device memory (nGnRnE)',
      'device memory (nGnRE)',
      'device memory (GRE)',
      'memory that is not cached',
      'normal memory',
      'write-through memory',
    ],
  },
];

const shareability = ['not shared', 'reserved', 'outer shareable', 'inner shareable'] as const;

/** Whether a descriptor of a level is a page or a block, not a table. */
const isLeaf = (level: string, value: bigint): boolean => level === 'pte' || !bit(value, 1);

function tableFields(value: bigint): DecodedField[] {
  const fields: DecodedField[] = [{ name: 'type', value: '3', meaning: 'table' }];
  if (bit(value, 59)) fields.push(set('PXNTable', 'below it the kernel cannot execute'));
  if (bit(value, 60)) fields.push(set('UXNTable', 'below it user space cannot execute'));
  if (bit(value, 61)) fields.push(set('APTable0', 'below it user space has no access'));
  if (bit(value, 62)) fields.push(set('APTable1', 'below it is read-only'));
  if (bit(value, 10)) fields.push(set('AF', 'accessed'));
  return fields;
}

function leafFields(level: string, value: bigint, version: number): DecodedField[] {
  const types = memoryTypes.find(({ since }) => version >= since)?.names ?? [];
  const type = bits(value, 4, 2);
  const fields: DecodedField[] = [
    level === 'pte' ? { name: 'type', value: '3', meaning: 'page' } : { name: 'type', value: '1', meaning: 'block' },
    { name: 'AttrIndx', value: String(type), meaning: types[type] ?? 'memory of an unknown type' },
    { name: 'AP[2]', value: bit(value, 7) ? '1' : '0', meaning: bit(value, 7) ? 'read-only' : 'writable' },
    { name: 'AP[1]', value: bit(value, 6) ? '1' : '0', meaning: bit(value, 6) ? 'user space too' : 'kernel only' },
    { name: 'SH', value: String(bits(value, 9, 8)), meaning: shareability[bits(value, 9, 8)] ?? 'reserved' },
    bit(value, 10)
      ? set('AF', 'accessed')
      : { name: 'AF', value: '0', meaning: 'not accessed: the first access faults' },
  ];
  if (bit(value, 11)) fields.push(set('nG', 'of one address space'));
  if (bit(value, 50)) fields.push(set('GP', 'guarded: indirect jumps must meet a BTI'));
  if (bit(value, 51)) fields.push(set('DBM', 'may be written'));
  if (bit(value, 52)) fields.push(set('contiguous', 'one of several that are mapped as one'));
  if (bit(value, 53)) fields.push(set('PXN', 'the kernel cannot execute'));
  if (bit(value, 54)) fields.push(set('UXN', 'user space cannot execute'));
  if (bit(value, 55)) fields.push(set('dirty', 'dirty'));
  if (bit(value, 56)) fields.push(set('special', 'no struct page'));
  return fields;
}

function absentFields(value: bigint): DecodedField[] {
  if (value === 0n) return [{ name: 'valid', value: '0', meaning: 'empty' }];
  const fields: DecodedField[] = [{ name: 'valid', value: '0', meaning: 'not valid' }];
  if (isNone(value)) fields.push(set('PROT_NONE', 'no access is allowed (PROT_NONE, or NUMA balancing watches it)'));
  return fields;
}

/** PTE_PROT_NONE, bit 58, up to 6.10; since, PTE_PRESENT_INVALID: an entry that is not valid with the nG bit. */
const isNone = (value: bigint): boolean => bit(value, 58) || (bit(value, 11) && bit(value, 10));

/** A kernel page whose valid bit was taken away: the access flag and type stay (set_memory_valid()). */
const looksLikeKernelPage = (level: string, value: bigint): boolean =>
  level === 'pte' && bit(value, 1) && bit(value, 10) && !bit(value, 6);

function absentMapping(level: string, value: bigint): PageMapping {
  const name = levelName(level);
  if (value === 0n) return { state: 'unmapped', level, words: `nothing is mapped there: the ${name} is empty` };
  if (looksLikeKernelPage(level, value)) {
    return {
      state: 'guarded',
      level,
      words: 'the kernel took the page out of use and kept its entry, as KFENCE and debug_pagealloc do',
    };
  }
  if (isNone(value)) {
    return { state: 'unmapped', level, words: 'the page allows no access at all (PROT_NONE or NUMA balancing)' };
  }
  return {
    state: 'swapped',
    level,
    words: `the ${name} is not valid and not empty: a swap or migration entry, or a broken one`,
  };
}

/** Bytes that an entry maps: entries of eight bytes fill a page, so each level has a factor of a page's eighth. */
function leafSize(level: string, page: number): number | undefined {
  const factor = page / 8;
  const steps: Readonly<Record<string, number>> = { pte: 0, pmd: 1, pud: 2 };
  const step = steps[level];
  return step === undefined ? undefined : page * factor ** step;
}

function mappedPage(entries: readonly PageTableEntry[], leaf: PageTableEntry, page: number): PageMapping {
  const { level, value } = leaf;
  const tables = entries.slice(0, entries.indexOf(leaf)).filter((entry) => entry.value !== value && entry.value !== 0n);
  // The dirty bit management flag makes a page writable that is read-only until it is written.
  const writable = (!bit(value, 7) || bit(value, 51)) && !tables.some((entry) => bit(entry.value, 62));
  const user = bit(value, 6) && !tables.some((entry) => bit(entry.value, 61));
  const executable = !bit(value, 53) && !tables.some((entry) => bit(entry.value, 59));
  const size = leafSize(level, page);
  const base = value & 0x0000_ffff_ffff_f000n;
  const physical = size === undefined ? base : base - (base % BigInt(size));
  const large = level === 'pte' || size === undefined ? '' : ` (a block of ${sizeWords(size)})`;
  const fresh = bit(value, 10) ? '' : ', never accessed';
  return {
    state: 'mapped',
    level,
    words: `the page is mapped ${rightsWords(writable, executable, user)}${large}${fresh}`,
    ...(size !== undefined && { size }),
    physical,
    writable,
    executable,
    user,
  };
}

/** Entries of arm64 in words (`[0000000000000020] pgd=0800..., p4d=...`). */
export function walkArm64(entries: readonly PageTableEntry[], { release, pageSize = 4096 }: WalkContext): DecodedWalk {
  const version = versionOf(release);
  let mapping: PageMapping | undefined;
  const decoded = entries.map((entry, index): PageTableEntry => {
    const { level, value } = entry;
    const before = entries[index - 1];
    // The kernel stops at the first entry that is empty: one that it walked past is of a level that it does not use here
    // (a kernel built for 52 bits of addresses on a machine that has 48 prints pgd=0).
    const walkedPast = value === 0n && index + 1 < entries.length;
    if (walkedPast || (before?.value === value && level !== 'pte')) return { ...entry, fields: folded };
    if (!bit(value, 0)) {
      mapping ??= absentMapping(level, value);
      return { ...entry, fields: absentFields(value) };
    }
    if (!isLeaf(level, value)) return { ...entry, fields: tableFields(value) };
    mapping ??= mappedPage(entries, entry, pageSize);
    return { ...entry, fields: leafFields(level, value, version) };
  });
  const last = entries.at(-1);
  if (mapping === undefined && last !== undefined) {
    mapping = {
      state: 'incomplete',
      level: last.level,
      words: `the entries end with the ${levelName(last.level)}: the table below it was not printed`,
    };
  }
  return { entries: decoded, ...(mapping !== undefined && { mapping }) };
}
