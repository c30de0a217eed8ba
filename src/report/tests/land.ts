import { printable } from '../escape.ts';
import { junitFormat } from '../formats/junit.ts';
import type { FormatOptions } from '../formats/options.ts';
import type { Problem, Run } from '../formats/run.ts';
import { titleOf, whyLines } from '../formats/words.ts';
import { markup } from '../formats/xml.ts';
import { findTests, type TestCase, type TestFile } from './find-tests.ts';
import { TestIndex } from './match-test.ts';
import { attributeOf, scanXml, type Tag } from './scan-xml.ts';

/** A change of a text: what stands from `start` to `end` becomes `text`. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const longestText = 4000;

const attribute = (text: string): string => markup(printable(text).slice(0, longestText));

/** The failure that a crash is for the test that ran. */
function failureOf(problem: Problem): string {
  const { report, path } = problem;
  const message = `the kernel broke while it ran: ${titleOf(problem)}`;
  const lines = [
    titleOf(problem),
    ...whyLines(problem),
    `line ${report.startLine} of ${path}, signature ${report.signature}`,
    '',
    report.reportText.slice(0, 16 * longestText),
  ];
  const text = markup(
    lines
      .flatMap((line) => line.split('\n'))
      .map(printable)
      .join('\n'),
  );
  return `<failure type="${attribute(report.kind)}" message="${attribute(message)}">${text}</failure>`;
}

/** What counts have to grow by, for each suite by its index; -1 is the root of what is made around them. */
class Counts {
  readonly #grown = new Map<number, Record<string, number>>();
  readonly #file: TestFile;

  constructor(file: TestFile) {
    this.#file = file;
  }

  /** Adds to a suite and to all that it is in. */
  add(suite: number | undefined, what: Readonly<Record<string, number>>): void {
    for (let at = suite; at !== undefined; at = this.#file.suites[at]?.parent) {
      const counts = this.#grown.get(at) ?? {};
      for (const [name, by] of Object.entries(what)) counts[name] = (counts[name] ?? 0) + by;
      this.#grown.set(at, counts);
    }
  }

  *edits(): Generator<Edit> {
    for (const [suite, counts] of this.#grown) {
      const tag = this.#file.suites[suite]?.tag;
      if (tag !== undefined) yield { start: tag.start, end: tag.end, text: grownTag(tag, counts) };
    }
  }
}

/** A suite's start tag with higher counts. A count that it does not have stays away. */
function grownTag(tag: Tag, counts: Readonly<Record<string, number>>): string {
  const attributes = tag.attributes.replace(
    /(\s)(tests|failures|errors)(\s{0,20}=\s{0,20})(["'])(\d{1,9})\4/g,
    (_all, space, name, equals, quote, value) =>
      `${space}${name}${equals}${quote}${Number(value) + (counts[String(name)] ?? 0)}${quote}`,
  );
  return `<${tag.name}${attributes}${tag.type === 'empty' ? '/' : ''}>`;
}

function landing(test: TestCase, failures: string): Edit {
  const { tag } = test;
  if (tag.type === 'empty')
    return { start: tag.start, end: tag.end, text: `<testcase${tag.attributes}>${failures}</testcase>` };
  // The first failure is the one that readers show.
  return { start: tag.end, end: tag.end, text: failures };
}

/** Tests that the file does not have, as a runner writes them that did not live to do so. */
function missingSuite(missing: ReadonlyMap<string, readonly Problem[]>): string {
  if (missing.size === 0) return '';
  const cases = [...missing].map(([test, problems]) => {
    const running = problems[0]?.tests.find(({ name }) => name === test);
    const harness = running?.harness ?? 'kernel';
    const failures = problems.map(failureOf).join('');
    return `    <testcase classname="${attribute(harness)}" name="${attribute(test)}" time="0">${failures}</testcase>\n`;
  });
  const counts = `tests="${missing.size}" failures="${missing.size}" errors="0" skipped="0"`;
  return `  <testsuite name="tests that ran when the kernel broke" ${counts} time="0">\n${cases.join('')}  </testsuite>\n`;
}

/** The suites of a document of our own, and its counts. */
function ownSuites(xml: string): { readonly suites: string; readonly counts: Record<string, number> } {
  const { root, rootEnd } = findTests(xml);
  const count = (name: string): number => Number(attributeOf(root, name) ?? 0);
  return {
    suites: xml.slice(root.end, rootEnd).replace(/^\n/, ''),
    counts: { tests: count('tests'), failures: count('failures'), errors: count('errors') },
  };
}

function apply(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, text: piece } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    pieces.push(text.slice(at, start), piece);
    at = end;
  }
  return [...pieces, text.slice(at)].join('');
}

/**
 * The JUnit file of a run's tests with what the kernel did to them: each crash that makes the run fail is a failure of
 * the test that ran when it happened, and the suites of `junitFormat` are added. All else stays as it is. A test that the
 * file does not have, because its runner went down with the kernel, gets a place in a suite of its own.
 * @throws KtriageError KT-TESTS if `tests` is no JUnit file.
 */
export function landOnTests(tests: string, run: Run, options: FormatOptions): string {
  const file = findTests(tests);
  const index = new TestIndex(file);
  const landed = new Map<TestCase, Problem[]>();
  const missing = new Map<string, Problem[]>();
  for (const problem of run.problems) {
    if (!problem.fails) continue;
    for (const running of problem.tests) {
      const test = index.find(running.name);
      if (test === undefined) missing.set(running.name, [...(missing.get(running.name) ?? []), problem]);
      // Parts of one test are one test to a file that does not have the parts.
      else if (landed.get(test)?.at(-1) !== problem) landed.set(test, [...(landed.get(test) ?? []), problem]);
    }
  }
  const counts = new Counts(file);
  const edits: Edit[] = [];
  for (const [test, problems] of landed) {
    edits.push(landing(test, problems.map(failureOf).join('')));
    if (test.outcome !== 'failed') counts.add(test.suite, { failures: 1 });
  }
  const own = ownSuites([...junitFormat(run, options)].join(''));
  const added = missingSuite(missing) + own.suites;
  const isRooted = file.root.name === 'testsuites' && file.root.type === 'open';
  if (isRooted) {
    counts.add(0, { ...own.counts });
    counts.add(0, { tests: missing.size, failures: missing.size });
    edits.push({ start: file.rootEnd, end: file.rootEnd, text: added });
    return apply(tests, [...edits, ...counts.edits()]);
  }
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (file.root.type === 'empty' && file.cases.length === 0)
    return `${declaration}<testsuites>\n${added}</testsuites>\n`;
  const body = apply(tests, [...edits, ...counts.edits()]);
  return `${declaration}<testsuites>\n${body.slice(rootStart(body))}\n${added}</testsuites>\n`;
}

/** Where the first element begins. */
function rootStart(xml: string): number {
  for (const { start } of scanXml(xml)) return start;
  return 0;
}

/** `junitFormat`, within the file of the tests that ran where there is one. */
export function* junitWithTests(run: Run, options: FormatOptions): Generator<string> {
  if (options.tests === undefined) yield* junitFormat(run, options);
  else yield landOnTests(options.tests, run, options);
}
