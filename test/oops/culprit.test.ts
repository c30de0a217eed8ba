import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/model/report.ts';
import { findCulprit } from '../../src/oops/culprit.ts';

const range = { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 1 };

/** Frames from a text: `?name` is unreliable, `name[mod]` has a module, `<IRQ>` and `<TASK>` begin a section. */
function stack(text: string): Frame[] {
  const frames: Frame[] = [];
  let section: string | undefined;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const mark = /^<(\w+)>$/.exec(word)?.[1];
    if (mark !== undefined) {
      section = mark;
      continue;
    }
    const [, questionable, name, module] = /^(\??)([^[]*)(?:\[(\w+)\])?$/.exec(word) ?? [];
    frames.push({
      function: name ?? '',
      reliable: questionable !== '?',
      range,
      ...(module === undefined ? {} : { module }),
      ...(section === undefined ? {} : { section }),
    });
  }
  return frames;
}

function culprit(text: string, kind = 'oops/null-deref'): string | undefined {
  return findCulprit(stack(text), kind)?.function;
}

function ruleIn(frames: readonly Frame[], kind: string, name: string): string | undefined {
  return findCulprit(frames, kind)?.passed.find((passed) => passed.function === name)?.rule;
}

function ruleOf(name: string, text: string, kind: string): string | undefined {
  return ruleIn(stack(text), kind, name);
}

describe('a stalled task whose stack could not be unwound', () => {
  const scan = '?__schedule ?clockevents_program_event ?sysvec_apic_timer_interrupt ?asm_sysvec_apic_timer_interrupt';

  test('what was interrupted when it was switched out', () => {
    const found = findCulprit(
      stack(`${scan} ?__pfx_demo_loop[demo] ?demo_loop[demo] ?kthread ?ret_from_fork`),
      'rcu/stall',
    );
    expect(found?.function).toBe('demo_loop');
    expect(found?.passed).toContainEqual({ function: '__schedule', rule: 'unreliable frame' });
  });

  test('not without an interrupt, not in other reports, not what every thread has', () => {
    expect(culprit('?__schedule ?demo_loop[demo] ?kthread', 'rcu/stall')).toBeUndefined();
    expect(culprit(`${scan} ?demo_loop[demo] ?kthread`, 'oops/page-fault')).toBeUndefined();
    expect(culprit(`${scan} ?kthread ?demo_loop[demo]`, 'rcu/stall')).toBeUndefined();
    expect(culprit(`${scan} ?demo_loop[demo] kthread`, 'rcu/stall')).toBe('kthread');
  });
});

