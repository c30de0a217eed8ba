import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extractDetails } from '../../../src/oops/details/details.ts';
import { kinds } from '../../../src/oops/kinds/kinds.ts';
import { rawReport } from './raw.ts';

describe('warnings', () => {
  const cut = '------------[ cut here ]------------';

  test('with a message before', () => {
    expect(
      extractDetails(
        'warning/generic',
        rawReport(
          ['WARNING: CPU: 1 PID: 334 at drivers/my/drv.c:77 drv_open+0x12/0x40 [drv]', 'Modules linked in: drv'],
          ['something else', cut, 'drv: state 3 is wrong', 'a second line of it'],
        ),
      ),
    ).toEqual({
      of: 'warning',
      file: 'drivers/my/drv.c',
      line: 77,
      function: 'drv_open',
      cpu: 1,
      pid: 334,
      message: 'drv: state 3 is wrong',
    });
  });

  test('with a message after, and without any', () => {
    const headline = 'WARNING: CPU: 1 PID: 334 at drivers/my/drv.c:77 drv_open+0x12/0x40';
    expect(
      extractDetails('warning/generic', rawReport([headline, 'drv: old kernels say it here'], [cut])),
    ).toMatchObject({
      message: 'drv: old kernels say it here',
    });
    expect(extractDetails('warning/generic', rawReport([headline, 'Modules linked in:'], [cut]))).not.toHaveProperty(
      'message',
    );
  });

  test('of late 2025', () => {
    expect(
      extractDetails(
        'warning/generic',
        rawReport([
          'WARNING: [!list_empty(&drv->all)] drivers/my/drv.c:77 at drv_open+0x12/0x40 [drv], CPU#2: a.out/334',
        ]),
      ),
    ).toEqual({
      of: 'warning',
      condition: '!list_empty(&drv->all)',
      file: 'drivers/my/drv.c',
      line: 77,
      function: 'drv_open',
      cpu: 2,
      pid: 334,
    });
  });

  test.each([
    ['refcount_t: underflow; use-after-free.', 'underflow'],
    ['refcount_t: saturated; leaking memory.', 'saturated'],
    ['refcount_t: addition on 0; use-after-free.', 'use-after-free'],
    ['refcount_t: decrement hit 0; leaking memory.', 'leak'],
  ])('%s', (line, problem) => {
    expect(
      extractDetails(
        'warning/refcount',
        rawReport(['WARNING: CPU: 0 PID: 1 at lib/refcount.c:28 x+0x1/0x2'], [cut, line]),
      ),
    ).toMatchObject({ of: 'refcount', problem });
  });

  test('debug objects', () => {
    expect(
      extractDetails(
        'warning/odebug',
        rawReport(
          ['WARNING: CPU: 0 PID: 1 at lib/debugobjects.c:514 debug_print_object+0x1/0x2'],
          [
            cut,
            'ODEBUG: free active (active state 0) object: ffff888012345678 object type: timer_list hint: drv_timer+0x0/0x30',
          ],
        ),
      ),
    ).toEqual({
      of: 'debug-object',
      operation: 'free',
      state: 'active',
      object: 0xffff888012345678n,
      objectType: 'timer_list',
      hint: 'drv_timer+0x0/0x30',
    });
  });
});

describe('bugs and panics', () => {
  test('list corruption with poison', () => {
    expect(
      extractDetails(
        'bug/list-corruption',
        rawReport(
          ['kernel BUG at lib/list_debug.c:56!'],
          ['list_del corruption, ffff888012345678->next is LIST_POISON1 (dead000000000100)'],
        ),
      ),
    ).toMatchObject({
      operation: 'del',
      found: 0xdead000000000100n,
      poison: 'LIST_POISON1: the entry was deleted before',
      file: 'lib/list_debug.c',
      line: 56,
    });
    expect(
      extractDetails(
        'bug/list-corruption',
        rawReport(
          ['kernel BUG at lib/list_debug.c:26!'],
          [
            'list_add corruption. prev->next should be next (ffff888011111111), but was 6b6b6b6b6b6b6b6b. (prev=ffff888022222222).',
          ],
        ),
      ),
    ).toMatchObject({ operation: 'add', expected: 0xffff888011111111n, poison: 'freed slab memory (0x6b)' });
  });

  test('kernel BUG with what explains it', () => {
    expect(
      extractDetails(
        'bug/usercopy',
        rawReport(
          ['kernel BUG at mm/usercopy.c:102!'],
          [
            "usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-8' (offset 0, size 16)!",
            '------------[ cut here ]------------',
          ],
        ),
      ),
    ).toMatchObject({ file: 'mm/usercopy.c', line: 102, message: expect.stringContaining('exposure attempt') });
  });

  test('init was killed', () => {
    expect(
      extractDetails(
        'panic/init-killed',
        rawReport(['Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b']),
      ),
    ).toMatchObject({ exitCode: 11, exitMeaning: 'killed by SIGSEGV' });
    expect(
      extractDetails(
        'panic/init-killed',
        rawReport(['Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100']),
      ),
    ).toMatchObject({ exitMeaning: 'exited with status 1' });
  });

  test('no root file system', () => {
    expect(
      extractDetails(
        'panic/no-root',
        rawReport(
          ['Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(8,2)'],
          [
            'VFS: Cannot open root device "sda9" or unknown-block(8,2): error -6',
            'Please append a correct "root=" boot option; here are the available partitions:',
            '0800        10485760 sda ',
            '  0801     10484736 sda1 00000000-01',
          ],
        ),
      ),
    ).toMatchObject({
      rootDevice: 'unknown-block(8,2)',
      partitions: ['0800        10485760 sda', '0801     10484736 sda1 00000000-01'],
    });
  });
});

