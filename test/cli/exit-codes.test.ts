import { describe, expect, test } from 'vitest';
import { ExitStatus } from '../../src/cli/exit-codes.ts';
import { crashReport, fileResult, inputFacts } from '../report/make.ts';

const crash = fileResult([crashReport()]);
const warning = fileResult([crashReport({ severity: 'warning' })]);
const healthy = fileResult([]);
const foreign = fileResult([], { input: { ...inputFacts, kernelLines: false } });
const cut = fileResult([], { input: { ...inputFacts, cutOff: true } });
const damaged = fileResult([], { input: { ...inputFacts, damaged: 'it ends too early' } });

describe('ExitStatus', () => {
  test.each([
    ['nothing', [], 0],
    ['a healthy log', [healthy], 0],
    ['a crash', [healthy, crash], 1],
    ['a log that no kernel wrote', [healthy, foreign], 3],
    ['a log that ends in a report', [cut], 3],
    ['a log that could not be read to its end', [damaged], 3],
    ['a crash beside one that cannot be vouched for', [foreign, crash], 1],
  ])('%s', (_name, files, code) => {
    const status = new ExitStatus('warning', false);
    for (const file of files) status.file(file);
    expect(status.code).toBe(code);
  });

  test('a failure outweighs what was found', () => {
    const status = new ExitStatus('warning', false);
    status.file(crash);
    status.failed();
    expect(status.code).toBe(2);
  });

  test('--fail-on sets the bar', () => {
    for (const [failOn, code] of [
      ['fatal', 0],
      ['error', 0],
      ['warning', 1],
      ['notice', 1],
      ['none', 0],
    ] as const) {
      const status = new ExitStatus(failOn, false);
      status.file(warning);
      expect(status.code, failOn).toBe(code);
    }
  });

  test('--exit-zero covers what logs hold, not what went wrong', () => {
    const status = new ExitStatus('warning', true);
    status.file(crash);
    status.file(foreign);
    expect(status.code).toBe(0);
    status.failed();
    expect(status.code).toBe(2);
  });

  test('an interrupted run is 130 whatever else', () => {
    const status = new ExitStatus('warning', true);
    status.failed();
    status.interrupted();
    expect(status.code).toBe(130);
  });
});
