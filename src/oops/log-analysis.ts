import type { Boot, Incident } from '../model/incident.ts';
import type { LogLine } from '../model/log-line.ts';
import type { Notice } from '../model/notice.ts';
import type { CrashReport, RunContext } from '../model/report.ts';
import { BootTracker, bootTexts, maxBoots } from './boots.ts';
import { type BuiltReport, buildReport } from './build.ts';
import { ReportCollector } from './collector.ts';
import { type EndingLine, shareEndings } from './endings.ts';
import type { History } from './grammar.ts';
import { headlineOf, headlineTexts, noticesWithStack } from './headlines.ts';
import { groupIncidents } from './incidents.ts';
import { shareModules } from './machine-facts.ts';
import { NoticeCollector, noticeLiterals } from './notices/notices.ts';
import type { FinishedReport } from './open-report.ts';
import { Replays } from './replays.ts';
import { RunTracker } from './running.ts';
import { isSuppressing, suppressingTexts } from './suppressed.ts';
import { isKnownHeadline } from './titles/rules.ts';
import { ownHeaders } from './titles/rules-own.ts';

const panicText = 'Kernel panic - not syncing';
const disconnectedText = 'serialport: VM disconnected.';

const reportLiterals = [...headlineTexts, ...ownHeaders.map((h) => h.literal), ...suppressingTexts, disconnectedText];

/** Texts at which a scanner must stop: lines with none of them, and not near one, change nothing. */
export const analysisLiterals: readonly string[] = [...new Set([...reportLiterals, ...noticeLiterals, ...bootTexts])];

const reportHeaders = ownHeaders.filter((h) => !h.notice);

