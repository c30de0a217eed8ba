import { printable } from '../escape.ts';
import { inputName } from '../text/words.ts';
import type { FormatOptions } from './options.ts';
import { mainPlace, placeText } from './places.ts';
import { deniedCount, remarksOf } from './remarks.ts';
import type { Occurrence, Problem, Run, RunInput } from './run.ts';
import { cutLines, cutUnits, printableLines, utf8Bytes } from './safe.ts';
import { messageLines, titleOf } from './words.ts';
import { markup } from './xml.ts';

/** GitLab fails on big `system-out` nodes (8 MB) and refuses files from 30 MB on. */
const longestOutput = 256_000;
const longestFailure = 64_000;
const longestMessage = 1000;
const fileBudget = 25_000_000;

interface Case {
  readonly state: 'passed' | 'failed' | 'error';
  readonly text: string;
}

const attributes = (pairs: Readonly<Record<string, string | number>>): string =>
  Object.entries(pairs)
    .map(([key, value]) => ` ${key}="${markup(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');

function element(name: string, pairs: Readonly<Record<string, string>>, lines: readonly string[]): string {
  return `      <${name}${attributes(pairs)}>${markup(lines.join('\n'))}</${name}>\n`;
}

function testCase(names: Readonly<Record<string, string>>, inside: string, state: Case['state']): Case {
  const open = `    <testcase${attributes({ ...names, time: '0' })}`;
  return { state, text: inside === '' ? `${open}/>\n` : `${open}>\n${inside}    </testcase>\n` };
}

interface Room {
  bytes: number;
}

function problemCase(problem: Problem, seen: Occurrence, run: Run, room: Room, options: FormatOptions): Case {
  const { report } = problem;
  const kind = printable(report.kind);
  const place = mainPlace(problem, options);
  // GitLab drops a case whose class and name were there before.
  const input = run.inputs.length > 1 ? ` in ${inputName(seen.path)}` : '';
  const names = {
    classname: `kernel.${kind.split('/', 1)[0] ?? kind}`,
    name: cutUnits(`${titleOf(problem)} [${printable(report.signature)}]${input}`, longestMessage),
    ...(options.junitFileAttribute === true && { file: place.file, line: String(place.line) }),
  };
  const first = seen.path === problem.path;
  const message = cutUnits(`${titleOf(problem)} at ${placeText(place)}`, longestMessage);
  const told = first
    ? cutLines(messageLines(problem, options), longestFailure)
    : [`Line ${seen.line} of ${inputName(seen.path)}; the same as in ${inputName(problem.path)}.`];
  const { fails } = seen;
  const failure = fails ? element('failure', { type: kind, message }, told) : '';
  const printed = first
    ? element('system-out', {}, [
        ...(fails ? [] : told),
        ...printableLines(report.reportText, longestOutput - longestFailure),
      ])
    : '';
  const size = utf8Bytes(failure) + utf8Bytes(printed);
  // What would make the file too big keeps its place, and loses its text.
  const fits = room.bytes + size <= fileBudget;
  room.bytes += fits ? size : 400;
  const short = fails ? element('failure', { type: kind, message }, ['The file would be too big for more.']) : '';
  return testCase(names, fits ? failure + printed : short, fails ? 'failed' : 'passed');
}

function casesOf(
  input: RunInput,
  run: Run,
  bySignature: ReadonlyMap<string, Problem>,
  room: Room,
  options: FormatOptions,
): Case[] {
  const suffix = run.inputs.length > 1 ? ` in ${inputName(input.path)}` : '';
  const cases: Case[] = [];
  let dropped = 0;
  for (const signature of input.signatures) {
    const problem = bySignature.get(signature);
    const seen = problem?.occurrences.find(({ path }) => path === input.path);
    if (problem === undefined || seen === undefined) dropped += 1;
    else cases.push(problemCase(problem, seen, run, room, options));
  }
  if (dropped > 0) {
    const message = `${dropped} more problems are not described`;
    cases.push(
      testCase(
        { classname: 'kernel', name: `omitted${suffix}` },
        element('failure', { type: 'ktriage/omitted', message }, [message]),
        'failed',
      ),
    );
  }
  const denied = remarksOf(run).filter(({ code, path }) => code === 'ktriage/denied-line' && path === input.path);
  if (denied.length > 0) {
    const all = deniedCount(input);
    const message = `${all} ${all === 1 ? 'line' : 'lines'} that must not be there`;
    const lines = denied.map(({ line, text }) => `line ${line}: ${printable(text)}`);
    cases.push(
      testCase(
        { classname: 'kernel', name: `denied lines${suffix}` },
        element('failure', { type: 'ktriage/denied-line', message }, lines),
        'failed',
      ),
    );
  }
  if (input.unclear !== undefined) {
    const message = `no verdict: ${printable(input.unclear)}`;
    cases.push(
      testCase(
        { classname: 'kernel', name: `verdict${suffix}` },
        element('error', { type: 'ktriage/no-verdict', message }, [message]),
        'error',
      ),
    );
  } else if (cases.length === 0) {
    // A log without crashes is a test that passed: no report is not the same as no crash.
    cases.push(testCase({ classname: 'kernel', name: `splats${suffix}` }, '', 'passed'));
  }
  return cases;
}

function properties(input: RunInput, first: Problem | undefined): string {
  const pairs: [string, string | undefined][] = [
    [
      'kernel.release',
      input.boots.findLast(({ release }) => release !== undefined)?.release ?? first?.report.kernel?.release,
    ],
    ['ktriage.signatures', input.signatures.slice(0, 100).join(' ') || undefined],
    ['ktriage.input', input.path],
  ];
  const lines = pairs.flatMap(([name, value]) =>
    value === undefined ? [] : [`      <property${attributes({ name, value: printable(value) })}/>\n`],
  );
  return `    <properties>\n${lines.join('')}    </properties>\n`;
}

function counts(cases: readonly Case[]): { tests: number; failures: number; errors: number } {
  const of = (state: Case['state']): number => cases.filter((each) => each.state === state).length;
  return { tests: cases.length, failures: of('failed'), errors: of('error') };
}

/** JUnit's XML as GitLab, Jenkins, CircleCI and others read it: a suite for each input, a test for each problem. */
export function* junitFormat(run: Run, options: FormatOptions): Generator<string> {
  const bySignature = new Map(run.problems.map((problem) => [problem.report.signature, problem]));
  const room: Room = { bytes: 0 };
  const suites = run.inputs.map((input) => ({ input, cases: casesOf(input, run, bySignature, room, options) }));
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites${attributes({ name: 'ktriage', ...counts(suites.flatMap(({ cases }) => cases)) })}>\n`;
  for (const { input, cases } of suites) {
    const name = run.inputs.length > 1 ? `kernel: ${inputName(input.path)}` : 'kernel';
    yield `  <testsuite${attributes({ name, ...counts(cases), skipped: 0, time: '0' })}>\n`;
    yield properties(input, bySignature.get(input.signatures[0] ?? ''));
    for (const { text } of cases) yield text;
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}
