import type { Machine } from '../../machine/machine.ts';
import { KtriageError } from '../../util/errors.ts';
import type { MachineIdentity } from '../identify-machine.ts';
import type { Kernel } from '../kernel.ts';
import { openKernel } from '../open-kernel.ts';
import { imageFromMemory } from './image-from-memory.ts';
import { missingSymbols } from './missing-symbols.ts';

/** A kernel whose names come from its own memory. */
export interface KernelFromMemory {
  readonly kernel: Kernel;
  /** What is not as with a vmlinux, for people. */
  readonly problems: readonly string[];
}

/**
 * Opens a kernel without any vmlinux, by the symbols and types that it has in memory (CONFIG_KALLSYMS,
 * CONFIG_DEBUG_INFO_BTF). A text says why it cannot be.
 * @throws what the machine throws; the signal's reason.
 */
export async function openFromMemory(
  machine: Machine,
  found: MachineIdentity,
  signal?: AbortSignal,
): Promise<KernelFromMemory | string> {
  try {
    const made = await imageFromMemory(machine, found, signal);
    if (typeof made === 'string') return made;
    let opened = await openKernel(machine, { vmlinux: made.image, signal });
    const problems: string[] = [];
    if (opened.kind === 'found' && !made.hasData) {
      const missing = await missingSymbols(opened.kernel, made);
      made.symbols.add(missing.symbols);
      problems.push(...missing.problems);
      opened = await openKernel(machine, { vmlinux: made.again(), btf: opened.kernel.types, signal });
    }
    if (opened.kind === 'not-found') return opened.reasons.slice(0, 3).join('; ');
    const { kernel } = opened;
    return {
      kernel: { ...kernel, place: { ...kernel.place, isSlideUnknown: true } },
      problems: [...opened.problems, ...problems],
    };
  } catch (error) {
    // What is in memory is damaged, or lacks types.
    if (error instanceof KtriageError && /^KT-(?:ELF|BTF|KERNEL)-/.test(error.code))
      return `${error.message}: ${error.why}`;
    throw error;
  }
}
