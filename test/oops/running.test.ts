import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../src/model/log-line.ts';
import type { RunContext } from '../../src/model/report.ts';
import { RunTracker } from '../../src/oops/running.ts';

/** `[k] text` is the kernel's line; others are of nobody known. */
function contextAfter(...written: string[]): RunContext | undefined {
  const tracker = new RunTracker();
  written.forEach((text, index) => {
    const range = { firstLine: index + 1, lastLine: index + 1, firstByte: index, endByte: index + 1 };
    const kernel = text.startsWith('[k] ');
    const line: LogLine = { range, text: kernel ? text.slice(4) : text, context: kernel ? 'console' : '' };
    tracker.line(kernel ? { ...line, kernel } : line);
  });
  return tracker.snapshot();
}

/** `harness: test` of what runs after the lines. */
function runningAfter(...written: string[]): string | undefined {
  const context = contextAfter(...written);
  return context?.test === undefined ? undefined : `${context.harness} ${context.test}`;
}

describe('what runs', () => {
  test.each<[string, string[]]>([
    [
      'kselftest net: rtnetlink.sh',
      ['TAP version 13', '1..3', '# timeout set to 45', '# selftests: net: rtnetlink.sh', '# PASS: a'],
    ],
    ['kselftest cpu-on-off-test.sh', ['selftests: cpu-on-off-test.sh', '========================================']],
    ['kselftest timers', ['[k] kselftest: Running tests in timers']],
    [
      'kselftest net: tls: tls.12_gcm.send',
      ['# selftests: net: tls', '# TAP version 13', '# #  RUN           tls.12_gcm.send ...'],
    ],
    [
      'xfstests generic/475',
      ['[k] run fstests generic/475 at 2024-01-01 10:00:00', '[k] XFS (vdb): Mounting V5 Filesystem'],
    ],
    ['xfstests generic/475', ['generic/475  42s ... ']],
    ['blktests nvme/030', ['[k] run blktests nvme/030 at 2024-01-01 10:00:00']],
    ['ltp fork01', ['[k] LTP: starting fork01 (fork01 -x)']],
    ['ltp fork01', ['<<<test_start>>>', 'tag=fork01 stime=1700000000', 'cmdline="fork01"', '<<<test_output>>>']],
    ['ltp fork01', ['[k] /usr/bin/kirk[312]: starting test fork01 (fork01)']],
    ['ltp fork01', ['tst_test.c:1526: TINFO: Timeout per run is 0h 05m 00s', 'fork01.c:60: TPASS: forked']],
    [
      'kunit kasan',
      ['[k] KTAP version 1', '[k] 1..2', '[k]     # Subtest: kasan', '[k]     1..60', '[k]     ok 1 kmalloc_oob_right'],
    ],
    ['kunit list: params', ['[k]     # Subtest: list', '[k]         # Subtest: params', '[k]         ok 1 one']],
    [
      'kunit list',
      ['[k]     # Subtest: list', '[k]         # Subtest: params', '[k]         ok 1 one', '[k]     ok 1 params'],
    ],
    ['igt gem_exec: basic', ['[k] [IGT] gem_exec: executing', '[k] [IGT] gem_exec: starting subtest basic']],
    ['lkdtm PANIC', ['[k] lkdtm: Performing direct entry PANIC']],
    ['lava 1_boot: dmesg', ['[k] <LAVA_SIGNAL_STARTRUN 1_boot 123>', '<LAVA_SIGNAL_STARTTC dmesg>']],
  ])('%s', (expected, lines) => {
    expect(runningAfter(...lines)).toBe(expected);
  });

  test.each<[string, string[]]>([
    ['kselftest', ['# selftests: net: rtnetlink.sh', '# PASS: a', 'ok 1 selftests: net: rtnetlink.sh']],
    [
      'kselftest, failing',
      ['# selftests: net: rtnetlink.sh', 'not ok 1 selftests: net: rtnetlink.sh # TIMEOUT 45 seconds'],
    ],
    ['kselftest before 5.2', ['selftests: test.sh', 'selftests: test.sh [PASS]']],
    ['xfstests', ['generic/475  42s ...  41s']],
    ['xfstests, not run', ['[k] run fstests generic/475 at x', 'generic/475 [not run] this test requires a device']],
    ['blktests', ['[k] run blktests block/001 at x', 'block/001 (stress device hotplugging) [passed]']],
    ['ltp', ['tag=fork01 stime=1700000000', '<<<test_end>>>']],
    ["ltp's list of results", ['tag=fork01 stime=1700000000 dur=0 exit=exited stat=0 core=no cu=0 cs=1']],
    ['kunit', ['[k]     # Subtest: kasan', '[k]     ok 1 a', '[k] ok 1 kasan']],
    ['igt', ['[k] [IGT] gem_exec: executing', '[k] [IGT] gem_exec: exiting, ret=0']],
    ['a reboot', ['# selftests: net: rtnetlink.sh', '[k] Linux version 6.1.0 (a@b)']],
    ['nothing', ['Starting tests', '# a comment', 'ok']],
  ])('over: %s', (_, lines) => {
    expect(runningAfter(...lines)).toBeUndefined();
  });

  test('a part that is over leaves the test', () => {
    const lines = ['# selftests: net: tls', '# #  RUN           tls.send ...', '# #            OK  tls.send'];
    expect(runningAfter(...lines)).toBe('kselftest net: tls');
  });

  test('the last line of another program is told where the kernel’s lines are known', () => {
    expect(contextAfter('[k] a', 'mount /mnt', '', '[k] b')).toEqual({ userLine: 'mount /mnt', userLineNumber: 2 });
    expect(contextAfter('a', 'mount /mnt')).toBeUndefined();
  });

  test('nothing that is read breaks it, or makes it slow', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom('    # Subtest: a', 'ok 1 a', '        ok 2 b', '# selftests: a')),
        ),
        (lines) => {
          contextAfter(...lines);
        },
      ),
    );
    const began = performance.now();
    contextAfter(`# ${' '.repeat(100_000)}x`, `[IGT] ${'a'.repeat(100_000)}`, 'a/'.repeat(50_000), ' '.repeat(100_000));
    expect(performance.now() - began).toBeLessThan(200);
  });
});
