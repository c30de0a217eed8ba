import { KtriageError } from '../util/errors.ts';
import type { IssueEntry } from './known-issues.ts';
import { userMatcher } from './pattern-error.ts';

/** More entries than that are no list that anybody keeps. */
const maxEntries = 10_000;

/** Conditions of an entry, and whether the pattern is to match all of the value. */
const patternKeys = {
  title: 'part',
  culprit: 'whole',
  file: 'part',
  release: 'part',
  signature: 'whole',
  kind: 'kind',
} as const satisfies Record<string, 'part' | 'whole' | 'kind'>;
type PatternKey = keyof typeof patternKeys;
const patternNames: readonly PatternKey[] = ['title', 'culprit', 'file', 'release', 'signature', 'kind'];
const otherNames: readonly string[] = ['reason', 'link', 'expires'];

function refuse(where: string, why: string, hint = 'docs/compare.md has the form of the file'): KtriageError {
  return new KtriageError('KT-KNOWN-ISSUES', `cannot use ${where}`, why, hint);
}

/**
 * Reads a known-issues file: JSON, or the lines of an allow file as BPF CI has it (a pattern each, `#` begins a comment,
 * empty lines do nothing).
 * @param name what the file is called in messages.
 * @throws KtriageError KT-KNOWN-ISSUES, KT-PATTERN.
 */
export function readKnownIssues(source: string, name: string): IssueEntry[] {
  return source.trimStart().startsWith('{') ? readJson(source, name) : readAllowed(source, name);
}

/** Patterns of an allow or deny file, with their lines from 1. */
export function patternLines(source: string): { readonly pattern: string; readonly line: number }[] {
  return source
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((text, index) => ({ pattern: text.replace(/\r$/, ''), line: index + 1 }))
    .filter(({ pattern }) => pattern.trim() !== '' && !pattern.trimStart().startsWith('#'));
}

function readAllowed(source: string, name: string): IssueEntry[] {
  const lines = patternLines(source);
  if (lines.length > maxEntries) throw refuse(name, `it has more than ${maxEntries} patterns`);
  return lines.map(({ pattern, line }) => {
    const entry = `${name}, line ${line}`;
    return {
      issue: { reason: `allowed by ${pattern}`, entry },
      conditions: [{ key: 'line', matcher: userMatcher([pattern], entry) }],
      words: pattern,
    };
  });
}

function readJson(source: string, name: string): IssueEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw refuse(name, `it is no valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const document = dictionary(value);
  const { schema, issues, ...more } = document ?? {};
  const [unknown] = Object.keys(more).filter((key) => key !== '$schema');
  if (unknown !== undefined) throw refuse(name, `it has a key that is not known: ${unknown}`);
  if (schema !== undefined && schema !== 'ktriage/known-issues/v1')
    throw refuse(name, `its schema is not ktriage/known-issues/v1 but ${JSON.stringify(schema).slice(0, 80)}`);
  if (!Array.isArray(issues)) throw refuse(name, 'it has no list called issues');
  if (issues.length > maxEntries) throw refuse(name, `it has more than ${maxEntries} entries`);
  return issues.map((issue: unknown, index) => readEntry(issue, `${name}, entry ${index + 1}`));
}

function dictionary(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function readEntry(value: unknown, where: string): IssueEntry {
  const given = dictionary(value);
  if (given === undefined) throw refuse(where, 'it is no object');
  for (const [key, member] of Object.entries(given)) {
    if (!otherNames.includes(key) && !patternNames.some((name) => name === key))
      throw refuse(
        where,
        `it has a key that is not known: ${key}`,
        `the keys are ${[...patternNames, ...otherNames].join(', ')}`,
      );
    if (typeof member !== 'string' || member === '') throw refuse(where, `its ${key} is no text`);
  }
  const textOf = (key: string): string | undefined => {
    const member = given[key];
    return typeof member === 'string' ? member : undefined;
  };
  const conditions = patternNames.flatMap((key) => {
    const pattern = textOf(key);
    return pattern === undefined
      ? []
      : [{ key, matcher: userMatcher([wholeOrPart(key, pattern)], `${where}, ${key},`) }];
  });
  if (conditions.length === 0)
    throw refuse(where, 'it says of nothing what is known', `give at least one of ${patternNames.join(', ')}`);
  const reason = textOf('reason');
  if (reason === undefined)
    throw refuse(where, 'it has no reason', 'say why it is no news: whoever reads this next year will ask');
  const link = textOf('link');
  const expires = expiryOf(textOf('expires'), where);
  const words = patternNames.flatMap((key) => (textOf(key) === undefined ? [] : [`${key} ${textOf(key) ?? ''}`]));
  return {
    issue: { reason, ...(link !== undefined && { link }), ...(expires !== undefined && { expires }), entry: where },
    conditions,
    words: words.join(', '),
  };
}

function wholeOrPart(key: PatternKey, given: string): string {
  // What says that case does not matter stands first.
  const [flags, pattern] = given.startsWith('(?i)') ? ['(?i)', given.slice(4)] : ['', given];
  switch (patternKeys[key]) {
    case 'part':
      return given;
    case 'whole':
      return `${flags}^(?:${pattern})$`;
    case 'kind':
      return `${flags}^(?:${pattern})(?:/.*)?$`;
  }
}

/** The last day of an entry; undefined for one that never expires. */
function expiryOf(text: string | undefined, where: string): string | undefined {
  if (text === 'never') return undefined;
  const hint = 'write the last day on which it applies, as 2026-12-31, or never';
  if (text === undefined) throw refuse(where, 'it has no expiry date (expires)', hint);
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // 2026-02-31 is taken for the third of March by some engines.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(text))
    throw refuse(where, `${text} is no date`, hint);
  return text;
}
