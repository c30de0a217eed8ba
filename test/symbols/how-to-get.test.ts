import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { howToGet } from '../../src/symbols/how-to-get.ts';

const banner = (release: string, builder: string, rest = '#1 SMP Mon Jan  1 00:00:00 UTC 2028'): string =>
  `Linux version ${release} (${builder}) (gcc (GCC) 13.2.0, GNU ld 2.41) ${rest}`;

/** Release, builder or version that tells, the distribution, and a word of what is to be done. */
const kernels: readonly (readonly [string, string | undefined, string, string])[] = [
  ['6.1.0-50-amd64', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1', 'Debian', 'linux-image-6.1.0-50-amd64-dbg=6.1.176-1'],
  ['6.12.9+deb13-cloud-arm64', undefined, 'Debian', 'apt install linux-image-6.12.9+deb13-cloud-arm64-dbg'],
  [
    '6.6.31+rpt-rpi-v8',
    '#1 SMP PREEMPT Debian 1:6.6.31-1+rpt1',
    'Raspberry Pi OS',
    'linux-image-6.6.31+rpt-rpi-v8-dbg',
  ],
  ['6.8.0-31-generic', '#31-Ubuntu SMP PREEMPT_DYNAMIC', 'Ubuntu', 'linux-image-unsigned-6.8.0-31-generic-dbgsym'],
  ['6.8.0-1012-azure', '#14~22.04.1-Ubuntu SMP', 'Ubuntu', 'linux-image-unsigned-6.8.0-1012-azure-dbgsym'],
  ['6.5.0-1018-aws', undefined, 'Ubuntu', 'linux-image-unsigned-6.5.0-1018-aws-dbgsym'],
  ['6.9.0-060900-generic', '#202405122134 SMP', 'Ubuntu mainline', 'without debug information'],
  ['6.8.5-301.fc40.x86_64', undefined, 'Fedora', 'dnf debuginfo-install kernel-6.8.5-301.fc40.x86_64'],
  ['6.8.5-301.fc40.x86_64+debug', undefined, 'Fedora', 'kernel-debug-6.8.5-301.fc40.x86_64'],
  ['5.14.0-427.13.1.el9_4.x86_64', undefined, 'Red Hat Enterprise Linux', 'debuginfo-install kernel-5.14.0-427.13.1'],
  ['5.15.0-206.153.7.el9uek.x86_64', undefined, 'Oracle Linux (UEK)', '/ol9/debuginfo/kernel-uek-debuginfo-5.15.0-206'],
  ['5.15.0-206.153.7.el8_9uek.aarch64', undefined, 'Oracle Linux (UEK)', '/ol8/'],
  ['6.1.102-108.177.amzn2023.x86_64', undefined, 'Amazon Linux', 'dnf debuginfo-install kernel-6.1.102'],
  ['5.10.210-201.852.amzn2.x86_64', undefined, 'Amazon Linux', 'debuginfo-install kernel-5.10.210'],
  ['6.4.0-150600.21-default', undefined, 'SUSE', 'kernel-default-debuginfo'],
  ['6.9.1-1-default', undefined, 'SUSE', 'kernel-default-debuginfo'],
  ['6.9.3-arch1-1', undefined, 'Arch Linux', 'debuginfod.archlinux.org'],
  ['6.6.32-1-lts', undefined, 'Arch Linux', 'debuginfod.archlinux.org'],
  ['6.6.57.1-2.azl3', undefined, 'Azure Linux', 'kernel-debuginfo-6.6.57.1-2.azl3'],
  ['5.15.94-android13-8-00006-g1a2b3c4d5e6f-ab9876543', undefined, 'Android', 'submitted/9876543/kernel_aarch64'],
  ['6.1.75-android14-11', undefined, 'Android', 'ci.android.com'],
  ['5.15.153.1-microsoft-standard-WSL2', undefined, 'WSL', 'WSL2-Linux-Kernel'],
  ['6.6.32-yocto-standard', undefined, 'Yocto', 'bitbake'],
  ['6.9.0-rc1-syzkaller-00012-g0a1b2c3d4e5f', undefined, 'syzbot', 'assets'],
  ['6.9.0-rc4+', '#7 SMP PREEMPT_DYNAMIC', 'self-built', '--vmlinux FILE'],
];

describe('howToGet', () => {
  test.each(kernels)('%s %s', (release, version, distribution, word) => {
    const how = howToGet({ release, ...(version !== undefined && { version }) });
    expect(how.distribution).toBe(distribution);
    expect([...how.commands, ...how.notes].join('\n')).toContain(word);
  });

  test.each([
    ['5.14.0-427.el9.x86_64', 'mockbuild@build01.rockylinux.org', 'Rocky Linux'],
    ['5.14.0-427.el9.x86_64', 'mockbuild@build01.almalinux.org', 'AlmaLinux'],
    ['5.14.0-437.el9.x86_64', 'mockbuild@x86-05.stream.centos.org', 'CentOS'],
    ['5.15.133-20574-g1b2c3d4e5f60', 'chrome-bot@chromeos-release-builder', 'ChromeOS'],
    ['6.6.30', 'builder@buildhost', 'self-built'],
    ['6.6.32', 'oe-user@oe-host', 'Yocto'],
  ])('%s built by %s', (release, builder, distribution) => {
    expect(howToGet({ release, banner: banner(release, builder) }).distribution).toBe(distribution);
  });

  test('the compiler of another distribution is no mark', () => {
    const text =
      'Linux version 6.8.0 (me@box) (gcc (Debian 13.2.0-10) 13.2.0, GNU ld (GNU Binutils for Debian) 2.41) #1';
    expect(howToGet({ release: '6.8.0', banner: text }).distribution).toBe('self-built');
    const openwrt = '(mipsel-openwrt-linux-musl-gcc (OpenWrt GCC 12.3.0 r23497) 12.3.0, GNU ld 2.40) #0 SMP';
    expect(
      howToGet({ release: '5.15.137', banner: `Linux version 5.15.137 (builder@buildhost) ${openwrt}` }),
    ).toMatchObject({ distribution: 'OpenWrt' });
  });

  test('commands hold nothing that a shell takes for something else, whatever a log says', () => {
    const nasty = fc.constantFrom(
      '6.1.0-9-amd64',
      '6.1.0-9-amd64; rm -rf /',
      '$(x)-1-generic',
      '6.1.0-1-generic`x`',
      '6.8.5-301.fc40.x86_64\n',
      "6.1'-default",
    );
    const build = fc.oneof(fc.string(), fc.constantFrom('#1 Debian 6.1;x', '#1 Debian $(x)', '#1 Debian 6.1.1-1'));
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string()), build, fc.string(), (release, version, text) => {
        for (const command of howToGet({ release, version, banner: text }).commands)
          expect(command).toMatch(/^[\w .:/+~=-]+$/);
      }),
    );
  });
});
