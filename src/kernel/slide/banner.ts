import type { KernelIdentity } from '../kernel.ts';

/** What begins linux_banner (init/version.c, init/version-timestamp.c since 6.1). */
export const bannerStart = 'Linux version ';

/** The banner has the compiler's and the linker's versions in it, and none is known of a thousand bytes. */
export const mostBannerBytes = 4096;

/**
 * The banner that begins some bytes; undefined if none does. It ends with a line feed and a NUL: what is printed of it
 * into a log does not.
 */
export function bannerIn(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, mostBannerBytes));
  const end = text.indexOf('\n\0', 0, 'latin1');
  if (end === -1) return undefined;
  const line = text.toString('utf8', 0, end);
  // `Linux version 6.1.0 (user@host) (compiler, linker) #1 SMP date`.
  return line.startsWith(bannerStart) && /^\d+\.\d/.test(line.slice(bannerStart.length)) && line.includes(' #')
    ? printable(line)
    : undefined;
}

/** What a banner says of its kernel. */
export function identityOf(banner: string | undefined, buildId?: string): KernelIdentity {
  const release = banner === undefined ? undefined : /^Linux version (\S+)/.exec(banner)?.[1];
  return {
    ...(release !== undefined && { release }),
    ...(banner !== undefined && { banner }),
    ...(buildId !== undefined && { buildId }),
  };
}

function printable(line: string): string {
  return line.replace(/[\x00-\x1f\x7f]/g, '?').trim();
}
