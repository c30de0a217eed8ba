import { headlineOf } from './headlines.ts';
import type { FinishedReport } from './open-report.ts';
import type { Titled } from './titles/title.ts';

/**
 * A report is grammar, not a word. Boot loaders, firmware, services, build tools and tests all print `WARNING:`
 * and `panic:`; this tells the kernel's reports from them.
 */

/** What follows a report's headline, whatever its kind: the CPU line, registers, a trace. */
const structure =
  /^ *(?:\[<[0-9a-f]+>\] )*\??[ \w.$]*\+0x[0-9a-f]+\/0x[0-9a-f]+|Call [Tt]race:|Backtrace:|CPU: [0-9]+ (?:UID: [0-9]+ )?PID: |Hardware name: |^[A-Z]{2,3}: [0-9]{4}:|^pc : |Modules linked in:|Comm: .{1,40}(?:Not tainted|Tainted)/;

function isStructured(report: FinishedReport, within: number): boolean {
  return report.raw.lines.slice(1, 1 + within).some((line) => structure.test(line.text));
}

/** What may stand before a headline's text on its line: a subsystem's prefix, a rule, a clock, the glue of a cut line. */
const leader = /^(?:[\s=*#[-]*|.{0,120}[\]:>] {0,2}|[0-9/:. -]+)$/;

function standsFirst(text: string): boolean {
  const headline = headlineOf(text);
  return headline !== undefined && leader.test(text.slice(0, headline.at));
}

/** Boot loaders' and firmware's first words: what stands before them is not of the boot that they begin. */
const firmware =
  /^(?:SeaBIOS|iPXE|U-Boot|UEFI|BdsDxe|coreboot|GNU GRUB|Booting from|Loading Linux|early console in|Decompressing Linux|Probing EDD|input_data: |NOTICE: {2}BL)/;

/** A decompressor's last line is news only if a kernel ran before it, and nothing said that it was about to end. */
function isSurprisingBoot(report: FinishedReport): boolean {
  const before = report.raw.before.filter((line) => line.text.trim() !== '');
  const begins = before.findIndex((line) => firmware.test(line.text.trimStart()));
  const running = begins < 0 ? before : before.slice(0, begins);
  return (
    running.length > 0 &&
    !running.some((line) => /reboot: |Rebooting in|Restarting system|Power down|kexec/.test(line.text))
  );
}

/** True if the collected lines are a report of a kernel (or of one of the companions that title rules know). */
export function isReport(report: FinishedReport, titled: Titled): boolean {
  const { headline } = report.raw;
  const { text } = headline;
  switch (report.header) {
    case 'SYZFAIL:':
    case 'SYZFATAL:':
    case 'trusty: panic':
      return true;
    case 'fatal error:':
      // Compilers say `file.c:1:2: fatal error:`, and the likes of git say it without a trace of goroutines.
      return (
        /^(?:\S+ \S+ )?fatal error: /.test(text) &&
        !report.texts.slice(0, 8).some((t) => /\.[chS]\b|compilation/.test(t))
      );
    case 'panic:':
      return /^(?:\S+ \S+ )?panic: /.test(text);
    case 'Booting the kernel.':
      return isSurprisingBoot(report);
  }
  if (headline.kernel === false) return false;
  switch (report.header) {
    case 'Kernel panic':
      return standsFirst(text) && (text.includes('Kernel panic - not syncing') || isStructured(report, 40));
    case 'BUG:':
      return titled.raw
        ? standsFirst(text) && (headline.kernel === true || isStructured(report, 12))
        : standsFirst(text) || isStructured(report, 60);
    case 'WARNING:':
    case 'INFO:':
      return titled.raw ? standsFirst(text) && isStructured(report, 12) : standsFirst(text) || isStructured(report, 60);
    default:
      return standsFirst(text) || isStructured(report, 60) || headlineOf(text) === undefined;
  }
}
