import type { LogLine } from '../model/log-line.ts';
import { hasForm } from './headline-forms.ts';
import { continuesReport, headlineOf } from './headlines.ts';
import { type FinishedReport, OpenReport } from './open-report.ts';
import { ownHeadlineOf } from './own-headlines.ts';
import { isAnother, yieldsTo } from './titles/rules-own.ts';

/** What a collector tells of while lines go through it. */
export interface CollectorEvents {
  /** A line begins a report, which will be told later. */
  started(line: LogLine): void;
  /** A report has all the lines that it will get. Reports are told in the order of their headlines. */
  report(report: FinishedReport): void;
  /** A line is a headline of some kind, whether or not it begins a report. */
  headline(line: LogLine): void;
}

/** Lines kept to find what stands before a headline in its context. */
const maxLookback = 2000;
const maxBefore = 50;
/** Reports that are not told yet: those which are complete wait for the ones before them, up to so many. */
const maxOpen = 400;
const maxTold = 10_000;

/** SLUB and slab debugging print the object's history as `INFO:` lines below their headline. */
const slabHistory = /^INFO: (?:Allocated in|Freed in|Slab 0x|Object 0x|0x[0-9a-f]+-0x)/;

/** debug_show_blocker() in kernel/hung_task.c, since 6.16: who a hung task waits for, with that task's stack. */
const blocker = /^INFO: task .{1,64}:\d{1,10} (?:<\w{1,10}> )?(?:is )?blocked on an? /;
const hung = /INFO: task .{1,64}:\d{1,10} blocked/;

/** object_err() and slab_err() in mm/slub.c end in a warning since 6.14, for its stack; kmem_cache_destroy() warns too. */
const slabWarning = /^WARNING: .{0,80}\bmm\/slub\.c:\d{1,6} /;
const slabHeadline = /^BUG \S.{0,80} \((?:Not tainted|Tainted: [^)]{1,80})\): /;

/** Sorts lines into reports. Feed it every line of a log, or all those around headlines. */
export class ReportCollector {
  private readonly events: CollectorEvents;
  private readonly lookback: LogLine[] = [];
  /** In the order of their headlines; those that still want lines are in `active` too. */
  private readonly open: OpenReport[] = [];
  private active: OpenReport[] = [];
  private anyFinished = false;
  private caller: string | undefined;
  private severalCallers = false;
  /** What was dropped for the report that begins now, and by report. */
  private yielded: FinishedReport | undefined;
  private readonly preludes = new Map<OpenReport, FinishedReport>();
  /** Headlines with their stamps: a log may hold the same messages twice, from the console and from `dmesg`. */
  private readonly told = new Set<string>();
  /** The highest stamp so far: a copy's clock goes back. */
  private latest = 0;

  constructor(events: CollectorEvents) {
    this.events = events;
  }

  /** True while a report may still get lines. */
  get busy(): boolean {
    return this.active.length > 0;
  }

  /** True if a line stands where a report's own lines are expected. */
  expects(line: LogLine): boolean {
    return this.active.some((r) => !r.isOwnEnded && (r.adopts(line, 15, 300) || r.awaits(line)));
  }

  /** `news`: false for a line that holds no headline's text. */
  line(line: LogLine, news = true): void {
    const starter = !news || line.replayed ? undefined : this.starterOf(line);
    if (starter !== undefined) {
      for (const report of this.active) if (report.context === line.context) report.endOwn();
      const report = new OpenReport(line, starter, this.linesBefore(line), this.isFirst);
      if (this.yielded !== undefined) this.preludes.set(report, this.yielded);
      this.yielded = undefined;
      this.events.started(line);
      this.open.push(report);
      this.active.push(report);
    }
    if (!this.severalCallers && line.context !== '' && line.context !== 'console') {
      this.caller ??= line.context;
      this.severalCallers = this.caller !== line.context;
    }
    if (line.seconds !== undefined && line.seconds > this.latest) this.latest = line.seconds;
    for (const report of this.active) report.push(line, news);
    if (this.active.some((r) => !r.wantsMore) || this.open.length > maxOpen) this.finishComplete();
    this.lookback.push(line);
    if (this.lookback.length > 2 * maxLookback) this.lookback.splice(0, maxLookback);
  }

