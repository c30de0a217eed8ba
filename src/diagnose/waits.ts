import { bareName, culpritIndex } from '../model/blame.ts';
import type { Frame } from '../model/report.ts';
import type { Subject } from './subject.ts';

/** What a task waits for, by the function that makes it wait; the first that fits is it. Names of 4.x to 7.x. */
const waits: readonly { readonly name: RegExp; readonly words: string }[] = [
  { name: /^_*(?:ww_)?mutex_lock\w*$|^_*mutex_lock_\w+$/, words: 'a mutex' },
  { name: /^_*(?:rt_mutex|rt_spin|rtlock)_\w*lock\w*$/, words: 'an rt_mutex' },
  { name: /^rwsem_down_read_\w+$|^_*down_read\w*$|^percpu_down_read\w*$/, words: 'a read-write semaphore, to read' },
  {
    name: /^rwsem_down_write_\w+$|^_*down_write\w*$|^percpu_down_write\w*$/,
    words: 'a read-write semaphore, to write',
  },
  { name: /^_*down(?:_common|_interruptible|_killable|_timeout|_trylock)?$/, words: 'a semaphore' },
  { name: /^(?:_*do_)?wait_for_com(?:mon|pletion)\w*$|^_*wait_for_com(?:mon|pletion)\w*$/, words: 'a completion' },
  { name: /^(?:folio|page)_wait_writeback\w*$|^_*wait_on_page_writeback\w*$/, words: 'the end of writing a page back' },
  {
    name: /^_*(?:folio|page)_lock\w*$|^folio_wait_(?:bit|locked)\w*$|^_*wait_on_page_\w+$/,
    words: 'a page (locked, or being read or written)',
  },
  { name: /^_*wait_on_buffer$|^_*lock_buffer$/, words: 'a block of a device' },
  { name: /^bit_wait_io\w*$|^io_schedule\w*$|^blk_mq_get_tag$|^submit_bio_wait$|^rq_qos_wait$/, words: 'I/O' },
  { name: /^_*wait_rcu_gp\w*$|^_*synchronize_(?:s?rcu|net|sched)\w*$/, words: 'an RCU grace period' },
  { name: /^(?:kvfree_)?s?rcu_barrier\w*$/, words: 'callbacks of RCU to end' },
  {
    name: /^_*flush_(?:work|workqueue|delayed_work)\w*$|^_*cancel_(?:delayed_)?work\w*$|^drain_workqueue$/,
    words: 'work of a workqueue to end',
  },
  { name: /^kthread_stop\w*$/, words: 'a kernel thread to end' },
  { name: /^jbd2_log_wait_commit$|^wait_transaction_locked$/, words: 'a transaction of the journal' },
  { name: /^_*wait_on_bit\w*$|^out_of_line_wait_on_bit\w*$/, words: 'a bit flag' },
  { name: /^blk_mq_freeze_queue_wait$/, words: 'requests of a block device to end' },
  { name: /^_*(?:lock_sock)\w*$/, words: 'a socket' },
];

/** What a task waits for, and the function that makes it wait. */
export interface Wait {
  readonly words: string;
  readonly function: string;
  readonly frame: Frame;
}

/** What the task of a report waits for, by its stack. */
export function waitOf(subject: Subject): Wait | undefined {
  const { frames } = subject.report;
  const culprit = culpritIndex(subject.report);
  const above = culprit < 0 ? frames.slice(0, 16) : frames.slice(0, culprit + 1);
  // The outermost of them says it best: a mutex is waited for in schedule(), too.
  let found: Wait | undefined;
  for (const frame of above) {
    if (!frame.reliable || frame.function === undefined) continue;
    const name = bareName(frame.function);
    const wait = waits.find((each) => each.name.test(name));
    if (wait !== undefined) found = { words: wait.words, function: name, frame };
  }
  return found;
}

const spinFunctions =
  /^(?:_raw_(?:spin|read|write)_(?!unlock|trylock)\w*|(?:native_|__pv_|pv_)?_*queued_(?:spin|read|write)_lock_slowpath|do_raw_(?:spin|read|write)_lock\w*|_*(?:ticket|arch|mcs)_spin_lock\w*|resilient_\w*spin_lock\w*|osq_lock|spin_lock\w*)$/;

/** The function by which a CPU spins for a lock, where it stands between the trap and who is to blame. */
export function spinOf(subject: Subject): Frame | undefined {
  const { frames } = subject.report;
  const culprit = culpritIndex(subject.report);
  const above = culprit < 0 ? frames.slice(0, 6) : frames.slice(0, culprit + 1);
  return above.findLast(
    (frame) =>
      frame.reliable &&
      [frame.function ?? '', ...(frame.inlined ?? []).map((each) => each.function)].some((name) =>
        spinFunctions.test(bareName(name)),
      ),
  );
}
