import { describe, expect, test } from 'vitest';
import { waitPlaces } from '../../../src/live/waits/find-waits.ts';
import { madeEntry, madeThread, type Written } from '../made-threads.ts';

const placesOf = (...frames: readonly Written[]) =>
  waitPlaces(madeThread({ frames })).map(({ kind, site, lockFrames }) => `${kind} ${site.at.function} ${lockFrames}`);

describe('where a thread waits', () => {
  test.each([
    ['a spinlock', ['native_queued_spin_lock_slowpath', '_raw_spin_lock', 'frob'], 'spinlock frob 0,1'],
    ['a spinlock that is inlined', ['queued_spin_lock_slowpath', '__raw_spin_lock < frob'], 'spinlock frob 0,1'],
    ['a mutex', ['context_switch < __schedule', 'schedule', '__mutex_lock.constprop.0', 'frob'], 'mutex frob 2'],
    ['a mutex that spins for its owner', ['mutex_spin_on_owner', '__mutex_lock', 'frob'], 'mutex frob 0,1'],
    [
      'a reader of a semaphore',
      ['__schedule', 'schedule', 'rwsem_down_read_slowpath', 'down_read', 'frob'],
      'rwsem frob 2,3',
    ],
    [
      'a reader of a per-CPU semaphore',
      ['__schedule', 'schedule', 'percpu_rwsem_wait', '__percpu_down_read', 'percpu_down_read < frob'],
      'percpu-rwsem frob 2,3',
    ],
    ['a writer of one', ['__schedule', 'schedule', 'percpu_down_write', 'frob'], 'percpu-rwsem frob 2'],
    [
      'an rt_mutex',
      ['__schedule', 'rt_mutex_slowlock_block.constprop.0', 'rt_mutex_lock', 'frob'],
      'rt-mutex frob 1,2',
    ],
    [
      'the console',
      ['__schedule', '___down_common', '__down', 'down', 'console_lock', 'frob'],
      'semaphore frob 1,2,3,4',
    ],
    ['a completion', ['__schedule', 'schedule', 'schedule_timeout', '__wait_for_common', 'frob'], 'completion frob 3'],
    ['a futex', ['__schedule', 'schedule', 'futex_wait_queue', 'futex_wait'], 'futex futex_wait 2'],
    [
      'a folio',
      ['__schedule', 'io_schedule', 'folio_wait_bit_common', 'filemap_update_page'],
      'folio filemap_update_page 2',
    ],
    ['a bit', ['__schedule', 'bit_wait', '__wait_on_bit', 'out_of_line_wait_on_bit', 'frob'], 'bit-lock frob 2,3'],
    [
      'RCU, which is made of a completion',
      ['__schedule', 'schedule_timeout', 'wait_for_completion', '__wait_rcu_gp', 'synchronize_rcu', 'frob'],
      'rcu frob 1,2,3,4',
    ],
    [
      'a work item',
      ['__schedule', 'schedule_timeout', '__wait_for_common', '__flush_work', 'frob'],
      'workqueue frob 1,2,3',
    ],
    ['another CPU', ['csd_lock_wait < smp_call_function_single', 'frob'], 'ipi frob 0'],
    ['all CPUs', ['multi_cpu_stop', 'cpu_stopper_thread'], 'stop-machine cpu_stopper_thread 0'],
    ['who prints', ['console_trylock_spinning < vprintk_emit', '_printk'], 'other vprintk_emit 0'],
  ])('%s', (_what, frames, expected) => {
    const [place = ''] = placesOf(...frames);
    // Functions that only put to sleep may be counted to the lock or not.
    expect(place.split(' ').slice(0, 2)).toEqual(expected.split(' ').slice(0, 2));
  });

  test('not in code that was called by what took the lock', () => {
    expect(placesOf('frob', '_raw_spin_lock', 'bar')).toEqual([]);
    expect(placesOf('__schedule', 'schedule', 'pipe_read')).toEqual([]);
    expect(placesOf()).toEqual([]);
  });

  test('not where it is a guess', () => {
    expect(placesOf({ at: 'queued_spin_lock_slowpath', reliable: false }, { at: 'frob', reliable: false })).toEqual([]);
  });

  test('below an interrupt too, and at its very first instruction', () => {
    const irq = { at: 'asm_sysvec_apic_timer_interrupt', entry: madeEntry({ kind: 'interrupt' }) };
    expect(placesOf('tick_sched_timer', irq, '_raw_spin_lock', 'frob')).toEqual(['spinlock frob 2']);
    expect(placesOf('vectors', '_raw_spin_lock', 'frob')).toEqual(['spinlock frob 1']);
    expect(placesOf('_raw_spin_lock', 'handler', irq, 'down_read', 'frob')).toEqual([
      'spinlock handler 0',
      'rwsem frob 3',
    ]);
  });
});
