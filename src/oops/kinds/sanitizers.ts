import { family } from './family.ts';

const kasanHow =
  'The stacks "Allocated by" and "Freed by" tell the life of the object, where there is one; the first stack tells who accessed it.';

/** mm/kasan/report_generic.c and report_tags.c name these bug types. */
const kasanKinds = family(
  'kasan',
  { severity: 'error', document: 'dev-tools/kasan.rst' },
  {
    'use-after-free': {
      summary: 'An access to memory that was freed already.',
      explanation: `KASAN keeps freed memory in quarantine and its shadow marked as freed; an access there is reported. As of 6.1 this wording is for whole pages, slab objects are told as slab-use-after-free. ${kasanHow} Find out which reference should have kept the object alive: a missing reference count, a timer or work item not cancelled, a lookup without a lock or RCU.`,
    },
    'slab-use-after-free': {
      summary: 'An access to a slab object that was freed already.',
      explanation: `The object came from kmalloc() or a kmem_cache and had been freed when it was accessed. ${kasanHow} Compare the three stacks: who frees while the other still uses it? A stack "Last potentially related work creation" points at call_rcu() or a work item that had it in hand.`,
    },
    'slab-out-of-bounds': {
      summary: 'An access beyond the bounds of a slab object.',
      explanation: `The address is to the left or the right of an object, in its redzone. "located N bytes to the right of M-byte region" tells by how much. ${kasanHow} Compare the size that was allocated with the index or length used; lengths that come from user space, the network or a file are the usual suspects.`,
    },
    'stack-out-of-bounds': {
      summary: 'An access beyond the bounds of a variable on the stack.',
      explanation:
        'The compiler puts redzones around local arrays; the access hit one. The report lists the objects of the frame with their offsets. Look at the local variable whose range ends just before the address, and at stack unwinders, which may read foreign stacks on purpose.',
    },
    'global-out-of-bounds': {
      summary: 'An access beyond the bounds of a global variable.',
      explanation:
        'The address lies in the redzone behind a global variable, whose name the report gives. Mostly a table indexed by a value that was not checked, or a list of ids without its terminating entry.',
    },
    'vmalloc-out-of-bounds': {
      summary: 'An access beyond the bounds of a vmalloc() area.',
      explanation:
        'The address is in vmalloc space but beyond an area, or the area has been freed. Look at the size that was asked for and at vfree() on another path; eBPF, netfilter and firmware buffers are the usual users of such areas.',
    },
    'alloca-out-of-bounds': {
      summary: 'An access beyond the bounds of a variable-length array on the stack.',
      explanation:
        'The array was made by alloca() or as a VLA, and the access went beyond its end. Compare the size it was made with and the index. The kernel has no VLAs any more as of 4.20, so it is old or foreign code.',
    },
    'out-of-bounds': {
      summary: 'An access beyond the bounds of some object.',
      explanation: `KASAN could not tell what kind of memory it is (small pages, hardware tags), only that the access was outside. ${kasanHow}`,
    },
    'use-after-scope': {
      summary: 'An access to a local variable whose block has ended.',
      explanation:
        'A pointer to a local variable outlived the braces that hold it. Look for an address stored in a structure, list or callback that is used later in the function or by another one.',
    },
    'slab-use-after-scope': {
      summary: 'An access to a slab object marked as out of scope.',
      explanation: `Shadow memory holds a mark that belongs to stack variables while the address is a slab object; the stack may have been reused. ${kasanHow}`,
    },
    'null-ptr-deref': {
      summary: 'A NULL pointer was followed, caught by KASAN before the processor did.',
      explanation:
        'The address is within the first page. Functions checked by KASAN (memcpy, atomics, user copies) report it themselves; elsewhere it appears as a general protection fault with a range, since the shadow address of a small address is not canonical. Treat it as any NULL dereference: the offset is the member.',
    },
    'wild-memory-access': {
      summary: 'An access through a pointer that points nowhere.',
      explanation:
        'The address belongs to no memory the kernel knows. Look where the pointer was loaded from: memory that was freed, never initialized, or overwritten. Patterns in the address (6b6b, dead0000, ASCII) tell which.',
    },
    'maybe-wild-memory-access': {
      summary: 'Possibly an access through a wild pointer, seen as a general protection fault.',
      explanation:
        'KASAN computed from the faulting shadow address which range of memory the code was about to access. The range is the one that matters, the shadow address is not. Look where the pointer came from.',
    },
    'user-memory-access': {
      summary: 'The kernel accessed a user-space address directly.',
      explanation:
        'The address is below the kernel, and the access was not through the functions for user memory. Either a user pointer is dereferenced, or a pointer is damaged.',
    },
    'invalid-access': {
      summary: 'The tag of the pointer is not the tag of the memory (tag-based KASAN).',
      explanation: `Software or hardware tags cannot always tell a use after free from an out-of-bounds access. "Pointer tag" and "memory tag" are given. ${kasanHow}`,
    },
    'invalid-free': {
      summary: 'Something was freed that cannot be freed.',
      explanation: `The address handed to kfree() is not the start of an object: a pointer into its middle, a stack or global variable, or (in older wording) an object freed before. ${kasanHow}`,
    },
    'double-free': {
      summary: 'An object was freed twice.',
      explanation: `The object is free already. ${kasanHow} Compare the stack of the first release with the one of the second; error paths that free what their caller frees too are the usual cause.`,
    },
    'unknown-crash': {
      summary: 'A bad access that KASAN could not put a name to.',
      explanation: `The shadow memory holds a value that KASAN does not know, so the shadow was overwritten itself, or the access hit memory with no mark. ${kasanHow}`,
    },
    other: {
      summary: 'A KASAN report of another sort.',
      explanation: `The words are not known, or the line is damaged. ${kasanHow}`,
    },
  },
);

