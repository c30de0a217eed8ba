import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { titleReport } from '../../../src/oops/titles/title.ts';

/** A report whose window is all of it. */
function title(header: string, ...report: string[]) {
  return titleReport({ header, report, windowLength: report.length });
}

const trace = ['Call Trace:', ' dump_stack+0x1/0x2', ' foo_send.isra.0+0x1/0x2 [foo]', ' bar+0x3/0x4', ' baz+0x3/0x4'];

describe('KASAN', () => {
  test('takes the function of the headline unless it is never guilty, then the trace', () => {
    const skipped = title(
      'BUG:',
      'BUG: KASAN: slab-use-after-free in memcpy+0x1d/0x40',
      'Read of size 8 at addr 1',
      ...trace,
    );
    expect(skipped.title).toBe('KASAN: slab-use-after-free Read in foo_send');
    expect(skipped.altTitles).toEqual(['bad-access in foo_send']);
    expect(skipped.type).toBe('KASAN-USE-AFTER-FREE-READ');
    expect(skipped.kind).toBe('kasan/slab-use-after-free');
    expect(skipped.frame).toBe('foo_send');
    expect(skipped.corruptedReason).toBeUndefined();
    const named = title(
      'BUG:',
      'BUG: KASAN: slab-out-of-bounds in qux+0x1d/0x40',
      'Write of size 8 at addr 1',
      ...trace,
    );
    expect(named.title).toBe('KASAN: slab-out-of-bounds Write in qux');
    expect(named.type).toBe('KASAN-WRITE');
  });

  test('without its access is the raw line and corrupted', () => {
    const cut = title('BUG:', 'BUG: KASAN: use-after-free in qux+0x1d/0x40 at addr 1', 'nothing else');
    expect(cut.title).toBe('KASAN: use-after-free in qux at addr NUM');
    expect(cut.corruptedReason).toBeDefined();
  });

  test('a free of what cannot be freed', () => {
    const free = title('BUG:', 'BUG: KASAN: double-free in kfree+0x1/0x2', 'Free of addr 1 by task a/1', ...trace);
    expect(free.title).toBe('KASAN: invalid-free in foo_send');
    expect(free.altTitles).toEqual(['invalid-free in foo_send']);
    expect(free.kind).toBe('kasan/double-free');
  });
});

describe('oopses', () => {
  const page = 'BUG: unable to handle page fault for address: ffffc90000000000';

  test('the IP line comes before the trace', () => {
    const oops = title('BUG:', page, '#PF: supervisor write access', 'RIP: 0010:qux+0x1/0x2', ...trace);
    expect(oops.title).toBe('BUG: unable to handle kernel paging request in qux');
    expect(oops.kind).toBe('oops/page-fault');
    expect(oops.type).toBe('MEMORY_SAFETY_BUG');
  });

  test('a jump to nowhere is told by the trace', () => {
    for (const ip of ['RIP: 0010:0x0', 'RIP: 0010:          (null)', 'IP: [<          (null)>]           (null)']) {
      expect(title('BUG:', page, ip, ...trace).title).toBe('BUG: unable to handle kernel paging request in foo_send');
    }
  });

  test('an oops without an IP line has no function', () => {
    const oops = title('BUG:', page, ...trace);
    expect(oops.title).toBe('BUG: unable to handle kernel paging request in corrupted');
    expect(oops.corruptedReason).toBe('no function to blame was found');
  });

  test('arm64 and arm have their own words for it', () => {
    const header = 'Unable to handle kernel';
    const arm64 = 'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000020';
    expect(title(header, arm64, 'pc : qux+0x18/0x38 [mod]', 'Call trace:', ...trace.slice(1)).title).toBe(
      'BUG: unable to handle kernel NULL pointer dereference in qux',
    );
    const arm = [
      'PC is at 0x0',
      'Backtrace:',
      '[<c0000000>] (foo) from [<c0000010>] (bar+0x10/0x20)',
      '[<c1>] (bar) from [<c2>] (x+0x1/0x2)',
    ];
    expect(title('Unhandled fault:', 'Unhandled fault: page domain fault (0x01b) at 0x00000014', ...arm).title).toBe(
      'Unhandled fault in foo',
    );
  });

  test('system calls lose their prefix, and keep it in the alternatives', () => {
    const oops = title(
      'general protection fault',
      'general protection fault: 0000 [#1]',
      'RIP: 0010:__se_sys_foo+0x1/0x2',
      ...trace,
    );
    expect(oops.title).toBe('general protection fault in foo');
    expect(oops.altTitles).toEqual([
      'bad-access in __se_sys_foo',
      'bad-access in foo',
      'bad-access in sys_foo',
      'general protection fault in __se_sys_foo',
      'general protection fault in sys_foo',
    ]);
  });

  test('a stack that ends right behind its start, or has no frames, is damaged', () => {
    const base = [page, 'RIP: 0010:qux+0x1/0x2'];
    expect(title('BUG:', ...base, 'Call Trace:').corruptedReason).toBe('a stack begins at the very end of the report');
    expect(title('BUG:', ...base, 'Call Trace:', 'x', 'y').corruptedReason).toBe('a stack has no frames');
    expect(title('BUG:', ...base, 'x').corruptedReason).toBe('no stack has frames');
  });
});

