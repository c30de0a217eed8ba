import type { LogLine } from '../model/log-line.ts';
import type { RunContext } from '../model/report.ts';
import { utf8 } from '../util/text.ts';

/** A line by which a test harness says what it runs. What it prints comes over the console, or by way of /dev/kmsg. */
interface Start {
  readonly harness: string;
  /** The test's name is group 1. */
  readonly pattern: RegExp;
  /** The name is that of a part of the test that runs. */
  readonly inner?: true;
}

const xfstest = '(?:[a-z0-9_-]{2,16}\\/\\d{3,4})';

const starts: readonly Start[] = [
  // tools/testing/selftests/kselftest/runner.sh; lib.mk before 5.2; run_kselftest.sh writes to /dev/kmsg
  { harness: 'kselftest', pattern: /^(?:# )?selftests: (?!.*\[(?:PASS|FAIL|SKIP)\]$)(\S.{0,200})$/ },
  { harness: 'kselftest', pattern: /^kselftest: Running tests in (\S+)/ },
  // kselftest_harness.h; the runner puts a "# " before it
  { harness: 'kselftest', pattern: /^(?:# )?# {1,3}RUN {5,20}(\S{1,200}) \.\.\.$/, inner: true },
  // common/rc: _run_fstest; a result behind the name on the console is that of a test that is over
  { harness: 'xfstests', pattern: /^run fstests (\S+) at / },
  { harness: 'xfstests', pattern: new RegExp(`^(${xfstest}) (?: {0,8}\\d{1,6}s)? ?\\.\\.\\. *$`) },
  { harness: 'blktests', pattern: /^run blktests (\S+) at / },
  // pan/ltp-pan.c; kirk and runltp-ng write to /dev/kmsg
  { harness: 'ltp', pattern: /^LTP: starting (\S+)/ },
  { harness: 'ltp', pattern: /^tag=(\S+) stime=\d+$/ },
  { harness: 'ltp', pattern: /^\S{0,80}(?:kirk|runltp-ng)\S{0,20}: starting test (\S+)/ },
  // lib/tst_test.c: a test prints the file that it is made from
  { harness: 'ltp', pattern: /^(?!tst_)(\w{2,60})\.c:\d{1,5}: T(?:PASS|FAIL|INFO|CONF|WARN|BROK): / },
  // lib/igt_core.c
  { harness: 'igt', pattern: /^\[IGT\] (\w{2,80}): executing$/ },
  { harness: 'igt', pattern: /^\[IGT\] \w{2,80}: starting (?:dynamic )?subtest (\S{1,200})$/, inner: true },
  // drivers/misc/lkdtm/core.c
  { harness: 'lkdtm', pattern: /^lkdtm: Performing direct entry (\w{1,80})$/ },
  { harness: 'lava', pattern: /^<LAVA_SIGNAL_STARTRUN (\S{1,200})/ },
  { harness: 'lava', pattern: /^<LAVA_SIGNAL_STARTTC (\S{1,200})>/, inner: true },
];

/** Lines that say that a test is over, or (`inner`) a part of one. */
const ends: readonly { readonly pattern: RegExp; readonly inner?: true }[] = [
  { pattern: /^(?:not )?ok \d{1,6} / },
  { pattern: /^(?:# Totals:|<<<test_end>>>|<LAVA_SIGNAL_ENDRUN |\[IGT\] \w{2,80}: exiting)/ },
  { pattern: /^selftests: .{1,200}\[(?:PASS|FAIL|SKIP)\]$/ },
  { pattern: new RegExp(`^${xfstest} .{0,200}(?:\\d{1,6}s|\\[(?:passed|failed|not run|expunged)\\].*)$`) },
  { pattern: /^(?:# )?# {6,20}(?:OK|FAIL|SKIP|XFAIL) {1,4}\S/, inner: true },
  { pattern: /^(?:<LAVA_SIGNAL_ENDTC |\[IGT\] \w{2,80}: (?:Dynamic )?[sS]ubtest )/, inner: true },
];

/** One look at a line instead of twenty: how all of those begin. */
const anyOfThem =
  /^(?:#|selftests: |kselftest: |run (?:fs|blk)tests |LTP: |tag=|\S{0,80}(?:kirk|runltp-ng)|\w{2,60}\.c:\d|\[IGT\]|lkdtm: |<LAVA_|<<<test_end|(?:not )?ok |[a-z0-9_-]{2,16}\/\d{3}| {4,40}(?:#|ok |not ok ))/;

/** KUnit's and other nested KTAP: a suite's tests stand four blanks further to the right than its result. */
const subtest = /^( {4,40})# Subtest: (\S.{0,200})$/;
const result = /^( {0,40})(?:not )?ok \d{1,6} /;
const maxDepth = 8;

interface Level {
  readonly indent: number;
  readonly name: string;
}

/** Keeps what ran last, to be told with a report. */
export class RunTracker {
  private harness: string | undefined;
  private test: string | undefined;
  private part: string | undefined;
  private levels: Level[] = [];
  private userLine: LogLine | undefined;
  private kernelSeen = false;

  line(line: LogLine): void {
    const { text } = line;
    if (line.kernel) this.kernelSeen = true;
    // Whatever ran, the machine went down under it.
    if (text.startsWith('Linux version ') && line.kernel === true) this.over();
    if (anyOfThem.test(text)) {
      if (this.begins(text)) return;
      this.endsWith(text);
    }
    if (line.kernel !== true && text.trim() !== '') this.userLine = line;
  }

  /** The state of now; undefined if nothing is known. */
  snapshot(): RunContext | undefined {
    const test = this.running();
    const known = {
      ...(test === undefined ? {} : { harness: test.harness, test: utf8(test.test) }),
      // In a log without any mark of the kernel's lines, no line is known to be another program's.
      ...(this.userLine === undefined || !this.kernelSeen
        ? {}
        : { userLine: utf8(this.userLine.text.trim().slice(0, 300)), userLineNumber: this.userLine.range.firstLine }),
    };
    return Object.keys(known).length === 0 ? undefined : known;
  }

  private running(): { harness: string; test: string } | undefined {
    if (this.levels.length > 0) return { harness: 'kunit', test: this.levels.map((l) => l.name).join(': ') };
    if (this.harness === undefined) return undefined;
    const test = [this.test, this.part].filter((name) => name !== undefined).join(': ');
    return test === '' ? undefined : { harness: this.harness, test };
  }

  /** True if the line says that something begins to run. */
  private begins(text: string): boolean {
    const nested = subtest.exec(text);
    if (nested !== null) {
      const indent = nested[1]?.length ?? 0;
      this.levels = this.levels.filter((l) => l.indent < indent).slice(0, maxDepth - 1);
      this.levels.push({ indent, name: nested[2] ?? '' });
      return true;
    }
    for (const { harness, pattern, inner } of starts) {
      const name = pattern.exec(text)?.[1];
      if (name === undefined) continue;
      if (inner) this.part = name;
      else {
        this.test = name;
        this.part = undefined;
        this.levels = [];
      }
      this.harness = harness;
      return true;
    }
    return false;
  }

  private endsWith(text: string): void {
    const nested = result.exec(text);
    if (nested !== null && this.levels.length > 0) {
      const indent = nested[1]?.length ?? 0;
      this.levels = this.levels.filter((l) => l.indent <= indent);
      return;
    }
    const end = ends.find(({ pattern }) => pattern.test(text));
    if (end === undefined) return;
    this.part = undefined;
    if (!end.inner) this.test = undefined;
  }

  private over(): void {
    this.harness = undefined;
    this.test = undefined;
    this.part = undefined;
    this.levels = [];
    this.userLine = undefined;
  }
}
