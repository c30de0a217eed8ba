import { buildIdOf, parseNotes } from '../../elf/notes.ts';
import type { Machine } from '../../machine/machine.ts';
import type { KernelIdentity } from '../kernel.ts';
import { bannerIn, bannerStart, identityOf, mostBannerBytes } from './banner.ts';
import type { KernelFile } from './kernel-file.ts';

/** Whether a kernel lies somewhere, by its own bytes. */
export type Verified =
  | { readonly isThere: true; readonly identity: KernelIdentity }
  /** `identity`: of another kernel that is there. */
  | { readonly isThere: false; readonly why: string; readonly identity?: KernelIdentity };

/** Reads bytes of the image that is sought, by their addresses in its file. */
export type ReadImage = (address: bigint, length: number) => Promise<Uint8Array | undefined>;

const layout = { is64: true, littleEndian: true };
const pageBytes = 4096n;

/** Reads an image whose `_text` would lie at a physical address. */
export function imageAt(machine: Machine, file: KernelFile, physicalBase: bigint): ReadImage {
  return async (address, length) => {
    const at = address - file.text + physicalBase;
    return at < 0n ? undefined : machine.readPhysical(at, length);
  };
}

/**
 * Compares the banner, and the build ID where there is one, of what would be the image with those of the file. Both of
 * other builds are elsewhere, so what fits is of that build.
 */
export async function verifyImage(read: ReadImage, file: KernelFile): Promise<Verified> {
  const [bytes, notes] = await Promise.all([
    readBanner(read, file.bannerAt),
    file.notes === undefined ? undefined : read(file.notes.at, file.notes.bytes),
  ]);
  if (bytes === undefined) return { isThere: false, why: 'there is no memory where the banner would be' };
  const banner = bannerIn(bytes);
  if (banner === undefined) return { isThere: false, why: 'there is no banner of a kernel where it would be' };
  const buildId = notes === undefined ? undefined : buildIdOf(parseNotes(notes, 4, layout));
  const identity = identityOf(banner, buildId);
  if (file.banner !== undefined && file.banner !== banner)
    return { isThere: false, why: `there is another kernel: ${banner}`, identity };
  if (file.buildId !== undefined && buildId !== undefined && file.buildId !== buildId) {
    const why = `the kernel there has the build ID ${buildId}, ${file.image.path} has ${file.buildId}`;
    return { isThere: false, why, identity };
  }
  if (file.banner === undefined && (file.buildId === undefined || buildId === undefined))
    return { isThere: false, why: `neither the banner nor the build ID of ${file.image.path} is known`, identity };
  return { isThere: true, identity };
}

/** The bytes of the banner; what follows it need not be there. */
async function readBanner(read: ReadImage, at: bigint): Promise<Uint8Array | undefined> {
  const inPage = Number(pageBytes - (at & (pageBytes - 1n)));
  const bytes = await read(at, inPage);
  if (bytes === undefined || !startsLikeBanner(bytes) || bannerIn(bytes) !== undefined) return bytes;
  return (await read(at, mostBannerBytes)) ?? bytes;
}

function startsLikeBanner(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, bannerStart.length);
  return Buffer.from(bytes.subarray(0, length)).toString('latin1') === bannerStart.slice(0, length);
}