const kfenceHow =
  'KFENCE guards a small sample of all slab objects with pages around them, so it runs in production and finds a bug only by chance: each report is real. The object number, its size, cache and both stacks are given.';

/** mm/kfence/report.c */
const kfenceKinds = family(
  'kfence',
  { severity: 'error', document: 'dev-tools/kfence.rst' },
  {
    'use-after-free': {
      summary: 'An access to a freed object (sampled by KFENCE).',
      explanation: `The page of the object is unmapped after it is freed, and was accessed. ${kfenceHow} Compare who freed it with who used it.`,
    },
    'out-of-bounds': {
      summary: 'An access beyond the bounds of an object (sampled by KFENCE).',
      explanation: `The access hit the guard page next to the object; "left of" or "right of" says on which side. ${kfenceHow} Compare the size with the index used.`,
    },
    'invalid-access': {
      summary: 'An access to a KFENCE page that holds no object.',
      explanation: `The address is in the KFENCE pool but no object was ever near it, so the pointer is wild. ${kfenceHow}`,
    },
    'invalid-free': {
      summary: 'An object was freed twice, or with a wrong address (KFENCE).',
      explanation: `The address is not the start of a live object. ${kfenceHow}`,
    },
    'memory-corruption': {
      summary: 'Bytes around an object were overwritten, noticed when it was freed (KFENCE).',
      explanation: `Padding next to the object that holds a pattern was changed: a small overflow that did not reach the guard page. The bytes are listed, "." are those unharmed. ${kfenceHow} The stack is that of the release, not of the write: look at the code that fills the object.`,
    },
    other: { summary: 'A KFENCE report of another sort.', explanation: `The words are not known. ${kfenceHow}` },
  },
);

const kmsanHow =
  'KMSAN follows for each byte whether it was ever initialized. The first stack is where the value mattered; "Uninit was stored to memory at" are copies on the way; "Uninit was created at" is where the memory came from.';

/** mm/kmsan/report.c */
const kmsanKinds = family(
  'kmsan',
  { severity: 'error', document: 'dev-tools/kmsan.rst' },
  {
    'uninit-value': {
      summary: 'A decision depended on memory that was never initialized.',
      explanation: `${kmsanHow} Mostly a structure of which some members are set, or a short packet or read whose rest is used as if it were filled. Initialize it where it is created, or check the length.`,
    },
    'use-after-free': {
      summary: 'A value was used that stood in freed memory (KMSAN).',
      explanation: `${kmsanHow} The creation stack is that of the release.`,
    },
    'kernel-infoleak': {
      summary: 'Memory that was never initialized was copied to user space.',
      explanation: `${kmsanHow} What leaks may be secrets or pointers. The lines "Bytes N-M of L are uninitialized" tell which part: often padding or reserved members of a structure; clear it as a whole first.`,
    },
    'kernel-infoleak-after-free': {
      summary: 'Freed memory was copied to user space.',
      explanation: `${kmsanHow} The buffer was freed before it was copied: a use after free as well as a leak.`,
    },
    'kernel-usb-infoleak': {
      summary: 'Memory that was never initialized was sent to a USB device.',
      explanation: `${kmsanHow} The transfer buffer of a URB was only filled in part. Allocate it zeroed or send only what was filled.`,
    },
    'kernel-usb-infoleak-after-free': {
      summary: 'Freed memory was sent to a USB device.',
      explanation: `${kmsanHow} The transfer buffer was freed before the URB was submitted.`,
    },
    other: { summary: 'A KMSAN report of another sort.', explanation: `The words are not known. ${kmsanHow}` },
  },
);

/** kernel/kcsan/report.c */
const kcsanKinds = family(
  'kcsan',
  { severity: 'error', document: 'dev-tools/kcsan.rst' },
  {
    'data-race': {
      summary: 'Two CPUs accessed the same memory at once, at least one writing, without a rule.',
      explanation:
        'KCSAN delays an access for a moment and watches whether the memory is touched by another CPU meanwhile. Both accesses are given with their stacks; where only one is known, the value changed ("race at unknown origin"). Decide whether a lock is missing, or whether the race is meant: then READ_ONCE(), WRITE_ONCE() or data_race() say so.',
    },
    assert: {
      summary: 'An exclusive access was not exclusive (KCSAN assertion).',
      explanation:
        'The code says with ASSERT_EXCLUSIVE_WRITER() or ASSERT_EXCLUSIVE_ACCESS() that nobody else writes or accesses at that time, and somebody did. The locking around the variable is not what its author believed.',
    },
    other: {
      summary: 'A KCSAN report of another sort.',
      explanation: 'The words are not known. Look at the two accesses and what should order them.',
    },
  },
);

export const sanitizerKinds = [...kasanKinds, ...kfenceKinds, ...kmsanKinds, ...kcsanKinds];
