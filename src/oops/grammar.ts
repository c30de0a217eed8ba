import { hasForm } from './headline-forms.ts';
import { headlineOf } from './headlines.ts';
import type { FinishedReport } from './open-report.ts';
import type { Titled } from './titles/title.ts';

/**
 * A report is grammar, not a word. Boot loaders, firmware, services, build tools and tests all print `WARNING:`
 * and `panic:`, and people write about crashes; this tells the kernel's reports from them.
 */

/** What follows a report's headline, whatever its kind: the CPU line, registers, a trace. */
const structure =
  /^ *(?:\[<[0-9a-f]+>\] )*\??[ \w.$]*\+0x[0-9a-f]+\/0x[0-9a-f]+|Call [Tt]race:|Backtrace:|CPU: [0-9]+ (?:UID: [0-9]+ )?PID: |Hardware name: |^[A-Z]{2,3}: [0-9]{4}:|^pc : |Modules linked in:|Comm: .{1,40}(?:Not tainted|Tainted)/;

/** Stacks that somebody asked for, or that belong to a notice: they are not the report's that stands before them. */
const otherStacks =
  /^(?:sysrq: |SysRq ?: |task:\S{1,64} {1,20}state:|NMI backtrace for cpu |Sending NMI from CPU |FAULT_INJECTION: |.{0,64}vmalloc: allocation failure)/;

/** True if one of so many lines behind the headline is plainly a report's. */
function isStructured(report: FinishedReport, within: number): boolean {
  for (const { text } of report.raw.lines.slice(1, 1 + within)) {
    if (structure.test(text)) return true;
    if (otherStacks.test(text)) return false;
  }
  return false;
}

/**
 * What may stand before a headline's text on its line without making it another's: a rule or a bracket, the prefix of
 * the core kernel's file (`watchdog: `, `rcu: `, a die's `Oops: `, mips' `CPU 3 `), a prompt, or a clock.
 */
