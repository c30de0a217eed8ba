import { identifyMachine } from '../kernel/identify-machine.ts';
import type { Kernel, KernelIdentity } from '../kernel/kernel.ts';
import { openKernel } from '../kernel/open-kernel.ts';
import type { Machine } from '../machine/machine.ts';
import type { SymbolFile } from '../model/symbols.ts';
import type { Image } from '../symbols/image.ts';
import type { FileOptions, SymbolFiles } from '../symbols/symbol-files.ts';

/** A kernel that was found in a machine with its files, or what is known without. */
export type Guest =
  | {
      readonly kind: 'found';
      readonly kernel: Kernel;
      readonly vmlinux: SymbolFile;
      readonly problems: readonly string[];
    }
  | { readonly kind: 'unknown'; readonly identity?: KernelIdentity; readonly problems: readonly string[] };

/**
 * Finds the kernel of a machine: with the vmlinux that was named, else with the one that fits what the kernel says of
 * itself in memory.
 * @throws KtriageError KT-KERNEL-TYPES, KT-ELF-*; what the machine throws; the signal's reason.
 */
export async function openGuest(machine: Machine, files: SymbolFiles, options: FileOptions): Promise<Guest> {
  const { signal } = options;
  if (options.vmlinux !== undefined) {
    const image = await files.anyVmlinux({});
    if ('path' in image) return openWith(machine, image, ['it was named'], signal);
    return { kind: 'unknown', problems: [...image] };
  }
  const told = await identifyMachine(machine, { signal });
  if (told === undefined) return { kind: 'unknown', problems: ['no kernel was found in its memory'] };
  const { identity } = told;
  const found = await files.vmlinux(identity, []);
  if (found === undefined || found.file.match === 'refused') {
    const reasons = found?.file.reasons.map((reason) => `${found.file.path}: ${reason}`) ?? [];
    const what = identity.release ?? identity.banner ?? 'its kernel';
    return {
      kind: 'unknown',
      identity,
      problems: [`no vmlinux of ${what} was found; name it with --vmlinux`, ...reasons],
    };
  }
  return openWith(machine, found.image, found.file.reasons, signal);
}

async function openWith(
  machine: Machine,
  image: Image,
  reasons: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Guest> {
  const opened = await openKernel(machine, { vmlinux: image, signal });
  if (opened.kind === 'not-found') {
    const { identity } = opened;
    return {
      kind: 'unknown',
      ...(identity !== undefined && { identity }),
      problems: [`${image.path} is not the kernel of this machine, or that was not found`, ...opened.reasons],
    };
  }
  const { kernel, problems } = opened;
  const { buildId } = image;
  const vmlinux: SymbolFile = {
    path: image.path,
    ...(buildId !== undefined && { buildId }),
    match: 'certain',
    reasons: [...reasons, 'its banner was found in the memory of the machine, where it should be'],
  };
  return { kind: 'found', kernel, vmlinux, problems };
}
