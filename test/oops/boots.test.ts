import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Boot } from '../../src/model/incident.ts';
import type { LogLine } from '../../src/model/log-line.ts';
import { BootTracker } from '../../src/oops/boots.ts';

/** `[ 1.5] text` is the kernel's with a stamp, `kernel: text` its own without, `user: text` another program's. */
function lineOf(written: string, index: number): LogLine {
  const [, stamp, tag, text] = /^(?:\[ *([0-9.]+)\] |(kernel|user): )?(.*)$/s.exec(written) ?? [];
  const range = { firstLine: index + 1, lastLine: index + 1, firstByte: 100 * index, endByte: 100 * (index + 1) };
  const line = { range, text: text ?? '', context: stamp === undefined ? '' : 'console' };
  if (stamp !== undefined) return { ...line, seconds: Number(stamp), kernel: true };
  return tag === undefined ? line : { ...line, kernel: tag === 'kernel' };
}

function bootsOf(written: readonly string[]): Boot[] {
  const tracker = new BootTracker();
  written.forEach((text, i) => {
    tracker.line(lineOf(text, i));
  });
  return tracker.finish(written.length);
}

const told = (written: readonly string[]) =>
  bootsOf(written).map(
    (b) => `${b.firstLine}-${b.lastLine} ${b.reason}${b.evidenceLine === undefined ? '' : ` by ${b.evidenceLine}`}`,
  );

const banner = '[    0.000000] Linux version 6.1.0-1 (builder@host) (gcc) #1 SMP Debian 6.1.1-1';
const boot = [
  banner,
  '[    0.000000] Command line: root=/dev/vda ro',
  '[    0.004000] console [ttyS0] enabled',
  '[    1.203417] pci 0000:00:1f.2: AHCI controller',
  '[    1.310022] scsi host0: ahci',
  '[    2.000133] EXT4-fs (vda): mounted filesystem',
  '[    2.845501] systemd[1]: Detected architecture x86-64.',
];
/** The same messages of another boot, at other times. */
const again = boot.map((l) =>
  l.replace(/\.(\d{5})(\d)\]/, (_, a, b) => (a === '00000' ? `.${a}${b}]` : `.${a}${9 - Number(b)}]`)),
);

