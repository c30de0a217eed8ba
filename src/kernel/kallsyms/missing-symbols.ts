import { fromBigAddress, toBigAddress, wordRange } from '../../elf/address.ts';
import type { Kernel } from '../kernel.ts';
import { memberPlace } from '../view.ts';
import { findExceptionTable } from './exception-table.ts';
import type { ImageInMemory } from './image-from-memory.ts';
import type { FoundSymbol } from './symbol-list.ts';

/** What was found, and what was not and will be missed. */
export interface MissingSymbols {
  readonly symbols: readonly FoundSymbol[];
  readonly problems: readonly string[];
}

/** Per-CPU variables that are exported (arch/arm64/kernel/smp.c, kernel/sched/core.c): one tells where all are. */
const exportedPerCpu = [
  'cpu_number',
  'kernel_cpustat',
  'kstat',
  'this_cpu_off',
  'current_task',
  'pcpu_hot',
  'irq_stat',
];
const perCpuSection = '.data..percpu';
/** Descriptors of the printk ring as a power of two, and what its text has more (PRB_AVGBITS of kernel/printk/printk.c). */
const countBits = { least: 4, most: 21 };
const moreTextBits = 5;
/** Modules are at most so far from the image (arch/arm64/kernel/module.c, MODULES_VADDR of x86). */
const mostToModules = 2 ** 32;
/** Lists that lead to what may be a module. */
const mostHeads = 4096;

/**
 * Data of which a kernel that knows its functions alone (no CONFIG_KALLSYMS_ALL) does not tell where it is, beside what it
 * exports: found by its types and by how it looks.
 */
export async function missingSymbols(kernel: Kernel, made: ImageInMemory): Promise<MissingSymbols> {
  const modules = made.symbols.address('modules') === undefined ? await moduleList(kernel, made) : [];
  const ring = made.symbols.address('prb') === undefined ? printkRing(kernel, made) : [];
  const problems = [
    'the kernel knows the names of its functions and of what modules may use, not of other data (CONFIG_KALLSYMS_ALL)',
    ...(modules.length === 0 ? ['no list of modules was found'] : []),
    ...(ring.length === 0 ? ['the printk buffer was not found'] : []),
  ];
  return { symbols: [...perCpu(kernel, made), ...ring, ...modules, ...exceptions(kernel, made)], problems };
}

/** BTF has the offsets of all per-CPU variables. */
function perCpu({ types }: Kernel, { symbols }: ImageInMemory): FoundSymbol[] {
  const offsets = new Map<string, number>();
  for (const id of types.find(perCpuSection)) {
    for (const { variable, offset } of types.places(id)) {
      const type = types.type(variable);
      if (type.kind === 'variable') offsets.set(type.name, offset);
    }
  }
  for (const name of exportedPerCpu) {
    const address = symbols.address(name);
    const offset = offsets.get(name);
    if (address === undefined || offset === undefined) continue;
    const start = address - offset;
    return [
      { name: '__per_cpu_start', address: start },
      ...[...offsets].map(([each, at]) => ({ name: each, address: start + at })),
    ];
  }
  return [];
}

/** Words of 64 bits as two halves each. */
const halves = ({ contents }: ImageInMemory): Uint32Array =>
  new Uint32Array(contents.buffer, contents.byteOffset, Math.floor(contents.length / 8) * 2);

/** A number that is the address of the kernel which two halves make; 0 if they make none. */
function pointer(low: number, high: number): number {
  return high >>> 16 === 0xffff || high >>> 24 === 0xff ? (high | 0) * wordRange + low : 0;
}

/** `prb`, which points at a `printk_ringbuffer` in the image (printk_rb_static or printk_rb_dynamic). */
function printkRing({ types }: Kernel, made: ImageInMemory): FoundSymbol[] {
  const at = (path: string): number | undefined => memberPlace(types, 'printk_ringbuffer', path)?.offset;
  const [count, descriptors, infos] = [at('desc_ring.count_bits'), at('desc_ring.descs'), at('desc_ring.infos')];
  const [text, data] = [at('text_data_ring.size_bits'), at('text_data_ring.data')];
  if (count === undefined || descriptors === undefined || infos === undefined) return [];
  if (text === undefined || data === undefined) return [];
  const words = halves(made);
  const rings = new Set<number>();
  const last = words.length - (Math.max(count, descriptors, infos, text, data) >> 2) - 2;
  for (let word = 0; word < last; word += 2) {
    const bits = words[word + (count >> 2)] ?? 0;
    if (bits < countBits.least || bits > countBits.most) continue;
    if (words[word + (text >> 2)] !== bits + moreTextBits) continue;
    const pointers = [descriptors, infos, data].map((offset) => word + (offset >> 2));
    if (pointers.every((each) => pointer(words[each] ?? 0, words[each + 1] ?? 0) < 0)) rings.add(made.start + word * 4);
  }
  const found: FoundSymbol[] = [];
  for (let word = 0; rings.size > 0 && word < words.length; word += 2) {
    const target = pointer(words[word] ?? 0, words[word + 1] ?? 0);
    if (target < 0 && rings.has(target)) found.push({ name: 'prb', address: made.start + word * 4 });
  }
  return found.slice(0, 1);
}

/** `modules`: the head of a list in the image whose first and last are modules, and lead back to it. */
async function moduleList({ types, memory }: Kernel, made: ImageInMemory): Promise<FoundSymbol[]> {
  const list = memberPlace(types, 'module', 'list')?.offset;
  const name = memberPlace(types, 'module', 'name')?.offset;
  if (list === undefined || name === undefined) return [];
  const { start, contents } = made;
  const words = halves(made);
  const isOfModule = (address: number): boolean =>
    address < 0 &&
    address % 8 === 0 &&
    Math.abs(address - start) < mostToModules &&
    (address < start || address >= start + contents.length);
  let left = mostHeads;
  for (let word = 0; word + 3 < words.length && left > 0; word += 2) {
    const next = pointer(words[word] ?? 0, words[word + 1] ?? 0);
    if (next === 0 || !isOfModule(next)) continue;
    const previous = pointer(words[word + 2] ?? 0, words[word + 3] ?? 0);
    if (!isOfModule(previous)) continue;
    left--;
    const head = toBigAddress(start + word * 4);
    const first = toBigAddress(next);
    const [back, forth, text] = await Promise.all([
      memory.u64(first + 8n),
      memory.u64(toBigAddress(previous)),
      memory.text(first + BigInt(name - list), 64),
    ]);
    if (back === head && forth === head && /^[\w.-]{1,63}$/.test(text ?? ''))
      return [{ name: 'modules', address: fromBigAddress(head) }];
  }
  return [];
}

function exceptions({ types }: Kernel, { symbols, start, contents }: ImageInMemory): FoundSymbol[] {
  const size = types.sizeof('exception_table_entry');
  const end = symbols.address('_etext');
  if (size === undefined || end === undefined || symbols.address('__start___ex_table') !== undefined) return [];
  const found = findExceptionTable(contents, size, {
    codeEnd: end - start,
    initStart: (symbols.address('_sinittext') ?? start + contents.length) - start,
    initEnd: (symbols.address('_einittext') ?? start) - start,
  });
  if (found === undefined) return [];
  return [
    { name: '__start___ex_table', address: start + found.start },
    { name: '__stop___ex_table', address: start + found.end },
  ];
}
