import type { Boot, BootReason } from '../model/incident.ts';
import type { LogLine } from '../model/log-line.ts';
import { utf8 } from '../util/text.ts';

/** Lines that say why a boot is about to end (kernel/reboot.c, kernel/panic.c, kernel/kexec_core.c). */
const endings: readonly (readonly [RegExp, BootReason])[] = [
  [/^(?:reboot: )?(?:Restarting system|machine restart)/, 'reboot'],
  [/^(?:reboot: )?(?:Power down|System halted)|^ACPI: PM: Preparing to enter system sleep state S5/, 'power-off'],
  [/^Rebooting in [0-9]+ seconds/, 'panic-reboot'],
  [/^Kernel panic - not syncing/, 'panic-reboot'],
  [/Starting (?:new kernel|crashdump kernel)|^Bye!$/, 'kexec'],
  [/[wW]atchdog.{0,60}(?:reset|expired|rebooting|Initiating system reboot)/, 'watchdog'],
];

/** The scanner stops at these, whatever else the lines hold. */
export const bootTexts: readonly string[] = [
  'Linux version ',
  'Booting Linux on',
  'reboot: ',
  'Rebooting in ',
  'Starting new kernel',
];

const banner = /^Linux version ([^\s(]+)/;
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

/** A clock that goes back by so many seconds, to nearly nothing, was started anew. */
const backwards = 30;
const young = 10;
/** So many boots are told apart. */
export const maxBoots = 1000;

/** Finds where a log begins again, and why. */
export class BootTracker {
  private readonly boots: OpenBoot[] = [{ firstLine: 1, lastLine: 1, reason: 'log-start' }];
  private ending: { reason: BootReason; line: number } | undefined;
  private seconds: number | undefined;
  private sawKernel = false;
  /** `Booting Linux on physical CPU` stands before the banner on arm64 and is of the same boot. */
  private announced = false;

  /** Index of the boot that a line belongs to. */
  get current(): number {
    return this.boots.length - 1;
  }

  /** True if the boot's end was announced: what follows is no surprise. */
  get ended(): boolean {
    return this.ending !== undefined;
  }

  get release(): string | undefined {
    return this.boots.at(-1)?.release;
  }

  line(line: LogLine): void {
    const boot = this.boots.at(-1);
    if (boot === undefined || line.kernel === false) return;
    const { text } = line;
    const announces = text.startsWith('Booting Linux on ');
    const found = banner.exec(text);
    const restarted =
      line.seconds !== undefined &&
      this.seconds !== undefined &&
      this.seconds - line.seconds > backwards &&
      line.seconds < young;
    if (
      (announces || found !== null || restarted) &&
      (this.sawKernel || boot.banner !== undefined) &&
      !this.announced
    ) {
      this.begin(line);
    }
    const now = this.boots.at(-1) ?? boot;
    now.lastLine = line.range.lastLine;
    if (found?.[1] !== undefined) {
      now.release = utf8(found[1]);
      now.banner = utf8(text);
    }
    this.announced = announces || (this.announced && found === null && line.seconds === 0);
    const command = now.commandLine === undefined ? commandLine.exec(text)?.[1] : undefined;
    if (command !== undefined) now.commandLine = utf8(command);
    const ending = endings.find(([pattern]) => pattern.test(text))?.[1];
    if (ending !== undefined) this.ending = { reason: ending, line: line.range.firstLine };
    if (line.seconds !== undefined) {
      this.seconds = line.seconds;
      this.sawKernel = true;
    }
  }

  private begin(line: LogLine): void {
    if (this.boots.length >= maxBoots) return;
    const reason = this.ending?.reason ?? 'reset';
    const evidence = this.ending === undefined ? {} : { evidenceLine: this.ending.line };
    this.boots.push({ firstLine: line.range.firstLine, lastLine: line.range.lastLine, reason, ...evidence });
    this.ending = undefined;
    this.seconds = undefined;
  }

  /** `lastLine`: the number of the log's last line. */
  finish(lastLine: number): Boot[] {
    return this.boots.map((boot, i) => ({ ...boot, lastLine: (this.boots[i + 1]?.firstLine ?? lastLine + 1) - 1 }));
  }
}