const leaders: readonly RegExp[] = [
  /^[\s=*[-]*$/,
  /^(?:(?:NMI )?[a-z_]{2,16}: |Oops: ){1,2}$/,
  /^CPU \d{1,5} $/,
  /^\S{1,64} login: $/,
  /^[0-9/:. -]{8,40}$/,
];

/** A quote, a level; or another line that was cut short by this one's stamp. */
const glue = /^(?:<\d{1,3}>|> ?|\| ?){1,8}|^.*\[ *\d{1,8}\.\d{3,9}\](?:\[ *[TC]\d{1,10}\])? ?/;

/** A device's, a driver's or a service's name: its messages are no reports, but warnings of the kernel may follow. */
const names = /^\s*(?:[\w./@#~-]{1,40}(?:\[\d{1,10}\])?(?: [\w./:@#~-]{1,40}){0,2}: {1,2}){1,3}$/;

/** How a headline's text stands on its line. */
interface Place {
  /** Nothing stands before it but what the log itself adds. */
  readonly first: boolean;
  /** What stands before it is a kernel's. */
  readonly leads: boolean;
  /** A name may stand before it, but no sentence. */
  readonly named: boolean;
}

function placeOf(text: string): Place {
  const headline = headlineOf(text);
  if (headline === undefined) return { first: true, leads: true, named: true };
  const before = text.slice(0, headline.at).replace(glue, '');
  const leads = leaders.some((l) => l.test(before));
  return { first: /^\s{0,3}(?:\[ )?$/.test(before), leads, named: leads || names.test(before) };
}

/** A program's own last words, Go's; those of the fuzzer count, those of any other service do not. */
function isFuzzersEnd(report: FinishedReport, begins: RegExp): boolean {
  if (!begins.test(report.raw.headline.text)) return false;
  const texts = report.texts.slice(0, 200);
  if (texts.some((t) => /syzkaller|\bsyz-|^panic: executor \d/.test(t))) return true;
  return !texts.some((t) => /^goroutine \d/.test(t)) && texts.slice(1, 4).some((t) => /^runtime stack:/.test(t));
}

/** Boot loaders' and firmware's first words: what stands before them is not of the boot that they begin. */
const firmware =
  /^(?:SeaBIOS|iPXE|U-Boot|UEFI|BdsDxe|coreboot|GNU GRUB|GRUB |Welcome to GRUB|Booting from|Booting a command list|Loading (?:Linux|initial ramdisk)|EFI stub:|early console in|Decompressing Linux|Probing EDD|input_data: |NOTICE: {2}BL|\s*Booting `)/;

/** What a machine that is up prints and boot loaders do not: the fuzzer's programs, kernels, services, shells. */
const alive =
  /^(?:r\d{1,4} = |[\w$]{2,60}\(.{0,4000}\)(?: |$)|.{0,80}(?:executing program|login:|Linux version |systemd|init: )|\[ {2}OK {2}\]|\[ *\d{1,8}\.\d{3,9}\]|[\w@~:.-]{1,80}[#$] )/;

/** A decompressor's last line is news only if a kernel ran before it, and nothing said that it was about to end. */
function isSurprisingBoot(report: FinishedReport): boolean {
  const before = report.raw.before.map((line) => line.text).filter((text) => text.trim() !== '');
  // An earlier boot's last line of the kind: what came after it is what matters, and a kernel has run by then.
  const earlier = before.findLastIndex((text) => text.startsWith('Booting the kernel.'));
  const since = before.slice(earlier + 1);
  // What was alive last stands before the boot loader of this boot; before that there may be those of others.
  const lastAlive = since.findLastIndex((text) => alive.test(text));
  const begins = since.findIndex((text, i) => i > lastAlive && firmware.test(text));
  const running = begins < 0 ? since : since.slice(0, begins);
  if (running.some((text) => /reboot: |Rebooting in|Restarting system|Power down|kexec/.test(text))) return false;
  return earlier >= 0 || (begins > 0 && running.length > 0) || running.some((text) => alive.test(text));
}

/** What the log showed before a report's headline. */
export interface History {
  /** A kernel ran. */
  readonly ran: boolean;
  /** Its end was announced. */
  readonly ended: boolean;
}

/** True if the collected lines are a report of a kernel (or of one of the companions that title rules know). */
export function isReport(report: FinishedReport, titled: Titled, history?: History): boolean {
  const { headline } = report.raw;
  const { text } = headline;
  switch (report.header) {
    case 'SYZFAIL:':
    case 'SYZFATAL:':
    case 'trusty: panic':
      return true;
    case 'fatal error:':
      return isFuzzersEnd(report, /^(?:\d\S{5,20} \d\S{5,20} )?fatal error: /);
    case 'panic:':
      return isFuzzersEnd(report, /^(?:\d\S{5,20} \d\S{5,20} )?panic: /);
    case 'Booting the kernel.':
      if (!text.startsWith('Booting the kernel.') || history?.ended) return false;
      return history?.ran === true || isSurprisingBoot(report);
  }
  if (headline.kernel === false) return false;
  const place = placeOf(text);
  // "BUG: Bad page state: 3 messages suppressed" tells of reports, and is none (mm/page_alloc.c, mm/memory.c).
  if (/: \d{1,10} messages suppressed$/.test(text)) return false;
  // A word of the kernel's, and no text that any rule knows: `WARNING: foo`, `mydriver 1-1: BUG: bar`.
  if (titled.raw || /(?:WARNING|INFO|BUG): *$/.test(text)) {
    switch (report.header) {
      case 'WARNING:':
      case 'INFO:':
        return place.named && isStructured(report, 12);
      case 'BUG:':
        // The core kernel's begin the line. With a driver's or a service's name before it, it is that one's affair.
        return (place.first && headline.kernel === true) || (place.named && isStructured(report, 12));
    }
  }
  // arm prints these for programs' faults as well: a kernel's has registers and a trace, not always at once.
  if (report.header === 'Unhandled fault:' || report.header === 'Alignment trap:') return isStructured(report, 300);
  if (place.leads && hasForm(text)) return true;
  // What is left of a damaged line. Filesystems have internal errors too, and settings are about a `Kernel panic`.
  const shared = report.header === 'Internal error:' || report.header === 'Kernel panic';
  if (place.first && headline.kernel === true && !shared) return true;
  return isStructured(report, place.named ? 60 : 20);
}
