import { decodePageTable } from '../arch/page-table.ts';
import { decodeRegisters } from '../arch/register-words.ts';
import type { ArchitectureName, CrashReport, RegisterSet } from '../model/report.ts';

/** More sets than these, as of the NMI backtraces of many CPUs, stay without words. */
const mostSets = 16;

function withWords(set: RegisterSet, architecture: ArchitectureName): RegisterSet {
  // Those of user space say how user space was entered, which tells nothing.
  if (set.mode === 'user') return set;
  const decoded = decodeRegisters(architecture, set.values);
  return decoded === undefined ? set : { ...set, decoded };
}

/** `user pgtable: 4k pages, 48-bit VAs`: bytes of a page, where it is printed. */
function pageSizeOf({ fault }: Pick<CrashReport, 'fault'>): number | undefined {
  const size = /^(4|16|64)k pages/.exec(fault?.fields?.find(({ name }) => name === 'pgtable')?.meaning ?? '')?.[1];
  return size === undefined ? undefined : Number(size) * 1024;
}

/** Control registers and page-table entries of a report in words; nothing of what it has not. */
export function machineWords(
  report: Pick<CrashReport, 'architecture' | 'registers' | 'pageTable' | 'fault'>,
  release: string | undefined,
): Pick<CrashReport, 'registers' | 'pageTable' | 'pageMapping'> {
  const { architecture, registers, pageTable } = report;
  const pageSize = pageSizeOf(report);
  const walk =
    pageTable === undefined
      ? undefined
      : decodePageTable(pageTable, {
          architecture,
          ...(release !== undefined && { release }),
          ...(pageSize !== undefined && { pageSize }),
        });
  return {
    ...(registers !== undefined && {
      registers: registers.map((set, index) => (index < mostSets ? withWords(set, architecture) : set)),
    }),
    ...(walk !== undefined && { pageTable: walk.entries }),
    ...(walk?.mapping !== undefined && { pageMapping: walk.mapping }),
  };
}
