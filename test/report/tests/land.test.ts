import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Run, RunCollector } from '../../../src/report/formats/run.ts';
import { decodeXml } from '../../../src/report/tests/decode-xml.ts';
import { findTests } from '../../../src/report/tests/find-tests.ts';
import { landOnTests } from '../../../src/report/tests/land.ts';
import { TestIndex } from '../../../src/report/tests/match-test.ts';
import { KtriageError } from '../../../src/util/errors.ts';
import { crashReport, fileResult } from '../make.ts';

const options = { version: '1', relative: (path: string) => path, kindWords: () => undefined };

const runOf = (...reports: readonly ReturnType<typeof crashReport>[]): Run => judgedRun(true, ...reports);

function judgedRun(fails: boolean, ...reports: readonly ReturnType<typeof crashReport>[]): Run {
  const collector = new RunCollector(() => fails);
  const incidents = reports.map((_, root) => ({ root, follow: [], ending: [], boot: 0 }));
  collector.add(fileResult(reports, { incidents }));
  return collector.run();
}

const running = (name: string, more: object = {}) =>
  crashReport({ running: { harness: 'kselftest', test: name }, signature: 'a'.repeat(16), ...more });

const file = `<?xml version="1.0"?>
<testsuites tests="4" failures="1" time="3">
  <!-- <testcase name="no test"> -->
  <testsuite name="net" tests="2" failures="0">
    <testcase classname="net" name="tcp.sh"/>
    <testcase classname="net" name="tls.sh"><system-out>a &lt; b <![CDATA[<testcase name="neither"/>]]></system-out></testcase>
  </testsuite>
  <testsuite name='mm' tests='2' failures='1'><testcase name="hmm"><failure/></testcase><testcase name="old"><skipped/></testcase></testsuite>
</testsuites>
`;

const outcomes = (xml: string) => findTests(xml).cases.map(({ name, outcome }) => `${name} ${outcome}`);
const countsOf = (xml: string) =>
  [...xml.matchAll(/<testsuites?[^>]*?\stests=["'](\d+)["'] failures=["'](\d+)/g)].map(
    ([, tests, failures]) => `${tests}/${failures}`,
  );

describe('a crash', () => {
  test('is a failure of the test that ran', () => {
    const landed = landOnTests(file, runOf(running('net: tls.sh')), options);
    expect(outcomes(landed).slice(0, 4)).toEqual(['tcp.sh passed', 'tls.sh failed', 'hmm failed', 'old skipped']);
    expect(landed).toContain(
      '<testcase classname="net" name="tls.sh"><failure type="oops/null-deref" message="the kernel broke while it ran: BUG',
    );
    expect(countsOf(landed)).toEqual(['5/3', '2/1', '2/1', '1/1']);
    // All else stays as it was.
    expect(landed).toContain('a &lt; b <![CDATA[<testcase name="neither"/>]]></system-out></testcase>');
  });

  test('comes before the failure that the runner saw, which is counted already', () => {
    const landed = landOnTests(file, runOf(running('mm: hmm')), options);
    expect(landed).toMatch(
      /<testcase name="hmm"><failure type="oops\/null-deref"[\s\S]*<\/failure><failure\/><\/testcase>/,
    );
    expect(countsOf(landed)).toEqual(['5/2', '2/0', '2/1', '1/1']);
  });

  test('of a test without its own end opens it', () => {
    const landed = landOnTests(file, runOf(running('net: tcp.sh')), options);
    expect(landed).toMatch(/<testcase classname="net" name="tcp.sh"><failure [\s\S]*?<\/failure><\/testcase>/);
  });

  test('of a test that the runner did not live to write gets a suite', () => {
    const landed = landOnTests(file, runOf(running('net: quic.sh')), options);
    expect(landed).toContain('<testcase classname="kselftest" name="net: quic.sh" time="0"><failure');
    expect(countsOf(landed)).toEqual(['6/3', '2/0', '2/1', '1/1', '1/1']);
  });

  test('that came again lands on each test that it came in', () => {
    const landed = landOnTests(
      file,
      runOf(running('net: tls.sh: a'), running('net: tls.sh: b'), running('net: tcp.sh'), running('net: tls.sh: a')),
      options,
    );
    expect(outcomes(landed).slice(0, 2)).toEqual(['tcp.sh failed', 'tls.sh failed']);
    expect(landed.match(/the kernel broke while it ran/g)).toHaveLength(2);
    expect(countsOf(landed)[1]).toBe('2/2');
  });

  test('that is known, or came while nothing ran, lands on no test', () => {
    const quiet = landOnTests(file, judgedRun(false, running('net: tls.sh')), options);
    expect(outcomes(quiet).slice(0, 4)).toEqual(outcomes(file));
    const alone = landOnTests(file, runOf(crashReport()), options);
    expect(outcomes(alone).slice(0, 4)).toEqual(outcomes(file));
  });

  test('in a file of one suite', () => {
    const landed = landOnTests(
      '<testsuite name="s" tests="1" failures="0"><testcase name="t"/></testsuite>',
      runOf(running('s: t')),
      options,
    );
    expect(outcomes(landed)[0]).toBe('t failed');
    expect(countsOf(landed)).toEqual(['1/1', '1/1']);
    expect(outcomes(landOnTests('<testsuites/>', runOf(running('t')), options))[0]).toBe('t failed');
  });
});

