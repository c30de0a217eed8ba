import { AddressSpace } from '../page-tables/address-space.ts';
import { kernelHalf, levelsOfCr4, tableOfCr3, x86Format } from '../page-tables/x86-format.ts';
import { type CpuState, type Finder, hex, imageWord, type Lead, type Scene, type Tables, wrap } from './lead.ts';

/** __START_KERNEL_map (arch/x86/include/asm/page_64_types.h): the image is mapped in the GiB from there on. */
export const kernelMap = 0xffff_ffff_8000_0000n;
/** Images are moved by multiples of CONFIG_PHYSICAL_ALIGN, which is this at least on x86-64. */
const step = 0x20_0000n;
/** Places in KERNEL_IMAGE_SIZE, 1 GiB. */
const slots = 512;
/** CPU_ENTRY_AREA_RO_IDT: the interrupt descriptor table is mapped there, in the tables of user space too (since 4.14). */
export const fixedIdt = 0xffff_fe00_0000_0000n;
/** X86_TRAP_PF, and bytes of a gate. */
export const pageFaultGate = { vector: 14n, bytes: 16 };

const paging = 1n << 31n;
const longMode = 1n << 10n;
/** XD of a page-table entry. */
const noExecution = 1n << 63n;

/** Where the handler that a gate of the interrupt descriptor table names is. */
export function handlerOfGate(gate: Uint8Array): bigint {
  const bytes = Buffer.from(gate);
  return (
    (BigInt(bytes.readUInt32LE(8)) << 32n) | (BigInt(bytes.readUInt16LE(6)) << 16n) | BigInt(bytes.readUInt16LE(0))
  );
}

/** The slide of a kernel whose page-fault handler is known; undefined if no kernel's can be there. */
export function slideOfHandler(handler: bigint, linked: bigint): bigint | undefined {
  const slide = wrap(handler - linked);
  return handler >= kernelMap && slide % step === 0n ? slide : undefined;
}

/** The page-fault handler; before 5.8 it had another name. */
export function pageFaultHandler(address: (name: string) => bigint | undefined): bigint | undefined {
  return address('asm_exc_page_fault') ?? address('page_fault');
}

/** The page tables that a CPU uses, if it is in long mode; those of the kernel where it runs with those of user space. */
function spacesOf({ entries }: Pick<Scene, 'entries'>, { registers }: CpuState): AddressSpace[] {
  const { cr0, cr3, cr4, efer } = registers;
  if (cr3 === undefined) return [];
  if ((cr0 !== undefined && (cr0 & paging) === 0n) || (efer !== undefined && (efer & longMode) === 0n)) return [];
  const format = x86Format(levelsOfCr4(cr4 ?? 0n));
  const table = tableOfCr3(cr3);
  const roots = new Set([kernelHalf(table), table]);
  return [...roots].map((root) => new AddressSpace(root, format, entries));
}

async function* leads(scene: Scene): AsyncIterable<Lead> {
  for (const cpu of scene.cpus) yield* fromIdt(scene, cpu);
  for (const cpu of scene.cpus) yield* fromPageTables(scene, cpu);
}

async function* fromIdt(scene: Scene, cpu: CpuState): AsyncIterable<Lead> {
  const how = `the interrupt descriptor table of CPU ${cpu.id}`;
  const { machine, file } = scene;
  const linked = pageFaultHandler(file.address);
  const spaces = spacesOf(scene, cpu);
  if (linked === undefined) yield { how, why: `${file.image.path} has no page-fault handler` };
  else if (spaces.length === 0) yield { how, why: 'the CPU is not in 64-bit mode' };
  else {
    const gateAt = (cpu.registers.idt_base ?? fixedIdt) + pageFaultGate.vector * BigInt(pageFaultGate.bytes);
    for (const space of spaces) {
      const physical = await space.physical(gateAt);
      const gate = physical === undefined ? undefined : await machine.readPhysical(physical, pageFaultGate.bytes);
      if (gate === undefined) {
        yield { how, why: `nothing is mapped at ${hex(gateAt)}` };
        continue;
      }
      const handler = handlerOfGate(gate);
      const slide = slideOfHandler(handler, linked);
      const base = slide === undefined ? undefined : await firstMapped(spaces, wrap(file.text + slide));
      if (slide === undefined)
        yield { how, why: `the page-fault handler is at ${hex(handler)}, where that of ${file.image.path} cannot be` };
      else if (base === undefined) yield { how, why: `nothing is mapped at ${hex(wrap(file.text + slide))}` };
      else yield { how, physicalBase: base };
    }
  }
}

