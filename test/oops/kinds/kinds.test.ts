import { describe, expect, test } from 'vitest';
import {
  internalErrorKind,
  panicKind,
  slabKind,
  unableToHandleKind,
  variantKind,
} from '../../../src/oops/kinds/families.ts';
import { kindOf, kinds, listKinds, nearestKinds } from '../../../src/oops/kinds/kinds.ts';

describe('the catalogue', () => {
  test('names are unique, of two words with dashes', () => {
    expect(new Set(kinds.map((kind) => kind.name)).size).toBe(kinds.length);
    for (const { name } of kinds) expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  test('each kind has a summary of one line, a paragraph and a document', () => {
    for (const kind of kinds) {
      expect(kind.summary, kind.name).toMatch(/^[A-Z].{10,110}\.$/);
      expect(kind.explanation.length, kind.name).toBeGreaterThan(40);
      expect(kind.explanation, kind.name).toMatch(/^\S[^\n]*[.:)]$/);
      expect(kind.document, kind.name).toMatch(/^(?:https:\/\/\S+|[\w./-]+\.rst)$/);
    }
  });

  test('what stops the kernel is fatal, what is no crash is a notice', () => {
    const severity = (name: string): string | undefined => kindOf(name)?.severity;
    expect(kinds.filter((kind) => kind.name.startsWith('panic/')).every((kind) => kind.severity === 'fatal')).toBe(
      true,
    );
    expect(severity('oops/double-fault')).toBe('fatal');
    expect(severity('oops/null-deref')).toBe('error');
    expect(severity('memory/oom')).toBe('error');
    expect(severity('memory/cgroup-oom')).toBe('notice');
    expect(severity('memory/allocation-failure')).toBe('warning');
    expect(severity('rcu/stall')).toBe('error');
    expect(severity('rcu/suspicious-usage')).toBe('warning');
    expect(severity('lockdep/circular')).toBe('warning');
    expect(severity('user/segfault')).toBe('notice');
  });

  test('each family of open variants has one for the rest', () => {
    for (const family of ['kasan', 'kfence', 'kmsan', 'kcsan', 'ubsan'])
      expect(kindOf(`${family}/other`)).toBeDefined();
  });

  test('is listed in order, and found by name', () => {
    const names = listKinds().map((kind) => kind.name);
    expect(names).toEqual([...names].sort());
    expect(kindOf('nothing/such')).toBeUndefined();
  });
});

describe('names that were mistyped', () => {
  test.each([
    ['kasan/slab-use-after-fre', 'kasan/slab-use-after-free'],
    ['soft-lockup', 'hang/soft-lockup'],
    ['oops/nullderef', 'oops/null-deref'],
    ['OOM', 'memory/oom'],
    ['Hung Task', 'hang/hung-task'],
  ])('%s', (typed, meant) => {
    expect(nearestKinds(typed)).toContain(meant);
  });

  test('nothing like it', () => {
    expect(nearestKinds('')).toEqual([]);
    expect(nearestKinds('zzzzzzzzzzzzzzzzzzzzzzzz')).toEqual([]);
    expect(nearestKinds('x'.repeat(100_000))).toEqual([]);
  });
});

describe('kinds from the words of a headline', () => {
  test.each([
    ['kasan', 'slab-use-after-free', 'kasan/slab-use-after-free'],
    ['kasan', 'double-free or invalid-free', 'kasan/invalid-free'],
    ['kasan', 'a-new-bug', 'kasan/other'],
    ['kfence', 'use-after-free read', 'kfence/use-after-free'],
    ['kfence', 'invalid write', 'kfence/invalid-access'],
    ['kfence', 'memory corruption', 'kfence/memory-corruption'],
    ['kcsan', 'assert: race', 'kcsan/assert'],
    ['ubsan', 'Undefined behaviour', 'ubsan/undefined-behaviour'],
    ['ubsan', 'shift-out-of-bounds', 'ubsan/shift-out-of-bounds'],
  ])('%s: %s', (family, text, kind) => {
    expect(variantKind(family, text)).toBe(kind);
  });

  test.each([
    ['Attempted to kill init! exitcode=0x0000000b', 'panic/init-killed'],
    ['Attempted to kill the idle task!', 'panic/fatal-exception'],
    ['VFS: Unable to mount root fs on unknown-block(8,2)', 'panic/no-root'],
    ['No working init found.  Try passing init= option to kernel.', 'panic/no-init'],
    ['Fatal exception in interrupt', 'panic/fatal-exception'],
    ['kernel stack overflow', 'oops/stack-overflow'],
    ['Fatal machine check', 'panic/machine-check'],
    ['Fatal hardware error!', 'panic/machine-check'],
    ['NMI: Not continuing', 'panic/nmi'],
    ['Hard LOCKUP', 'panic/hard-lockup'],
    ['softlockup: hung tasks', 'panic/soft-lockup'],
    ['Asynchronous SError Interrupt', 'panic/serror'],
    ['System is deadlocked on memory', 'panic/out-of-memory'],
    ['bad mode', 'oops/bad-mode'],
    ['something of its own', 'panic/generic'],
  ])('panic: %s', (message, kind) => {
    expect(panicKind(message)).toBe(kind);
  });

  test.each([
    ['Oops - BTI: 0000000036000002 [#1] SMP', 'oops/bti'],
    ['Oops - FPAC: 0000000072000000 [#1] SMP', 'oops/pointer-authentication'],
    ['Oops - CFI: 00000000f2008228 [#1]', 'oops/cfi'],
    ['Oops - BUG: 00000000f2000800 [#1]', 'bug/kernel-bug'],
    ['Oops - Undefined instruction: 0000000002000000 [#1]', 'oops/undefined-instruction'],
    ['synchronous external abort: 0000000096000210 [#1]', 'oops/synchronous-external-abort'],
    ['Oops: 0000000096000004 [#1] SMP', 'oops/internal-error'],
  ])('internal error: %s', (text, kind) => {
    expect(internalErrorKind(text)).toBe(kind);
  });

  test.each([
    ['Poison overwritten', 'slab/poison-overwritten'],
    ['Right Redzone overwritten', 'slab/redzone-overwritten'],
    ['Object padding overwritten', 'slab/padding-overwritten'],
    ['Freelist Pointer check fails', 'slab/freelist-corrupt'],
    ['Objects remaining in foo on __kmem_cache_shutdown()', 'slab/objects-remaining'],
    ['Wrong object count. Counter is 3 but counted were 5', 'slab/corruption'],
  ])('slab: %s', (text, kind) => {
    expect(slabKind(text)).toBe(kind);
  });

  test('all of them are in the catalogue', () => {
    const made = [
      ...['NULL pointer dereference', 'execute from non-executable memory', 'execution of user memory'],
      ...['write to read-only memory', 'read from unreadable memory', 'access to user memory outside uaccess routines'],
      ...['paging request', 'something else'],
    ].map(unableToHandleKind);
    for (const name of made) expect(kindOf(name), name).toBeDefined();
    expect(made).toContain('oops/nx-exec');
    expect(made.at(-1)).toBe('oops/other');
  });
});
