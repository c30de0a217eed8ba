/** A kernel that test:kernels fetches: a package of Debian with debug information. */
export interface KernelPackage {
  readonly name: string;
  readonly suite: string;
  readonly architecture: 'amd64' | 'arm64';
  /** Depends on the package of the kernel that the suite has now. */
  readonly metaPackage: string;
}

/** All of them; GCC 12 and DWARF 5 in both of 6.1, GCC 16, `__pfx_` symbols and Rust in 7.2. */
export const kernelPackages: readonly KernelPackage[] = [
  { name: '6.1-amd64', suite: 'bookworm', architecture: 'amd64', metaPackage: 'linux-image-amd64-dbg' },
  { name: '6.1-arm64', suite: 'bookworm', architecture: 'arm64', metaPackage: 'linux-image-arm64-dbg' },
  { name: '7.2-amd64', suite: 'sid', architecture: 'amd64', metaPackage: 'linux-image-amd64-dbg' },
];

/** Modules that are unpacked with each: a file system, and drivers with and without firmware. */
export const moduleNames = ['ext4', 'e1000e', 'virtio_net'] as const;

/** A kernel that lies in the cache. */
export interface Kernel {
  readonly name: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly release: string;
  readonly vmlinux: string;
  /** Files of modules. */
  readonly modules: readonly string[];
}

/** A kernel that `test/guest/boot` can boot. */
export interface Guest extends Kernel {
  /** There is a build of test/guest/kthang for it: without, it can only be idle. */
  readonly hasModule: boolean;
}
