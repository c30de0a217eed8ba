import { describe, expect, test } from 'vitest';
import { WatchAnnotations } from '../../src/cli/run/watch-annotations.ts';
import { formatOptions, signature } from '../report/formats/make.ts';
import { crashReport } from '../report/make.ts';

const knownIssue = { reason: 'known', entry: 'known.json, entry 1' };

const watching = () => new WatchAnnotations('github', formatOptions(), (report) => report.knownIssue === undefined);

describe('annotations of a log that grows', () => {
  test('each crash once, ten of a type with the one that says so', () => {
    const annotations = watching();
    const lines = Array.from({ length: 30 }, (_, n) =>
      annotations.of(crashReport({ signature: signature(n % 15) }), 'a'),
    );
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10);
    expect(lines[9]).toContain('More problems follow');
    expect(lines.slice(10).join('')).toBe('');
  });

  test('what is known takes no room from what is not, and fails where it is not known', () => {
    const annotations = watching();
    for (let n = 0; n < 20; n++) annotations.of(crashReport({ knownIssue, signature: signature(n) }), 'a');
    expect(annotations.of(crashReport({ signature: signature(0) }), 'a')).toMatch(/^::error file=/);
    expect(annotations.of(crashReport({ knownIssue, signature: signature(0) }), 'a')).toBe('');
  });
});