/** Where a message may begin in a raw line: behind what pipes put before it. */
const messageStart = /^|[\]:>|] |["';,>\t]/g;

/** True if the line, from one of the places where its message may begin, is a headline of ours. */
function mayBeOwnHeadline(raw: string): boolean {
  const headers = reportHeaders.filter((h) => raw.includes(h.literal));
  if (headers.length === 0) return false;
  for (const start of raw.slice(0, 300).matchAll(messageStart)) {
    const text = raw.slice(start.index + start[0].length).trimStart();
    if (headers.some((h) => h.matches(text))) return true;
  }
  return false;
}

/** `WARNING:` and `INFO:` are everybody's words; a kernel's report has one of these below them. */
const reportBody = /\+0x[0-9a-f]|Call [Tt]race|PID: |Comm: |ainted|, at: |backtrace/;

/**
 * How a raw line that holds one of the literals counts: `true` if a report may begin with it, so that its
 * surroundings are wanted, `'line'` if it says something by itself, `false` if it is known to be harmless.
 * @param following what comes behind the line, undefined if that is not known yet
 */
export function lineMatters(raw: string, following: () => string | undefined): boolean | 'line' {
  const headline = headlineOf(raw);
  if (headline !== undefined) {
    if (headline.header !== 'WARNING:' && headline.header !== 'INFO:') return true;
    // Some say enough by themselves, if only that a report was cut short.
    if (isKnownHeadline(headline.header, raw)) return true;
    const body = following();
    return body === undefined || reportBody.test(body) || raw.includes('kernel stack ');
  }
  if (mayBeOwnHeadline(raw)) return true;
  return headlineTexts.some((text) => raw.includes(text)) ? false : 'line';
}

const endingTexts = ['---[ end Kernel panic', 'Rebooting in ', 'Kernel Offset: ', 'Dumping ftrace'];

/** One look at a line instead of a hundred: most lines hold none of the texts that anybody asks for. */
const anyNews = new RegExp(
  [...analysisLiterals, ...endingTexts, ...noticesWithStack]
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('|'),
);

/** What was found in a log. */
export interface LogFindings {
  readonly reports: CrashReport[];
  readonly incidents: Incident[];
  readonly boots: Boot[];
  readonly notices: Notice[];
  readonly cutOff: boolean;
  readonly omittedReports: number;
}

/** Bounds of what is kept; beyond them reports are counted. */
const maxReports = 2000;
const maxTextBytes = 24 << 20;
const maxRepeats = 4;
const maxNotices = 2000;
const maxEndings = 1000;

const endingLine =
  /^(?:---\[ end Kernel panic|Rebooting in [0-9]+ seconds|Kernel panic - not syncing|Kernel Offset: |Dumping ftrace)/;

/** The analysis of one log: a sink of lines, and what they come to. */
export class LogAnalysis {
  private readonly onReport: ((report: CrashReport) => void) | undefined;
  private readonly collector: ReportCollector;
  private readonly boots = new BootTracker();
  private readonly running = new RunTracker();
  private readonly notices = new NoticeCollector();
  private readonly kept: BuiltReport[] = [];
  private readonly keptNotices: Notice[] = [];
  private readonly around = new Map<
    LogLine,
    { boot: number; running?: RunContext; release?: string; history?: History }
  >();
  /** By boot and signature: how often, and where in `kept` the first one is. */
  private readonly repeats = new Map<string, { times: number; first: number }>();
  private readonly endings: EndingLine[] = [];
  private readonly replays = new Replays();
  private saturation = 0;
  private textBytes = 0;
  private omitted = 0;
  private lastHeadline = 0;
  private disconnected = false;
  private suppressed = false;
  private readonly panickedBoots = new Set<number>();

  /** `onReport` is called once for each report, when it is complete; its `endLine` is the last headline so far. */
  constructor(onReport?: (report: CrashReport) => void) {
    this.onReport = onReport;
    this.collector = new ReportCollector({
      started: (line) => this.remember(line),
      report: (report) => this.take(report),
      headline: (line) => {
        this.lastHeadline = line.range.firstLine;
      },
    });
  }

  /** The boots found so far, the last of which goes on to this line. */
  bootsUntil(lastLine: number): Boot[] {
    return this.boots.finish(lastLine);
  }

  /**
   * What a scanner must still look for, if that is less than before: of notices and of boots only so many are kept.
   * Undefined if it is the same as when last asked.
   */
  fewerLiterals(): readonly string[] | undefined {
    const full = Number(this.keptNotices.length >= maxNotices) + 2 * Number(this.boots.current + 1 >= maxBoots);
    if (full === this.saturation) return undefined;
    this.saturation = full;
    return [...new Set([...reportLiterals, ...(full & 1 ? [] : noticeLiterals), ...(full & 2 ? [] : bootTexts)])];
  }

  get busy(): boolean {
    return this.collector.busy;
  }

  line(line: LogLine): void {
    const boot = this.boots.current;
    this.boots.line(line);
    if (this.boots.current !== boot) this.collector.newBoot();
    const news = anyNews.test(line.text);
    if (news) this.noteNews(line);
    this.collector.line(line, news);
    this.running.line(line);
    if (!news && !this.notices.gathering) return;
    this.notices.line(line);
    const inReport = this.collector.expects(line);
    for (const notice of this.notices.take()) {
      // Other CPUs' backtraces in a stall's report are part of it.
      if (!inReport || !notice.kind.startsWith('trace/')) this.note(notice);
    }
  }

  /** What a line says about the log as a whole. */
  private noteNews(line: LogLine): void {
    if (line.text.includes(panicText)) this.panickedBoots.add(this.boots.current);
    if (line.text.includes(disconnectedText)) this.disconnected = true;
    if (!this.suppressed && isSuppressing(line.text)) this.suppressed = true;
    if (endingLine.test(line.text) && this.endings.length < maxEndings) {
      if (this.replays.isReplay(this.boots.current, line.seconds, `ending ${line.text}`)) return;
      this.endings.push({ boot: this.boots.current, line });
    }
  }

  /** The log is quiet: whatever is open is complete. */
  quiet(): void {
    this.collector.finish();
  }

  /** `lastLine`: the number of the log's last line. */
  finish(lastLine: number): LogFindings {
    this.collector.finish();
    this.notices.finish();
    for (const notice of this.notices.take()) this.note(notice);
    const cutOff = this.kept.at(-1)?.unfinished === true;
    const reports = shareModules(this.kept).map((report): CrashReport => ({ ...report, ...this.verdict(report) }));
    const incidents = shareEndings(groupIncidents(reports), reports, this.endings);
    incidents.forEach((incident, index) => {
      for (const member of [incident.root, ...incident.follow.map((f) => f.report)]) {
        const report = reports[member];
        if (report !== undefined) reports[member] = { ...report, incident: index };
      }
    });
    return {
      reports,
      incidents,
      boots: this.bootsUntil(lastLine),
      notices: this.keptNotices,
      cutOff,
      omittedReports: this.omitted,
    };
  }

  private remember(line: LogLine): void {
    const running = this.running.snapshot();
    const release = this.boots.release;
    this.around.set(line, {
      boot: this.boots.current,
      history: { ran: this.boots.ran, ended: this.boots.ended },
      ...(running === undefined ? {} : { running }),
      ...(release === undefined ? {} : { release }),
    });
  }

  private take(finished: FinishedReport): void {
    const { headline } = finished.raw;
    const around = this.around.get(headline) ?? { boot: this.boots.current };
    this.around.delete(headline);
    const report = buildReport(finished, { ...around, disconnected: this.disconnected });
    if (report === undefined) return;
    if (report.severity === 'notice') {
      // The notice collector tells of cgroups' OOM kills from their last line, which has more.
      if (report.kind !== 'memory/cgroup-oom') this.note(report);
      return;
    }
    if (this.replays.isReplay(report.boot ?? 0, report.seconds, report.headline)) return;
    this.onReport?.({ ...report, ...this.verdict(report) });
    this.keep(report);
  }

  private note({ kind, title, range, seconds, details }: Notice): void {
    if (this.keptNotices.length >= maxNotices) return;
    if (this.replays.isReplay(this.boots.current, seconds, `${kind} ${title}`)) return;
    const known = { ...(seconds === undefined ? {} : { seconds }), ...(details === undefined ? {} : { details }) };
    this.keptNotices.push({ kind, title, range, ...known });
  }

  /** Keeps a report, or counts it if it is one too many. */
  private keep(report: BuiltReport): void {
    const key = `${report.boot} ${report.signature}`;
    const seen = this.repeats.get(key);
    const original = seen === undefined ? undefined : this.kept[seen.first];
    if (seen !== undefined && original !== undefined && ++seen.times > maxRepeats) {
      this.kept[seen.first] = { ...original, repeats: (original.repeats ?? 0) + 1 };
      return;
    }
    if (this.kept.length >= maxReports || this.textBytes > maxTextBytes) {
      this.omitted++;
      return;
    }
    if (seen === undefined) this.repeats.set(key, { times: 0, first: this.kept.length });
    this.textBytes += report.reportText.length;
    this.kept.push(report);
  }

  /** What only the whole log tells. */
  private verdict(report: CrashReport): Pick<CrashReport, 'panicked' | 'suppressed' | 'endLine'> {
    return {
      panicked: report.panicked || this.panickedBoots.has(report.boot ?? 0),
      suppressed: this.suppressed,
      endLine: Math.max(report.startLine, this.lastHeadline),
    };
  }
}
