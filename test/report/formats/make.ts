import type { FileResult } from '../../../src/model/document.ts';
import type { CrashReport } from '../../../src/model/report.ts';
import type { FormatOptions } from '../../../src/report/formats/options.ts';
import { type Run, RunCollector } from '../../../src/report/formats/run.ts';
import { crashReport, fileResult, frame } from '../make.ts';

/** What outputs know in tests: paths are told as they are, everything fails the run. */
export function formatOptions(more: Partial<FormatOptions> = {}): FormatOptions {
  return {
    version: '1.2.3',
    relative: (path) => path,
    kindWords: (kind) => ({
      summary: `what ${kind} is`,
      explanation: `what ${kind} means`,
      url: 'https://docs.kernel.org/x.html',
    }),
    kcidb: { origin: 'myci', testId: 'myci:test-1', buildId: 'myci:build-1' },
    ...more,
  };
}

/** A run over these inputs, all of which makes it fail. */
export const runOf = (...files: readonly FileResult[]): Run => judgedRun(() => true, ...files);

/** A run over these inputs, of which some reports make it fail. */
export function judgedRun(isFailure: (report: CrashReport) => boolean, ...files: readonly FileResult[]): Run {
  const collector = new RunCollector(isFailure);
  for (const file of files) collector.add(file);
  return collector.run();
}

/** A signature of a number. */
export const signature = (n: number): string => n.toString(16).padStart(16, '0');

/** A crash with source lines, inlined functions included. */
export function placedReport(more: Partial<CrashReport> = {}): CrashReport {
  const frames = [
    frame('frob_read+0xe/0x19 [frob]', 104, {
      source: { file: 'drivers/frob/frob.c', line: 22, column: 5 },
      inlined: [{ function: 'frob_level', source: { file: 'include/frob.h', line: 7 } }],
    }),
    frame('frob_write+0x18/0x2f [frob]', 120, { source: { file: 'drivers/frob/main.c', line: 45 } }),
    frame('? stale+0x1/0x2', 121),
    frame('vfs_write+0xc7/0x3f0', 122, { source: { file: 'fs/read_write.c', line: 582, column: 9 } }),
  ];
  return crashReport({
    frames,
    stacks: [
      {
        role: 'trap',
        label: 'Call Trace:',
        frames,
        range: frames[0]?.range ?? { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 1 },
      },
    ],
    ...more,
  });
}

/** As many different problems. */
export function manyProblems(count: number, more: Partial<CrashReport> = {}): Run {
  const reports = Array.from({ length: count }, (_, n) =>
    placedReport({ signature: signature(n), title: `crash number ${n}`, startLine: n + 1, ...more }),
  );
  return runOf(fileResult(reports));
}
