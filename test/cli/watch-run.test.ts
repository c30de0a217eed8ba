import { describe, expect, test } from 'vitest';
import type { EngineOptions } from '../../src/cli/engine.ts';
import type { WatchEngine } from '../../src/cli/live-engine.ts';
import { runWatch } from '../../src/cli/run/watch-run.ts';
import type { FollowEvent } from '../../src/io/follow.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { crashReport, fileResult, inputFacts } from '../report/make.ts';
import { defaults, fakeSession } from './fake.ts';

/** An analysis for which `x` is a report that needs quiet or an end to be complete, and `!` one that is at once. */
function analysis(path: string, options: EngineOptions): ReturnType<WatchEngine['analysis']> {
  let pending = 0;
  let bytes = 0;
  const found = (): void => options.onReport?.(crashReport({ startLine: bytes }), path);
  const complete = (): void => {
    for (; pending > 0; pending -= 1) found();
  };
  return {
    push(chunk) {
      bytes += chunk.length;
      for (const character of Buffer.from(chunk).toString()) {
        if (character === '!') found();
        if (character === 'x') pending += 1;
      }
    },
    quiet: complete,
    end() {
      complete();
      return fileResult([], { input: { ...inputFacts, kernelLines: bytes > 0 } });
    },
  };
}

const data = (text: string): FollowEvent => ({ type: 'data', bytes: Buffer.from(text) });

function engineOf(events: readonly (FollowEvent | Error)[], seen: string[] = []): () => Promise<WatchEngine> {
  return async () => ({
    analysis,
    async *follow(_path, { signal }) {
      for (const event of events) {
        if (signal.aborted) throw signal.reason;
        if (event instanceof Error) throw event;
        seen.push(event.type);
        yield event;
      }
    },
  });
}

describe('runWatch', () => {
  test('prints a report when it is complete, when it is quiet, and at the end', async () => {
    const session = fakeSession();
    const events = [data('!'), data('x'), { type: 'quiet' } as const, data('x')];
    expect(await runWatch('a.log', false, { ...defaults, format: 'jsonl' }, session, engineOf(events))).toBe(1);
    expect(session.stdout.text.trim().split('\n')).toHaveLength(3);
  });

  test('--once ends at the first', async () => {
    const session = fakeSession();
    const seen: string[] = [];
    expect(await runWatch('a.log', true, defaults, session, engineOf([data('!!'), data('!')], seen))).toBe(1);
    expect(session.stdout.text.match(/^error: /gm)).toHaveLength(1);
    expect(seen).toEqual(['data']);
  });

  test('reports get their source positions one by one, and what gives these is closed', async () => {
    const session = fakeSession();
    const seen: string[] = [];
    const engine = async (): Promise<WatchEngine> => ({
      ...(await engineOf([data('!!')])()),
      openSources: async ({ vmlinux }) => ({
        wants: () => true,
        symbolize: async (reports) => {
          seen.push(`${vmlinux} ${reports.length}`);
          return reports.map((report) => ({ ...report, title: 'found out' }));
        },
        close: () => seen.push('closed'),
      }),
    });
    await runWatch('a.log', false, { ...defaults, format: 'jsonl' }, session, engine, { vmlinux: 'vmlinux' });
    expect(seen).toEqual(['vmlinux 1', 'vmlinux 1', 'closed']);
    expect(session.stdout.text.match(/"found out"/g)).toHaveLength(2);
  });

  test('reports are apart by an empty line', async () => {
    const session = fakeSession();
    await runWatch('a.log', false, defaults, session, engineOf([data('!!')]));
    expect(session.stdout.text).toContain('\n\nerror: ');
  });

  test('a rotated file is a new one, and its predecessor is complete', async () => {
    const session = fakeSession();
    const events = [data('aaax'), { type: 'rotated' } as const, data('!')];
    const settings = { ...defaults, format: 'jsonl', verbose: true } as const;
    await runWatch('a.log', false, settings, session, engineOf(events));
    const lines = session.stdout.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).startLine);
    expect(lines).toEqual([4, 1]);
    expect(session.stderr.text).toContain('was replaced by another file');
  });

  test('an input that ends without a line of a kernel is not vouched for', async () => {
    expect(await runWatch('-', false, defaults, fakeSession(), engineOf([]))).toBe(3);
    expect(await runWatch('-', false, defaults, fakeSession(), engineOf([data('a')]))).toBe(0);
  });

  test('what cannot be read is told', async () => {
    const session = fakeSession();
    const gone = new KtriageError('KT-INPUT-DIRECTORY', 'cannot read a', 'it is a folder', 'name a file');
    expect(await runWatch('a', false, defaults, session, engineOf([gone]))).toBe(2);
    expect(session.stderr.text).toContain('KT-INPUT-DIRECTORY');
  });

  test('an interrupt ends it with 130 and what was pending', async () => {
    const session = fakeSession();
    const load = async (): Promise<WatchEngine> => ({
      analysis,
      async *follow(_path, { signal }) {
        yield data('x');
        process.emit('SIGINT');
        throw signal.reason;
      },
    });
    expect(await runWatch('a.log', false, defaults, session, load)).toBe(130);
    expect(session.stdout.text).toContain('error: ');
    expect(session.stderr.text).toBe('');
  });
});
