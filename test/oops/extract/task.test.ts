import { describe, expect, test } from 'vitest';
import { parseCommLine } from '../../../src/oops/extract/task.ts';

const kernelOf = (behindTaint: string) =>
  parseCommLine(`CPU: 1 UID: 0 PID: 7 Comm: demo Not tainted ${behindTaint}`)?.kernel;

describe('the kernel of a Comm line', () => {
  test.each([
    // preempt_model_str() in kernel/sched/core.c stands behind the build number, and its blank at the line's end.
    ['7.2.0 #3 PREEMPT(lazy) ', 'PREEMPT(lazy)', '#3'],
    ['7.2.0 #3 PREEMPT(lazy)  Debian 7.2.0-1 ', 'PREEMPT(lazy)', '#3 Debian 7.2.0-1'],
    ['6.16.0 #3 PREEMPT_RT ', 'PREEMPT_RT', '#3'],
    ['6.16.0 #3 PREEMPT_{RT,(full)} ', 'PREEMPT_{RT,(full)}', '#3'],
    ['6.16.0 #3 PREEMPT_{RT,LAZY} ', 'PREEMPT_{RT,LAZY}', '#3'],
    ['6.16.0 #3 PREEMPTLAZY ', 'PREEMPTLAZY', '#3'],
    ['6.16.0 #3 VOLUNTARY ', 'VOLUNTARY', '#3'],
    ['6.16.0 #3 NONE ', 'NONE', '#3'],
    ['6.12.0 #3  Debian 6.12.0-1', undefined, '#3 Debian 6.12.0-1'],
  ])('%s', (text, preemptModel, version) => {
    expect(kernelOf(text)?.preemptModel).toBe(preemptModel);
    expect(kernelOf(text)?.version).toBe(version);
  });

  test('a build ID behind the preempt model', () => {
    const id = '0123456789abcdef0123456789abcdef01234567';
    expect(kernelOf(`7.2.0 #3 PREEMPT(full)  ${id} `)).toEqual({
      release: '7.2.0',
      version: '#3',
      preemptModel: 'PREEMPT(full)',
      buildId: id,
    });
  });
});
