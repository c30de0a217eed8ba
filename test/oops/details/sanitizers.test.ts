import { describe, expect, test } from 'vitest';
import { extractDetails } from '../../../src/oops/details/details.ts';
import { rawReport } from './raw.ts';

describe('KASAN', () => {
  test('a slab object', () => {
    const details = extractDetails(
      'kasan/slab-use-after-free',
      rawReport([
        'BUG: KASAN: slab-use-after-free in mydrv_send+0x1d/0x40',
        'Read of size 8 at addr ffff888012345628 by task worker thread/42',
        '',
        'The buggy address belongs to the object at ffff888012345600',
        ' which belongs to the cache kmalloc-64 of size 64',
        'The buggy address is located 40 bytes inside of',
        ' freed 64-byte region [ffff888012345600, ffff888012345640)',
        'Memory state around the buggy address:',
        ' ffff888012345580: 00 00 00 00 00 00 00 00 fc fc fc fc fc fc fc fc',
        '>ffff888012345600: fa fb fb fb fb fb fb fb fc fc fc fc fc fc fc fc',
        '                                  ^',
        ' ffff888012345680: 00 00 00 00 00 00 00 00 fc fc fc fc fc fc fc fc',
        '==================================================================',
      ]),
    );
    expect(details).toMatchObject({
      of: 'kasan',
      bug: 'slab-use-after-free',
      access: 'read',
      size: 8,
      address: 0xffff888012345628n,
      task: 'worker thread',
      pid: 42,
      object: { address: 0xffff888012345600n, cache: 'kmalloc-64', size: 64, distance: 40, state: 'freed' },
      marked: 5,
      markedMeaning: 'freed object',
    });
  });

  test('a variable on the stack', () => {
    const details = extractDetails(
      'kasan/stack-out-of-bounds',
      rawReport([
        'BUG: KASAN: stack-out-of-bounds in mydrv_copy+0x8f/0xd0',
        'Write of size 1 at addr ffffc90000123ce0 by task a/1',
        'The buggy address belongs to stack of task a/1',
        ' and is located at offset 64 in frame:',
        ' mydrv_copy+0x0/0xd0',
        'This frame has 2 objects:',
        " [32, 36) 'len'",
        " [48, 64) 'name'",
      ]),
    );
    expect(details).toMatchObject({
      access: 'write',
      stack: {
        function: 'mydrv_copy',
        offset: 64,
        variables: [
          { name: 'len', from: 32, to: 36 },
          { name: 'name', from: 48, to: 64 },
        ],
      },
    });
  });

  test('tags, and a range of a general protection fault', () => {
    expect(
      extractDetails(
        'kasan/invalid-access',
        rawReport([
          'BUG: KASAN: invalid-access in foo+0x4/0x70',
          'Read at addr 02ff000026070240 by task kworker/u8:3/2885',
          'Pointer tag: [02], memory tag: [fe]',
        ]),
      ),
    ).toMatchObject({ access: 'read', task: 'kworker/u8:3', pid: 2885, pointerTag: 2, memoryTag: 0xfe });
    expect(
      extractDetails(
        'kasan/null-ptr-deref',
        rawReport(['KASAN: null-ptr-deref in range [0x0000000000000018-0x000000000000001f]']),
      ),
    ).toMatchObject({ bug: 'null-ptr-deref', range: { from: 0x18n, to: 0x1fn } });
  });
});

test('KFENCE', () => {
  const details = extractDetails(
    'kfence/out-of-bounds',
    rawReport([
      'BUG: KFENCE: out-of-bounds read in mydrv_parse+0x5a/0x80',
      '',
      'Out-of-bounds read at 0xffff8881deadb020 (32B right of kfence-#72):',
      ' mydrv_parse+0x5a/0x80',
      'kfence-#72: 0xffff8881deadb000-0xffff8881deadb01f, size=32, cache=kmalloc-32',
    ]),
  );
  expect(details).toMatchObject({
    of: 'kfence',
    access: 'read',
    address: 0xffff8881deadb020n,
    side: 'right',
    distance: 32,
    number: 72,
    object: { size: 32, cache: 'kmalloc-32' },
  });
});

test('KMSAN', () => {
  const details = extractDetails(
    'kmsan/kernel-infoleak',
    rawReport([
      'BUG: KMSAN: kernel-infoleak in _copy_to_user+0x1/0x2',
      'Local variable info.i created at:',
      'Bytes 4-7 of 16 are uninitialized',
      'Memory access of size 16 starts at ffff888012340000',
      'Data copied to user address 0000000020000180',
    ]),
  );
  expect(details).toEqual({
    of: 'kmsan',
    bug: 'kernel-infoleak',
    bytes: { from: 4, to: 7, size: 16 },
    address: 0xffff888012340000n,
    userAddress: 0x20000180n,
    variable: 'info.i',
  });
});

test('KCSAN', () => {
  const details = extractDetails(
    'kcsan/data-race',
    rawReport([
      'BUG: KCSAN: data-race in mydrv_irq / mydrv_read',
      '',
      'write (marked) to 0xffffffff83001010 of 4 bytes by interrupt on cpu 1:',
      ' mydrv_irq+0x3c/0x80',
      '',
      'read to 0xffffffff83001010 of 4 bytes by task 812 on cpu 0:',
      ' mydrv_read+0x10/0x60',
      '',
      'value changed: 0x00000001 -> 0x00000002',
    ]),
  );
  expect(details).toEqual({
    of: 'kcsan',
    functions: ['mydrv_irq', 'mydrv_read'],
    unknownOrigin: false,
    accesses: [
      {
        access: 'write',
        words: ['marked'],
        function: 'mydrv_irq',
        address: 0xffffffff83001010n,
        size: 4,
        cpu: 1,
        interrupt: true,
      },
      { access: 'read', words: [], function: 'mydrv_read', address: 0xffffffff83001010n, size: 4, pid: 812, cpu: 0 },
    ],
    oldValue: 1n,
    newValue: 2n,
  });
});

test('UBSAN, old and new wording', () => {
  expect(
    extractDetails(
      'ubsan/array-index-out-of-bounds',
      rawReport([
        'UBSAN: array-index-out-of-bounds in drivers/my/drv.c:77:12',
        "index 4 is out of range for type 'int [4]'",
        'CPU: 0 PID: 1 Comm: a',
      ]),
    ),
  ).toEqual({
    of: 'ubsan',
    check: 'array-index-out-of-bounds',
    file: 'drivers/my/drv.c',
    line: 77,
    column: 12,
    message: "index 4 is out of range for type 'int [4]'",
    index: '4',
    type: 'int [4]',
  });
  expect(
    extractDetails(
      'ubsan/undefined-behaviour',
      rawReport([
        'UBSAN: Undefined behaviour in ./include/linux/log2.h:63:13',
        "shift exponent 64 is too large for 64-bit type 'long unsigned int'",
      ]),
    ),
  ).toMatchObject({ check: 'Undefined behaviour', line: 63, type: 'long unsigned int' });
});
