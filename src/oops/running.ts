import type { LogLine } from '../model/log-line.ts';
import type { RunContext } from '../model/report.ts';
import { utf8 } from '../util/text.ts';

/** Lines by which test harnesses say what they run: the harness, and the test's name in group 1. */
const starts: readonly (readonly [string, RegExp])[] = [
  ['kselftest', /^# selftests: (\S.{0,200})$/],
  ['kselftest', /^kselftest: Running tests in (\S+)/],
  ['xfstests', /^run fstests (\S+) at /],
  ['blktests', /^run blktests (\S+) at /],
  ['ltp', /^LTP: starting (\S+)/],
  ['ltp', /^<<<test_start>>>$|^tag=(\S+) stime=/],
  ['kunit', /^ *# Subtest: (\S.{0,200})$/],
];

/** Lines that say that a test is over. */
const ends: readonly RegExp[] = [/^(?:not )?ok [0-9]+ /, /^<<<test_end>>>$/, /^# (?:Totals|pass:)/];

/** Keeps what ran last, to be told with a report. */
export class RunTracker {
  private harness: string | undefined;
  private test: string | undefined;
  private userLine: LogLine | undefined;
  private kernelSeen = false;

  line(line: LogLine): void {
    const { text } = line;
    if (line.kernel) this.kernelSeen = true;
    // What the harness prints reaches the log by way of the console or of /dev/kmsg.
    for (const [harness, pattern] of starts) {
      const found = pattern.exec(text);
      if (found?.[1] !== undefined) {
        this.harness = harness;
        this.test = found[1];
        return;
      }
    }
    if (this.test !== undefined && ends.some((e) => e.test(text))) this.test = undefined;
    if (line.kernel !== true && text.trim() !== '') this.userLine = line;
  }

  /** The state of now; undefined if nothing is known. */
  snapshot(): RunContext | undefined {
    const known = {
      ...(this.test === undefined || this.harness === undefined
        ? {}
        : { harness: this.harness, test: utf8(this.test) }),
      // In a log without any mark of the kernel's lines, no line is known to be another program's.
      ...(this.userLine === undefined || !this.kernelSeen
        ? {}
        : { userLine: utf8(this.userLine.text.trim().slice(0, 300)), userLineNumber: this.userLine.range.firstLine }),
    };
    return Object.keys(known).length === 0 ? undefined : known;
  }
}
