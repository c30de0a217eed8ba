import type { Boot, BootReason } from '../model/incident.ts';
import type { LogLine } from '../model/log-line.ts';
import { utf8 } from '../util/text.ts';
import { EchoDetector } from './echo.ts';

/**
 * Lines that say that a boot is about to end, and how: kernel/reboot.c, kernel/panic.c, kernel/kexec_core.c,
 * arch/{arm,arm64,powerpc}/kernel/machine_kexec.c, drivers/tty/sysrq.c, drivers/watchdog/, systemd's last words.
 */
const endings: readonly (readonly [RegExp, BootReason])[] = [
  [/^(?:reboot: )?(?:Restarting system|machine restart)/, 'reboot'],
  [/^sysrq: (?:SysRq ?: )?Resetting/, 'reboot'],
  [/^(?:systemd-shutdown\[1\]: Rebooting\.|System is rebooting\.|The system will reboot now!)/, 'reboot'],
  [/^(?:reboot: )?(?:Power down|System halted)|^ACPI: (?:PM: )?Preparing to enter system sleep state S5/, 'power-off'],
  [/^(?:systemd-shutdown\[1\]: (?:Powering off|Halting system)\.|System is (?:powering down|halting)\.)/, 'power-off'],
  [/^Rebooting in [0-9]+ seconds/, 'panic-reboot'],
  // On the line of a program's that was cut short, it stands behind its stamp.
  [/(?:^|\] )Kernel panic - not syncing/, 'panic-reboot'],
  [/^(?:kexec_core: |kexec: )?Starting (?:new kernel|crashdump kernel)|^Bye!$/, 'kexec'],
  [/^(?:softdog: |\w{2,16}: )?(?:RZN1 Watchdog\. )?Initiating system reboot$/, 'watchdog'],
  [/^(?:[\w.-]{1,24}: )?[wW]atchdog.{0,60} (?:timer expired|expired|rebooting)/, 'watchdog'],
  [/^Hangcheck: hangcheck is restarting the machine/, 'watchdog'],
];

/** Lines of a boot that say why it took place: boot loaders' reset causes, and watchdog drivers' as they are found. */
const watchdogWasIt =
  /^(?:[\w.: -]{1,60}: )?(?:Reset (?:cause|reason|status): ?.{0,40}(?:WDOG|WDT|[wW]atch[dD]og)|last reboot caused by watchdog|System reset by WDT|Watchdog reboot detected|watchdog module last reset due to timeout|Previous reset was caused by the Watchdog)/i;

/** One look at a line instead of a dozen. */
const anyEnding = new RegExp([...endings.map(([pattern]) => pattern.source), watchdogWasIt.source].join('|'), 'i');

/** A crash kernel is told where the dead kernel's memory map is (Documentation/admin-guide/kdump). */
const crashKernel = /(?:^| )elfcorehdr=/;

/** The scanner stops at these, whatever else the lines hold. */
export const bootTexts: readonly string[] = [
  'Linux version ',
  'Booting Linux on',
  'ommand line: ',
  'reboot: ',
  'Rebooting in ',
  'Starting new kernel',
  'Starting crashdump kernel',
  'sysrq: Resetting',
];

