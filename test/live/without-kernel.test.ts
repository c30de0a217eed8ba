import { describe, expect, test } from 'vitest';
import { parseRunState } from '../../src/live/run-state.ts';
import { verdictWithoutKernel, type WithoutKernel } from '../../src/live/without-kernel.ts';

const real = { id: 0, registers: { cr0: 0x10n, cs: 0xf000n, rip: 0xfff0n } };
const judge = (more: Partial<WithoutKernel>) =>
  verdictWithoutKernel({
    ...{ cpus: [real], identity: undefined, resting: undefined, runState: undefined, problems: ['no kernel'] },
    ...more,
  });

describe('a machine without a kernel that runs', () => {
  test('is in firmware', () => {
    const { verdict, outcome, state } = judge({});
    expect(verdict).toMatchObject({ rule: 'not-running', circumstance: true });
    expect(verdict.sentence).toBe(
      'No kernel runs: CPU 0 is in real mode at f000:fff0, in firmware or in what boots it.',
    );
    expect([outcome, state]).toEqual(['unclear', 'firmware']);
  });

  test('was stopped by QEMU', () => {
    expect(judge({ runState: 'prelaunch' }).verdict.sentence).toContain('not started yet');
    expect(judge({ runState: 'io-error' })).toMatchObject({ outcome: 'broken', verdict: { confidence: 'certain' } });
    expect(judge({ runState: 'paused' }).verdict.sentence).toMatch(/^No kernel runs/);
  });

  test('executes what may be a kernel', () => {
    const cpus = [{ id: 0, registers: { cr0: 0x8000_0001n, cs: 0x10n, rip: 0xffff_ffff_8100_0000n } }];
    expect(judge({ cpus })).toMatchObject({ state: 'unknown', verdict: { rule: 'unclear' } });
  });
});

test('run states as QEMU prints them', () => {
  expect(parseRunState('VM status: paused (shutdown)\r\n')).toBe('shutdown');
  expect(parseRunState('VM status: paused')).toBe('paused');
  expect(parseRunState('VM status: running (single step mode)')).toBeUndefined();
  expect(parseRunState('VM status: running')).toBeUndefined();
  expect(parseRunState('unknown command')).toBeUndefined();
});
