import type { Kernel } from '../../kernel/kernel.ts';

/** A sorted table of instructions that may fault, with what to do then (include/asm-generic/extable.h and arch/). */
interface Table {
  readonly start: bigint;
  readonly entries: number;
}

/** Entries of one table at most; 7.2 has about 5,000. */
const mostEntries = 1_000_000n;

/** Whether the kernel is prepared for a fault at an instruction: it goes on elsewhere then. Undefined if it cannot be told. */
export async function hasFixup(kernel: Kernel, pc: bigint): Promise<boolean | undefined> {
  const size = kernel.types.sizeof('exception_table_entry');
  if (size === undefined || size < 8) return undefined;
  const table = (await moduleTable(kernel, pc)) ?? coreTable(kernel, size);
  return table && search(kernel, table, size, pc);
}

function coreTable({ symbols }: Kernel, size: number): Table | undefined {
  const start = symbols.address('__start___ex_table');
  const stop = symbols.address('__stop___ex_table');
  if (start === undefined || stop === undefined || stop < start) return undefined;
  const entries = (stop - start) / BigInt(size);
  return entries > mostEntries ? undefined : { start, entries: Number(entries) };
}

/** That of the module that an address is in: `extable` and `num_exentries` of its `struct module`. */
async function moduleTable({ symbols, types, memory }: Kernel, pc: bigint): Promise<Table | undefined> {
  const name = symbols.at(pc)?.module;
  const module = name === undefined ? undefined : symbols.modules.find((each) => each.name === name);
  const pointer = types.member('module', 'extable');
  const count = types.member('module', 'num_exentries');
  if (module?.structure === undefined || pointer === undefined || count === undefined) return undefined;
  const start = await memory.u64(module.structure + BigInt(pointer.offset));
  const entries = await memory.u32(module.structure + BigInt(count.offset));
  if (start === undefined || entries === undefined || BigInt(entries) > mostEntries) return undefined;
  return { start, entries };
}

/** Entries begin with the distance of the instruction from the entry itself, in 32 bits. */
async function search(
  { memory }: Kernel,
  { start, entries }: Table,
  size: number,
  pc: bigint,
): Promise<boolean | undefined> {
  let low = 0;
  let high = entries;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = start + BigInt(middle) * BigInt(size);
    const distance = await memory.u32(at);
    if (distance === undefined) return undefined;
    const instruction = BigInt.asUintN(64, at + BigInt.asIntN(32, BigInt(distance)));
    if (instruction === pc) return true;
    if (instruction < pc) low = middle + 1;
    else high = middle;
  }
  return false;
}
