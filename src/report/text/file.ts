import type { FileResult } from '../../model/document.ts';
import type { Boot, BootReason, Incident } from '../../model/incident.ts';
import { printable } from '../escape.ts';
import { commandLines } from './command.ts';
import { incidentLines } from './incident.ts';
import type { TextOptions } from './options.ts';
import { sectionLines } from './section.ts';
import { type Paragraph, wrap } from './spans.ts';
import { notFoundLines } from './symbols.ts';
import { bytes, count, inputName, listed } from './words.ts';

const bootReasonWords: Readonly<Record<BootReason, string>> = {
  'log-start': 'the log begins here',
  reboot: 'after a reboot',
  'power-off': 'after the power went off',
  'panic-reboot': 'after a panic rebooted it',
  kexec: 'a crash kernel took over',
  watchdog: 'after the watchdog reset it',
  reset: 'the log begins again without a word why',
};

function releases(boots: readonly Boot[]): string {
  const names = [...new Set(boots.flatMap((boot) => (boot.release === undefined ? [] : [printable(boot.release)])))];
  if (names.length === 0) return '';
  return ` of ${listed(names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} other releases`] : names)}`;
}

/** How much was read, in words. */
export function amountRead(file: FileResult): string {
  const { input, boots } = file;
  const amount = input.lines === undefined ? bytes(input.bytes) : count(input.lines, 'line');
  if (boots.length === 0 || !input.kernelLines) return amount;
  // A single incident tells its kernel itself.
  const which = file.incidents.length === 1 && boots.length === 1 ? '' : releases(boots);
  return `${amount}, ${count(boots.length, 'boot')}${which}`;
}

function healthy(file: FileResult): Paragraph {
  const name = inputName(file.path);
  const { input } = file;
  if (input.bytes === 0) return [{ text: 'Cannot tell', tone: 'warning' }, `: ${name} is empty.`];
  if (!input.kernelLines) {
    return [
      { text: 'Cannot tell', tone: 'warning' },
      `: nothing in ${name} was printed by a kernel (${amountRead(file)} read).`,
    ];
  }
  if (input.denied !== undefined) return [{ text: 'Denied lines', tone: 'error' }, ` in ${name}: ${amountRead(file)}.`];
  const whole = input.endMark === 'missing' ? `what there is of ${name}` : name;
  const what = input.damaged === undefined ? whole : `what could be read of ${name}`;
  return [{ text: 'No crash', tone: 'good' }, ` in ${what}: ${amountRead(file)}.`];
}

function boots(file: FileResult): Paragraph[] {
  return file.boots.map((boot, index) => {
    const release = boot.release === undefined ? '' : ` of ${printable(boot.release)}`;
    const reason = bootReasonWords[boot.reason];
    return `Boot ${index + 1}${release}, lines ${boot.firstLine} to ${boot.lastLine}: ${reason}`;
  });
}

function* everythingElse(file: FileResult, options: TextOptions): Generator<string> {
  const { width, painter } = options;
  yield '';
  const notices = file.notices.map(
    (notice) => `${printable(notice.title)} (line ${notice.range.firstLine}, ${notice.kind})`,
  );
  if (file.boots.length > 0) yield* sectionLines({ label: 'Boots', paragraphs: boots(file) }, width, painter);
  if (notices.length > 0) yield* sectionLines({ label: 'Notices', paragraphs: notices }, width, painter);
  const { decorations } = file.input;
  if (decorations.length > 0) {
    const paragraphs = [`Taken off the lines: ${printable(decorations.join(', '))}`];
    yield* sectionLines({ label: 'Input', paragraphs }, width, painter);
  }
}

/** So many denied lines are shown. */
const maxDenied = 10;

function* deniedLines({ path, input }: FileResult, say: (text: string) => string[]): Generator<string> {
  const { lines, omitted } = input.denied ?? { lines: [], omitted: 0 };
  const outside = lines.filter(({ report }) => report === undefined);
  for (const { line, text } of outside.slice(0, maxDenied))
    yield* say(`line ${line} of ${inputName(path)} is denied (--deny): ${printable(text.trim().replace(/\s+/g, ' '))}`);
  const more = outside.length - Math.min(outside.length, maxDenied) + omitted;
  if (more > 0) yield* say(`${count(more, 'more line')} of it are denied.`);
}

function* doubts(file: FileResult, options: TextOptions): Generator<string> {
  const { input } = file;
  const say = (text: string): string[] =>
    wrap([{ text: 'Note:', tone: 'warning' }, ` ${text}`], options.width, options.painter, '', '  ');
  if (input.damaged !== undefined)
    yield* say(`not all of ${inputName(file.path)} could be read: ${printable(input.damaged)}.`);
  // A root that is cut off says so itself.
  const told = file.incidents.some((incident) => incident.root === file.reports.length - 1);
  if (input.cutOff && !told) yield* say(`${inputName(file.path)} ends in the middle of a report.`);
  if (input.endMark === 'missing')
    yield* say(`no line of ${inputName(file.path)} is its end mark (--expect-end): it ended too early, or was cut.`);
  yield* deniedLines(file, say);
  if (input.omittedReports) yield* say(`${count(input.omittedReports, 'further report')} in it are counted only.`);
  if (file.notices.length > 0 && !options.all) {
    yield* say(`${count(file.notices.length, 'event')} worth knowing but no crash (--all).`);
  }
  yield* notFoundLines(file, options);
}

function* numbered(file: FileResult, incidents: readonly Incident[], options: TextOptions): Generator<string> {
  const { width, painter } = options;
  const shown = options.all || options.limit === 0 ? incidents : incidents.slice(0, options.limit);
  const seen = new Map<string, string>();
  for (const [index, incident] of shown.entries()) {
    const signature = file.reports[incident.root]?.signature;
    const before = signature === undefined || options.all ? undefined : seen.get(signature);
    const name = `incident ${index + 1}`;
    if (signature !== undefined && before === undefined) seen.set(signature, name);
    yield '';
    if (incidents.length > 1) {
      const boot = file.boots.length > 1 ? `, boot ${incident.boot + 1}` : '';
      yield* wrap([{ text: `Incident ${index + 1} of ${incidents.length}${boot}`, tone: 'strong' }], width, painter);
    }
    yield* incidentLines(file, incident, before, options);
  }
  if (shown.length < incidents.length) {
    yield '';
    yield* wrap(`… ${count(incidents.length - shown.length, 'more incident')} (--limit 0 shows all)`, width, painter);
  }
}

/** All that was found in one input, as lines without their line ends. */
export function* fileLines(file: FileResult, options: TextOptions): Generator<string> {
  const { width, painter } = options;
  const { incidents, command } = file;
  // That it did not end is the news.
  const isFirst = command?.last !== undefined;
  if (isFirst) {
    yield* commandLines(command, file, options);
    yield '';
  }
  if (incidents.length === 0) {
    yield* wrap(healthy(file), width, painter, '', '  ');
  } else {
    const name = inputName(file.path);
    yield* wrap(
      [{ text: name, tone: 'strong' }, `: ${count(incidents.length, 'incident')} in ${amountRead(file)}.`],
      width,
      painter,
      '',
      '  ',
    );
    yield* numbered(file, incidents, options);
  }
  if (options.all) yield* everythingElse(file, options);
  yield* doubts(file, options);
  if (command === undefined || isFirst) return;
  yield '';
  yield* commandLines(command, file, options);
}
