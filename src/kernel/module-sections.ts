import type { Btf } from '../btf/btf.ts';
import type { Kernel } from './kernel.ts';
import { buildIdAt, type KernelModule } from './module.ts';
import type { LoadedSection } from './symbols.ts';
import { memberPlace, readView, type View } from './view.ts';

/** Sections of one module; amdgpu has some hundred. */
const mostSections = 4096;
const longestName = 128;

/** How the attributes of a module's sections are laid out in memory, kernel/module/sysfs.c (kernel/module.c before 5.18). */
interface AttributeLayout {
  /** Offset of the first, and bytes of each. */
  readonly first: number;
  readonly stride: number;
  /** In each: the pointer to its name, and the address. */
  readonly name: number;
  readonly address: number;
}

/**
 * Up to 6.13 they are `struct module_sect_attr` with an address of its own, the name being that of a `bin_attribute`, or
 * before 5.8 a pointer of its own; since 6.14 plain `bin_attribute`s, the address in `private`.
 */
export function attributeLayout(types: Btf): AttributeLayout | undefined {
  const first = memberPlace(types, 'module_sect_attrs', 'attrs')?.offset;
  if (first === undefined) return undefined;
  const own = types.sizeof('module_sect_attr');
  const type = own === undefined ? 'bin_attribute' : 'module_sect_attr';
  const stride = types.sizeof(type);
  const place = (...paths: readonly string[]): number | undefined =>
    paths.map((path) => memberPlace(types, type, path)?.offset).find((each) => each !== undefined);
  const name = place('battr.attr.name', 'name', 'mattr.attr.name', 'attr.name');
  const address = place('address', 'private');
  return stride === undefined || name === undefined || address === undefined
    ? undefined
    : { first, stride, name, address };
}

/**
 * The sections of a module and where they lie, as /sys/module/NAME/sections has them; undefined if the kernel does not
 * keep them (it does with KALLSYMS), or they cannot be read. Sections of init code and data lie nowhere any more.
 */
export async function readSections(
  kernel: Kernel,
  module: KernelModule,
): Promise<readonly LoadedSection[] | undefined> {
  const attributes = module.view.pointer('sect_attrs');
  const layout = attributeLayout(kernel.types);
  if (attributes === undefined || layout === undefined) return undefined;
  const head = await readView(kernel, 'module_sect_attrs', attributes);
  const count = head === undefined ? undefined : (head.number('nsections') ?? (await countOf(kernel, head)));
  if (count === undefined || count === 0 || count > mostSections) return undefined;
  const bytes = await kernel.memory.read(attributes + BigInt(layout.first), count * layout.stride);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<LoadedSection[]> => {
      const at = index * layout.stride;
      const name = await kernel.memory.text(view.getBigUint64(at + layout.name, true), longestName);
      const address = view.getBigUint64(at + layout.address, true);
      return name === undefined || name === '' || !kernel.memory.isKernelAddress(address) ? [] : [{ name, address }];
    }),
  );
  const lost = module.ranges.filter(({ isInit }) => isInit);
  return sections.flat().filter(({ name, address }) => !isGone(module, name, address, lost));
}

/** Init sections (`module_init_section`) are freed when a module is live, and others may be where they were. */
function isGone(module: KernelModule, name: string, address: bigint, lost: KernelModule['ranges']): boolean {
  if (module.state !== 'live') return false;
  if (lost.some(({ start, bytes }) => address >= start && address < start + BigInt(bytes))) return true;
  return name.startsWith('.init');
}

/** Pointers to them end with NULL: `grp.bin_attrs`, since 6.14 all that tells how many there are. */
async function countOf(kernel: Kernel, head: View): Promise<number | undefined> {
  const pointers = head.pointer('grp.bin_attrs', 'grp.bin_attrs_new');
  if (pointers === undefined) return undefined;
  const step = 64;
  for (let from = 0; from < mostSections; from += step) {
    const words = await Promise.all(
      Array.from({ length: step }, (_, index) => kernel.memory.u64(pointers + BigInt((from + index) * 8))),
    );
    const end = words.findIndex((word) => word === undefined || word === 0n);
    if (end >= 0) return words[end] === undefined ? undefined : from + end;
  }
  return undefined;
}

/** The build ID of a module: its own member, or the note in its sections. */
export async function readBuildId(
  kernel: Kernel,
  module: KernelModule,
  sections: readonly LoadedSection[],
): Promise<string | undefined> {
  if (module.buildId !== undefined) return module.buildId;
  const note = sections.find(({ name }) => name === '.note.gnu.build-id');
  return note === undefined ? undefined : await buildIdAt(kernel, note.address);
}
