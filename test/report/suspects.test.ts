import { describe, expect, test } from 'vitest';
import type { Suspect, Suspects } from '../../src/model/suspects.ts';
import { htmlFormat } from '../../src/report/formats/html.ts';
import { markdownFormat } from '../../src/report/formats/markdown.ts';
import { RunCollector } from '../../src/report/formats/run.ts';
import { fileLines } from '../../src/report/text/file.ts';
import { suspectsSection } from '../../src/report/text/suspects.ts';
import { crashReport, fileResult, plainOptions } from './make.ts';

function suspect(letter: string, more: Partial<Suspect> = {}): Suspect {
  return {
    commit: letter.repeat(40),
    subject: `frob: ${letter}`,
    author: 'Ann Author',
    date: '2026-01-05T10:00:00+01:00',
    strength: 'strong',
    score: 0.9,
    reasons: [
      { what: 'line', role: 'culprit', file: 'a.c', function: 'frob_read', line: 6, words: 'line 6 of a.c is its' },
      { what: 'file', role: 'caller', file: 'b.c', words: 'changed b.c' },
    ],
    ...more,
  };
}

const suspects = (more: Partial<Suspects> = {}): Suspects => ({
  range: 'v6.1..v6.2',
  good: '1'.repeat(40),
  bad: '2'.repeat(40),
  commitCount: 1234,
  commits: [suspect('a'), suspect('b', { strength: 'medium' }), suspect('c', { strength: 'weak' }), suspect('d')],
  omitted: 2,
  complete: true,
  notes: [],
  ...more,
});

const result = (of: Suspects) =>
  fileResult([crashReport()], { incidents: [{ root: 0, follow: [], ending: [], boot: 0, suspects: of }] });

function shown(of: Suspects, all = false): string {
  return [...fileLines(result(of), plainOptions({ all, width: 200 }))].join('\n');
}

describe('suspects as text', () => {
  test('are called a suggestion, the strongest first, with one reason each', () => {
    const text = shown(suspects());
    expect(text).toContain(
      'Suspects: A suggestion, not proof: 6 of the 1,234 commits of v6.1..v6.2 touched something of it.',
    );
    expect(text).toContain('Possibly: aaaaaaaaaaaa ("frob: a"), 2026-01-05 by Ann Author: line 6 of a.c is its\n');
    expect(text).toContain('Less likely: cccccccccccc ("frob: c")');
    expect(text).toContain('And 3 weaker ones (--all).');
    expect(text).not.toContain('dddddddddddd');
    expect(text).not.toMatch(/Fixes:/);
  });

  test('are told with all reasons with --all', () => {
    const text = shown(suspects(), true);
    expect(text).toContain('line 6 of a.c is its; changed b.c');
    expect(text).toContain('dddddddddddd');
    expect(text).toContain('And 2 weaker ones.');
  });

  test('say what was not looked at, and that nothing was found', () => {
    const text = shown(suspects({ commits: [], omitted: 0, complete: false, notes: ['git was too slow'] }));
    expect(text).toContain('None of the 1,234 commits of v6.1..v6.2 is known to touch what is on the stack.');
    expect(text).toContain('Not complete: git was too slow.');
    const { commitCount: _, ...uncounted } = suspects({ notes: ['line 5 does not fit'] });
    expect(shown(uncounted)).toContain('6 of v6.1..v6.2 touched something of it.');
    expect(shown(uncounted)).toContain('Note: line 5 does not fit.');
  });

  test('are not there where nobody asked', () => {
    expect(suspectsSection(undefined, true)).toBeUndefined();
    expect([...fileLines(fileResult([crashReport()]), plainOptions())].join('\n')).not.toContain('Suspects');
  });

  test('are safe whatever a commit says', () => {
    const hostile = suspects({
      range: 'a\x1b[2J..b',
      commits: [suspect('a', { subject: `\x1b]0;x\x07\u202e${'x'.repeat(5000)}`, author: '\x1b[31m', date: '\x07' })],
      notes: ['\x1b[1m'],
    });
    const text = shown(hostile, true);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text.length).toBeLessThan(20_000);
  });
});

describe('suspects in formats of CIs', () => {
  const options = {
    version: '0',
    relative: (path: string) => path,
    kindWords: () => undefined,
  };
  const hostile = suspects({ commits: [suspect('a', { subject: '</pre><script>x</script> ``` ::error::x @all' })] });
  const run = (of: Suspects) => {
    const collector = new RunCollector();
    collector.add(result(of));
    return collector.run();
  };

  test('markdown and html have them, and nothing of them is markup', () => {
    const markdown = [...markdownFormat(run(hostile), options)].join('');
    expect(markdown).toContain('A suggestion, not proof');
    expect(markdown).toContain('aaaaaaaaaaaa');
    expect(markdown).not.toMatch(/^::error::/m);
    const html = [...htmlFormat(run(hostile), options)].join('');
    expect(html).toContain('<dt>Suspects</dt>');
    expect(html).not.toContain('<script>');
  });
});
