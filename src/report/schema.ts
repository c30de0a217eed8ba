import { documentSchema } from './json.ts';
import { commandSchema } from './schema/command.ts';
import { deniedSchema } from './schema/comparison.ts';
import { explanationSchemas } from './schema/explanation.ts';
import { liveSchema } from './schema/live.ts';
import { count, flag, list, number, object, oneOf, ref, type Schema, text } from './schema/parts.ts';
import { crashReportSchema } from './schema/report.ts';
import { stackSchemas } from './schema/stacks.ts';
import { suspectsSchema } from './schema/suspects.ts';

const incident = object('One event and what followed from it. Numbers are indexes into `reports`.', {
  root: count('The report that began it.'),
  follow: list(
    object('A report that followed.', {
      report: count('Which.'),
      why: oneOf(
        ['panic-after', 'repeat', 'same-task-after', 'stuck-behind', 'reporting-trouble', 'tainted-after'],
        'How it followed.',
      ),
    }),
    'What followed.',
  ),
  ending: list(
    object('A line.', { text: text('As printed.'), range: ref('range') }),
    'Lines that belong to it and are no reports (end of a panic, reboot).',
  ),
  boot: count("Index into the file's boots."),
  'suspects?': suspectsSchema,
});

const boot = object('One boot of a kernel in the log.', {
  firstLine: count('First line.'),
  lastLine: count('Last line.'),
  reason: oneOf(
    ['log-start', 'reboot', 'power-off', 'panic-reboot', 'kexec', 'watchdog', 'reset'],
    'Why it began where it did.',
  ),
  'evidenceLine?': count('The line that says so.'),
  'release?': text('Release of the kernel.'),
  'banner?': text('The `Linux version` line.'),
  'commandLine?': text('The kernel command line.'),
});

const notice = object('Something worth knowing that is no crash.', {
  kind: text('family/variant.'),
  title: text('What it is.'),
  range: ref('range'),
  'seconds?': number('Seconds since boot.'),
  'details?': { type: 'object', properties: { of: { type: 'string' } }, required: ['of'], additionalProperties: true },
});

const input = object('What the input was found to be.', {
  bytes: count('Bytes read, after decompression.'),
  'lines?': count('Lines.'),
  decorations: list(text('A name.'), 'What was taken off its lines.'),
  kernelLines: flag('False if nothing in it was printed by a kernel.'),
  cutOff: flag('True if it ends in the middle of a report.'),
  'damaged?': text('Why not all of it could be read.'),
  'omittedReports?': count('Reports beyond the number that is kept.'),
  'endMark?': oneOf(['seen', 'missing'], 'Whether a line is in it that --expect-end fits.'),
  'denied?': deniedSchema,
});

const file = object('One input.', {
  path: text('As given; `-` for standard input, `<command>` for the output of a command that was not saved.'),
  'command?': commandSchema,
  input: ref('input'),
  reports: list(ref('report'), 'Reports in the order of the log.'),
  incidents: list(ref('incident'), 'Reports put together to events.'),
  boots: list(ref('boot'), 'Boots.'),
  notices: list(ref('notice'), 'Events that are no crashes.'),
});

/** What an input's part of the document refers to. */
const fileSchemas = { report: crashReportSchema, incident, boot, notice, input };

/** The JSON Schema (draft 2020-12) of the document that `--format json` prints. */
export const reportSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'ktriage report',
  description:
    'Crash reports found in kernel logs. Keys whose value is not known are absent. Addresses are hex strings.',
  ...object('The document.', {
    schema: { const: documentSchema, description: 'Name and version of this form.' },
    files: list(file, 'Inputs in the order they were analysed.'),
  }),
  $defs: { ...stackSchemas, ...explanationSchemas, ...fileSchemas },
};

export { comparisonSchema } from './schema/comparison.ts';

/** The same of what `live --format json` prints. */
export const liveDocumentSchema: Schema = liveSchema({ ...fileSchemas, file });
