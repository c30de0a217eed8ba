import type { AnalysisDocument, FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';
import { escapeInJson } from './escape.ts';
import { nipaFingerprint } from './formats/nipa.ts';

/** What JSON can hold. */
export type JsonValue = string | number | boolean | JsonValue[] | { [key: string]: JsonValue };

/** The name of the document's form; additions do not change it, everything else makes a new one. */
export const documentSchema: AnalysisDocument['schema'] = 'ktriage/report/v1';

/** An address as JSON has it: a string, as no JSON number holds 64 bits. */
export function hexAddress(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** Deeper things than the model has can only come from a mistake; they are left out instead of overflowing the stack. */
const deepest = 40;

/**
 * The model as plain JSON: `bigint` becomes a hex string, what is unknown is left out.
 * Returns `undefined` for what JSON does not have.
 */
export function toJsonValue(value: unknown, depth = 0): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'bigint':
      return hexAddress(value);
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null || depth > deepest) return undefined;
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value) {
      const converted = toJsonValue(item, depth + 1);
      if (converted !== undefined) items.push(converted);
    }
    return items;
  }
  // Without a prototype: a register or symbol called `__proto__` is a key like any other.
  const object: { [key: string]: JsonValue } = Object.create(null);
  for (const [key, member] of Object.entries(value)) {
    const converted = toJsonValue(member, depth + 1);
    if (converted !== undefined) object[key] = converted;
  }
  return object;
}

/** One value as JSON text, with nothing in it that a terminal would act on. */
export function toJson(value: unknown, indent = 0): string {
  const text = JSON.stringify(toJsonValue(value) ?? {}, null, indent);
  // Line feeds of the indentation are the only control characters that JSON.stringify leaves.
  return indent === 0 ? escapeInJson(text) : text.split('\n').map(escapeInJson).join('\n');
}

function shift(text: string, by: string): string {
  return text.replaceAll('\n', `\n${by}`);
}

function* list(name: string, values: readonly unknown[], last: boolean): Generator<string> {
  const end = last ? '\n' : ',\n';
  if (values.length === 0) {
    yield `      "${name}": []${end}`;
    return;
  }
  yield `      "${name}": [\n`;
  for (const [index, value] of values.entries()) {
    yield `        ${shift(toJson(value, 2), '        ')}${index === values.length - 1 ? '\n' : ',\n'}`;
  }
  yield `      ]${end}`;
}

/** A report as output has it: with the ids that other systems give it, behind our own. */
export function jsonReport(report: CrashReport): Record<string, unknown> {
  const nipa = nipaFingerprint(report);
  const entries = Object.entries(report);
  const at = entries.findIndex(([key]) => key === 'signature') + 1;
  return Object.fromEntries(nipa === '' ? entries : entries.toSpliced(at, 0, ['fingerprints', { nipa }]));
}

/** One element of the document's `files`, in pieces. */
export function* jsonFile(file: FileResult): Generator<string> {
  yield `    {\n      "path": ${toJson(file.path)},\n`;
  if (file.command !== undefined) yield `      "command": ${shift(toJson(file.command, 2), '      ')},\n`;
  yield `      "input": ${shift(toJson(file.input, 2), '      ')},\n`;
  yield* list('reports', file.reports.map(jsonReport), false);
  yield* list('incidents', file.incidents, false);
  yield* list('boots', file.boots, false);
  yield* list('notices', file.notices, true);
  yield '    }';
}

/**
 * Writes the document piece by piece, so that neither all files nor one big file need a string of their own.
 * `begin`, then `file` for each, then `end`.
 */
export class JsonDocumentWriter {
  #files = 0;

  *begin(): Generator<string> {
    yield `{\n  "schema": "${documentSchema}",\n  "files": [`;
  }

  *file(file: FileResult): Generator<string> {
    yield this.#files === 0 ? '\n' : ',\n';
    this.#files += 1;
    yield* jsonFile(file);
  }

  *end(): Generator<string> {
    yield this.#files === 0 ? ']\n}\n' : '\n  ]\n}\n';
  }
}
