import { describe, expect, test } from 'vitest';
import { kernelFact, sameKernel } from '../../src/decode/kernel-lines.ts';

const id = '0123456789abcdef0123456789abcdef01234567';
const banner = 'Linux version 6.9.1-made (me@example.org) (gcc 13) #3 SMP PREEMPT Sat Jan  1 00:00:00 UTC 2028';

describe('what a line says of its kernel', () => {
  test.each<[string, unknown]>([
    [`[    0.000000] ${banner}\r`, { type: 'boot', identity: { release: '6.9.1-made', banner } }],
    [
      '<4>[  2.5][ T96] CPU: 1 PID: 96 Comm: init Tainted: G           OE      6.9.1-made #3 Debian 6.9.1-2\r',
      {
        type: 'running',
        identity: { release: '6.9.1-made', version: '#3 Debian 6.9.1-2' },
      },
    ],
    [
      `CPU: 0 UID: 0 PID: 1 Comm: a b Not tainted 6.12.0 #1 PREEMPT(voluntary) ${id}`,
      {
        type: 'running',
        identity: { release: '6.12.0', version: '#1', buildId: id },
      },
    ],
    ['[    4.99] 6.9.1-made #3 Not tainted', { type: 'running', identity: { release: '6.9.1-made', version: '#3' } }],
    [
      '[  363.1]       Not tainted 6.9.1-made #3 Debian 6.9.1-2',
      {
        type: 'running',
        identity: { release: '6.9.1-made', version: '#3 Debian 6.9.1-2' },
      },
    ],
    [
      'Kernel Offset: 0x2d600000 from 0xffffffff81000000 (relocation range: 0x0-0x1)',
      { type: 'kaslr', offset: 0x2d600000n },
    ],
    ['Kernel Offset: disabled', { type: 'kaslr', offset: 0n }],
    ['[    0.0] Kernel command line: console=ttyS0 nokaslr quiet', { type: 'kaslr', offset: 0n }],
    ['[    0.0] Kernel command line: console=ttyS0', undefined],
    // Halves of lines, and what is about something else.
    ['CPU: 1 PID: 96 Comm: init Tainted: G           OE      6.9.1-ma', undefined],
    ['Linux version 6.9.1', undefined],
    ['the food was tainted', undefined],
  ])('%j', (line, expected) => {
    expect(kernelFact(line)).toEqual(expected);
  });

  test('a kernel is the same until a line says otherwise', () => {
    const booted = { release: '6.9.1-made', banner };
    const running = { release: '6.9.1-made', version: '#3 Debian 6.9.1-2' };
    expect(sameKernel(booted, running)).toEqual({ ...running, banner });
    expect(sameKernel(booted, { ...running, version: '#4' })).toBeUndefined();
    expect(sameKernel(booted, { ...running, release: '6.9.2' })).toBeUndefined();
    expect(sameKernel({ ...running, buildId: id }, { ...running, buildId: 'f'.repeat(40) })).toBeUndefined();
    expect(sameKernel(running, { ...running, buildId: id })).toEqual({ ...running, buildId: id });
  });
});
