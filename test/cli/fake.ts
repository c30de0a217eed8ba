import { PassThrough, Writable } from 'node:stream';
import type { Engine, EngineOptions } from '../../src/cli/engine.ts';
import type { Session } from '../../src/cli/session.ts';
import type { Settings } from '../../src/cli/settings.ts';
import type { FileResult } from '../../src/model/document.ts';
import { KtriageError } from '../../src/util/errors.ts';

/** A stream that keeps what was written; may play a terminal. */
export class Collector extends Writable {
  text = '';
  isTTY = false;
  columns?: number;
  rows?: number;

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface FakeSession extends Session {
  readonly stdin: PassThrough & { isTTY?: boolean };
  readonly stdout: Collector;
  readonly stderr: Collector;
}

/** A session that touches nothing of the process. */
export function fakeSession(more: Partial<Pick<Session, 'env' | 'cwd' | 'home'>> = {}): FakeSession {
  return {
    stdin: new PassThrough(),
    stdout: new Collector(),
    stderr: new Collector(),
    env: {},
    cwd: '/nowhere',
    home: '/nowhere/home',
    exitCode: 0,
    ...more,
  };
}

export const defaults: Settings = {
  format: 'text',
  failOn: 'warning',
  exitZero: false,
  all: false,
  limit: 20,
  color: 'auto',
  verbose: false,
};

/** An engine whose inputs and results are given; every other input is missing. */
export function fakeEngine(
  results: Readonly<Record<string, FileResult>>,
  before?: (options: EngineOptions) => void,
): Engine {
  return {
    expandInputs: async (args) => args,
    async analyzeFile(path, options) {
      before?.(options);
      const result = results[path];
      if (!result)
        throw new KtriageError('KT-INPUT-MISSING', `cannot read ${path}`, 'there is no such file', 'check the name');
      for (const report of result.reports) options.onReport?.(report, path);
      return result;
    },
  };
}
