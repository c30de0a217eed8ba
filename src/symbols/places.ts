import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Releases, module names and build IDs come from logs: what could lead to other folders is none. */
const plainRelease = /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,127}$/;
const plainBuildId = /^[0-9a-f]{8,128}$/;

/** What is known of the kernel whose files are sought. */
export interface Wanted {
  readonly release?: string;
  readonly buildId?: string;
}

/** Where files lie. */
export interface Roots {
  /** What stands in place of `/`; empty for `/` itself. */
  readonly root: string;
  /** The user's home, whose caches are looked into. */
  readonly home?: string;
  /** The cache of debuginfod's client, if not below the home; see `debuginfodCachePath`. */
  readonly debuginfodCache?: string;
}

/**
 * The folder in which elfutils' client (debuginfod-client.c, 0.188) keeps what it fetched: `DEBUGINFOD_CACHE_PATH`, else
 * the one that old versions used if it is there, else below `XDG_CACHE_HOME` or `~/.cache`.
 */
export function debuginfodCachePath(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const { DEBUGINFOD_CACHE_PATH: named = '', XDG_CACHE_HOME: caches = '' } = env;
  if (named !== '') return named;
  const old = join(home, '.debuginfod_client_cache');
  if (existsSync(old)) return old;
  return join(isAbsolute(caches) ? caches : join(home, '.cache'), 'debuginfod_client');
}

/** A release that may stand in paths and commands; undefined if it is none. */
export function plainReleaseOf(release: string | undefined): string | undefined {
  return release !== undefined && plainRelease.test(release) ? release : undefined;
}

/** The places of a file of debug information by its build ID: those of gdb, elfutils and debuginfod's client. */
function buildIdPaths(wanted: Wanted, { root, home, debuginfodCache }: Roots): string[] {
  const id = wanted.buildId?.toLowerCase();
  if (id === undefined || !plainBuildId.test(id)) return [];
  const cache = debuginfodCache ?? (home === undefined ? undefined : `${home}/.cache/debuginfod_client`);
  const linked = `.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
  return [
    `${root}/usr/lib/debug/${linked}`,
    `${root}/${linked}`,
    ...(cache === undefined ? [] : [`${cache}/${id}/debuginfo`]),
  ];
}

/**
 * Where a vmlinux may be, the best place first: where Debian, Ubuntu, Fedora, RHEL, SUSE and Arch put theirs, and what a
 * kernel that was built on the machine leaves (`lib/modules/RELEASE/build` leads to its tree). perf, drgn, elfutils and
 * decode_stacktrace.sh look at the same ones.
 */
export function vmlinuxPaths(wanted: Wanted, roots: Roots): string[] {
  const { root } = roots;
  const name = plainReleaseOf(wanted.release);
  if (name === undefined) return buildIdPaths(wanted, roots);
  return [
    ...buildIdPaths(wanted, roots),
    `${root}/usr/lib/debug/lib/modules/${name}/vmlinux`,
    `${root}/usr/lib/debug/usr/lib/modules/${name}/vmlinux`,
    `${root}/usr/lib/debug/lib/modules/${name}/vmlinux.debug`,
    `${root}/usr/lib/debug/usr/lib/modules/${name}/vmlinux.debug`,
    `${root}/usr/lib/debug/boot/vmlinux-${name}`,
    `${root}/usr/lib/debug/boot/vmlinux-${name}.debug`,
    `${root}/usr/lib/debug/vmlinux-${name}`,
    `${root}/lib/modules/${name}/vmlinux`,
    `${root}/usr/lib/modules/${name}/vmlinux`,
    `${root}/lib/modules/${name}/build/vmlinux`,
    // Arch's package of headers, where it was unpacked below a folder that has no lib leading to usr/lib.
    `${root}/usr/lib/modules/${name}/build/vmlinux`,
    `${root}/lib/modules/${name}/vmlinux-${name}`,
    `${root}/boot/vmlinux-${name}`,
  ];
}

/** What names of files end in that are compressed as a whole, as `openElf` takes them. */
const compressions: readonly string[] = ['.xz', '.gz', '.zst'];

/**
 * The compressed ones that are there beside paths of `vmlinuxPaths`: SUSE has `/boot/vmlinux-RELEASE.xz` and
 * `lib/modules/RELEASE/vmlinux.xz`. As they have to be unpacked, they are to be looked at last.
 */
export function compressedVmlinux(paths: readonly string[]): string[] {
  return paths
    .filter((path) => /\/vmlinux(?:-[^/]*)?$/.test(path))
    .flatMap((path) => compressions.map((suffix) => `${path}${suffix}`))
    .filter(isThere);
}

/** Folders that a kernel's modules lie below, those with debug information first. */
export function moduleFolders(wanted: Wanted, { root }: Roots): string[] {
  const name = plainReleaseOf(wanted.release);
  if (name === undefined) return [];
  return [
    `${root}/usr/lib/debug/lib/modules/${name}`,
    `${root}/usr/lib/debug/usr/lib/modules/${name}`,
    `${root}/lib/modules/${name}`,
    `${root}/usr/lib/modules/${name}`,
  ];
}

/** Where a System.map may be: the one of Debian's `-dbg` package first, as its /boot has a note only. */
export function systemMapPaths(wanted: Wanted, { root }: Roots): string[] {
  const name = plainReleaseOf(wanted.release);
  if (name === undefined) return [];
  return [
    `${root}/usr/lib/debug/boot/System.map-${name}`,
    `${root}/boot/System.map-${name}`,
    `${root}/lib/modules/${name}/System.map`,
    `${root}/usr/lib/modules/${name}/System.map`,
    `${root}/lib/modules/${name}/build/System.map`,
  ];
}

/** Files of one module by its build ID. */
export function moduleBuildIdPaths(buildId: string | undefined, roots: Roots): string[] {
  return buildId === undefined ? [] : buildIdPaths({ buildId }, roots);
}

/** True if something lies at a path. debuginfod's client remembers with empty files what no server has. */
export function isThere(path: string): boolean {
  try {
    return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  } catch {
    // A folder on the way cannot be entered, or is none.
    return false;
  }
}