describe('hardware', () => {
  test('a machine check', () => {
    const details = extractDetails(
      'hardware/machine-check',
      rawReport([
        'mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: be00000000800400',
        'mce: [Hardware Error]: TSC 1a2b3c ADDR 7f0012340 MISC 86 ',
        'mce: [Hardware Error]: PROCESSOR 0:306d4 TIME 1700000000 SOCKET 1 APIC a microcode 2b',
      ]),
    );
    expect(details).toMatchObject({
      cpu: 3,
      bank: 4,
      mcgStatus: 5n,
      status: 0xbe00000000800400n,
      address: 0x7f0012340n,
      misc: 0x86n,
      socket: 1,
      apic: 10,
      microcode: '2b',
    });
    if (details?.of === 'machine-check') {
      expect(details.fields).toContainEqual({ name: 'UC', value: '1', meaning: 'not corrected' });
      expect(details.fields).toContainEqual({ name: 'MCACOD', value: '0x0400', meaning: 'internal timer error' });
    }
  });

  test('PCIe', () => {
    expect(
      extractDetails(
        'hardware/aer-fatal',
        rawReport([
          'pcieport 0000:00:1c.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Requester ID)',
          'pcieport 0000:00:1c.0:   device [8086:9d10] error status/mask=00040000/00000000',
          'pcieport 0000:00:1c.0:    [18] MalfTLP                (First)',
        ]),
      ),
    ).toEqual({
      of: 'bus-error',
      bus: 'pcie',
      driver: 'pcieport',
      device: '0000:00:1c.0',
      severity: 'Uncorrected (Fatal)',
      type: 'Transaction Layer',
      agent: 'Requester ID',
      id: '8086:9d10',
      status: 0x40000n,
      mask: 0n,
      errors: ['MalfTLP'],
    });
  });

  test('an interrupt that nobody took', () => {
    expect(
      extractDetails(
        'hardware/irq-nobody-cared',
        rawReport([
          'irq 9: nobody cared (try booting with the "irqpoll" option)',
          'Call Trace:',
          ' dump_stack+0x1/0x2',
          'handlers:',
          '[<00000000a1b2c3d4>] acpi_irq',
          '[<00000000a1b2c3d5>] drv_irq [drv] threaded [<0000000012345678>] drv_thread [drv]',
          'Disabling IRQ #9',
        ]),
      ),
    ).toMatchObject({ irq: 9, handlers: ['acpi_irq', expect.stringContaining('drv_irq')] });
  });
});

test('a device that cannot go away', () => {
  expect(
    extractDetails(
      'hang/netdev-refcount',
      rawReport(['unregister_netdevice: waiting for lo to become free. Usage count = 3']),
    ),
  ).toEqual({ of: 'netdev-reference', device: 'lo', usageCount: 3 });
});

describe('whatever the lines are', () => {
  const names = kinds.map((kind) => kind.name);
  const words = fc.constantFrom(
    ...[
      'BUG: KASAN: ',
      'Read of size ',
      ' at addr ',
      'ffff8880',
      ' by task ',
      '/',
      '1',
      ' (',
      ')',
      '{',
      '}',
      '[',
      ']',
      '-> #',
    ],
    ...[
      'kfence-#',
      'kB',
      ':',
      'Killed process ',
      'is trying to acquire lock',
      ' #0: ',
      ', at: ',
      'rcu: INFO: ',
      'fqs=',
      '\t',
    ],
    ...['hex dump (first 32 bytes)', 'WARNING: ', 'CPU: ', 'Bank ', 'workqueue ', '\u00ff', "'", '^', '>', 'Node 0 '],
  );
  const line = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.array(words, { maxLength: 20 }).map((parts) => parts.join('')),
  );

  test('no extractor throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(line, { maxLength: 25 }),
        fc.array(line, { maxLength: 5 }),
        (kind, own, before) => {
          extractDetails(kind, rawReport(own, before));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('long lines take no long time', () => {
    const hostile = [
      ...['a'.repeat(60_000), ' '.repeat(60_000), '[ '.repeat(30_000), '#0: ('.repeat(12_000), '0-...: ('.repeat(8000)],
      ...[
        'task '.repeat(12_000),
        'a/1 '.repeat(15_000),
        'a:1kB, '.repeat(9000),
        "index 1 is out of range for type '".repeat(1800),
      ],
    ];
    const started = performance.now();
    for (const kind of names) {
      extractDetails(kind, rawReport([...hostile, ...hostile.map((text) => `BUG: ${text}`)], hostile));
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('kinds without details have none', () => {
    expect(extractDetails('oops/null-deref', rawReport(['BUG: kernel NULL pointer dereference']))).toBeUndefined();
    expect(extractDetails('', rawReport(['x']))).toBeUndefined();
    expect(extractDetails('constructor', rawReport(['x']))).toBeUndefined();
  });
});
