import { buildIdOf, parseNotes } from '../elf/notes.ts';
import type { Kernel } from './kernel.ts';
import { walkList } from './list.ts';
import { memberPlace, readView, type View } from './view.ts';

/** Modules that are read; the most that a machine was seen with is some hundred. */
const mostModules = 4096;
/** A range of a module is smaller than the space for all of them. */
const mostRangeBytes = 0x8000_0000;

export const moduleStates = ['live', 'coming', 'going', 'unformed'] as const;
/** `enum module_state`. */
export type ModuleState = (typeof moduleStates)[number];

/** Memory of a module. */
export interface ModuleRange {
  readonly start: bigint;
  readonly bytes: number;
  readonly isText: boolean;
  /** Freed when it was initialized. */
  readonly isInit: boolean;
}

/** Where a module has its tables for ORC (`struct mod_arch_specific` of x86). */
export interface ModuleOrc {
  readonly count: number;
  readonly ips: bigint;
  readonly entries: bigint;
}

/** A module, as the kernel has it in its list. */
export interface KernelModule {
  /** Of its `struct module`. */
  readonly address: bigint;
  readonly name: string;
  readonly state?: ModuleState;
  /** What it takes; the first is its code, if it has any. */
  readonly ranges: readonly ModuleRange[];
  readonly taints: bigint;
  readonly version?: string;
  /** `srcversion`: a sum over its source. */
  readonly sourceVersion?: string;
  /** Lower case hex digits; of kernels that keep it (STACKTRACE_BUILD_ID, 5.14), others have it in a section. */
  readonly buildId?: string;
  readonly orc?: ModuleOrc;
  readonly perCpu?: { readonly address: bigint; readonly bytes: number };
  /** The structure itself, for what is read of it later. */
  readonly view: View;
}

/** The modules of a kernel, and why there may be more. */
export interface ModuleList {
  /** In the order of the list: the newest first. */
  readonly modules: readonly KernelModule[];
  readonly problems: readonly string[];
}

/** Reads the list of modules, without their sections and symbols. A kernel without modules has none. */
export async function readModules(kernel: Kernel): Promise<ModuleList> {
  const head = kernel.symbols.address('modules');
  const link = memberPlace(kernel.types, 'module', 'list');
  if (head === undefined || link === undefined) return { modules: [], problems: [] };
  const { links, endsBecause } = await walkList(kernel.memory, head, mostModules);
  const views = await Promise.all(links.map((each) => readView(kernel, 'module', each - BigInt(link.offset))));
  const texts = await Promise.all(views.map((view) => (view === undefined ? undefined : moduleOf(kernel, view))));
  const modules = texts.flatMap((each) => (each === undefined ? [] : [each]));
  const problems = endsBecause === undefined ? [] : [`the list of modules is broken: ${endsBecause}`];
  if (modules.length < links.length) problems.push('some modules could not be read');
  return { modules, problems };
}

async function moduleOf(kernel: Kernel, view: View): Promise<KernelModule | undefined> {
  const name = view.text('name');
  const state = moduleStates[view.number('state') ?? -1];
  // Also keeps out what is no module: a list that went astray.
  if (name === undefined || !/^[\w.-]{1,63}$/.test(name)) return undefined;
  const [version, sourceVersion] = await Promise.all(
    ['version', 'srcversion'].map(async (member) => {
      const address = view.pointer(member);
      return address === undefined ? undefined : await kernel.memory.text(address, 128);
    }),
  );
  const buildId = ownBuildId(view);
  const orc = orcOf(view);
  const perCpu = view.pointer('percpu');
  const perCpuBytes = view.number('percpu_size') ?? 0;
  return {
    ...{ address: view.address, name, ranges: rangesOf(view), taints: view.big('taints') ?? 0n, view },
    ...(state !== undefined && { state }),
    ...(version !== undefined && { version }),
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(buildId !== undefined && { buildId }),
    ...(orc !== undefined && { orc }),
    ...(perCpu !== undefined && perCpuBytes > 0 && { perCpu: { address: perCpu, bytes: perCpuBytes } }),
  };
}

/** `enum mod_mem_type`, since 6.4. */
const memoryTypes = [
  { isText: true, isInit: false },
  { isText: false, isInit: false },
  { isText: false, isInit: false },
  { isText: false, isInit: false },
  { isText: true, isInit: true },
  { isText: false, isInit: true },
  { isText: false, isInit: true },
] as const;

/** `mem[]` since 6.4; `core_layout` and `init_layout` since 4.5, in 5.18 to 6.3 with `data_layout` on some; before it words. */
function rangesOf(view: View): ModuleRange[] {
  const ranges = (view.has('mem') ? newRanges(view) : oldRanges(view)).filter(
    ({ start, bytes }) => start !== 0n && bytes > 0 && bytes < mostRangeBytes,
  );
  // Code first, and what goes away last.
  const rank = ({ isText, isInit }: ModuleRange): number => (isInit ? 2 : 0) + (isText ? 0 : 1);
  return ranges.sort((a, b) => rank(a) - rank(b));
}

function newRanges(view: View): ModuleRange[] {
  return memoryTypes.flatMap((type, index) => {
    const start = view.big(`mem[${index}].base`);
    const bytes = view.number(`mem[${index}].size`);
    return start === undefined || bytes === undefined ? [] : [{ start, bytes, ...type }];
  });
}

const oldLayouts = [
  { base: ['core_layout.base', 'module_core'], size: ['core_layout.size', 'core_size'], isText: true, isInit: false },
  { base: ['data_layout.base'], size: ['data_layout.size'], isText: false, isInit: false },
  { base: ['init_layout.base', 'module_init'], size: ['init_layout.size', 'init_size'], isText: true, isInit: true },
] as const;

function oldRanges(view: View): ModuleRange[] {
  return oldLayouts.flatMap(({ base, size, isText, isInit }) => {
    const start = view.big(...base);
    const bytes = view.number(...size);
    return start === undefined || bytes === undefined ? [] : [{ start, bytes, isText, isInit }];
  });
}

function ownBuildId(view: View): string | undefined {
  const bytes = view.bytes('build_id');
  return bytes === undefined || bytes.length > 64 || bytes.every((byte) => byte === 0)
    ? undefined
    : Buffer.from(bytes).toString('hex');
}

function orcOf(view: View): ModuleOrc | undefined {
  const count = view.number('arch.num_orcs');
  const ips = view.pointer('arch.orc_unwind_ip');
  const entries = view.pointer('arch.orc_unwind');
  return count === undefined || count === 0 || ips === undefined || entries === undefined
    ? undefined
    : { count, ips, entries };
}

/** Notes are in a section of their own, and short. */
const mostNoteBytes = 256;

/** The build ID in the note at an address: of the section `.note.gnu.build-id`. */
export async function buildIdAt(kernel: Kernel, address: bigint): Promise<string | undefined> {
  // A page may end right behind it.
  for (const bytes of [mostNoteBytes, 36, 24]) {
    const notes = await kernel.memory.read(address, bytes);
    if (notes !== undefined) return buildIdOf(parseNotes(notes, 4, { is64: true, littleEndian: true }));
  }
  return undefined;
}
