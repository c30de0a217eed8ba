import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/model/report.ts';
import { findCulprit } from '../../src/oops/culprit.ts';
import { signatureOf } from '../../src/oops/signature.ts';
import { signatureName } from '../../src/util/function-name.ts';

const range = { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 1 };

function stack(text: string): Frame[] {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => ({ function: word.replace(/^\?/, ''), reliable: !word.startsWith('?'), range }));
}

function signature(text: string, kind = 'oops/null-deref', title = 'a title'): string {
  const frames = stack(text);
  return signatureOf(kind, frames, findCulprit(frames, kind), title);
}

describe('signatureOf', () => {
  test('is what its description says', () => {
    const expected = createHash('sha256')
      .update('oops/null-deref\nfoo_read\nfoo_open\nsys_open')
      .digest('hex')
      .slice(0, 16);
    expect(signature('kfree foo_read foo_open.cold vfs_open __x64_sys_open do_syscall_64')).toBe(expected);
  });

  test.each([
    ['compiler suffixes', 'foo_read.isra.0 foo_open.cold bar', 'foo_read foo_open.part.0 foo_open bar.llvm.123'],
    [
      'entry code of architectures',
      'foo __x64_sys_foo x64_sys_call do_syscall_64',
      'foo __arm64_sys_foo invoke_syscall el0_svc',
    ],
    [
      'syscall wrappers',
      'foo __do_sys_foo __se_sys_foo __x64_sys_foo do_syscall_64',
      'foo SyS_foo entry_SYSCALL_64_fastpath',
    ],
    [
      'thin wrappers',
      'foo_write vfs_write ksys_write',
      'foo_write new_sync_write __vfs_write vfs_write ksys_write __arm64_sys_write',
    ],
    ['stale frames', 'foo ?stale bar baz', 'foo bar ?other baz'],
    ['primitives on the way', 'memcpy foo mutex_lock bar baz', '__memcpy foo bar kmalloc baz'],
    ['what lies below', 'foo bar baz one', 'foo bar baz two'],
    ['underscored variants that are inlined', '__foo foo bar baz', 'foo do_bar bar baz'],
  ])('is the same through %s', (_, one, other) => {
    expect(signature(one)).toBe(signature(other));
  });

  test('differs by kind, by function and by caller', () => {
    const all = [
      signature('foo bar'),
      signature('foo bar', 'oops/page-fault'),
      signature('fox bar'),
      signature('foo baz'),
    ];
    expect(new Set(all).size).toBe(4);
    for (const one of all) {
      expect(one).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  test('does not know offsets, modules and inlined functions', () => {
    const bare = stack('foo_ioctl vfs_ioctl bar');
    const symbolized: Frame[] = bare.map((frame, i) =>
      i > 0 ? frame : { ...frame, offset: 7, size: 9, module: 'foo', inlined: [{ function: 'foo_unlink' }] },
    );
    const kind = 'oops/null-deref';
    expect(findCulprit(symbolized, kind)?.function).toBe('foo_unlink');
    expect(signatureOf(kind, symbolized, findCulprit(symbolized, kind), '')).toBe(signature('foo_ioctl vfs_ioctl bar'));
  });

  test('without a culprit it is the title’s, numbers aside', () => {
    expect(signature('', 'panic/generic', 'panic at 0x12ab, CPU 3')).toBe(
      signature('', 'panic/generic', 'panic at 0xff, CPU 12'),
    );
    expect(signature('dump_stack', 'panic/generic', 'one')).not.toBe(signature('dump_stack', 'panic/generic', 'two'));
  });
});

test.each([
  ['__ia32_compat_sys_ioctl', 'sys_ioctl'],
  ['ksys_write', 'sys_write'],
  ['___sys_sendmsg', 'sys_sendmsg'],
  ['SYSC_sendto', 'sys_sendto'],
  ['__pfx_foo', 'foo'],
  ['.foo.cold', 'foo'],
  ['_RNCNvCs9jEwPDbx20M_3foo3bars_0', 'foo::bar::{closure}'],
])('signatureName(%s) is %s', (name, expected) => {
  expect(signatureName(name)).toBe(expected);
});
