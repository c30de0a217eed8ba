import { attributeOf, badTests, scanXml, type Tag } from './scan-xml.ts';

/** A suite of tests, or all of them, by its start tag. */
export interface TestSuite {
  readonly tag: Tag;
  readonly name: string;
  /** The suite it is in; index into `suites`. */
  readonly parent?: number;
}

/** A test of a JUnit file. */
export interface TestCase {
  readonly tag: Tag;
  readonly name: string;
  readonly className: string;
  /** Index into `suites`. */
  readonly suite: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

/** A JUnit file. */
export interface TestFile {
  readonly suites: readonly TestSuite[];
  readonly cases: readonly TestCase[];
  /** Where the root element begins, and where its end tag does. */
  readonly root: Tag;
  readonly rootEnd: number;
}

/** More tests than that are no file that a CI reads: GitLab takes 500,000. */
const maxCases = 1_000_000;
const maxDepth = 100;

/**
 * Finds the tests in a JUnit file of any dialect.
 * @throws KtriageError KT-TESTS for what is none.
 */
export function findTests(xml: string): TestFile {
  const suites: TestSuite[] = [];
  const cases: TestCase[] = [];
  const open: { readonly tag: Tag; readonly suite?: number }[] = [];
  let root: Tag | undefined;
  let rootEnd: number | undefined;
  let current: Omit<TestCase, 'outcome'> | undefined;
  let outcome: TestCase['outcome'] = 'passed';
  for (const tag of scanXml(xml)) {
    if (tag.type === 'close') {
      const last = open.pop();
      if (last?.tag.name !== tag.name) throw badTests(`</${tag.name}> at character ${tag.start + 1} ends nothing`);
      if (tag.name === 'testcase' && current !== undefined) {
        cases.push({ ...current, outcome });
        current = undefined;
      }
      if (open.length === 0) rootEnd = tag.start;
      continue;
    }
    if (root === undefined) {
      if (tag.name !== 'testsuites' && tag.name !== 'testsuite')
        throw badTests(`it is <${tag.name}>, and no <testsuites>`);
      root = tag;
    }
    if (tag.name === 'testsuites' || tag.name === 'testsuite') {
      const parent = open.at(-1)?.suite;
      suites.push({ tag, name: attributeOf(tag, 'name') ?? '', ...(parent !== undefined && { parent }) });
    } else if (tag.name === 'testcase') {
      const name = attributeOf(tag, 'name') ?? '';
      current = { tag, name, className: attributeOf(tag, 'classname') ?? '', suite: open.at(-1)?.suite ?? 0 };
      outcome = 'passed';
      if (tag.type === 'empty') {
        cases.push({ ...current, outcome });
        current = undefined;
      }
      if (cases.length > maxCases) throw badTests(`it has more than ${maxCases} tests`);
    } else if (current !== undefined && open.at(-1)?.tag === current.tag) {
      if (tag.name === 'failure' || tag.name === 'error') outcome = 'failed';
      else if (tag.name === 'skipped' && outcome === 'passed') outcome = 'skipped';
    }
    if (tag.type !== 'open') continue;
    if (open.length >= maxDepth) throw badTests(`more than ${maxDepth} elements are in each other`);
    open.push({ tag, ...(/^testsuites?$/.test(tag.name) ? { suite: suites.length - 1 } : suiteOf(open)) });
  }
  if (root === undefined) throw badTests('there is no element in it');
  if (root.type === 'empty') return { suites, cases, root, rootEnd: root.end };
  if (rootEnd === undefined) throw badTests(`its <${root.name}> has no end: it was not written to its end`);
  return { suites, cases, root, rootEnd };
}

function suiteOf(open: readonly { readonly suite?: number }[]): { readonly suite?: number } {
  const suite = open.at(-1)?.suite;
  return suite === undefined ? {} : { suite };
}