describe('warnings', () => {
  const at = (place: string) =>
    title('WARNING:', `WARNING: CPU: 0 PID: 1 at ${place} qux+0x1/0x2`, 'RIP: 0010:qux+0x1/0x2', ...trace);

  test('by the file', () => {
    expect(at('net/foo.c:12').title).toBe('WARNING in qux');
    const refcount = 'WARNING: CPU: 0 PID: 1 at lib/refcount.c:25 refcount_warn_saturate+0x1/0x2';
    const ref = title('WARNING:', refcount, 'RIP: 0010:refcount_warn_saturate+0x1/0x2', ...trace);
    expect(ref.title).toBe('WARNING: refcount bug in foo_send');
    expect(ref.kind).toBe('warning/refcount');
    expect(ref.type).toBe('REFCOUNT_WARNING');
  });

  test('the form of late 2025', () => {
    const new1 = title(
      'WARNING:',
      'WARNING: net/foo.c:12 at qux+0x1/0x2, CPU#1: a/1',
      'RIP: 0010:qux+0x1/0x2',
      ...trace,
    );
    expect(new1.title).toBe('WARNING in qux');
    const new2 = title(
      'WARNING:',
      'WARNING: [x > 1] net/foo.c:12 at qux+0x1/0x2, CPU#1: a/1',
      'RIP: 0010:qux+0x1/0x2',
      ...trace,
    );
    expect(new2.title).toBe('WARNING in qux');
  });

  test('lockdep', () => {
    const circular = title(
      'WARNING:',
      'WARNING: possible circular locking dependency detected',
      '6.1.0 #1 Not tainted',
      'a/1 is trying to acquire lock:',
      'ffff888000000000 (&x){+.+.}-{3:3}, at: mutex_lock+0x1/0x2',
      'but task is already holding lock:',
      'ffff888000000000 (&y){+.+.}-{3:3}, at: foo_open+0x1/0x2',
      'stack backtrace:',
      ...trace,
    );
    expect(circular.title).toBe('possible deadlock in foo_open');
    expect(circular.kind).toBe('lockdep/circular');
  });
});

describe('hangs', () => {
  test('hung tasks: the first that is not waiting itself', () => {
    const hung = title(
      'INFO:',
      'INFO: task a:1 blocked for more than 120 seconds.',
      'Call Trace:',
      ' __schedule+0x1/0x2',
      ' mutex_lock_nested+0x1/0x2',
      ' bar_open+0x1/0x2',
    );
    expect(hung.title).toBe('INFO: task hung in bar_open');
    expect(hung.altTitles).toEqual(['hang in bar_open']);
  });

  test('stalls: the function above an anchor', () => {
    const lockup = ['watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:1]', 'RIP: 0010:qux+0x1/0x2', 'Call Trace:'];
    expect(title('BUG:', ...lockup, ' foo+0x1/0x2', ' foo_write+0x1/0x2', ' vfs_write+0x1/0x2').title).toBe(
      'BUG: soft lockup in foo_write',
    );
    expect(title('BUG:', ...lockup, ' foo+0x1/0x2', ' bar+0x1/0x2').corruptedReason).toBe(
      'no function to blame was found',
    );
  });
});

test('a headline that no rule knows is its own title', () => {
  const raw = title('BUG:', 'foo: BUG: key ffff888012345678 has 12 users at a.c:33!', 'x');
  expect(raw.title).toBe('BUG: key ADDR has NUM users at a.c:LINE!');
  expect(raw.raw).toBe(true);
  expect(raw.corruptedReason).toBeUndefined();
});

test('lines printed into each other are damage', () => {
  expect(title('BUG:', 'BUG: foo [   12.345678] bar').corruptedReason).toBe('two lines were printed into each other');
});

test('any text has a title of at most 120 printable characters', () => {
  const headers = ['BUG:', 'WARNING:', 'INFO:', 'Kernel panic', 'UBSAN:', 'Internal error:', 'no such header'];
  const line = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom(
      ...trace,
      'BUG: KASAN: x in y',
      'RIP: 0010:a+0x1/0x2',
      'is trying to acquire lock',
      'Uninit was created at:',
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...headers), fc.array(line, { minLength: 1, maxLength: 40 }), (header, report) => {
      const titled = titleReport({
        header,
        report: [`${header} ${report[0]}`, ...report],
        windowLength: report.length,
      });
      expect(titled.title.length).toBeLessThanOrEqual(120);
      expect(titled.title).toMatch(/^[\x20-\x7e]*$/);
      expect(titled.kind).toMatch(/^[a-z]+\/[a-z-]+$/);
    }),
  );
});
