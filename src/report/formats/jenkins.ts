import { printable } from '../escape.ts';
import { type JsonValue, toJson } from '../json.ts';
import type { FormatOptions } from './options.ts';
import { logLine, mainPlace } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { cutLines, cutUnits } from './safe.ts';
import { messageLines, sentenceOf, titleOf } from './words.ts';
import { markup } from './xml.ts';

const longestMessage = 1000;
const longestDescription = 32_000;

const severities = { fatal: 'ERROR', error: 'ERROR', warning: 'HIGH', notice: 'LOW' } as const;

/** The native format of Jenkins' Warnings plugin; `description` is HTML there, and so escaped. */
export function* jenkinsFormat(run: Run, options: FormatOptions): Generator<string> {
  const found = run.problems.map((problem): { [key: string]: JsonValue } => {
    const { report } = problem;
    const { file, line, column } = mainPlace(problem, options);
    const kind = printable(report.kind);
    const lines = cutLines(messageLines(problem, options), longestDescription);
    return {
      fileName: file,
      lineStart: line,
      ...(column !== undefined && { columnStart: column }),
      severity: problem.fails ? severities[report.severity] : 'LOW',
      category: kind.split('/', 1)[0] ?? kind,
      type: kind,
      message: markup(cutUnits(`${titleOf(problem)}: ${sentenceOf(problem)}`, longestMessage)),
      description: `<pre>${markup(lines.join('\n'))}</pre>`,
      fingerprint: printable(report.signature),
    };
  });
  const remarks = remarksOf(run).map(({ path, line, isFailure, code, text }) => ({
    fileName: logLine(path, line, options).file,
    lineStart: line,
    severity: isFailure ? 'ERROR' : 'NORMAL',
    category: 'ktriage',
    type: code,
    message: markup(cutUnits(printable(text), longestMessage)),
  }));
  const issues = [...found, ...remarks];
  const report = { _class: 'io.jenkins.plugins.analysis.core.restapi.ReportApi', issues, size: issues.length };
  yield `${toJson(report, 2)}\n`;
}
