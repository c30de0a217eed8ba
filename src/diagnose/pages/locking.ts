import type { RulePages } from './page.ts';

/** Locks, RCU and what may not sleep. */
export const lockingPages: RulePages<
  | 'deadlock'
  | 'lock-order'
  | 'lock-misuse'
  | 'lock-damaged'
  | 'rcu-usage'
  | 'sleep-in-atomic'
  | 'data-race'
  | 'list-corruption'
  | 'refcount'
  | 'debug-object'
  | 'device-reference'
> = {
  deadlock: {
    summary: 'Tasks or CPUs wait for each other, or one for itself.',
    meaning: 'None of them can go on: each holds what the next one wants.',
    recognized:
      'Hung tasks whose holders the kernel names (since 6.16), or whose held locks lockdep lists, wait in a circle: likely or certain. Spinlock debugging reports a recursion or lockup: certain.',
    against: 'The kernel names likely holders; they may have changed between the reports.',
    next: 'The two columns show who holds and wants what. Give both locks one order, or drop one before the other is taken.',
  },
  'lock-order': {
    summary: 'Locks are taken in an order that can deadlock.',
    meaning:
      'Lockdep has seen both orders, or a lock both in interrupts and with interrupts on. It need not have happened yet.',
    recognized: 'The report of lockdep: certain; for two locks of one class likely.',
    against:
      'Lockdep knows classes and not locks: orders among locks of one class that are well defined need subclasses.',
    next: 'Compare the stack of this order with that of the chain: which of both can be turned around?',
  },
  'lock-misuse': {
    summary: 'A lock was released, kept, freed or taken where that is wrong.',
    meaning: 'The rules of locks other than their order.',
    recognized: 'The report of lockdep: certain.',
    against: 'A report right before may have turned lockdep off in the middle.',
    next: 'Look for the error path that forgets to release, or releases twice.',
  },
  'lock-damaged': {
    summary: 'A lock is in a state that it cannot be in.',
    meaning: 'It was never initialized, freed, overwritten, or released by another.',
    recognized: 'Spinlock or mutex debugging says so: certain.',
    against: 'It does not tell which of these it is.',
    next: 'A magic that is 0: never initialized; 0x6b6b6b6b: freed; anything else: overwritten.',
  },
  'rcu-usage': {
    summary: 'Data under RCU was used without its protection.',
    meaning:
      'Neither rcu_read_lock() nor the lock of the writers was held where a pointer was read, or the reader slept.',
    recognized: 'The check of CONFIG_PROVE_RCU: certain.',
    against: 'The protection may be one that the check was not told of.',
    next: 'Take rcu_read_lock(), or name the lock in rcu_dereference_protected().',
  },
  'sleep-in-atomic': {
    summary: 'Something that may sleep was called where nothing may.',
    meaning: 'A spinlock is held, preemption or interrupts are off, it is an interrupt, or an RCU read section.',
    recognized: 'might_sleep() or the scheduler says so; the preempt count tells what made it atomic: certain.',
    against: 'The count may have been left raised by something earlier, which is then the culprit.',
    next: 'Use GFP_ATOMIC, or a mutex for the spinlock, or move the call out of the locked section. "Preemption disabled at" names the lock.',
  },
  'data-race': {
    summary: 'Two CPUs accessed the same memory at once, and nothing orders them.',
    meaning: 'The compiler and the processor may do surprising things with such accesses.',
    recognized: 'The report of KCSAN: certain.',
    against: 'Some races are meant; these need READ_ONCE() and the like to say so.',
    next: 'Ask which lock should be held on both sides, or mark the accesses.',
  },
  'list-corruption': {
    summary: 'The entries of a linked list do not point at each other.',
    meaning: 'An entry was added or deleted twice, freed while on the list, overwritten, or changed without the lock.',
    recognized: 'The check of list debugging: certain.',
    against: 'Who meets it is rarely who did it.',
    next: 'Poison in the message: the neighbour was deleted or freed. Otherwise look at all users of the list and their lock.',
  },
  refcount: {
    summary: 'A reference count went wrong.',
    meaning: 'One reference too many was dropped, or one was taken of an object that is gone already.',
    recognized: 'The checks of refcount_t: certain.',
    against: 'The one that is caught need not be the one that dropped one too many.',
    next: 'List all that take and drop references to this object; error paths first.',
  },
  'debug-object': {
    summary: 'A tracked object was used in a wrong state.',
    meaning:
      'A timer, work or other object was freed while active, used without being initialized, or initialized twice.',
    recognized: 'The report of debug objects: certain.',
    against: 'Objects on the stack need the _onstack functions.',
    next: 'Cancel timers and work with _sync before freeing what they are part of.',
  },
  'device-reference': {
    summary: 'A network device cannot go away because of references to it.',
    meaning: 'Something took a reference and does not give it back when the device is unregistered.',
    recognized: 'unregister_netdevice says so: certain.',
    against: 'It may only be slow.',
    next: 'CONFIG_NET_DEV_REFCNT_TRACKER lists who holds them.',
  },
};
