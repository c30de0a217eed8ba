import type { HowToGet } from '../model/symbols.ts';
import { plainReleaseOf } from './places.ts';

/** What a log, or the machine, says of a kernel. */
export interface KernelWords {
  readonly release?: string;
  /** `#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-09-01)`. */
  readonly version?: string;
  /** The `Linux version` line: it has the builder's name and the compiler's. */
  readonly banner?: string;
}

interface Known extends KernelWords {
  /** Has nothing in it that a shell would take for something else. */
  readonly release: string;
  /** `user@host` of the build. */
  readonly builder: string;
  /** Everything that the kernel says of its build, from the `#` on. */
  readonly build: string;
}

interface Distribution {
  readonly name: string;
  /** Whether a kernel is of it. */
  readonly is: (kernel: Known) => boolean;
  readonly how: (kernel: Known) => { readonly commands: readonly string[]; readonly notes: readonly string[] };
}

const only = (...commands: string[]): { commands: readonly string[]; notes: readonly string[] } => ({
  commands,
  notes: [],
});

/** Words of a version that may stand in a command or an URL. */
const plainVersion = /^[A-Za-z0-9][A-Za-z0-9.+~:-]{0,63}$/;

function versionBehind(build: string, distribution: string): string | undefined {
  const words = build.split(/\s+/);
  const found = words[words.indexOf(distribution) + 1] ?? '';
  return words.includes(distribution) && plainVersion.test(found) ? found : undefined;
}

/** Fedora's family: dnf's plugin debuginfo-install finds the repository with the debug packages itself. */
const debuginfoInstall = (tool: string, ...notes: string[]) => ({
  how: ({ release }: Known) => {
    const variant = /\+(debug|rt|rt-debug|64k|64k-debug|16k)$/.exec(release)?.[1];
    const plain = release.replace(/\+.*$/, '');
    return { commands: [`${tool} kernel${variant === undefined ? '' : `-${variant}`}-${plain}`], notes };
  },
});

const rhelRelease = /\.el\d+[^.]*\.(?:\w+)(?:\+[\w-]+)?$/;

/**
 * Distributions by the marks that their kernels bear, the most telling first, and where each has its kernels' debug
 * information. Names of packages and places are those of the distributions' own documents; releases are copied from
 * the log.
 */
