import { AddressSpace } from '../page-tables/address-space.ts';
import {
  type Arm64Tables,
  arm64Format,
  arm64Tables,
  tableOfTtbr,
  usualArm64Tables,
} from '../page-tables/arm64-format.ts';
import { type CpuState, type Finder, hex, imageWord, type Lead, type Scene, type Tables, wrap } from './lead.ts';

/** Registers of the exception level that a kernel runs at: EL2 where it is a host of virtual machines (VHE). */
const levels = ['EL1', 'EL2'] as const;
/** Top tables that TTBR1 points to: mostly the first; in user space the second where the kernel is hidden (KPTI). */
const topTables = ['swapper_pg_dir', 'tramp_pg_dir', 'reserved_pg_dir', 'init_pg_dir'];
/** Pages are 4 KiB at least, and vectors and images are moved by whole ones (64 KiB in fact). */
const leastStep = 0x1000n;
/** Of an image: the pages before swapper_pg_dir in which its constants are. */
const reachBefore = 0x800_0000n;

interface Used {
  readonly how: string;
  readonly tables: Arm64Tables;
  readonly user: Arm64Tables;
  readonly root: bigint;
  readonly vectors: bigint | undefined;
}

/** What a CPU translates addresses of the kernel with. */
function usedBy({ id, registers }: CpuState): Used[] {
  return levels.flatMap((level): Used[] => {
    const ttbr = registers[`TTBR1_${level}`];
    const tcr = registers[`TCR_${level}`];
    if (ttbr === undefined || tcr === undefined || ttbr === 0n) return [];
    const tables = arm64Tables(tcr, true);
    if (tables === undefined) return [];
    return [
      {
        how: `TTBR1_${level} of CPU ${id}`,
        tables,
        user: arm64Tables(tcr, false) ?? { ...tables, isUpper: false },
        root: tableOfTtbr(ttbr, tables),
        vectors: registers[`VBAR_${level}`],
      },
    ];
  });
}

/** Where the table begins that a root is in: kernels for 52 bits point into it on CPUs of 48 (TTBR1_BADDR_4852_OFFSET). */
function offsetInTable({ root, tables }: Pick<Used, 'root' | 'tables'>): bigint {
  return root & ((1n << BigInt(tables.pageShift)) - 1n);
}

async function* leads(scene: Scene): AsyncIterable<Lead> {
  const { file, cpus } = scene;
  for (const cpu of cpus) {
    const used = usedBy(cpu);
    if (used.length === 0) yield { how: `TTBR1_EL1 of CPU ${cpu.id}`, why: 'it points nowhere, or is not told' };
    for (const each of used) {
      for (const name of topTables) {
        const symbol = file.address(name);
        const base = symbol === undefined ? -1n : each.root - offsetInTable(each) - (symbol - file.text);
        if (base >= 0n) yield { how: each.how, physicalBase: base };
      }
    }
  }
  for (const cpu of cpus) for (const used of usedBy(cpu)) yield* fromVectors(scene, used);
}

async function* fromVectors({ file, entries }: Scene, used: Used): AsyncIterable<Lead> {
  const how = used.how.replace('TTBR1', 'VBAR');
  const symbol = file.address('vectors');
  if (used.vectors === undefined || symbol === undefined) return;
  const slide = wrap(used.vectors - symbol);
  if (slide % leastStep !== 0n) {
    yield { how, why: `the vectors are at ${hex(used.vectors)}, where those of ${file.image.path} cannot be` };
    return;
  }
  const space = new AddressSpace(used.root, arm64Format(used.tables), entries);
  const physicalBase = await space.physical(wrap(file.text + slide));
  if (physicalBase === undefined) yield { how, why: `nothing is mapped at ${hex(wrap(file.text + slide))}` };
  else yield { how, physicalBase };
}

async function slide(scene: Scene, physicalBase: bigint): Promise<bigint | string> {
  const symbol = scene.file.address('kimage_voffset');
  if (symbol === undefined) return `${scene.file.image.path} has no symbol kimage_voffset`;
  // __primary_switched in arch/arm64/kernel/head.S: virtual less physical address of the image.
  const offset = await imageWord(scene, physicalBase, symbol);
  if (offset === undefined) return 'kimage_voffset cannot be read';
  if (offset === 0n) return 'kimage_voffset is not set yet (early boot)';
  const found = wrap(physicalBase + offset - scene.file.text);
  return found % leastStep === 0n ? found : `kimage_voffset is ${hex(offset)}, which cannot be`;
}

function tables(scene: Scene, physicalBase: bigint): readonly Tables[] {
  const { file, cpus } = scene;
  const used = cpus.flatMap(usedBy);
  const told = used.map((each) => ({ tables: each.tables, user: each.user, offset: offsetInTable(each) }));
  const guessed = usualArm64Tables.map((each) => ({ tables: each, user: { ...each, isUpper: false }, offset: 0n }));
  const own = [...told, ...guessed].flatMap((each) =>
    ['swapper_pg_dir', 'init_pg_dir'].flatMap((name): Tables[] => {
      const symbol = file.address(name);
      if (symbol === undefined) return [];
      const root = symbol - file.text + physicalBase + each.offset;
      return [{ root, name, isKernels: name === 'swapper_pg_dir', ...formatsOf(each.tables, each.user) }];
    }),
  );
  const others = used.map(
    (each): Tables => ({ root: each.root, name: each.how, isKernels: false, ...formatsOf(each.tables, each.user) }),
  );
  // The same tables come from every CPU.
  const seen = new Set<string>();
  return [...own, ...others].filter(({ root, format, userFormat }) => {
    const key = `${root} ${format.words} ${userFormat.words}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function formatsOf(kernel: Arm64Tables, user: Arm64Tables): Pick<Tables, 'format' | 'userFormat'> {
  return { format: arm64Format(kernel), userFormat: arm64Format(user) };
}

function formats({ cpus }: Scene): ReturnType<Finder['formats']> {
  const [used] = cpus.flatMap(usedBy);
  const [usual] = usualArm64Tables;
  const kernel = used?.tables ??
    usual ?? { addressBits: 48, pageShift: 12, isLpa2: false, ignoresTopByte: false, isUpper: true };
  return { kernel: arm64Format(kernel), user: arm64Format(used?.user ?? { ...kernel, isUpper: false }) };
}

/** The constants are before the page tables (arch/arm64/kernel/vmlinux.lds.S). */
async function likelyImages({ cpus }: Omit<Scene, 'file'>): ReturnType<Finder['likelyImages']> {
  const roots = new Set(cpus.flatMap(usedBy).map((used) => used.root - offsetInTable(used)));
  return [...roots].map((root) => ({ start: root > reachBefore ? root - reachBefore : 0n, end: root }));
}

/**
 * How kernels of arm64 are found. Images lie at multiples of 2 MiB, which boot loaders keep to, or of 64 KiB, with which
 * the EFI stub is content (Documentation/arch/arm64/booting.rst, drivers/firmware/efi/libstub/arm64-stub.c).
 */
export const arm64Finder: Finder = { leads, slide, tables, formats, steps: [0x20_0000n, 0x1_0000n], likelyImages };
