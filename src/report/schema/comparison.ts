import { crashMatches, crashStatuses } from '../../model/comparison.ts';
import { severities } from '../../model/severity.ts';
import { count, flag, list, object, oneOf, ref, type Schema, text } from './parts.ts';

/** The name of the form of what `ktriage compare` prints; additions do not change it. */
export const comparisonSchemaName = 'ktriage/compare/v1';

export const deniedSchema = object('Lines that a deny file forbids and nothing allows.', {
  lines: list(
    object('A line.', {
      line: count('Its number.'),
      text: text('As it stands in the log.'),
      'report?': count('Index into `reports`, of a line that is in one.'),
    }),
    'The first of them.',
  ),
  omitted: count('How many more there are.'),
});

const seen = object('In which of the earlier runs it was.', {
  runs: count('How many of them had it.'),
  of: count('How many there were.'),
  'first?': text('The first that had it.'),
  'last?': text('The last.'),
});

const changes = list(
  object('A difference.', {
    what: oneOf(['title', 'kind', 'severity', 'signature', 'culprit'], 'Of what.'),
    from: text('As it was.'),
    to: text('As it is.'),
  }),
  'What is otherwise than before.',
);

const history = {
  'matchedBy?': oneOf(crashMatches, 'What it was known by; absent of what is new. Similarity is a guess.'),
  'similarity?': { type: 'number', minimum: 0, maximum: 1, description: 'Of what was matched by similarity.' },
  'changes?': changes,
  seen,
};

/** `history` of a report. */
export const historySchema = object('How it stands against earlier runs (--baseline).', {
  status: oneOf(
    crashStatuses.filter((status) => status !== 'gone'),
    'Whether it is new.',
  ),
  ...history,
  'follows?': flag('It follows from a report that is known, and counts as known with it.'),
});

/** `knownIssue` of a report. */
export const knownIssueSchema = object('The entry of a known-issues file by which it does not count.', {
  reason: text('Why it is no news.'),
  'link?': text('Where there is more about it.'),
  'expires?': text('The last day on which it applies: 2026-12-31.'),
  entry: text('The file and entry.'),
});

const crash = object('A crash of one run: all its reports of one signature.', {
  signature: text('16 hex digits.'),
  kind: text('family/variant.'),
  title: text('The title.'),
  altTitles: list(text('A title.'), 'Other titles.'),
  severity: oneOf(severities, 'How bad it is.'),
  isSpecific: flag('The title names a function; another one is the same for many bugs, and says nothing.'),
  'culprit?': text('The function to blame.'),
  names: list(text('A function.'), 'The stack that was compared, innermost first.'),
  'release?': text('Of the kernel.'),
  path: text('The input that it was met in first.'),
  line: count('The line there.'),
  count: count('Reports, repeats included.'),
  'follows?': flag('Each of its reports followed from another one.'),
});

const run = object('A run.', {
  name: text('As given.'),
  crashes: count('Different crashes in it.'),
  doubts: list(text('In words.'), 'Why what it lacks may have been there all the same.'),
});

/** The JSON Schema (draft 2020-12) of the document that `ktriage compare --format json` prints. */
export const comparisonSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'ktriage compare',
  description: 'A run held against earlier ones. Keys whose value is not known are absent.',
  ...object('The document.', {
    schema: { const: comparisonSchemaName, description: 'Name and version of this form.' },
    old: list(run, 'Earlier runs, in their order.'),
    new: run,
    counts: object('How many crashes there are of each status.', {
      new: count('New.'),
      changed: count('Known, but otherwise, or only similar to what is known.'),
      same: count('The same.'),
      gone: count('Of an earlier run, and not in this one.'),
    }),
    crashes: list(
      object('A crash.', {
        status: oneOf(crashStatuses, 'How it stands.'),
        ...history,
        crash: ref('crash'),
        'before?': ref('crash'),
      }),
      'New ones first, then changed, the same, and gone ones; in each the worst first.',
    ),
  }),
  $defs: { crash },
};
