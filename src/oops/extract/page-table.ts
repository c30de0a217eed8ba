import type { PageTableEntry } from '../../model/report.ts';

// x86-64: "PGD 2a7d067 P4D 2a7d067 PUD 2a80067 PMD 0 " (arch/x86/mm/fault.c, dump_pagetable()).
const x86Line = /^\s{0,4}PGD [0-9a-f]{1,16}\b/;
const x86Entry = /\b(PGD|P4D|PUD|PMD|PTE) ([0-9a-f]{1,16})\b/g;
// i386: "*pdpt = 0000000031b3f001 *pde = 0000000000000000 *pte = ...", "*pde = 00000000".
const i386Entry = /\*(pdpt|pde|pte) = ([0-9a-f]{1,16})\b/g;
// arm64 and arm: "[0000000000000020] pgd=0800..., p4d=...", with `*` before the names up to 4.16 and on arm.
const armLine = /^\s{0,4}\[[0-9a-f]{8,16}\] \*?pgd=/;
const armEntry = /\*?\b(pgd|p4d|pud|pmd|pte|ppte)=([0-9a-f]{1,16})\b/g;

/** Reads a line of page-table entries, outermost first; nothing if it is none. */
export function parsePageTable(text: string): readonly PageTableEntry[] | undefined {
  const short = text.slice(0, 512);
  const pattern = x86Line.test(short)
    ? x86Entry
    : /^\s{0,4}\*p(?:dpt|de) = /.test(short)
      ? i386Entry
      : armLine.test(short)
        ? armEntry
        : undefined;
  if (pattern === undefined) return undefined;
  return [...short.matchAll(pattern)].map((m) => ({
    level: (m[1] ?? '').toLowerCase(),
    value: BigInt(`0x${m[2] ?? '0'}`),
  }));
}
