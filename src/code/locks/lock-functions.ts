/** Whether others may hold a lock at the same time. */
export type LockMode = 'exclusive' | 'shared';

/** A function that takes the lock which is its first argument, and waits for it. Names of 5.4 to 7.2. */
const acquires: readonly { readonly name: RegExp; readonly mode: LockMode }[] = [
  // kernel/locking/spinlock.c, qspinlock.c, qrwlock.c; inlined, only what is called when the lock is taken is left.
  {
    name: /^_raw_read_lock(?:_bh|_irq|_irqsave|_nested)?$|^(?:native_|__pv_)?queued_read_lock_slowpath$/,
    mode: 'shared',
  },
  {
    name: /^_raw_(?:spin|write)_lock(?:_bh|_irq|_irqsave|_nested|_irqsave_nested|_nest_lock)?$/,
    mode: 'exclusive',
  },
  { name: /^(?:native_|__pv_)?queued_(?:spin|write)_lock_slowpath$|^do_raw_(?:spin|write)_lock$/, mode: 'exclusive' },
  { name: /^rt_(?:spin|write)_lock(?:_nested)?$/, mode: 'exclusive' },
  // kernel/locking/mutex.c, rtmutex_api.c
  {
    name: /^(?:rt_)?mutex_lock(?:_interruptible|_killable|_io)?(?:_nested)?$|^_mutex_lock_nest_lock$/,
    mode: 'exclusive',
  },
  // kernel/locking/rwsem.c; a semaphore's first holder is no owner, so down() is not here.
  { name: /^down_read(?:_interruptible|_killable)?(?:_nested|_non_owner)?$/, mode: 'shared' },
  { name: /^down_write(?:_killable)?(?:_nested|_nest_lock)?$/, mode: 'exclusive' },
];

/** Functions that give back the lock which is their first argument, or hold it less than before. */
const releases =
  /^_raw_(?:spin|read|write)_unlock\w*$|^(?:rt_)?mutex_unlock$|^__mutex_unlock\w*$|^rt_(?:spin|read|write)_unlock$|^up_(?:read|write)\w*$|^downgrade_write$|^(?:__raw_callee_save_)?_*(?:native_|pv_)?queued_spin_unlock\w*$/;

/** What a task or CPU is in while it waits for a lock: such frames stand above the one that wants it. */
const waiting =
  /^(?:_*schedule\w*|preempt_schedule\w*|__switch_to|context_switch|_*mutex_lock\w*|_*ww_mutex_lock\w*|rwsem_(?:down|optimistic|read|write)\w*|_*down_(?:read|write)\w*|_*rt_mutex\w*|rtlock\w*|osq_lock|mutex_(?:optimistic_spin|spin_on_owner)|kvm_wait|pv_wait\w*|__pv_\w+)$/;

const bare = (name: string): string => {
  const dot = name.indexOf('.', 1);
  return dot === -1 ? name : name.slice(0, dot);
};

/** How a function takes the lock that is its first argument; undefined if it is none of these. */
export function acquireMode(name: string): LockMode | undefined {
  const plain = bare(name);
  return acquires.find((each) => each.name.test(plain))?.mode;
}

/** Whether a function gives back the lock that is its first argument. */
export const isRelease = (name: string): boolean => releases.test(bare(name));

/** Whether a function is part of taking a lock, or of the waiting for it. */
export const isWaiting = (name: string): boolean => acquireMode(name) !== undefined || waiting.test(bare(name));