async function firstMapped(spaces: readonly AddressSpace[], address: bigint): Promise<bigint | undefined> {
  for (const space of spaces) {
    const physical = await space.physical(address);
    if (physical !== undefined) return physical;
  }
  return undefined;
}

/** Stretches of physical memory that are mapped where images are, at an offset within each possible place. */
async function mappedImages(space: AddressSpace, offset: bigint): Promise<{ start: bigint; end: bigint }[]> {
  const found: { start: bigint; end: bigint }[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const physical = await space.physical(kernelMap + BigInt(slot) * step + offset);
    if (physical === undefined) continue;
    const last = found.at(-1);
    if (last?.end === physical) last.end += step;
    else found.push({ start: physical, end: physical + step });
  }
  return found;
}

async function* fromPageTables(scene: Scene, cpu: CpuState): AsyncIterable<Lead> {
  const how = `the page tables of CPU ${cpu.id}`;
  const spaces = spacesOf(scene, cpu);
  if (spaces.length === 0) yield { how, why: 'the CPU is not in 64-bit mode' };
  for (const space of spaces) {
    const images = await mappedImages(space, scene.file.text % step);
    if (images.length === 0) yield { how, why: `nothing is mapped where kernels are, from ${hex(kernelMap)} on` };
    // cleanup_highmap() leaves nothing mapped before _text.
    for (const { start } of images) yield { how, physicalBase: start };
  }
}

async function slide(scene: Scene, physicalBase: bigint): Promise<bigint | string> {
  const symbol = scene.file.address('phys_base');
  if (symbol === undefined) return `${scene.file.image.path} has no symbol phys_base`;
  // __startup_64() in arch/x86/kernel/head64.c: what is added to an address less __START_KERNEL_map.
  const physBase = await imageWord(scene, physicalBase, symbol);
  if (physBase === undefined) return 'phys_base cannot be read';
  const found = wrap(physicalBase - physBase - (scene.file.text - kernelMap));
  const isPossible = found % step === 0n && found < BigInt(slots) * step;
  return isPossible ? found : `phys_base is ${hex(physBase)}, which cannot be (early boot?)`;
}

function tables(scene: Scene, physicalBase: bigint): readonly Tables[] {
  const { file, cpus } = scene;
  const spaces = cpus.flatMap((cpu) => spacesOf(scene, cpu).map((space) => ({ cpu, space })));
  const used = new Set(spaces.map(({ space }) => space.format.levels.length));
  const levels = used.size === 0 ? ([4, 5] as const) : ([4, 5] as const).filter((count) => used.has(count));
  const own = levels.flatMap((count) =>
    ['init_top_pgt', 'early_top_pgt'].flatMap((name): Tables[] => {
      const symbol = file.address(name);
      const format = x86Format(count);
      const isKernels = name !== 'early_top_pgt';
      if (symbol === undefined) return [];
      return [{ root: symbol - file.text + physicalBase, format, userFormat: format, name, isKernels }];
    }),
  );
  const others = spaces.map(({ cpu, space: { root, format } }): Tables => {
    return { root, format, userFormat: format, name: `CR3 of CPU ${cpu.id}`, isKernels: false };
  });
  return [...own, ...others];
}

function formats({ cpus, entries }: Scene): ReturnType<Finder['formats']> {
  const format = cpus.flatMap((cpu) => spacesOf({ entries }, cpu))[0]?.format ?? x86Format(4);
  return { kernel: format, user: format };
}

/** The banner is among constants, which are not executable; so it is sought last where code is. */
async function likelyImages(scene: Omit<Scene, 'file'>): ReturnType<Finder['likelyImages']> {
  const spaces = scene.cpus.flatMap((cpu) => spacesOf(scene, cpu));
  const seen = new Set<bigint>();
  const parts: { start: bigint; end: bigint; isCode: boolean }[] = [];
  for (const space of spaces) {
    if (seen.has(space.root)) continue;
    seen.add(space.root);
    for (let slot = 0; slot < slots; slot++) {
      const { physical, steps } = await space.translate(kernelMap + BigInt(slot) * step);
      if (physical === undefined || parts.some(({ start }) => start === physical)) continue;
      const isCode = steps.every(({ entry }) => ((entry ?? 0n) & noExecution) === 0n);
      parts.push({ start: physical, end: physical + step, isCode });
    }
  }
  return [...parts.filter(({ isCode }) => !isCode), ...parts.filter(({ isCode }) => isCode)];
}

/** How kernels of x86-64 are found. */
export const x86Finder: Finder = { leads, slide, tables, formats, steps: [step], likelyImages };
