import type { LogLine } from '../model/log-line.ts';
import { joinRanges } from '../model/position.ts';
import type { CrashReport, RunContext } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';
import { demangleInText } from '../util/demangle/demangle.ts';
import { utf8 } from '../util/text.ts';
import { findCulprit } from './culprit.ts';
import { extractDetails } from './details/details.ts';
import { extractFacts, preludeStart, type ReportFacts } from './extract/extract.ts';
import { type History, isReport } from './grammar.ts';
import { guiltyFile } from './guilty-file.ts';
import { kindOf } from './kinds/kinds.ts';
import { machineWords } from './machine-words.ts';
import type { FinishedReport } from './open-report.ts';
import type { RawReport } from './raw-report.ts';
import { refineKind } from './refine-kind.ts';
import { signatureOf } from './signature.ts';
import { titleReport } from './titles/title.ts';

/** What the log as a whole adds to a report. */
export interface ReportSurroundings {
  readonly boot: number;
  readonly disconnected: boolean;
  readonly running?: RunContext;
  readonly release?: string;
  readonly history?: History;
}

/** A report whose last fields (`panicked`, `suppressed`, `endLine`) are known only when the log ends. */
export type BuiltReport = CrashReport;

const executorComm = / Comm: syz\.([0-9]+)\.([0-9]+) /;

function executorOf(text: string): CrashReport['executor'] {
  const found = executorComm.exec(text);
  return found === null ? undefined : { proc: Number(found[1]), id: Number(found[2]) };
}

/** An object without the keys whose value is undefined. */
function present<T extends object>(parts: { readonly [K in keyof T]: T[K] | undefined }): T {
  // The result has no key that is undefined, which is what T says of its optional keys.
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as T;
}

/** CUT_HERE of include/linux/printk.h; arm has its own (arch/arm/mm/fault.c). */
const cutHere = /-{12}\[ cut here \]-{12}|^8<--- cut here ---/;

/** check_bytes_and_report() in mm/slub.c, as of 6.15: what was overwritten, then a rule, then the headline. */
const overwritten = /^\[[\w ]{1,40} overwritten\] 0x[0-9a-f]{8,16}-0x/;

/** The first of the report's own lines: that of a `cut here`, or of what is printed ahead of the headline. */
function beginning(raw: RawReport): LogLine {
  const { before, headline } = raw;
  const slab = before.length - 2;
  if (headline.text.startsWith('BUG ') && overwritten.test(before[slab]?.text ?? '')) return before[slab] ?? headline;
  const cut = before.findLastIndex((line) => cutHere.test(line.text));
  const start = cut >= before.length - 4 ? cut : preludeStart(raw);
  return before[start] ?? headline;
}

/**
 * Where the guilty file is looked for: by the title rules in all that follows the headline, for logs whose traces have
 * source positions. In other logs only headlines name files, and those of the reports that come after it are theirs.
 */
function textsToBlame({ raw, texts }: FinishedReport, { frames, stacks, lastLine }: ReportFacts): readonly string[] {
  const symbolized = stacks.some((stack) => stack.frames.some((frame) => frame.source !== undefined));
  if (symbolized || frames.length === 0) return texts;
  return raw.lines.slice(0, lastLine + 1).map((line) => line.text);
}

/** What the lines before add that were about to be a report of their own: their details, the stuck CPU's registers. */
function fromPrelude(prelude: FinishedReport | undefined): Pick<CrashReport, 'details' | 'registers'> {
  if (prelude === undefined) return {};
  const { raw, texts, header, windowLength } = prelude;
  const { registers } = extractFacts(raw);
  return present<Pick<CrashReport, 'details' | 'registers'>>({
    details: extractDetails(titleReport({ header, report: texts, windowLength }).kind, raw),
    registers,
  });
}

/** Makes a report of collected lines; undefined if they are none. */
export function buildReport(finished: FinishedReport, around: ReportSurroundings): BuiltReport | undefined {
  const { raw, texts } = finished;
  const { headline } = raw;
  const titled = titleReport({
    header: finished.header,
    report: texts,
    windowLength: finished.windowLength,
    disconnected: around.disconnected,
  });
  if (!isReport(finished, titled, around.history)) return undefined;
  const facts = extractFacts(raw);
  const kind = refineKind(titled.kind, [...raw.before.slice(-2).map((line) => line.text), ...texts]);
  const culprit = findCulprit(facts.frames, kind, facts.registers?.find((set) => set.mode === 'kernel')?.lr);
  const last = raw.lines[facts.lastLine] ?? headline;
  const firstLine = beginning(raw);
  const reportText = utf8(demangleInText([...finished.textsBefore, ...texts, ''].join('\n')));
  const usual = kindOf(kind)?.severity ?? 'error';
  // A check that only warns as a rule may be built as a trap (CONFIG_UBSAN_TRAP): then it kills.
  const severity =
    facts.panic !== undefined
      ? 'fatal'
      : facts.fault?.oopsCount === undefined || atLeast(usual, 'error')
        ? usual
        : 'error';
  const { lastLine: _, unfinished, kernel, ...said } = facts;
  const before = fromPrelude(finished.prelude);
  const begins = finished.prelude === undefined ? firstLine : beginning(finished.prelude.raw);
  const release = kernel?.release ?? around.release;
  const file = guiltyFile(textsToBlame(finished, facts), /stall/.test(kind));
  const loading = facts.linkedModules?.find((m) => m.flags?.includes('+'))?.name;
  const running = loading === undefined ? around.running : { ...around.running, loadingModule: loading };
  return {
    title: utf8(titled.title),
    altTitles: titled.altTitles,
    type: titled.type,
    kind,
    severity,
    corrupted: titled.corruptedReason !== undefined,
    suppressed: false,
    panicked: facts.panic !== undefined,
    signature: signatureOf(kind, facts.frames, culprit, titled.title),
    startLine: headline.range.firstLine,
    endLine: headline.range.firstLine,
    range: joinRanges(begins.range, last.range),
    headline: utf8(headline.text),
    reportText,
    ...before,
    ...said,
    ...machineWords({ ...before, ...said }, release),
    ...present<Partial<CrashReport>>({
      corruptedReason: titled.corruptedReason,
      frame: titled.frame,
      culprit,
      executor: executorOf(reportText),
      guiltyFile: file,
      kernel: release === undefined ? kernel : { ...kernel, release },
      seconds: headline.seconds,
      details: before.details ?? extractDetails(kind, raw),
      running,
    }),
    boot: around.boot,
    ...(unfinished && { unfinished }),
  };
}
