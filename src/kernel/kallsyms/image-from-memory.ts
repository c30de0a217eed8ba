import { signedAddress } from '../../elf/address.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Image } from '../../symbols/image.ts';
import type { MachineIdentity } from '../identify-machine.ts';
import type { KernelArchitecture } from '../kernel.ts';
import { kernelMap } from '../slide/x86.ts';
import { findExports } from './exports.ts';
import { type BtfRange, findBtf } from './find-btf.ts';
import { findKallsyms, type Kallsyms } from './find-kallsyms.ts';
import { imageMarks, imageOf } from './image-elf.ts';
import { type MemoryWindow, readPhysicalWindow } from './image-window.ts';
import { addPageTables } from './page-table-symbols.ts';
import { SymbolList } from './symbol-list.ts';

/** A kernel's image as it lies in a machine, with the symbols that it knows itself. */
export interface ImageInMemory {
  readonly image: Image;
  readonly symbols: SymbolList;
  /** Virtual address of `_text`, as a number. */
  readonly start: number;
  /** From there on. */
  readonly contents: Uint8Array;
  /** Whether it knows its data too (CONFIG_KALLSYMS_ALL), and not only its functions. */
  readonly hasData: boolean;
  /** Makes the image anew, with symbols that were added. */
  again(): Image;
}

/** What is read from the banner on, which is among constants as kallsyms is; then what is before it as well. */
const reaches: readonly { readonly before: number; readonly behind: number }[] = [
  { before: 0, behind: 0x100_0000 },
  { before: 0, behind: 0x300_0000 },
  { before: 0x200_0000, behind: 0 },
];
/** Bytes of an image that are read. */
const mostContents = 0x600_0000;
const hugePage = 0x20_0000;
/** The variable that tells where the image is in physical memory; exported (arch/x86/kernel/head_64.S, arch/arm64/mm/mmu.c). */
const anchors: Readonly<Record<KernelArchitecture, string>> = { x86_64: 'phys_base', arm64: 'kimage_voffset' };

/**
 * Makes an image of a kernel out of the machine's memory, where there is no vmlinux: kallsyms, BTF and code are all
 * there. A text says why it cannot be.
 * @throws what the machine throws; the signal's reason.
 */
export async function imageFromMemory(
  machine: Machine,
  { identity, bannerAt }: MachineIdentity,
  signal?: AbortSignal,
): Promise<ImageInMemory | string> {
  const { architecture } = machine;
  if (architecture !== 'x86_64' && architecture !== 'arm64') return `kernels of ${architecture} are not understood`;
  const found = await search(machine, Number(bannerAt), signal);
  if (found === undefined) return 'no symbols are in its memory (CONFIG_KALLSYMS), or they are damaged';
  const { kallsyms, window } = found;
  const places = new SymbolList(kallsyms, window.start);
  places.prepare([...imageMarks, 'linux_banner', anchors[architecture], '_stext', '__start_BTF', '__stop_BTF']);
  const hasData = places.address('linux_banner') !== undefined;
  const exported = hasData ? [] : findExports(window.bytes, anchors[architecture]);
  const exports = new Map(exported.map(({ name, place }) => [name, place]));
  const moved = await distance(machine, kallsyms, places, { architecture, bannerAt, window, exports });
  if (moved === undefined) return 'it could not be found out where its image is mapped';
  // Of what has no addresses yet: where it is in physical memory is known.
  const symbols = kallsyms.at.kind === 'virtual' ? places : new SymbolList(kallsyms, window.start + moved);
  if (!hasData) {
    symbols.add([{ name: 'linux_banner', address: Number(bannerAt) + moved }]);
    symbols.add([...exports].map(([name, place]) => ({ name, address: place + window.start + moved })));
  }
  symbols.prepare(imageMarks);
  // Without CONFIG_KALLSYMS_ALL the image begins with _stext, as far as it matters: arm64 frees what is before that.
  const text = symbols.address('_text') ?? symbols.address('_stext');
  if (text === undefined) return 'its symbols do not tell where its code begins';
  symbols.add([{ name: '_text', address: text }]);
  symbols.add([{ name: '_end', address: Math.ceil((symbols.highest + 1) / hugePage) * hugePage }]);
  if (!hasData) await addPageTables(machine, symbols, moved, Number(bannerAt) + moved);
  // What is behind constants changes, and is read when it is wanted; unless names are sought in it.
  const end = (hasData ? symbols.address('__end_rodata') : undefined) ?? symbols.address('_end') ?? text;
  const contents = await readPhysicalWindow(
    machine,
    text - moved,
    Math.min(end - moved, text - moved + mostContents),
    signal,
  );
  if (contents.start !== text - moved) return 'its image is not where its symbols say';
  const parts = {
    ...{ architecture, name: "the kernel's own symbols in its memory", symbols, start: text },
    ...{ contents: contents.bytes, buildId: identity.buildId, btf: btfOf(symbols, text, contents.bytes) },
  };
  const again = (): Image => imageOf(parts);
  return { image: again(), symbols, start: text, contents: contents.bytes, hasData, again };
}

async function search(
  machine: Machine,
  banner: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly kallsyms: Kallsyms; readonly window: MemoryWindow } | undefined> {
  for (const { before, behind } of reaches) {
    const window = await readPhysicalWindow(machine, banner - before, banner + behind, signal);
    const kallsyms = findKallsyms(window.bytes);
    if (kallsyms !== undefined) return { kallsyms, window };
  }
  return undefined;
}

interface Known {
  readonly architecture: KernelArchitecture;
  readonly bannerAt: bigint;
  readonly window: MemoryWindow;
  readonly exports: ReadonlyMap<string, number>;
}

/** What is added to a physical address of the image to have the virtual one. */
async function distance(
  machine: Machine,
  kallsyms: Kallsyms,
  places: SymbolList,
  { architecture, bannerAt, window, exports }: Known,
): Promise<number | undefined> {
  const isVirtual = kallsyms.at.kind === 'virtual';
  const banner = places.address('linux_banner');
  if (isVirtual && banner !== undefined) return banner - Number(bannerAt);
  if (!isVirtual && banner !== undefined && banner !== Number(bannerAt)) return undefined;
  const name = anchors[architecture];
  const exported = exports.get(name);
  const at = exported === undefined ? (isVirtual ? undefined : places.address(name)) : exported + window.start;
  if (at === undefined || at < 0) return undefined;
  const bytes = await machine.readPhysical(BigInt(at), 8);
  if (bytes === undefined) return undefined;
  const view = Buffer.from(bytes);
  const value = signedAddress(view.readUInt32LE(4), view.readUInt32LE(0));
  // __startup_64() in arch/x86/kernel/head64.c; __primary_switched in arch/arm64/kernel/head.S.
  return architecture === 'arm64' ? value : Number(BigInt.asIntN(64, kernelMap)) - value;
}

function btfOf(symbols: SymbolList, start: number, contents: Uint8Array): BtfRange | undefined {
  const from = symbols.address('__start_BTF');
  const to = symbols.address('__stop_BTF');
  if (from !== undefined && to !== undefined && from >= start && to > from && to - start <= contents.length)
    return { at: from - start, bytes: to - from };
  return findBtf(contents);
}
