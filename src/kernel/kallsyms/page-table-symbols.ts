import { toBigAddress } from '../../elf/address.ts';
import type { Machine } from '../../machine/machine.ts';
import { AddressSpace } from '../page-tables/address-space.ts';
import { arm64Format, arm64Tables, tableOfTtbr } from '../page-tables/arm64-format.ts';
import { TableEntries } from '../page-tables/table-entries.ts';
import { cpuStates } from '../slide/cpu-states.ts';
import type { SymbolList } from './symbol-list.ts';

/** Tables that follow each other in the image: what TTBR1 has in user space is two before the kernel's own. */
const nearby = [0, 2, 1, 3, -1, -2];

/**
 * Adds `swapper_pg_dir` of arm64: what TTBR1 points to, or near it (tramp_pg_dir and reserved_pg_dir are before it, see
 * arch/arm64/kernel/vmlinux.lds.S). What has the banner where it is, is right.
 * @param moved virtual less physical addresses of the image.
 * @param banner virtual address of linux_banner.
 */
export async function addPageTables(
  machine: Machine,
  symbols: SymbolList,
  moved: number,
  banner: number,
): Promise<void> {
  if (machine.architecture !== 'arm64' || symbols.address('swapper_pg_dir') !== undefined) return;
  const entries = new TableEntries(machine);
  for (const { registers } of await cpuStates(machine)) {
    const tables = registers.TCR_EL1 === undefined ? undefined : arm64Tables(registers.TCR_EL1, true);
    if (tables === undefined || registers.TTBR1_EL1 === undefined) continue;
    const root = tableOfTtbr(registers.TTBR1_EL1, tables);
    for (const pages of nearby) {
      const at = root + (BigInt(pages) << BigInt(tables.pageShift));
      const space = new AddressSpace(at, arm64Format(tables), entries);
      if (at < 0n || (await space.physical(toBigAddress(banner))) !== BigInt(banner - moved)) continue;
      const inTable = at & ((1n << BigInt(tables.pageShift)) - 1n);
      symbols.add([{ name: 'swapper_pg_dir', address: Number(at - inTable) + moved }]);
      return;
    }
  }
}