const distributions: readonly Distribution[] = [
  {
    name: 'Android',
    // `5.15.94-android13-8-00006-g1a2b3c4d5e6f-ab9876543`: the number behind `ab` is that of Google's build.
    is: ({ release }) => /-android\d+-/.test(release),
    how: ({ release }) => {
      const build = /-ab(\d{5,12})(?:$|-)/.exec(release)?.[1];
      const page =
        build === undefined
          ? 'ci.android.com'
          : `https://ci.android.com/builds/submitted/${build}/kernel_aarch64/latest`;
      return {
        commands: [],
        notes: [
          `The build of the generic kernel image has vmlinux among its artifacts: ${page} (kernel_x86_64 for x86-64).`,
          'Modules of the vendor are unstripped in the build of the device only.',
        ],
      };
    },
  },
  {
    name: 'ChromeOS',
    is: ({ builder, banner }) => /chrome-bot|chromeos/.test(builder) || /Chromium OS/.test(banner ?? ''),
    how: () => ({
      commands: [],
      notes: [
        'debug.tgz of the image’s build (gs://chromeos-image-archive/BOARD-release/VERSION/) has usr/lib/debug/boot/vmlinux.debug.',
      ],
    }),
  },
  {
    name: 'WSL',
    is: ({ release }) => /-microsoft-standard/.test(release),
    how: () => ({
      commands: [],
      notes: [
        'No debug packages are published: build the tag of github.com/microsoft/WSL2-Linux-Kernel with its own Microsoft/config-wsl.',
      ],
    }),
  },
  {
    name: 'Raspberry Pi OS',
    is: ({ release }) => /\+rpt(?:-|\d|$)/.test(release),
    how: ({ release }) => only(`apt install linux-image-${release}-dbg`),
  },
  {
    name: 'Ubuntu mainline',
    is: ({ release }) => /^\d+\.\d+\.\d+-0[0-9]{5}(?:rc\d+)?-(?:generic|lowlatency)/.test(release),
    how: () => ({
      commands: [],
      notes: ['Mainline builds of kernel.ubuntu.com come without debug information: build the kernel yourself.'],
    }),
  },
  {
    name: 'Ubuntu',
    // `#101-Ubuntu SMP`, `#12~22.04.1-Ubuntu`; flavours (-azure, -aws, -gcp, -raspi ...) have packages of their own.
    is: ({ release, build }) =>
      /-Ubuntu\b/.test(build) ||
      /^\d+\.\d+\.\d+-\d+-(?:generic|lowlatency|azure|aws|gcp|gke|oracle|kvm|raspi|ibm|nvidia|realtime|hwe|oem)/.test(
        release,
      ),
    how: ({ release }) => ({
      commands: [`apt install linux-image-unsigned-${release}-dbgsym`],
      notes: [
        'The package is in the archive ddebs.ubuntu.com (apt install ubuntu-dbgsym-keyring, and a line "deb http://ddebs.ubuntu.com CODENAME-updates main" for apt).',
        'Where the kernel is not signed (-raspi and others) its name has no "unsigned-"; versions that are gone: pull-lp-ddebs, of ubuntu-dev-tools.',
      ],
    }),
  },
  {
    name: 'Debian',
    is: ({ release, builder, build }) =>
      /debian-kernel@lists/.test(builder) ||
      /\bDebian \d/.test(build) ||
      /^\d+\.\d+\.\d+(?:-\d+|\+deb\d+\w*|\+bpo)(?:\.bpo\.\d+)?(?:-rt|-cloud)?-(?:amd64|arm64|686(?:-pae)?|armmp(?:-lpae)?|powerpc64le|riscv64|s390x|loong64|mips64el)$/.test(
        release,
      ),
    how: ({ release, build }) => {
      const version = versionBehind(build, 'Debian');
      return {
        commands: [`apt install linux-image-${release}-dbg${version === undefined ? '' : `=${version}`}`],
        notes: [
          version === undefined
            ? 'Versions that are no longer in the archive: https://snapshot.debian.org/package/linux/.'
            : `If the archive no longer has that version: https://snapshot.debian.org/package/linux/${version}/.`,
        ],
      };
    },
  },
  {
    name: 'Fedora',
    is: ({ release }) => /\.fc\d+\./.test(release),
    how: (kernel) => {
      const { release } = kernel;
      const [, plain, architecture] = /^(.*)\.([a-z0-9_]+)(?:\+[\w-]+)?$/.exec(release) ?? [];
      return {
        commands: [
          ...debuginfoInstall('dnf debuginfo-install').how(kernel).commands,
          ...(plain === undefined ? [] : [`koji download-build --debuginfo --arch=${architecture} kernel-${plain}`]),
        ],
        notes: ['By build ID: DEBUGINFOD_URLS=https://debuginfod.fedoraproject.org/ with --debuginfod.'],
      };
    },
  },
  {
    name: 'Amazon Linux',
    is: ({ release }) => /\.amzn\d+\./.test(release),
    how: (kernel) =>
      debuginfoInstall(/\.amzn2\./.test(kernel.release) ? 'debuginfo-install' : 'dnf debuginfo-install').how(kernel),
  },
  {
    name: 'Oracle Linux (UEK)',
    is: ({ release }) => /\.el\d+(?:_\d+)?uek\./.test(release),
    how: ({ release }) => {
      const major = /\.el(\d+)/.exec(release)?.[1] ?? '9';
      return only(`dnf install https://oss.oracle.com/ol${major}/debuginfo/kernel-uek-debuginfo-${release}.rpm`);
    },
  },
  {
    name: 'Rocky Linux',
    is: ({ release, builder }) => rhelRelease.test(release) && /rockylinux/.test(builder),
    ...debuginfoInstall('dnf debuginfo-install'),
  },
  {
    name: 'AlmaLinux',
    is: ({ release, builder }) => rhelRelease.test(release) && /almalinux/.test(builder),
    ...debuginfoInstall('dnf debuginfo-install'),
  },
  {
    name: 'CentOS',
    is: ({ release, builder }) => rhelRelease.test(release) && /centos/.test(builder),
    ...debuginfoInstall('debuginfo-install', 'Packages that are gone from the mirrors: http://debuginfo.centos.org/.'),
  },
  {
    name: 'Red Hat Enterprise Linux',
    is: ({ release }) => rhelRelease.test(release),
    ...debuginfoInstall(
      'debuginfo-install',
      'The repository rhel-VERSION-for-ARCHITECTURE-baseos-debug-rpms must be enabled (subscription-manager repos --enable).',
    ),
  },
  {
    name: 'Azure Linux',
    is: ({ release }) => /\.(?:azl|cm)\d+$/.test(release),
    how: ({ release }) => only(`tdnf install kernel-debuginfo-${release}`),
  },
  {
    name: 'SUSE',
    is: ({ release, builder }) =>
      /geeko@buildhost/.test(builder) ||
      /-(?:lp)?\d{3,6}\.[\d.]+-(?:default|azure|rt|preempt)$/.test(release) ||
      /^\d+\.\d+\.\d+-\d+-(?:default|vanilla|kvmsmall|longterm)$/.test(release),
    how: ({ release }) => {
      const flavour = /-([a-z0-9]+)$/.exec(release)?.[1] ?? 'default';
      return {
        commands: [`zypper --plus-content debug install kernel-${flavour}-debuginfo`],
        notes: [
          `Take the version that begins with ${release.replace(/-[a-z0-9]+$/, '')}; by build ID: DEBUGINFOD_URLS=https://debuginfod.opensuse.org/ with --debuginfod.`,
        ],
      };
    },
  },
  {
    name: 'Arch Linux',
    is: ({ release, builder }) =>
      /-arch\d+-\d+$/.test(release) ||
      /@archlinux/.test(builder) ||
      /^\d+\.\d+\.\d+-(?:zen\d+-\d+-zen|\d+-lts|hardened\d+-\d+-hardened)$/.test(release),
    how: () => ({
      commands: [],
      notes: [
        'By build ID: DEBUGINFOD_URLS=https://debuginfod.archlinux.org with --debuginfod, as far as its server has the kernel.',
        'The headers package has a System.map (/usr/lib/modules/RELEASE/build), for functions without lines.',
      ],
    }),
  },
  {
    name: 'OpenWrt',
    is: ({ banner, build }) => /OpenWrt/.test(`${banner ?? ''} ${build}`),
    how: () => ({
      commands: [],
      notes: [
        'kernel-debug.tar.zst beside the image at downloads.openwrt.org has vmlinux and the modules (own builds: CONFIG_COLLECT_KERNEL_DEBUG=y).',
      ],
    }),
  },
  {
    name: 'Buildroot',
    is: ({ banner }) => /Buildroot \d/.test(banner ?? ''),
    how: () => ({
      commands: [],
      notes: [
        'The build leaves it in output/build/linux-VERSION/vmlinux; its configuration needs CONFIG_DEBUG_INFO_DWARF5=y.',
      ],
    }),
  },
  {
    name: 'Yocto',
    is: ({ release, builder }) => /-yocto-/.test(release) || /^oe-user@oe-host$/.test(builder),
    how: () => ({
      commands: [],
      notes: [
        "The kernel recipe's build folder has vmlinux (bitbake -e virtual/kernel | grep '^B='); its configuration needs CONFIG_DEBUG_INFO_DWARF5=y.",
      ],
    }),
  },
  {
    name: 'syzbot',
    is: ({ release, builder }) => /-syzkaller/.test(release) || /^syzkaller@/.test(builder),
    how: () => ({
      commands: [],
      notes: [
        'The bug’s page on syzkaller.appspot.com has vmlinux among its downloadable assets (vmlinux-*.xz, to be used as it is).',
      ],
    }),
  },
];

/** Kernels of nobody who publishes debug information. */
const selfBuilt: HowToGet = {
  distribution: 'self-built',
  commands: [],
  notes: [
    'Keep vmlinux and the modules of the build that was booted, and name them with --vmlinux FILE and --modules FOLDER.',
    'The build needs CONFIG_DEBUG_INFO_DWARF5=y or CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y (before 5.18: CONFIG_DEBUG_INFO=y).',
  ],
};

/** Where the debug information of a kernel comes from, by the marks that its distribution left on it. */
export function howToGet(kernel: KernelWords): HowToGet {
  const release = plainReleaseOf(kernel.release);
  if (release === undefined) return selfBuilt;
  const { banner, version } = kernel;
  const known: Known = {
    ...kernel,
    release,
    builder: /^Linux version \S+ \(([^()]{1,200})\)/.exec(banner ?? '')?.[1] ?? '',
    build: [version, banner?.slice(Math.max(banner.lastIndexOf(' #'), 0))]
      .filter((text) => text !== undefined)
      .join(' '),
  };
  const found = distributions.find(({ is }) => is(known));
  return found === undefined ? selfBuilt : { distribution: found.name, ...found.how(known) };
}
