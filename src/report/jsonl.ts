import type { CrashReport } from '../model/report.ts';
import { documentSchema, jsonReport, toJson } from './json.ts';

/** One report as one line of JSON, with the name of its input before the report's own keys. */
export function jsonLine(report: CrashReport, path: string): string {
  return `${toJson({ schema: documentSchema, path, ...jsonReport(report) })}\n`;
}