describe('findCulprit', () => {
  test('takes the function of the instruction pointer when nothing speaks for it', () => {
    expect(findCulprit(stack('foo_read.isra.0[foo] foo_open[foo] vfs_read'), 'oops/null-deref')).toEqual({
      function: 'foo_read',
      module: 'foo',
      range,
      passed: [],
    });
  });

  test('passes over reporting code, primitives and questionable frames, and says why', () => {
    const found = findCulprit(
      stack(
        'dump_stack_lvl print_report kasan_report ?stale_frame memcpy.cold __kmalloc_noprof _raw_spin_lock foo_send',
      ),
      'kasan/slab-use-after-free',
    );
    expect(found?.function).toBe('foo_send');
    expect(found?.passed).toEqual([
      { function: 'dump_stack_lvl', rule: 'prints the report' },
      { function: 'print_report', rule: 'reports the problem (KASAN)' },
      { function: 'kasan_report', rule: 'reports the problem (KASAN)' },
      { function: 'stale_frame', rule: 'unreliable frame' },
      { function: 'memcpy', rule: 'memory copy' },
      { function: '__kmalloc_noprof', rule: 'allocator' },
      { function: '_raw_spin_lock', rule: 'generic locking' },
    ]);
  });

  test.each([
    ['device_add_disk'],
    ['tun_get_user'],
    ['kmalloc_oob_right'],
    ['kmem_cache_double_free'],
    ['panic_button_irq'],
    ['string_stream_add'],
    ['usb_submit_urb_wrapper'],
    ['nfs_wait_on_request'],
    ['netdev_memcpy_test'],
    ['foo_spin_lock_irqsave'],
    ['ext4_list_add'],
    ['xfs_buf_lock'],
    ['drm_atomic_set_property'],
    ['md_read_super'],
    ['snd_pcm_schedule'],
    ['mwifiex_complete_cmd'],
    ['copy_from_user_state'],
    ['insert_worker'],
    ['fscache_put_page'],
    ['do_trapdoor'],
  ])('%s only looks like something generic', (name) => {
    for (const kind of ['oops/null-deref', 'hang/hung-task', 'memory/bad-page-state', 'lockdep/circular']) {
      expect(culprit(`${name} caller`, kind)).toBe(name);
    }
  });

  test.each([
    ['warning/refcount', 'refcount_warn_saturate foo_put', 'foo_put'],
    [
      'warning/generic',
      'dump_stack panic __warn report_bug fixup_bug.part.11 do_error_trap invalid_op bar_check',
      'bar_check',
    ],
    [
      'kasan/use-after-free',
      'dump_backtrace show_stack print_address_description.constprop.0 kasan_report __asan_load8 baz',
      'baz',
    ],
    ['oops/page-fault', '__memset_erms slab_post_alloc_hook kmem_cache_alloc_node_noprof foo_alloc', 'foo_alloc'],
    // mm/slub.c since 6.18, with sheaves
    [
      'slab/poison-overwritten',
      'object_err check_object alloc_debug_processing get_from_partial_node ___slab_alloc __kmalloc_cache_noprof foo_alloc',
      'foo_alloc',
    ],
    [
      'slab/poison-overwritten',
      'refill_objects __pcs_replace_empty_main kmem_cache_alloc_noprof foo_alloc',
      'foo_alloc',
    ],
    ['oops/page-fault', '__refill_objects_node alloc_from_pcs free_to_pcs_bulk rcu_free_sheaf foo_free', 'foo_free'],
    // Not everything with such words is the allocator's.
    ['oops/page-fault', 'alloc_from_pool foo_alloc', 'alloc_from_pool'],
    ['oops/page-fault', 'rep_movs_alternative _copy_from_user foo_ioctl', 'foo_ioctl'],
    ['oops/page-fault', '__x86_indirect_thunk_rax foo_call', 'foo_call'],
    ['bug/list-corruption', '__list_del_entry_valid_or_report foo_remove', 'foo_remove'],
    [
      'ubsan/shift-out-of-bounds',
      'dump_stack ubsan_epilogue __ubsan_handle_shift_out_of_bounds.cold foo_calc',
      'foo_calc',
    ],
    ['atomic/sleeping', 'dump_stack __might_resched __mutex_lock mutex_lock_nested foo_lock_user', 'foo_lock_user'],
    ['atomic/scheduling', 'dump_stack __schedule_bug.cold __schedule schedule schedule_timeout foo_wait', 'foo_wait'],
    [
      'lockdep/circular',
      'print_circular_bug check_noncircular __lock_acquire lock_acquire down_write foo_write',
      'foo_write',
    ],
    [
      'rust/panic',
      '_RNvCscSpY9Juk0HT_7___rustc17rust_begin_unwind _RNvNtCs9jEwPDbx20M_4core9panicking9panic_fmt foo',
      'foo',
    ],
    ['memory/bad-page-state', 'bad_page free_unref_page __folio_put folios_put_refs foo_release', 'foo_release'],
    ['oops/internal-error', 'el1h_64_sync do_mem_abort die_kernel_fault foo', 'foo'],
  ])('%s: %s', (kind, frames, expected) => {
    expect(culprit(frames, kind)).toBe(expected);
  });

  test('hung task: what the task wanted, below scheduler, locks and waits', () => {
    const frames =
      '__schedule schedule schedule_preempt_disabled __mutex_lock.constprop.0 rtnl_lock foo_unregister vfs_write ksys_write';
    expect(culprit(frames, 'hang/hung-task')).toBe('foo_unregister');
    expect(ruleOf('__schedule', frames, 'hang/hung-task')).toBe('scheduler: where a blocked task always stands');
  });

  test('the scheduler itself may be to blame for an oops', () => {
    expect(culprit('__schedule schedule foo', 'oops/null-deref')).toBe('__schedule');
  });

  const timer = 'update_process_times tick_nohz_handler __hrtimer_run_queues hrtimer_interrupt';
  const x86Interrupt = `${timer} __sysvec_apic_timer_interrupt sysvec_apic_timer_interrupt <TASK> asm_sysvec_apic_timer_interrupt`;
  test.each([
    [
      'self-detected',
      `<IRQ> dump_stack rcu_dump_cpu_stacks rcu_sched_clock_irq ${x86Interrupt} _raw_spin_lock foo_loop`,
    ],
    ['with the IP first', `native_queued_spin_lock_slowpath <IRQ> rcu_sched_clock_irq ${x86Interrupt} foo_loop foo`],
    ['with an unknown hook above', `<IRQ> vendor_hook rcu_sched_clock_irq ${x86Interrupt} foo_loop foo`],
    [
      'arm64',
      `show_stack rcu_sched_clock_irq ${timer} gic_handle_irq el1_interrupt el1h_64_irq_handler el1h_64_irq foo_loop`,
    ],
    ['without interrupt', 'foo_loop kthread ret_from_fork'],
  ])('RCU stall %s: what ran below the interrupt', (_, frames) => {
    expect(culprit(frames, 'rcu/stall')).toBe('foo_loop');
  });

  test('a stall within an interrupt is blamed on what the interrupt did', () => {
    const frames =
      'native_queued_spin_lock_slowpath <IRQ> foo_timer call_timer_fn __do_softirq sysvec_apic_timer_interrupt <TASK> bar';
    expect(culprit(frames, 'hang/soft-lockup')).toBe('foo_timer');
  });

  test('what an interrupt interrupted is innocent of what the interrupt did', () => {
    const frames =
      '__run_timers <IRQ> run_timer_softirq handle_softirqs irq_exit_rcu sysvec_apic_timer_interrupt <TASK> asm_sysvec_apic_timer_interrupt bystander';
    expect(culprit(frames, 'kasan/slab-use-after-free')).toBe('__run_timers');
  });

  test('a jump to nowhere is the caller’s', () => {
    const frames: Frame[] = [{ address: 0n, reliable: true, range }, ...stack('foo_call bar')];
    expect(findCulprit(frames, 'oops/null-deref')).toMatchObject({
      function: 'foo_call',
      passed: [{ function: '0x0', rule: 'no function of the kernel' }],
    });
  });

  test('the neighbour of a function that ends in a panic is innocent', () => {
    const frames = stack('dump_stack panic neighbour caller').map((frame, i) => ({
      ...frame,
      offset: i === 2 ? 0 : 8,
    }));
    expect(findCulprit(frames, 'panic/generic')).toMatchObject({ function: 'caller' });
    expect(ruleIn(frames, 'panic/generic', 'neighbour')).toBe('only stands behind a call that does not return');
  });

  test('an address beyond the end of the nearest symbol is not of that function', () => {
    const frames = stack('nearest caller').map((frame) => ({ ...frame, offset: 0x40, size: 0x80 }));
    expect(findCulprit(frames, 'oops/page-fault')?.function).toBe('nearest');
    expect(
      findCulprit(
        [{ function: 'nearest', offset: 0x90, size: 0x80, reliable: true, range }, ...frames.slice(1)],
        'oops/page-fault',
      )?.function,
    ).toBe('caller');
  });

  test('what was jumped to and is no code has been jumped to by another', () => {
    expect(culprit('some_data some_data caller', 'oops/nx-exec')).toBe('caller');
    // No unwinder gets away from data, so that the return address is one found on the stack.
    expect(culprit('some_data ?caller ?its_caller', 'oops/nx-exec')).toBe('caller');
    expect(culprit('some_data ?stale caller', 'oops/nx-exec')).toBe('caller');
    expect(culprit('some_data', 'oops/nx-exec')).toBe('some_data');
  });

  test('a busy task is not to blame for where it last slept', () => {
    expect(culprit('__switch_to schedule', 'rcu/stall')).toBeUndefined();
    expect(culprit('__switch_to __schedule preempt_schedule foo_read', 'rcu/stall')).toBe('foo_read');
  });

  test('who jumped to nowhere stands in the link register alone', () => {
    const [link] = stack('jumper[foo]');
    const [nowhere] = [{ address: 0n, reliable: true, range }];
    const found = findCulprit([nowhere, ...stack('outer_caller')], 'oops/null-deref', link);
    expect(found).toMatchObject({ function: 'jumper', module: 'foo' });
    expect(findCulprit(stack('some_data some_data outer_caller'), 'oops/nx-exec', link)?.function).toBe('jumper');
    expect(findCulprit(stack('reader outer_caller'), 'oops/null-deref', link)?.function).toBe('reader');
  });

  test('a full stack is blamed on what calls itself', () => {
    const frames = `leaf ${'foo_walk foo_descend '.repeat(5)} start`;
    expect(culprit(frames, 'oops/stack-guard-page')).toBe('foo_walk');
    expect(culprit(frames, 'oops/null-deref')).toBe('leaf');
  });

  test('inlined functions come before the one they are inlined into', () => {
    const inlined = [{ function: 'list_del' }, { function: 'foo_unlink' }];
    const found = findCulprit([{ function: 'foo_ioctl.cold', reliable: true, inlined, range }], 'oops/null-deref');
    expect(found).toMatchObject({ function: 'foo_unlink', passed: [{ function: 'list_del' }] });
  });

  test('with everything passed over, the first that is not reporting code', () => {
    expect(culprit('dump_stack __kasan_report kfree kmalloc worker_thread', 'kasan/double-free')).toBe('kfree');
    expect(culprit('__schedule schedule worker_thread kthread ret_from_fork', 'hang/hung-task')).toBe('worker_thread');
    expect(culprit('__schedule schedule kthread', 'hang/hung-task')).toBe('__schedule');
    expect(culprit('dump_stack panic ?foo', 'panic/generic')).toBeUndefined();
    expect(culprit('', 'panic/generic')).toBeUndefined();
  });

  test('any frames give one of them, or nothing', () => {
    const name = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('memcpy', '__schedule', 'foo', 'rcu_sched_clock_irq', 'el1h_64_irq'),
    );
    const frame = fc.record(
      { function: name, reliable: fc.boolean(), range: fc.constant(range) },
      { requiredKeys: ['reliable', 'range'] },
    );
    fc.assert(
      fc.property(
        fc.array(frame),
        fc.constantFrom('rcu/stall', 'hang/hung-task', 'oops/double-fault', 'x'),
        (frames, kind) => {
          const found = findCulprit(frames, kind);
          // Unreliable frames are believed only behind a jump to what is no code, and behind an interrupt's entry.
          const interrupted = frames.some((each) => each.function === 'el1h_64_irq');
          const [first] = frames;
          const jumped = first !== undefined && first.function === undefined;
          expect(found === undefined || jumped || interrupted || frames.some((each) => each.reliable)).toBe(true);
        },
      ),
    );
  });
});
