import { describe, expect, test } from 'vitest';
import { LogAnalysis } from '../../src/oops/log-analysis.ts';
import { linesOf } from './helpers.ts';

function found(...written: string[]): [string, number][] {
  const analysis = new LogAnalysis();
  for (const line of linesOf(...written)) analysis.line(line);
  return analysis.finish(written.length).reports.map((r) => [r.title, r.frames.length]);
}

const panic = [
  'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(8,2)',
  'CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0 #1',
  'Call Trace:',
  ' dump_stack_lvl+0x44/0x5c',
  ' panic+0x118/0x2ed',
  ' mount_root_generic+0x1ff/0x27d',
  '---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(8,2) ]---',
];
const oops = [
  'BUG: kernel NULL pointer dereference, address: 0000000000000020',
  'Oops: 0000 [#1] PREEMPT SMP NOPTI',
  'CPU: 0 PID: 9 Comm: a Not tainted 6.1.0-1 #1',
  'RIP: 0010:foo+0x1/0x20',
  'Call Trace:',
  ' one+0x1/0x20',
  ' two+0x1/0x20',
  '---[ end trace 0000000000000000 ]---',
];
const noise = [
  'WARNING: nand: ecc is weak',
  'foo: WARNING: bar',
  'INFO: foo',
  'my-app[3]: BUG: x',
  'panic: y',
  'fatal error: z',
];
const marks: [string, (text: string, i: number) => string][] = [
  ['console', (text, i) => `T1|${(5 + i / 100).toFixed(2)}|${text}`],
  ['no stamps', (text) => `||${text}`],
];

describe.each(marks)('%s', (_, mark) => {
  const expected = found(...oops.map(mark));

  test.each(noise)('a panic some lines after "%s" is told', (text) => {
    for (const count of [1, 10, 40, 200]) {
      const usb = Array.from({ length: count }, (_, i) => `usb 1-${i}: new device`);
      expect(found(...[text, ...usb, ...panic].map(mark)).map(([title]) => title)).toEqual([
        'kernel panic: VFS: Unable to mount root fs on unknown-block(NUM,NUM)',
      ]);
    }
  });

  // The title is looked for up to the next headline of whatever sort (`specs/titles.md` section 3): it stands by then.
  test.each(noise)('"%s" amid an oops changes nothing', (text) => {
    for (let at = 5; at < oops.length - 1; at++) {
      expect(found(...[...oops.slice(0, at), text, ...oops.slice(at)].map(mark))).toEqual(expected);
    }
  });
});

test('a kernel that ran, and begins again without a word', () => {
  const loader = ['SeaBIOS (version 1.16)', 'Decompressing Linux... Parsing ELF... done.', 'Booting the kernel.'].map(
    (l) => `||${l}`,
  );
  const kernel = ['T1|0|Linux version 6.1.0 (a@b)', 'T1|7.25|eth0: link up'];
  expect(found(...loader, ...kernel)).toEqual([]);
  expect(found(...kernel, ...loader).map(([title]) => title)).toEqual(['unexpected kernel reboot']);
  expect(found(...kernel, 'T1|8.5|reboot: Restarting system', ...loader)).toEqual([]);
  expect(found(...loader, ...kernel, ...loader).map(([title]) => title)).toEqual(['unexpected kernel reboot']);
});
