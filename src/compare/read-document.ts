import type { Consequence } from '../model/incident.ts';
import { severities } from '../model/severity.ts';
import type { ComparableFrame } from './names.ts';
import type { ComparableFile, ComparableReport } from './run.ts';

/** Beyond these a document is none that ktriage printed. */
const maxItems = 1_000_000;
const maxFrames = 256;
const maxTitles = 20;
const maxText = 1000;

type Dictionary = Readonly<Record<string, unknown>>;

const dictionary = (value: unknown): Dictionary | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
const items = (value: unknown, most: number): readonly unknown[] => (Array.isArray(value) ? value.slice(0, most) : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, maxText) : undefined);
const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
const present = <T>(value: T | undefined): value is T => value !== undefined;

/** The start of what `--format json` and `--format jsonl` print. */
const documentStart = /^\s{0,100}\{\s{0,100}"schema"\s{0,10}:\s{0,10}"(ktriage\/[a-z-]{1,20}\/v\d{1,3})"/;

/** The form that the beginning of a text says it has; absent if it is no document of ktriage's. */
export function documentForm(start: string): string | undefined {
  return documentStart.exec(start)?.[1];
}

/**
 * The inputs of a `ktriage/report/v1` document, or of lines that are a report each; undefined for anything else.
 * Reports without a signature are left out, which is told as damage, as are keys that are not compared.
 * @throws SyntaxError for what is no JSON.
 */
export function readDocument(source: string): ComparableFile[] | undefined {
  const [first = ''] = source.trimStart().split('\n', 1);
  const lines = isWhole(first) ? source.split('\n') : [];
  if (lines.length > 0) return readLines(lines);
  const document = dictionary(JSON.parse(source));
  if (document?.schema !== 'ktriage/report/v1' || !Array.isArray(document.files)) return undefined;
  const all = items(document.files, maxItems);
  const files = all.map(readFile).filter(present);
  const lost = all.length - files.length;
  return lost === 0 ? files : [...files, unreadable(`${lost} of its inputs lack their parts`)];
}

/** True for a line that is a report by itself. */
function isWhole(line: string): boolean {
  if (!line.trimEnd().endsWith('}')) return false;
  const value = dictionary(JSON.parse(line));
  return value?.schema === 'ktriage/report/v1' && value.signature !== undefined;
}

function readLines(lines: readonly string[]): ComparableFile[] {
  const files = new Map<string, ComparableReport[]>();
  let unread = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const value = dictionary(JSON.parse(line));
    const report = readReport(value);
    if (report === undefined) {
      unread += 1;
      continue;
    }
    const path = text(value?.path) ?? '';
    const reports = files.get(path) ?? [];
    reports.push(report);
    files.set(path, reports);
  }
  const input = { kernelLines: true, cutOff: false };
  const all: ComparableFile[] = [...files].map(([path, reports]) => ({ path, reports, incidents: [], input }));
  if (unread > 0) all.push(unreadable(`${unread} lines are no reports`));
  return all;
}

/** A part of a document of which nobody can say what it held. */
const unreadable = (damaged: string): ComparableFile => ({
  path: 'the document',
  reports: [],
  incidents: [],
  input: { kernelLines: true, cutOff: false, damaged },
});

function readFile(value: unknown): ComparableFile | undefined {
  const file = dictionary(value);
  const input = dictionary(file?.input);
  if (file === undefined || input === undefined || !Array.isArray(file.reports)) return undefined;
  // Indexes of incidents are into all reports: what cannot be read keeps its place.
  const reports = items(file.reports, maxItems).map(readReport);
  const kept = reports.flatMap((report, index) => (report === undefined ? [] : [index]));
  const lost = reports.length - kept.length;
  const damaged = text(input.damaged) ?? (lost === 0 ? undefined : `${lost} of its reports are none`);
  const placeOf = new Map(kept.map((index, place) => [index, place]));
  return {
    path: text(file.path) ?? '',
    reports: reports.filter(present),
    incidents: items(file.incidents, maxItems).flatMap((item) => readIncident(item, placeOf)),
    input: {
      kernelLines: input.kernelLines !== false,
      cutOff: input.cutOff === true,
      ...(damaged !== undefined && { damaged }),
      ...(input.endMark === 'missing' && { endMark: 'missing' }),
      omittedReports: count(input.omittedReports) ?? 0,
    },
  };
}

const reasons: readonly Consequence[] = [
  'panic-after',
  'repeat',
  'same-task-after',
  'stuck-behind',
  'reporting-trouble',
  'tainted-after',
];

function readIncident(value: unknown, placeOf: ReadonlyMap<number, number>): ComparableFile['incidents'] {
  const incident = dictionary(value);
  const root = placeOf.get(count(incident?.root) ?? -1);
  if (root === undefined) return [];
  const follow = items(incident?.follow, maxItems).flatMap((item) => {
    const one = dictionary(item);
    const report = placeOf.get(count(one?.report) ?? -1);
    const why = reasons.find((reason) => reason === one?.why);
    return report === undefined || why === undefined ? [] : [{ report, why }];
  });
  return [{ root, follow }];
}

function readReport(value: unknown): ComparableReport | undefined {
  const report = dictionary(value);
  const signature = text(report?.signature);
  const kind = text(report?.kind);
  const title = text(report?.title);
  if (report === undefined || signature === undefined || kind === undefined || title === undefined) return undefined;
  const culprit = text(dictionary(report.culprit)?.function);
  const release = text(dictionary(report.kernel)?.release);
  const frame = text(report.frame);
  return {
    signature,
    kind,
    title,
    altTitles: items(report.altTitles, maxTitles).map(text).filter(present),
    severity: severities.find((severity) => severity === report.severity) ?? 'error',
    corrupted: report.corrupted === true,
    repeats: count(report.repeats) ?? 0,
    startLine: count(report.startLine) ?? 0,
    ...(frame !== undefined && { frame }),
    ...(culprit !== undefined && { culprit: { function: culprit } }),
    ...(release !== undefined && { kernel: { release } }),
    frames: items(report.frames, maxFrames).map(readFrame).filter(present),
  };
}

function readFrame(value: unknown): ComparableFrame | undefined {
  const frame = dictionary(value);
  const name = text(frame?.function);
  if (frame === undefined || name === undefined) return undefined;
  const inlined = items(frame.inlined, maxFrames).flatMap((item) => {
    const inner = text(dictionary(item)?.function);
    return inner === undefined ? [] : [{ function: inner }];
  });
  return { function: name, reliable: frame.reliable !== false, inlined };
}
