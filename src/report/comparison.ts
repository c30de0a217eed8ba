import {
  type ComparedCrash,
  type ComparedRun,
  type Comparison,
  type CrashStatus,
  crashStatuses,
} from '../model/comparison.ts';
import { assertNever } from '../util/errors.ts';
import { printable } from './escape.ts';
import { toJson } from './json.ts';
import { comparisonSchemaName } from './schema/comparison.ts';
import { changesInWords, seenInWords } from './text/news.ts';
import type { TextOptions } from './text/options.ts';
import { wrap } from './text/spans.ts';
import type { Tone } from './text/style.ts';
import { count, inputName, listed } from './text/words.ts';

function countsOf({ crashes }: Comparison): Record<CrashStatus, number> {
  const counts = { new: 0, changed: 0, same: 0, gone: 0 };
  for (const { status } of crashes) counts[status] += 1;
  return counts;
}

/** The comparison for scripts: `ktriage/compare/v1`. */
export function comparisonJson(comparison: Comparison): string {
  const run = ({ name, crashes, doubts }: ComparedRun) => ({ name, crashes: crashes.length, doubts });
  const document = {
    schema: comparisonSchemaName,
    old: comparison.old.map(run),
    new: run(comparison.new),
    counts: countsOf(comparison),
    crashes: comparison.crashes,
  };
  return `${toJson(document, 2)}\n`;
}

const tones: Readonly<Record<CrashStatus, Tone>> = { new: 'error', changed: 'warning', same: 'plain', gone: 'good' };

/** `1 new, 2 the same, 1 gone`. */
export function countsInWords(comparison: Comparison): string {
  const counts = countsOf(comparison);
  const words = crashStatuses
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status === 'same' ? 'the same' : status}`);
  return words.length === 0 ? 'no crash in any of them' : listed(words);
}

function where({ status, crash, before, matchedBy, changes, seen, ...known }: ComparedCrash, all: boolean): string[] {
  const place = `${inputName(crash.path)}:${crash.line}${crash.count > 1 ? `, ${count(crash.count, 'report')}` : ''}`;
  const names = all && crash.names.length > 0 ? [`stack: ${printable(crash.names.join(' < '))}`] : [];
  switch (status) {
    case 'new':
      return [place, ...names];
    case 'gone':
      return [`${seenInWords({ seen })} (${place})`, ...names];
    case 'same':
      return [`${place}; ${seenInWords({ seen })}`, ...names];
    case 'changed': {
      const much =
        matchedBy === 'similarity' ? `${Math.round((known.similarity ?? 0) * 100)} % like one that was ` : '';
      const old = before === undefined ? [] : [`before: ${inputName(before.path)}:${before.line}`];
      return [
        `${place}; ${much}${seenInWords({ seen })}`,
        changesInWords(changes ?? []),
        ...(all ? old : []),
        ...names,
      ];
    }
    default:
      return assertNever(status);
  }
}

function* crashLines(compared: ComparedCrash, { width, painter, all }: TextOptions): Generator<string> {
  const { status, crash } = compared;
  const head = [
    { text: `${status}:`, tone: tones[status] },
    ' ',
    { text: printable(crash.title), tone: 'strong' },
  ] as const;
  yield* wrap(head, width, painter, '', '  ');
  const what = `${crash.severity}, ${printable(crash.kind)}, signature ${printable(crash.signature)}`;
  for (const line of [what, ...where(compared, all)]) yield* wrap(line, width, painter, '  ', '    ');
}

function runName(old: readonly ComparedRun[]): string {
  const [only] = old;
  return old.length === 1 && only !== undefined ? inputName(only.name) : count(old.length, 'earlier run');
}

/** So many doubts are told of each run. */
const maxDoubts = 5;

/** The comparison for people. What followed from other crashes is left out unless all is shown. */
export function* comparisonText(comparison: Comparison, options: TextOptions): Generator<string> {
  const { width, painter, all, limit } = options;
  const told = comparison.crashes.filter(({ crash }) => all || crash.follows !== true);
  const head = `${inputName(comparison.new.name)} against ${runName(comparison.old)}: `;
  const summary = `${countsInWords({ ...comparison, crashes: told })}.`;
  for (const line of wrap([head, { text: summary, tone: 'strong' }], width, painter, '', '  ')) yield `${line}\n`;
  const shown = all || limit === 0 ? told : told.slice(0, limit);
  for (const compared of shown) {
    yield '\n';
    for (const line of crashLines(compared, options)) yield `${line}\n`;
  }
  if (shown.length < told.length)
    yield `\n… ${count(told.length - shown.length, 'more crash', 'more crashes')} (--limit 0 shows all)\n`;
  for (const run of [comparison.new, ...comparison.old]) {
    const shown = all ? run.doubts : run.doubts.slice(0, maxDoubts);
    const more = run.doubts.length - shown.length;
    for (const doubt of [...shown, ...(more > 0 ? [`${more} more inputs leave doubts (--all)`] : [])]) {
      const words = [
        { text: 'Note:', tone: 'warning' },
        ` ${inputName(run.name)} may lack crashes: ${printable(doubt)}.`,
      ] as const;
      for (const line of wrap(words, width, painter, '', '  ')) yield `${line}\n`;
    }
  }
}
