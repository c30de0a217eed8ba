import { describe, expect, test } from 'vitest';
import { logOf, withHang } from '../../../src/analyze/hang/result.ts';
import { guestInput } from '../../../src/model/document.ts';
import type { LiveDocument } from '../../../src/model/live.ts';
import { type RunFormatName, runFormatNames } from '../../../src/model/output-formats.ts';
import { runFormats } from '../../../src/report/formats/formats.ts';
import { RunCollector } from '../../../src/report/formats/run.ts';
import { totalsText } from '../../../src/report/formats/words.ts';
import { logOfLines, mutexPair, silentHang } from '../../analyze/hang/make.ts';
import { formatOptions, runOf } from './make.ts';

const resultOf = (document: LiveDocument) => withHang(logOf(document, guestInput(':1234')), document);
const silent = runOf(resultOf(silentHang()).result);
const render = (name: RunFormatName, run = silent): string => [...runFormats[name](run, formatOptions())].join('');
const sentence = 'CPU 1 deadlocked on itself: frob_write waits for frob.lock.';

describe('a hang that nobody printed', () => {
  test.each(runFormatNames.filter((name) => name !== 'lava'))('is told by its sentence and its place in %s', (name) => {
    const text = render(name).replace(/\s+/g, ' ').replaceAll('\\u0020', ' ');
    if (name !== 'decode') expect(text).toMatch(/frob_poll|frob_left/);
    expect(text).toContain(sentence);
    if (name !== 'decode' && name !== 'kcidb') expect(text).toMatch(/drivers\/frob\.c/);
    // It stands in no log that anybody has.
    expect(text).not.toMatch(/console:3|line 3 of/);
  });

  test('has its rule, and how sure that is', () => {
    for (const name of ['github', 'markdown', 'junit', 'rdjson', 'squad', 'jenkins'] as const)
      expect(render(name), name).toContain('Found by ktriage live: lock-cycle, certain.');
    const [result] = JSON.parse(render('sarif')).runs[0].results;
    expect(result.properties).toMatchObject({ rule: 'lock-cycle', confidence: 'certain', severity: 'fatal' });
    expect(result.ruleId).toBe('oops/null-deref');
    expect(result.locations[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'drivers/frob.c' }, region: { startLine: 41 } },
      logicalLocations: [{ fullyQualifiedName: 'frob_left' }],
    });
    expect(result.relatedLocations.map(({ id }: { id: number }) => id)).not.toContain(2);
  });

  test('has its positions told once', () => {
    const first = mutexPair('deposit');
    const words = 'frob-deposit waits in frob_deposit+0x20 at drivers/frob.c:115';
    const document = { ...first, verdict: { ...first.verdict, evidence: [{ ...first.verdict.evidence[0], words }] } };
    expect(render('junit', runOf(resultOf(document).result))).toContain(`${words}.\n`);
  });

  test('is led by its sentence however sure it is', () => {
    const first = silentHang();
    const run = runOf(resultOf({ ...first, verdict: { ...first.verdict, confidence: 'possible' } }).result);
    expect(render('gcc', run)).toContain(`note: Possible: ${sentence}`);
  });

  test('is a hang among crashes, and once if its kernel had printed it too', () => {
    expect(totalsText(silent)).toBe('1 hang');
    expect(render('lava')).toContain('RESULT=fail UNITS=splats MEASUREMENT=1>');
    const { result } = resultOf(silentHang());
    const [hang] = result.reports;
    if (hang === undefined) throw new Error('there is no hang');
    const collector = new RunCollector();
    const { unprinted: _, ...printed } = hang;
    const incident = { root: 0, follow: [{ report: 1, why: 'repeat' as const }], ending: [], boot: 0 };
    collector.add({ ...result, reports: [hang, printed], incidents: [incident] });
    expect(collector.run().problems.map(({ times }) => times)).toEqual([1]);
  });

  test('shows its lines behind the log', () => {
    const document = { ...silentHang(), log: logOfLines('[    1.000000] one', '[    2.000000] two') };
    const { result, lines } = resultOf(document);
    const log = [{ firstLine: 1, lines: ['[    1.000000] one', '[    2.000000] two', ...lines] }];
    const html = [...runFormats.html(runOf(result), { ...formatOptions(), log: () => log })].join('');
    expect(html).toContain('<h2>the guest :1234</h2>');
    expect(html).toMatch(/<li id="[\w-]+" class="fatal"><a [^>]*>3<\/a><span>ktriage live: CPU 1 deadlocked on itself/);
    const bare = render('html');
    expect(bare).toContain('As found');
    expect(bare).not.toContain('As printed');
  });
});