  /** The machine starts again: what follows belongs to no report from before. */
  newBoot(): void {
    for (const report of this.active) report.endOwn();
  }

  /** The log ends, or is quiet: what is open is complete. */
  finish(): void {
    while (this.open.length > 0) this.finishFirst();
  }

  private finishComplete(): void {
    this.active = this.active.filter((r) => r.wantsMore);
    while (this.open[0] !== undefined && (!this.open[0].wantsMore || this.open.length > maxOpen)) this.finishFirst();
  }

  private finishFirst(): void {
    const report = this.open.shift();
    if (report === undefined) return;
    this.active = this.active.filter((r) => r !== report);
    this.anyFinished ||= report.isPlausible;
    this.events.report(report.finish(this.severalCallers, this.preludes.get(report)));
    this.preludes.delete(report);
  }

  /** True while no report began that is likely to be one. */
  private get isFirst(): boolean {
    return !this.anyFinished && !this.open.some((r) => r.isPlausible);
  }

  /** The header under which a line begins a report, undefined if it begins none. */
  private starterOf(line: LogLine): string | undefined {
    const headline = headlineOf(line.text);
    if (headline === undefined) {
      const own = ownHeadlineOf(line);
      if (own !== undefined && this.isEcho(line)) return undefined;
      if (own === undefined) return undefined;
      const told = this.active.some((r) => !r.isOwnEnded && r.explains(line) && !isAnother(r.header, own));
      return told ? undefined : own;
    }
    this.events.headline(line);
    if (this.isEcho(line)) return undefined;
    // A driver's `WARNING: foo` amid a trace does not end it.
    if (!hasForm(line.text) && this.active.some((r) => r.isUnderWay && r.context === line.context)) return undefined;
    this.dropYielding(line);
    const alive = this.active.filter((r) => !r.isOwnEnded && r.adopts(line, 60, 300));
    if (continuesReport(line.text) && alive.length > 0) return undefined;
    const sameContext = alive.filter((r) => r.context === line.context);
    if (slabHistory.test(line.text) && sameContext.some((r) => /BUG .*\(/.test(r.headline.text))) return undefined;
    if (blocker.test(line.text) && sameContext.some((r) => hung.test(r.headline.text))) return undefined;
    if (slabWarning.test(line.text) && sameContext.some((r) => slabHeadline.test(r.headline.text))) return undefined;
    return headline.header;
  }

  /** True if the same headline stood in the log before, at the same time of the kernel's clock. */
  private isEcho(line: LogLine): boolean {
    if (line.seconds === undefined) return false;
    const again = line.seconds < this.latest - 0.5;
    const key = `${line.seconds} ${line.text}`;
    if (again && this.told.has(key)) return true;
    if (this.told.size >= maxTold) this.told.clear();
    this.told.add(key);
    return false;
  }

  /** What an own headline told was the prelude of this one: the report is this one's. */
  private dropYielding(line: LogLine): void {
    this.yielded = undefined;
    const yielding = this.active.filter((r) => yieldsTo(r.header, line.text) && r.adopts(line, 60, 300));
    for (const report of yielding) {
      this.yielded ??= report.finish(this.severalCallers);
      this.open.splice(this.open.indexOf(report), 1);
      this.active.splice(this.active.indexOf(report), 1);
    }
  }

  private linesBefore(line: LogLine): LogLine[] {
    const before: LogLine[] = [];
    for (let i = this.lookback.length - 1; i >= 0 && before.length < maxBefore; i--) {
      const candidate = this.lookback[i];
      if (candidate !== undefined && candidate.context === line.context) before.push(candidate);
    }
    return before.reverse();
  }
}
