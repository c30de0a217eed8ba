import { expect, test } from 'vitest';
import { extractFacts } from '../../../src/oops/extract/extract.ts';
import { rawReport } from './raw.ts';

test("a program's fault below a report, with its code, is not the report's", () => {
  const facts = extractFacts(
    rawReport(`BUG: scheduling while atomic: demo/42/0x00000002
CPU: 1 UID: 0 PID: 42 Comm: demo Not tainted 7.2.0 #1 PREEMPT(lazy)
Call Trace:
 <TASK>
 __schedule+0x1/0x2
 demo_sleep+0x1/0x2
 </TASK>
demo[42]: segfault at 4d3d20 ip 00000000004d3d20 sp 00007ffd101e9b78 error 14 in demo[d3d20,401000+194000] likely on CPU 0
Code: 90 90 <0f> 0b 90`),
  );
  expect(facts.lastLine).toBe(6);
  expect(facts.code).toBeUndefined();
});
