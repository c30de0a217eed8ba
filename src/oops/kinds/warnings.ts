import { family } from './family.ts';

/** WARN() and its users. */
const warningKinds = family(
  'warning',
  { severity: 'warning', document: 'process/deprecated.rst' },
  {
    generic: {
      summary: 'A WARN_ON() of the kernel: something is as its author thought it could not be.',
      explanation:
        'The headline names the source line with the condition, or the line before it gives a message; kernels of late 2025 and later print the condition itself. The kernel goes on. Read the source line: the comment near it often tells what the condition means. With panic_on_warn a panic follows.',
    },
    refcount: {
      summary: 'A reference counter was used wrongly (refcount_t).',
      explanation:
        'refcount_t refuses to go up from zero, to go below zero and to overflow, and saturates instead. "addition on 0" and "increment on 0" mean that an object whose last reference is gone is used again, "underflow" that one reference too many was dropped, "saturated" that references leak or it follows from one of the others. Look for the unbalanced get and put; the stack is only the place where it was noticed.',
      document: 'core-api/refcount-vs-atomic.rst',
    },
    odebug: {
      summary: 'An object was freed, initialized or used in a state that forbids it (debug objects).',
      explanation:
        'CONFIG_DEBUG_OBJECTS follows timers, work items, RCU heads and others. The line tells what was done (free, init, activate, assert_init), the state, and the type of the object; the hint names its callback. "free active timer_list" means that memory was freed with a timer in it still running: cancel it before.',
      document: 'core-api/debug-objects.rst',
    },
    kobject: {
      summary: 'A kobject was used wrongly (not initialized, added twice, without name).',
      explanation:
        'Look at the lifetime of the device: registered twice under one name, put before it was initialized, or used after its release.',
      document: 'core-api/kobject.rst',
    },
    usercopy: {
      summary: 'A copy between kernel and user space crossed what the cache allows (warning only).',
      explanation:
        'Hardened usercopy found a copy to or from a part of a slab object that was not declared for it (kmem_cache_create_usercopy()). Either the whitelist of the cache is too small, or the length is wrong.',
      document: 'security/self-protection.rst',
    },
    fortify: {
      summary: 'A memory or string function was about to go beyond its buffer (FORTIFY_SOURCE).',
      explanation:
        'The compiler knows the size of the buffer or member, and the length is larger. "field-spanning write" means that a copy runs over the border of one member of a structure into the next: use struct_group() if it is meant.',
      document: 'security/self-protection.rst',
    },
    'proc-registration': {
      summary: 'A name was registered in /proc twice, or is not possible there.',
      explanation:
        'Two devices or modules chose the same name, or the name comes from outside and is empty or has a slash in it. Look at who registers it and whether the first one was removed.',
    },
    kmalloc: {
      summary: 'An allocation of an impossible size, or with flags that contradict each other.',
      explanation:
        'The page allocator warns at orders beyond its maximum unless __GFP_NOWARN is given. The size mostly comes from user space or a device without a limit. Check it, or allow the failure with __GFP_NOWARN and kvmalloc().',
      document: 'core-api/memory-allocation.rst',
    },
    'vmalloc-size': {
      summary: 'A call of vmalloc() for a size of zero, or for more than there is memory.',
      explanation: 'The size was computed from something unchecked. Look at the caller.',
      document: 'core-api/memory-allocation.rst',
    },
    'usb-submit-urb': {
      summary: 'A USB driver submitted a transfer that does not fit the endpoint.',
      explanation:
        'The driver believed the descriptors of the device: the pipe type or direction differs from what the endpoint has ("BOGUS urb xfer"), or the URB was active still. Check the endpoints in probe(), for instance with usb_find_common_endpoints().',
      document: 'driver-api/usb/URB.rst',
    },
    'list-corruption': {
      summary: 'A list entry was not linked as it should be (the kernel went on).',
      explanation:
        'The neighbours of an entry do not point back at it. Poison values (dead000000000100 and ...122) mean that the entry was deleted before; others that memory was freed or overwritten, or two CPUs changed the list at once. Look at the locking of the list and the lifetime of its entries.',
    },
    unwinder: {
      summary: 'The stack unwinder found a frame that makes no sense.',
      explanation:
        'The saved frame pointer or registers on the stack of a task are out of range. Mostly assembly code without the right annotations, sometimes a damaged stack.',
      document: 'arch/x86/orc-unwinder.rst',
    },
  },
);

/** BUG() and its users. */
const bugKinds = family(
  'bug',
  { severity: 'error', document: 'process/deprecated.rst' },
  {
    'kernel-bug': {
      summary: 'A BUG() or BUG_ON() of the kernel: it refused to go on with the task.',
      explanation:
        'The line names the source file and line of the check. The task was killed with whatever locks it held, so hangs may follow. Read the condition at that line and ask which caller breaks it.',
    },
    'list-corruption': {
      summary: 'A list entry was not linked as it should be.',
      explanation:
        'The line before ("list_add corruption", "list_del corruption") gives the pointers that disagree. Poison values (dead000000000100 and ...122) mean that the entry was deleted before; others a use after free, an overwrite, or two CPUs in the list at once. Look at the locking of the list and the lifetime of its entries.',
    },
    usercopy: {
      summary: 'A copy to or from user space was about to touch memory it must not.',
      explanation:
        'Hardened usercopy checks that the kernel side of the copy lies within one object, in a part declared for it, and not on the stack beyond the frame or in kernel text. The line before says "exposure" (to user space) or "overwrite" (from it), the cache, offset and size. Look at the length.',
      document: 'security/self-protection.rst',
    },
    fortify: {
      summary: 'A string or memory function would have gone beyond its buffer (FORTIFY_SOURCE).',
      explanation:
        'The line before says "detected buffer overflow in" and the function. The size of the buffer is known to the compiler, the length is too large, or a string lacks its end. Look at the caller of the function named.',
      document: 'security/self-protection.rst',
    },
  },
);

export const warningAndBugKinds = [...warningKinds, ...bugKinds];