describe('boots', () => {
  test('a log of one boot, with what the banner and the command line say', () => {
    expect(bootsOf(['SeaBIOS (version 1.16)', ...boot])).toEqual([
      {
        firstLine: 1,
        lastLine: 8,
        reason: 'log-start',
        release: '6.1.0-1',
        banner: banner.slice(15),
        commandLine: 'root=/dev/vda ro',
      },
    ]);
  });

  test.each([
    ['[  100.000000] reboot: Restarting system', 'reboot'],
    ["[  100.000000] reboot: Restarting system with command 'bootloader'", 'reboot'],
    ['[  100.000000] sysrq: Resetting', 'reboot'],
    ['[  100.000000] reboot: Power down', 'power-off'],
    ['[  100.000000] reboot: System halted', 'power-off'],
    ['[  100.000000] Rebooting in 10 seconds..', 'panic-reboot'],
    ['[  100.000000] Kernel panic - not syncing: Fatal exception', 'panic-reboot'],
    ['[  100.000000] kexec_core: Starting new kernel', 'kexec'],
    ['[  100.000000] Starting crashdump kernel...', 'kexec'],
    ['[  100.000000] softdog: Initiating system reboot', 'watchdog'],
    ['user: System is rebooting.', 'reboot'],
  ])('%s', (ending, reason) => {
    expect(told([...boot, ending, 'U-Boot 2023.01', ...again])).toEqual(['1-9 log-start', `10-16 ${reason} by 8`]);
  });

  test.each([
    ['no word why', [], '8-14 reset'],
    ['the boot loader says why', ['Reset cause: WDOG'], '9-15 watchdog by 8'],
    ['mentions of watchdogs end nothing', ['[    9.000100] watchdog: watchdog0: watchdog did not stop!'], '9-15 reset'],
    [
      'nor does the lockup detector',
      ['[    9.000100] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:1]'],
      '9-15 reset',
    ],
  ])('a reset: %s', (_, between, second) => {
    expect(told([...boot, ...between, ...again])[1]).toBe(second);
  });

  test('a driver finds that the watchdog had done it', () => {
    const found = '[    3.100007] sbsa-gwdt sbsa-gwdt.0: System reset by WDT.';
    expect(told([...boot, ...again, found])[1]).toBe('8-15 watchdog by 15');
  });

  test('a crash kernel is one, even if nothing announced it', () => {
    const crash = again.map((l) => l.replace('ro', 'ro irqpoll nr_cpus=1 elfcorehdr=0x3e000000'));
    expect(told([...boot, '[   50.100000] Kernel panic - not syncing: x', ...crash])[1]).toBe('9-15 kexec by 8');
  });

  test('arm64 announces itself before its banner', () => {
    const arm = ['[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd034]', ...again];
    expect(told([...boot, ...arm])).toEqual(['1-7 log-start', '8-15 reset']);
  });

  test('the log starts late', () => {
    expect(told(['[  812.100233] eth0: link up', '[  813.000001] reboot: Restarting system', ...boot])).toEqual([
      '1-2 log-start',
      '3-9 reboot by 2',
    ]);
    expect(told(['[  812.100233] eth0: link up', ...boot])).toEqual(['1-1 log-start', '2-8 reset']);
  });

  test('the banner is lost, but the clock is back at nothing', () => {
    const lost = ['[    0.000000] BIOS-provided physical RAM map:', '[    0.000000] Command line: quiet'];
    const boots = bootsOf([...boot, '[   12.000002] eth0: link up', ...lost]);
    expect(boots.map((b) => b.firstLine)).toEqual([1, 9]);
    expect(boots[1]?.commandLine).toBe('quiet');
    expect(boots[1]?.release).toBeUndefined();
    expect(told([...boot, '[  412.000002] eth0: link up', '[    6.100000] usb 1-1: new device'])[1]).toBe('9-9 reset');
  });

  test('clocks that waver are no boots', () => {
    expect(
      told([...boot, '[    2.845400] late line of another CPU', '[   25.000001] a', '[   24.999000] b']),
    ).toHaveLength(1);
  });

  test("a boot loader's clock is not the kernel's", () => {
    expect(told(['[    4.123000] lk: welcome', '[    5.100000] lk: jumping to kernel', ...boot])).toHaveLength(1);
  });

  test('dmesg on the console is no boot', () => {
    const rest = ['[  500.000017] eth0: link up', '[  500.100017] reboot: Restarting system'];
    expect(told([...boot, 'root@host:~# dmesg', ...boot, ...rest])).toEqual(['1-17 log-start']);
    expect(told([...boot, 'root@host:~# dmesg', ...boot, ...rest, ...again])).toEqual([
      '1-17 log-start',
      '18-24 reboot by 17',
    ]);
    // Without the first lines, which the ring buffer lost.
    const long = [...boot, '[   90.000017] eth0: link up'];
    expect(told([...long, '# dmesg', ...boot.slice(2), '[  90.000017] eth0: link up'])).toHaveLength(1);
  });

  test('a crash kernel that prints the dead one’s log', () => {
    const dead = [...boot, '[   50.100003] Kernel panic - not syncing: x'];
    const crash = [
      ...dead,
      ...again,
      'kdump: saving vmcore-dmesg.txt',
      ...dead,
      '[    9.000003] reboot: Restarting system',
      ...boot.map((l) => l.replace('.20341', '.20399').replace('.3100', '.3109').replace('.8455', '.8499')),
    ];
    expect(told(crash)).toEqual(['1-8 log-start', '9-25 panic-reboot by 8', '26-32 reboot by 25']);
  });

  test('cat /proc/version is no boot', () => {
    expect(
      told([...boot, 'Linux version 6.1.0-1 (builder@host) (gcc) #1 SMP Debian 6.1.1-1', '[    9.000001] a']),
    ).toHaveLength(1);
  });

  test('without stamps', () => {
    const bare = boot.map((l) => l.slice(15));
    expect(told([...bare, 'Restarting system.', ...bare])).toEqual(['1-8 log-start', '9-15 reboot by 8']);
    expect(told(['eth0: link up', 'reboot: Restarting system', ...bare])).toEqual(['1-2 log-start', '3-9 reboot by 2']);
  });

  test('a journal', () => {
    const journal = ['kernel: Linux version 6.1.0-1 (b@h)', 'kernel: Command line: quiet', 'user: Started Journal.'];
    const mark = '-- Boot 0123456789abcdef0123456789abcdef --';
    expect(told([...journal, mark, ...journal, mark, ...journal])).toEqual([
      '1-3 log-start',
      '4-7 reset',
      '8-11 reset',
    ]);
    expect(bootsOf([...journal, mark, ...journal])[1]?.release).toBe('6.1.0-1');
  });

  test('boots are in order and cover the log, whatever it holds', () => {
    const pool = [
      ...boot,
      ...again,
      'reboot: Restarting system',
      'kernel: Linux version 5.4.0',
      'Booting Linux on physical CPU 0x0',
      '-- Reboot --',
      'user: x',
      '[ 99999.5] y',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pool), { maxLength: 80 }), (lines) => {
        const boots = bootsOf(lines);
        expect(boots[0]?.firstLine).toBe(1);
        expect(boots.at(-1)?.lastLine).toBe(lines.length);
        boots.slice(1).forEach((b, i) => {
          expect(b.firstLine).toBe((boots[i]?.lastLine ?? 0) + 1);
          expect(b.evidenceLine ?? 0).toBeLessThanOrEqual(b.lastLine);
        });
      }),
    );
  });
});
