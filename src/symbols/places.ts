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
}

function release(wanted: Wanted): string | undefined {
  return wanted.release !== undefined && plainRelease.test(wanted.release) ? wanted.release : undefined;
}

/** The places of a file of debug information by its build ID: those of gdb, elfutils and debuginfod's client. */
function buildIdPaths(wanted: Wanted, { root, home }: Roots): string[] {
  const id = wanted.buildId?.toLowerCase();
  if (id === undefined || !plainBuildId.test(id)) return [];
  const linked = `.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
  return [
    `${root}/usr/lib/debug/${linked}`,
    `${root}/${linked}`,
    ...(home === undefined ? [] : [`${home}/.cache/debuginfod_client/${id}/debuginfo`]),
  ];
}

/**
 * Where a vmlinux may be, the best place first: where Debian, Ubuntu, Fedora, RHEL, SUSE and Arch put theirs, and what a
 * kernel that was built on the machine leaves (`lib/modules/RELEASE/build` leads to its tree). perf, drgn, elfutils and
 * decode_stacktrace.sh look at the same ones.
 */
export function vmlinuxPaths(wanted: Wanted, roots: Roots): string[] {
  const { root } = roots;
  const name = release(wanted);
  if (name === undefined) return buildIdPaths(wanted, roots);
  return [
    ...buildIdPaths(wanted, roots),
    `${root}/usr/lib/debug/lib/modules/${name}/vmlinux`,
    `${root}/usr/lib/debug/usr/lib/modules/${name}/vmlinux`,
    `${root}/usr/lib/debug/lib/modules/${name}/vmlinux.debug`,
    `${root}/usr/lib/debug/boot/vmlinux-${name}`,
    `${root}/usr/lib/debug/boot/vmlinux-${name}.debug`,
    `${root}/usr/lib/debug/vmlinux-${name}`,
    `${root}/lib/modules/${name}/vmlinux`,
    `${root}/usr/lib/modules/${name}/vmlinux`,
    `${root}/lib/modules/${name}/build/vmlinux`,
    `${root}/lib/modules/${name}/vmlinux-${name}`,
    `${root}/boot/vmlinux-${name}`,
  ];
}

/** Folders that a kernel's modules lie below, those with debug information first. */
export function moduleFolders(wanted: Wanted, { root }: Roots): string[] {
  const name = release(wanted);
  if (name === undefined) return [];
  return [
    `${root}/usr/lib/debug/lib/modules/${name}`,
    `${root}/usr/lib/debug/usr/lib/modules/${name}`,
    `${root}/lib/modules/${name}`,
    `${root}/usr/lib/modules/${name}`,
  ];
}

/** Files of one module by its build ID. */
export function moduleBuildIdPaths(buildId: string | undefined, roots: Roots): string[] {
  return buildId === undefined ? [] : buildIdPaths({ buildId }, roots);
}
