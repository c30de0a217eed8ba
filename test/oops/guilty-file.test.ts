import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guiltyFile } from '../../src/oops/guilty-file.ts';

test('the first file that is not machinery', () => {
  const lines = [
    'BUG: foo',
    ' dump_stack+0x1/0x2 lib/dump_stack.c:52',
    ' kasan_report+0x1/0x2 mm/kasan/report.c:4',
    ' foo+0x1/0x2 net/foo/bar.c:12',
  ];
  expect(guiltyFile(lines, false)).toBe('net/foo/bar.c');
});

test('a driver below its subsystem is guiltier than the core', () => {
  const lines = [
    ' core+0x1/0x2 drivers/usb/core.c:1',
    ' x+0x1/0x2 fs/x.c:2',
    ' driver+0x1/0x2 drivers/usb/gadget/udc.c:3',
    ' a+0x1/0x2 drivers/usb/gadget/deep/er.c:4',
  ];
  expect(guiltyFile(lines, false)).toBe('drivers/usb/gadget/deep/er.c');
});

test('if all are machinery, the first of all', () => {
  expect(guiltyFile([' a+0x1/0x2 lib/a.c:1', ' b+0x1/0x2 kernel/locking/mutex.c:2'], false)).toBe('lib/a.c');
  expect(guiltyFile(['no position'], false)).toBeUndefined();
});

test('headers, held locks and irq statistics are not on the way', () => {
  const lines = [
    '#0: (lock), at: foo+0x1/0x2 net/lock.c:1',
    'hardirqs last enabled at (1): foo+0x1/0x2 net/irq.c:2',
    ' inl+0x1 include/net/x.h:3',
    ' foo+0x1/0x2 ./net/ok.c:4',
  ];
  expect(guiltyFile(lines, false)).toBe('net/ok.c');
});

test('paths are cleaned, in brackets too', () => {
  expect(guiltyFile([' k+0x1/0x2 (arch/x86/kvm/../../../virt/kvm/eventfd.c:12)'], false)).toBe('virt/kvm/eventfd.c');
});

test('a stall is searched from the interrupt on', () => {
  const lines = [
    'rcu: INFO',
    ' top+0x1/0x2 net/top.c:1',
    ' apic_timer_interrupt+0xf/0x20 arch/x86/entry/entry_64.S:8',
    ' foo+0x1/0x2 fs/below.c:4',
  ];
  expect(guiltyFile(lines, true)).toBe('fs/below.c');
  expect(guiltyFile(lines, false)).toBe('net/top.c');
  expect(guiltyFile(lines.slice(0, 2), true)).toBe('net/top.c');
});

test('any text is searched', () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.boolean(), (lines, stall) => void guiltyFile(lines, stall)));
});
