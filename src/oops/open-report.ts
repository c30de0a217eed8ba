import type { LogLine } from '../model/log-line.ts';
import { hasForm } from './headline-forms.ts';
import { beginsSecondReport } from './headlines.ts';
import type { RawReport } from './raw-report.ts';

/** A report that still collects lines. */
export interface FinishedReport {
  readonly header: string;
  readonly raw: RawReport;
  /** The texts that count for the title: no questionable lines, no other context's. */
  readonly texts: readonly string[];
  readonly windowLength: number;
  /** Texts before the headline that belong to the report's text. */
  readonly textsBefore: readonly string[];
  /** What was about to be a report when this one took its place: the OOM's numbers before a panic, the stuck CPU's state. */
  readonly prelude?: FinishedReport;
}

/** Bounds of what one report may hold; the kernel's own buffer is rarely larger. */
const maxLines = 6000;
const maxTextBytes = 1 << 20;

/** An address that the unwinder found on the stack and does not vouch for (`specs/titles.md` section 1). */
export function isQuestionable(line: LogLine): boolean {
  if (line.context === '' || line.text.includes('<EOI>')) return false;
  return line.text.includes(' ? ') || line.text.endsWith(' (unreliable)');
}

const isCaller = (context: string): boolean => /^[TC][0-9]/.test(context);

/** Lines that every report has, whatever its kind: while they come, the report goes on. */
const structure =
  /\+0x[0-9a-f]+\/0x|Call [Tt]race|^(?:R[A-Z0-9]{2}: |CR2: |CPU: |Code: |Modules linked in|Hardware name|x[0-9]+ ?: |pc : |sp : )|end trace|Kernel panic|^ *#[0-9]+: /;

/**
 * Collects the lines of one report as `specs/titles.md` section 3 has it: what follows the headline in the
 * headline's context, up to the end of the log; and apart from that the title window, and the report's own lines.
 */
export class OpenReport {
  readonly headline: LogLine;
  readonly header: string;
  private readonly before: readonly LogLine[];
  private readonly own: LogLine[] = [];
  private readonly texts: string[] = [];
  private bytes = 0;
  private windowLength: number | undefined;
  private otherCpus = false;
  private textEnded = false;
  private ownEnded = false;
  /** Lines of any context since the last one that is plainly part of a report. */
  private sinceStructure = 0;
  private readonly known: boolean;
  private structured = false;
  private closed = false;
  private lastStructureSeconds: number | undefined;

  private readonly goesOn: boolean;

  /** `goesOn`: the text does not end where the next report of the same context begins (a log's first report). */
  constructor(headline: LogLine, header: string, before: readonly LogLine[], goesOn: boolean) {
    this.headline = headline;
    this.header = header;
    this.before = before;
    this.goesOn = goesOn;
    this.known = hasForm(headline.text);
  }

  get context(): string {
    return this.headline.context;
  }

  /** `WARNING:` and its like are everybody's words: a line without a headline's whole form begins nothing by itself. */
  get isPlausible(): boolean {
    return this.structured || this.known;
  }

  /** True while lines of a report come one after the other: what is printed in between is somebody else's. */
  get isUnderWay(): boolean {
    return this.isPlausible && !this.closed && !this.ownEnded && this.sinceStructure <= 3;
  }

  /** False once nothing that may come matters any more. */
  get wantsMore(): boolean {
    if (!this.isPlausible && this.sinceStructure > 100) return false;
    return this.sinceStructure < 1500 && !(this.textEnded && this.ownEnded);
  }

  /**
   * True if a later headline that goes with the report before it may go with this one: it is of the same task, as
   * far as the log tells, and not later than so many seconds (or lines, where there are no stamps) after the
   * report's last plain sign of life. A panic may be any task's.
   */
  adopts(line: LogLine, seconds: number, lines: number): boolean {
    if (!this.isPlausible) return false;
    const sameTask = line.context === this.context || !isCaller(line.context) || !isCaller(this.context);
    if (!sameTask && !line.text.includes('Kernel panic')) return false;
    if (line.seconds === undefined || this.lastStructureSeconds === undefined) return this.sinceStructure <= lines;
    const after = line.seconds - this.lastStructureSeconds;
    return after <= seconds && after >= -1;
  }

