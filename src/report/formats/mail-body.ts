import type { Suspect } from '../../model/suspects.ts';
import { printable } from '../escape.ts';
import { wrap } from '../text/spans.ts';
import { plainPainter } from '../text/style.ts';
import { count } from '../text/words.ts';
import { decodedLines } from './decode.ts';
import type { FormatOptions, MailFacts } from './options.ts';
import { mainPlace, placeText } from './places.ts';
import type { Problem, Run } from './run.ts';
import { utf8Bytes, withoutCommands } from './safe.ts';
import { consequenceWords, sentenceOf } from './words.ts';

/** Columns of prose (Documentation/process/email-clients.rst asks for less than 80). */
export const proseColumns = 72;
/** Bytes of a line of mail (RFC 5322, 2.1.1), less what is added. */
const longestLine = 990;
/** Lines of the report; reports of lockdep have some hundred. */
const mostLines = 500;
const labelColumns = 14;
const mostSuspects = 3;

/** Our own words in ASCII, which needs no headers to be read. */
const plainWords = (text: string): string =>
  text
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replaceAll('\u2026', '...');

/** Lines of prose, wrapped. */
export function prose(text: string, first = '', rest = ''): string[] {
  return wrap(plainWords(printable(text)), proseColumns, plainPainter, first, rest);
}

