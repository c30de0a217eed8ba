import type { Btf } from '../btf/btf.ts';
import type { Machine } from '../machine/machine.ts';
import type { Image } from '../symbols/image.ts';
import { type FindOptions, type FoundKernel, findKernel, type MissingKernel } from './find-kernel.ts';
import type { Kernel, KernelArchitecture } from './kernel.ts';
import { type CodeAlias, GuestSymbols } from './kernel-symbols.ts';
import { kernelTypes } from './kernel-types.ts';

/** A kernel to work with, or why there is none. */
export type OpenedKernel =
  | { readonly kind: 'found'; readonly kernel: Kernel; readonly problems: readonly string[] }
  | MissingKernel;

export interface OpenOptions extends FindOptions {
  readonly vmlinux: Image;
  /** Types of the kernel, where they are known already. */
  readonly btf?: Btf | undefined;
}

/** `enum system_states` (include/linux/kernel.h) where it is not known: SYSTEM_RUNNING was 2, is 3 since 5.14. */
const usuallyRunning = 2n;

/**
 * Finds a vmlinux's kernel in a machine, and gives its memory, symbols and types.
 * @throws KtriageError KT-KERNEL-TYPES; KT-ELF-* of a damaged vmlinux; what the machine's methods throw; the signal's
 * reason.
 */
export async function openKernel(machine: Machine, options: OpenOptions): Promise<OpenedKernel> {
  const { vmlinux } = options;
  const found = await findKernel(machine, vmlinux, options);
  if (found.kind === 'not-found') return found;
  const { place, identity, memory, problems } = found;
  const first = new GuestSymbols(vmlinux, { slide: place.slide, hasInitCode: true });
  const types = options.btf ?? (await kernelTypes(vmlinux, memory, first));
  const [hasInitCode, aliases] = await Promise.all([
    hasInitCodeStill(found, first, types),
    machine.architecture === 'arm64' ? trampolines(machine, first) : [],
  ]);
  const symbols = new GuestSymbols(vmlinux, { slide: place.slide, hasInitCode, aliases });
  const architecture: KernelArchitecture = machine.architecture === 'arm64' ? 'arm64' : 'x86_64';
  return { kind: 'found', kernel: { machine, architecture, place, identity, memory, symbols, types }, problems };
}

/** Whether the kernel still boots: its init code is freed just before SYSTEM_RUNNING (kernel_init() in init/main.c). */
async function hasInitCodeStill({ memory }: FoundKernel, symbols: GuestSymbols, types: Btf): Promise<boolean> {
  const at = symbols.address('system_state');
  const state = at === undefined ? undefined : await memory.u32(at);
  if (state === undefined) return true;
  const freeing = types.enumValue('SYSTEM_FREEING_INITMEM') ?? types.enumValue('SYSTEM_RUNNING') ?? usuallyRunning;
  return BigInt(state) < freeing;
}

/**
 * Where a CPU in user space enters the kernel that is hidden from it (KPTI): the trampoline, mapped a second time
 * (TRAMP_VALIAS in arch/arm64/include/asm/fixmap.h), to which VBAR_EL1 points then.
 */
async function trampolines(machine: Machine, symbols: GuestSymbols): Promise<CodeAlias[]> {
  const start = symbols.address('__entry_tramp_text_start');
  const end = symbols.address('__entry_tramp_text_end');
  if (start === undefined || end === undefined || end <= start || end - start > 0x1_0000n) return [];
  const found = new Map<bigint, CodeAlias>();
  for (const { id } of machine.cpus.slice(0, 64)) {
    const vectors = (await machine.registers(id)).VBAR_EL1;
    if (vectors === undefined || symbols.at(vectors) !== undefined) continue;
    const alias = vectors & ~0xfffn;
    found.set(alias, { start: alias, bytes: Number(end - start), original: start });
  }
  return [...found.values()];
}
