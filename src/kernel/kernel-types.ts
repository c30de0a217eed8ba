import { Btf } from '../btf/btf.ts';
import type { Image } from '../symbols/image.ts';
import { KtriageError } from '../util/errors.ts';
import { type KernelMemory, mostReadBytes } from './memory.ts';
import type { KernelSymbols } from './symbols.ts';

/** BTF of a kernel has 4 to 8 MB. */
const mostBytes = 67_108_864;

/**
 * The types of a kernel: of its vmlinux's BTF, else of that in its memory (`__start_BTF`, since 5.2), which is not freed,
 * else of the vmlinux's debug information.
 * @throws KtriageError KT-KERNEL-TYPES
 */
export async function kernelTypes(vmlinux: Image, memory: KernelMemory, symbols: KernelSymbols): Promise<Btf> {
  const { btf, why } = fileTypes(vmlinux);
  if (btf !== undefined) return btf;
  const bytes = await guestBtf(memory, symbols);
  const found = bytes === undefined ? 'there is none in its memory' : openGuestBtf(bytes);
  if (typeof found !== 'string') return found;
  const types = await debugInfoTypes(vmlinux);
  if (types === undefined) throw missing(vmlinux, `${why}; ${found}; and it has no debug information`);
  return types;
}

function openGuestBtf(bytes: Uint8Array): Btf | string {
  try {
    return Btf.open({ name: 'the BTF in its memory', bytes, pointerSize: 8 });
  } catch (error) {
    if (!(error instanceof KtriageError)) throw error;
    return `${error.message}: ${error.why}`;
  }
}

/**
 * The types that a vmlinux has itself before any machine is stopped, which takes a second where it has no BTF: then they
 * are of its debug information, unless the kernel's memory has BTF, which has all of them.
 */
export async function ownTypes(vmlinux: Image): Promise<Btf | undefined> {
  const { btf } = fileTypes(vmlinux);
  if (btf !== undefined || vmlinux.symbolsNamed('__start_BTF').length > 0) return btf;
  return debugInfoTypes(vmlinux);
}

async function debugInfoTypes(vmlinux: Image): Promise<Btf | undefined> {
  if (!vmlinux.hasDebugInfo) return undefined;
  const [{ typesOfDebugInfo }, parts] = await Promise.all([
    import('./dwarf-types/from-dwarf.ts'),
    vmlinux.debugParts(),
  ]);
  return typesOfDebugInfo(vmlinux.path, parts);
}

/** The types that a vmlinux has itself, or why it has none. */
export function fileTypes(vmlinux: Image): { readonly btf?: Btf; readonly why: string } {
  try {
    const { elf, knownTypes } = vmlinux;
    return { btf: knownTypes === undefined ? Btf.open(elf) : Btf.openIndexed(elf, knownTypes), why: '' };
  } catch (error) {
    if (!(error instanceof KtriageError)) throw error;
    return { why: `${error.message}: ${error.why}` };
  }
}

async function guestBtf(memory: KernelMemory, symbols: KernelSymbols): Promise<Uint8Array | undefined> {
  const start = symbols.address('__start_BTF');
  const stop = symbols.address('__stop_BTF');
  if (start === undefined || stop === undefined || stop <= start || stop - start > BigInt(mostBytes)) return undefined;
  const bytes = new Uint8Array(Number(stop - start));
  const pieces: Promise<boolean>[] = [];
  for (let at = 0; at < bytes.length; at += mostReadBytes) {
    const length = Math.min(mostReadBytes, bytes.length - at);
    pieces.push(
      memory.read(start + BigInt(at), length).then((piece) => {
        if (piece !== undefined) bytes.set(piece, at);
        return piece !== undefined;
      }),
    );
  }
  return (await Promise.all(pieces)).every((isThere) => isThere) ? bytes : undefined;
}

function missing(vmlinux: Image, why: string): KtriageError {
  return new KtriageError(
    'KT-KERNEL-TYPES',
    `the layouts of the structures of ${vmlinux.path} are not known`,
    why,
    'name its vmlinux with debug information (CONFIG_DEBUG_INFO_DWARF5=y), or use a kernel with CONFIG_DEBUG_INFO_BTF=y',
  );
}