/** What mail programs, bots and git read as theirs at the beginning of a line. */
const isTaken = /^\s*(?:>*From |#\s*(?:regz|syz)|[a-z][a-z-]*-by:|(?:fixes|closes|link|cc|subject):)/i;
/** A command of some other bot; what kernels print is in capitals (`#PF:`, `#GP:`). */
const isCommand = /^\s*#\s*[a-z]/;

/** As much of a line as a mail can have. */
function shortLine(line: string): string {
  let short = line;
  while (utf8Bytes(short) > longestLine) short = short.slice(0, Math.floor(short.length * 0.9));
  return short === line ? line : `${short.replace(/[\ud800-\udbff]$/, '')}...`;
}

/**
 * A line of the log that is one of the mail, and nothing else: `From ` begins a message in a mailbox, `#regzbot` and
 * `#syz` are commands, and names behind `-by:` are tags, wherever they come from.
 */
export function quotedLine(line: string): string {
  const safe = withoutCommands(printable(line)).trimEnd();
  return isTaken.test(safe) || isCommand.test(safe) || safe === '--' || safe === '---' ? `>${safe}` : safe;
}

/** What happened around it, as sentences. */
function paragraph(
  { report, times, inputs, followers, moreFollowers, tests }: Problem,
  place: string | undefined,
): string {
  const sentences: string[] = [];
  if (place !== undefined) sentences.push(`The code to blame is at ${place}.`);
  const [test] = tests;
  if (test !== undefined)
    sentences.push(`The test ${test.name}${test.harness === undefined ? '' : ` (${test.harness})`} was running.`);
  else if (report.task?.comm !== undefined) sentences.push(`The task that ran was ${report.task.comm}.`);
  const often = times === 1 ? 'once' : `${times} times`;
  sentences.push(
    report.unprinted
      ? 'The kernel did not print this: it hung, and it was found in the memory of the guest.'
      : `It happened ${often} in ${inputs === 1 ? 'the log' : `${inputs} logs`}.`,
  );
  const [next] = followers;
  if (next !== undefined) {
    const more = followers.length - 1 + moreFollowers;
    const others = more > 0 ? `, and ${count(more, 'more report')}` : '';
    sentences.push(`Behind it (${consequenceWords[next.why]}): ${next.title}${others}.`);
  }
  return sentences.join(' ');
}

const fact = (label: string, text: string): string => `${`${label}:`.padEnd(labelColumns)}${text}`;

/** What is known of the kernel and where there is more, a line each, unwrapped. */
function facts({ report, path }: Problem, run: Run, given: MailFacts): string[] {
  const { kernel, taintFlags } = report;
  const lines: string[] = [];
  // scripts/setlocalversion appends it to the release.
  const commit = /-g([0-9a-f]{12,40})(?=-dirty$|$)/.exec(kernel?.release ?? '')?.[1];
  if (commit !== undefined) lines.push(fact('HEAD commit', commit));
  const taint =
    taintFlags === undefined ? [] : [taintFlags.length === 0 ? 'not tainted' : `tainted ${taintFlags.join('')}`];
  const words = [...(kernel?.release === undefined ? [] : [kernel.release]), report.architecture, ...taint];
  lines.push(fact('kernel', words.join(', ')));
  const boots = run.inputs.find((input) => input.path === path)?.boots ?? [];
  const banner = boots[report.boot ?? 0]?.banner;
  if (banner !== undefined) lines.push(fact('version', banner));
  else if (kernel?.version !== undefined) lines.push(fact('version', kernel.version));
  if (kernel?.hardware !== undefined) lines.push(fact('hardware', kernel.hardware));
  lines.push(...(given.configUrl === undefined ? [] : [fact('config', given.configUrl)]));
  lines.push(...(given.logUrl === undefined ? [] : [fact('dmesg', given.logUrl)]));
  lines.push(fact('reproducer', given.reproducerUrl ?? 'none yet'));
  return lines.map(printable);
}

/** What checks print before the report that they make: lib/list_debug.c, mm/usercopy.c, lib/refcount.c, mm/slub.c. */
const said = /(?:list_(?:add|del)|kernel NULL|usercopy:|refcount_t|corruption|detected|overflow|underflow)/;

/** The report's lines from its headline (or the mark before it) to its end mark: the first splat, and nothing else. */
export function splatLines(problem: Problem): string[] {
  const { report } = problem;
  const lines = decodedLines(report);
  const raw = report.reportText.trimEnd().split('\n');
  const headline = Math.max(
    raw.findIndex((line) => line.includes(report.headline) && report.headline !== ''),
    0,
  );
  const mark = raw.slice(Math.max(headline - 3, 0), headline).findLastIndex((line) => line.includes('[ cut here ]'));
  const begin = mark === -1 ? headline : Math.max(headline - 3, 0) + mark;
  const first = begin > 0 && said.test(raw[begin - 1] ?? '') ? begin - 1 : begin;
  const end = raw.findIndex((line, nth) => nth > headline && line.includes('---[ end trace '));
  const splat = lines.slice(first, end === -1 ? undefined : end + 1);
  const shown = splat.slice(0, mostLines).map(quotedLine);
  return splat.length > mostLines ? [...shown, `[${splat.length - mostLines} more lines]`] : shown;
}

const suspectLine = ({ commit, subject }: Suspect): string => printable(`  ${commit.slice(0, 12)} ("${subject}")`);

/** Commits that may have brought it, where a range was searched: a guess, and called one. */
function suspectLines({ suspects }: Problem): string[] {
  const shown = (suspects?.commits ?? []).filter(({ strength }) => strength !== 'weak').slice(0, mostSuspects);
  if (suspects === undefined || shown.length === 0) return [];
  const lead = `Possibly it has to do with one of these commits of ${suspects.range}, which touched that code; nothing was bisected:`;
  return ['', ...prose(lead), '', ...shown.map(suspectLine)];
}

/** The body's lines. */
export function mailBody(problem: Problem, run: Run, options: FormatOptions): string[] {
  const given = options.mail ?? {};
  // As the tree has it, wherever it lies here.
  const place = mainPlace(problem, { ...options, relative: (path) => path });
  const tags = [
    ...(given.reportedBy === undefined ? [] : [`Reported-by: ${given.reportedBy}`]),
    ...(given.link === undefined ? [] : [`${given.reportedBy === undefined ? 'Link' : 'Closes'}: ${given.link}`]),
  ];
  const body = [
    `[ktriage ${options.version}, a program, wrote this down to the list of facts.]`,
    '',
    ...prose(sentenceOf(problem)),
    '',
    ...prose(paragraph(problem, place.isSource ? placeText(place) : undefined)),
    ...suspectLines(problem),
    '',
    ...facts(problem, run, given),
    ...(given.introduced === undefined ? [] : ['', `#regzbot introduced: ${given.introduced}`]),
    '',
    ...splatLines(problem),
    ...(tags.length === 0 ? [] : ['', ...tags.map(printable)]),
  ];
  return body.map(shortLine);
}