test.each([
  ['net: tls.sh', 'tls.sh'],
  ['net: tls.sh: tls.12_recv', 'tls.sh'],
  ['tls.sh', 'tls.sh'],
  ['NET/tls_sh', 'tls.sh'],
  ['other: tls.sh', undefined],
  ['old', undefined],
  ['sh', undefined],
  ['', undefined],
])('%s is the test %s', (name, expected) => {
  expect(new TestIndex(findTests(file)).find(name)?.name).toBe(expected);
});

test('of several tests of one name it is the one that failed', () => {
  const twice = (inside: string) =>
    `<testsuite><testcase name="generic/475"/><testcase name="generic/475">${inside}</testcase></testsuite>`;
  expect(new TestIndex(findTests(twice(''))).find('generic/475')).toBeUndefined();
  expect(new TestIndex(findTests(twice('<error/>'))).find('generic/475')?.outcome).toBe('failed');
});

test('a crash of each of many tests is found in a file of many in little time', () => {
  const cases = Array.from({ length: 50_000 }, (_, n) => `<testcase name="t${n}.sh"/>`);
  const index = new TestIndex(findTests(`<testsuite name="net">${cases.join('')}</testsuite>`));
  const begin = performance.now();
  for (let n = 0; n < 5000; n++) expect(index.find(`net: t${n}.sh`)?.name).toBe(`t${n}.sh`);
  expect(performance.now() - begin).toBeLessThan(5000);
});

describe('encodings', () => {
  const xml = '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="s"><testcase name="caf\u00e9"/></testsuite>';

  test.each([
    ['as it says', Buffer.from(xml, 'latin1')],
    ['UTF-8 in spite of UTF-16, which it was', Buffer.from(xml.replace('ISO-8859-1', 'UTF-16'))],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${xml.replace('ISO-8859-1', 'utf-8')}`)],
  ])('are read, and the text says what it will be: %s', (_what, bytes) => {
    const text = decodeXml(bytes);
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/);
    expect(findTests(text).cases[0]?.name).toBe('caf\u00e9');
  });

  test('that nobody knows are refused', () => {
    expect(() => decodeXml(Buffer.from(xml.replace('ISO-8859-1', 'x-mine')))).toThrow(
      expect.objectContaining({ code: 'KT-TESTS' }),
    );
    expect(decodeXml(Buffer.from('no xml'))).toBe('no xml');
  });
});

describe('what is no JUnit file', () => {
  test.each([
    '',
    'text',
    '<html/>',
    '<testsuites>',
    '<testsuites></testsuite>',
    '<testsuites',
    '<testsuites a="></testsuites>',
    '<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>',
    '<testsuites><!-- </testsuites>',
    `${'<testsuite>'.repeat(200)}`,
  ])('%j', (xml) => {
    expect(() => findTests(xml)).toThrow(expect.objectContaining({ code: 'KT-TESTS' }));
  });

  test('is told in words, whatever it is, and what is one stays one', () => {
    const piece = fc.constantFrom(
      '<testsuite name="a" tests="1" failures="0">',
      '</testsuite>',
      '<testsuites>',
      '</testsuites>',
      '<testcase name="t"/>',
      '<testcase name="t">',
      '</testcase>',
      '<failure/>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '"',
      '&lt;',
      '<?x?>',
      'x',
      '<',
    );
    const hostile = running('a: t', { title: ']]> <b> " \x00 \u202e &amp;', reportText: '</failure> \x1b[0m ]]>' });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let xml = `<testsuites tests="0">${pieces.join('')}</testsuites>`;
        try {
          findTests(xml);
        } catch (error) {
          expect(error).toBeInstanceOf(KtriageError);
          return;
        }
        const before = findTests(xml).cases.length;
        xml = landOnTests(xml, runOf(hostile), options);
        expect(findTests(xml).cases.length).toBeGreaterThan(before);
        expect(xml).not.toMatch(/[\x00-\x08\x1b\u202e]/);
      }),
      { numRuns: 500 },
    );
  });
});
