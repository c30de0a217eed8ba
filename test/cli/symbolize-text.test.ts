import { describe, expect, test } from 'vitest';
import { answerText } from '../../src/cli/run/symbolize-text.ts';

const mangled = '_RNvNtCshuKN2XVSBhe_6kernel5print11call_printk';

describe('answerText', () => {
  test('has names of Rust as in the source', async () => {
    const frames = [{ function: mangled, inlined: false, file: 'rust/kernel/print.rs', line: 9 }];
    expect(await answerText({ input: `${mangled}+0x1`, frames, candidates: [] })).toBe(
      `${mangled}+0x1\n  kernel::print::call_printk at rust/kernel/print.rs:9\n`,
    );
  });

  test('escapes what comes from outside', async () => {
    expect(
      await answerText({ input: 'a\u001b[31m', frames: [], candidates: [], problem: 'not\u0007 found' }),
    ).not.toMatch(/[\u001b\u0007]/);
  });
});