const banner = /^Linux version ([^\s(]+)/;
/** What journalctl puts between boots. */
const journalMark = /^-- (?:Boot [0-9a-f]{32}|Reboot) --$/;
const commandLine = /^(?:Kernel )?[cC]ommand line: (.*)/;

interface OpenBoot {
  firstLine: number;
  reason: BootReason;
  evidenceLine?: number;
  release?: string;
  banner?: string;
  commandLine?: string;
  lastLine: number;
}

interface Ending {
  readonly reason: BootReason;
  readonly line: number;
}

/** A clock that goes back by so many seconds, to nearly nothing, was started anew. */
const backwards = 30;
const young = 10;
/** A clock that is back at nothing at all was started anew if it had run for so long. */
const ranFor = 3;
/** So many boots are told apart. */
export const maxBoots = 1000;

/** Finds where a log begins again, and why. */
export class BootTracker {
  private readonly boots: OpenBoot[] = [{ firstLine: 1, lastLine: 1, reason: 'log-start' }];
  private readonly echo = new EchoDetector();
  private ending: Ending | undefined;
  /** What the tracker knew before the latest boot began, as that may turn out to be none. */
  private undone: { readonly ending: Ending | undefined; readonly seconds: number | undefined } | undefined;
  private seconds: number | undefined;
  /** Where the clock was when messages of an earlier boot were printed again: it goes on from there. */
  private interrupted: number | undefined;
  /** `Booting Linux on physical CPU`, or journalctl's mark, stands before the banner and is of the same boot. */
  private announced = false;

  /** Index of the boot that a line belongs to. */
  get current(): number {
    return this.boots.length - 1;
  }

  /** True if the boot's end was announced: what follows is no surprise. */
  get ended(): boolean {
    return this.ending !== undefined;
  }

  /** True if the log has shown a kernel that ran: a banner, or stamps. */
  get ran(): boolean {
    return this.seconds !== undefined || this.boots.some((boot) => boot.banner !== undefined);
  }

  get release(): string | undefined {
    return this.boots.at(-1)?.release;
  }

  line(line: LogLine): void {
    if (line.kernel === false) {
      this.noteEnding(line);
      return;
    }
    const { text } = line;
    const found = banner.exec(text);
    const announces = text.startsWith('Booting Linux on ') || journalMark.test(text);
    if (this.restarts(line, announces || found !== null)) this.begin(line);
    else if (this.echo.isEcho(line)) this.undo();
    const now = this.boots.at(-1);
    if (now === undefined) return;
    now.lastLine = line.range.lastLine;
    if (found?.[1] !== undefined && (now.banner === undefined || this.announced)) {
      now.release = utf8(found[1]);
      now.banner = utf8(text);
    }
    this.announced = announces || (this.announced && found === null && (line.seconds ?? 0) === 0);
    this.noteCommandLine(now, line);
    this.noteEnding(line);
    if (line.seconds !== undefined) this.seconds = line.seconds;
  }

  /** `lastLine`: the number of the log's last line. */
  finish(lastLine: number): Boot[] {
    return this.boots.map((boot, i) => ({ ...boot, lastLine: (this.boots[i + 1]?.firstLine ?? lastLine + 1) - 1 }));
  }

  /** True if a kernel begins with this line, and one was there before. */
  private restarts(line: LogLine, begins: boolean): boolean {
    if (this.announced) return false;
    const { seconds } = line;
    const before = this.seconds;
    const ended = this.ending !== undefined;
    // Where the kernel's lines have stamps, one without is `cat /proc/version`, unless the machine went down.
    if (begins && before !== undefined && seconds === undefined && line.kernel !== true && !ended) return false;
    if (this.interrupted !== undefined && seconds !== undefined && before !== undefined && seconds < before) {
      const goesOn = seconds >= this.interrupted;
      this.interrupted = undefined;
      if (goesOn) return false;
    }
    const back = before === undefined || seconds === undefined ? 0 : before - seconds;
    const restarted = seconds !== undefined && seconds < young && back > backwards;
    const known = this.boots.at(-1)?.banner !== undefined;
    if (begins) return known || ended || restarted || (line.text.startsWith('-- ') && this.ran);
    // Boot loaders have clocks as well: without a banner, a clock at nothing is the kernel's first one.
    return restarted || (seconds === 0 && back > ranFor && known);
  }

  private begin(line: LogLine): void {
    if (this.boots.length >= maxBoots) return;
    const evidence = this.ending === undefined ? {} : { evidenceLine: this.ending.line };
    const { firstLine, lastLine } = line.range;
    this.boots.push({ firstLine, lastLine, reason: this.ending?.reason ?? 'reset', ...evidence });
    this.interrupted = undefined;
    this.undone = { ending: this.ending, seconds: this.seconds };
    this.ending = undefined;
    this.seconds = undefined;
    this.echo.restart();
  }

  /** What looked like a boot is the log of an earlier one, printed again. */
  private undo(): void {
    if (this.undone === undefined) return;
    this.boots.pop();
    this.ending = this.undone.ending;
    this.interrupted = this.undone.seconds;
    this.undone = undefined;
  }

  private noteCommandLine(now: OpenBoot, line: LogLine): void {
    const command = now.commandLine === undefined ? commandLine.exec(line.text)?.[1] : undefined;
    if (command === undefined) return;
    now.commandLine = utf8(command);
    if (crashKernel.test(command) && now.reason !== 'log-start') {
      now.reason = 'kexec';
      now.evidenceLine ??= line.range.firstLine;
    }
  }

  private noteEnding(line: LogLine): void {
    if (!anyEnding.test(line.text)) return;
    const reason = endings.find(([pattern]) => pattern.test(line.text))?.[1];
    if (reason !== undefined && !this.echo.isRepeated(line)) this.ending = { reason, line: line.range.firstLine };
    const now = this.boots.at(-1);
    if (now === undefined || !watchdogWasIt.test(line.text)) return;
    if (line.seconds === undefined) this.ending ??= { reason: 'watchdog', line: line.range.firstLine };
    else if (now.reason === 'reset') {
      now.reason = 'watchdog';
      now.evidenceLine = line.range.firstLine;
    }
  }
}