  /** True for the backtrace of another CPU that was asked for: its stamp may be of when that CPU got stuck. */
  awaits(line: LogLine): boolean {
    return this.otherCpus && line.text.startsWith('NMI backtrace for cpu ');
  }

  /**
   * True if a headline that the common title rules do not know is part of this report: it comes right behind, or is
   * the rest of a stall's account, which can take seconds to print.
   */
  explains(line: LogLine): boolean {
    return (
      this.adopts(line, 1, 40) ||
      (/^(?:rcu: )?(?:INFO: )?rcu/.test(this.headline.text) &&
        line.text.startsWith('rcu: ') &&
        this.adopts(line, 60, 300))
    );
  }

  /** The report's own lines end before this one: another report of the same context begins. */
  endOwn(): void {
    this.ownEnded = true;
    if (!this.goesOn) this.textEnded = true;
  }

  get isOwnEnded(): boolean {
    return this.ownEnded;
  }

  /** `news`: false for a line that holds no headline's text. */
  push(line: LogLine, news: boolean): void {
    const first = line === this.headline;
    const elsewhere = isCaller(this.context) && line.context !== this.context;
    if (
      news &&
      !first &&
      this.windowLength === undefined &&
      !elsewhere &&
      beginsSecondReport(line.text, this.context !== '' && line.context === '')
    ) {
      this.windowLength = this.texts.length;
    }
    const mine = line.context === this.context || (this.otherCpus && line.context.startsWith('C'));
    if (!mine) {
      this.sinceStructure++;
      return;
    }
    if (line.text.startsWith('---[ end ')) this.closed = true;
    if (structure.test(line.text) && !this.ownEnded) {
      this.sinceStructure = 0;
      this.structured = true;
      this.lastStructureSeconds = line.seconds;
    } else {
      this.sinceStructure++;
      if (first) this.lastStructureSeconds = line.seconds;
    }
    if (line.text.includes('Sending NMI from CPU')) this.otherCpus = true;
    if (!this.ownEnded) {
      this.own.push(line);
      if (this.own.length >= maxLines) this.ownEnded = true;
    }
    if (
      this.textEnded ||
      (!first && isQuestionable(line)) ||
      line.text.includes('Disabling lock debugging due to kernel taint')
    )
      return;
    const from = this.texts[0]?.includes('BUG: KMSAN:') ? 16 : 22;
    if (
      this.texts.length >= from &&
      (line.text.includes('Kernel panic - not syncing') ||
        line.text.includes('WARNING: possible circular locking dependency detected'))
    ) {
      this.textEnded = true;
      return;
    }
    this.texts.push(line.text);
    this.bytes += line.text.length;
    if (this.texts.length >= maxLines || this.bytes >= maxTextBytes) this.textEnded = true;
  }

  /**
   * `callersTell`: the log has lines of several tasks, so that caller ids tell them apart. Then the title window is
   * the whole report; where all lines carry the same id it says nothing, and the window ends at a second report.
   */
  finish(callersTell: boolean, prelude?: FinishedReport): FinishedReport {
    const kept = this.before.filter((l) => l.text !== '' && !isQuestionable(l));
    const count = this.context.startsWith('T') ? 50 : 5;
    return {
      header: this.header,
      raw: { headline: this.headline, lines: this.own, before: this.before },
      texts: this.texts,
      windowLength: (isCaller(this.context) && callersTell ? undefined : this.windowLength) ?? this.texts.length,
      textsBefore: kept.slice(-count).map((l) => l.text),
      ...(prelude === undefined ? {} : { prelude }),
    };
  }
}
