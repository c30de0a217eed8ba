import type { RulePages } from './page.ts';

/** Pointers that were wrong. */
export const pointerPages: RulePages<
  | 'null-member'
  | 'null-call'
  | 'error-pointer'
  | 'deleted-list-entry'
  | 'text-in-pointer'
  | 'bit-flip'
  | 'wild-pointer'
  | 'unmapped'
  | 'general-protection'
  | 'user-access'
  | 'read-only-write'
> = {
  'null-member': {
    summary: 'A NULL pointer was followed, mostly to a member of a structure.',
    meaning:
      'The code read or wrote through a pointer that was NULL. The address that faulted is the offset of the member that was wanted.',
    recognized:
      'The address lies in the first page, or KASAN says null-ptr-deref. Where the instruction is known, the register that it used holds 0, and debug information names the variable and the member. Certain if the kernel says so or the register is 0; likely or possible for addresses above the first page.',
    against:
      'A small number that was used as a pointer (an index, a handle, a length) gives such an address too, unless the register is exactly 0.',
    next: 'Find who should have set the pointer: an allocation that was not checked, an error path that ran early, a callback before set-up or after tear-down. "That value was" tells how it came there, as far as the code shows.',
  },
  'null-call': {
    summary: 'A function pointer that is NULL was called.',
    meaning:
      'The processor was told to fetch instructions at NULL: a callback or an operation that was never filled in.',
    recognized:
      'The fault is an instruction fetch in the first page. Certain if a caller stands on the stack, as a call leaves its return address there.',
    against:
      'A return to a return address that was overwritten with 0 looks the same; then the stack behind it is damaged as well.',
    next: 'Look at the call in the culprit and at the table of operations it goes through: which member is optional, and who has to check it?',
  },
  'error-pointer': {
    summary: 'An error number was used as a pointer.',
    meaning:
      'Functions that return pointers may return ERR_PTR(-ENOMEM) and the like. Somebody used such a value without asking IS_ERR().',
    recognized:
      'The register or the address is in the last 4095 bytes of the address space. Certain if the register that was used holds the error itself; likely if only the address is known.',
    against: 'A member before a NULL pointer, as container_of() makes it, lies there too.',
    next: 'The number names the error (-2 is ENOENT). Find the function that returned it; it often checks for NULL where IS_ERR() is right.',
  },
  'deleted-list-entry': {
    summary: 'A pointer has the value that list_del() leaves in an entry that it takes out.',
    meaning:
      'list_del() leaves LIST_POISON1 in next and LIST_POISON2 in prev. Most often somebody walked on from such an entry, or deleted it again.',
    recognized:
      'The register or the address is one of the two values (0xdead000000000100 and ...122 on 64 bits), or a little above. Likely; only possible if the register is not known to have made the address. Where the code itself has the value as a constant that is said, and nothing of a list.',
    against: 'The poison may be copied from elsewhere; what is wrong may be the walker or the one that deleted.',
    next: 'Look for a walk without _safe that deletes, for a walk without the lock of the list, and for RCU lists that are freed without a grace period.',
  },
  'text-in-pointer': {
    summary: 'A string was written over a pointer.',
    meaning: 'The bytes of the pointer are printable text: a copy of a string went beyond its buffer.',
    recognized: 'All bytes of the pointer are ASCII. Likely for eight letters, possible for fewer.',
    against: 'A few printable bytes may be there by chance.',
    next: 'Look for the text in the source, the command line and the data that was handled; the buffer lies before the pointer in memory. Boot with KASAN to find the writer.',
  },
  'bit-flip': {
    summary: 'A pointer would be right with one bit changed.',
    meaning: 'Memory with an error, or a processor, may have changed a single bit.',
    recognized:
      'The value is no valid address and becomes one near the stack or the kernel if one bit is turned. Never more than possible.',
    against:
      'Flags that are kept in the low or high bits of pointers, and bit operations on freed memory, do the same.',
    next: 'Look for machine checks and EDAC lines in the log, and for other crashes of this machine with other bits; test its memory.',
  },
  'wild-pointer': {
    summary: 'A pointer points to an address that cannot exist.',
    meaning: 'The value is no poison, no error and no text: the pointer was overwritten, or its memory never set.',
    recognized: 'The address is not canonical or belongs to nothing, and no other rule knows the value.',
    against: 'Tags of the architecture in the top byte make addresses look wrong that are right.',
    next: 'Look at the structure around the pointer: are its neighbours overwritten too? KASAN names the writer.',
  },
  unmapped: {
    summary: 'An address of the kernel was accessed where nothing is mapped.',
    meaning: 'The pointer looks like one of the kernel, and yet there is no memory: mostly it was there once.',
    recognized:
      'A page fault at an address of the kernel; the part of the address space (vmalloc, modules, direct map) says what it may have been.',
    against: 'An offset or index that is too large leads there as well, from a pointer that is right.',
    next: 'vmalloc: who frees it? Modules: was one removed while its code or timers were in use? Direct map: is the page frame number right?',
  },
  'general-protection': {
    summary: 'The processor refused an instruction, and no address tells why.',
    meaning:
      'On x86-64 mostly an access by an address that is not canonical; else an instruction or register that is not allowed.',
    recognized: 'A general protection or stack segment fault in which no register has a value that another rule knows.',
    against: 'Without the Code: line it is not known which register the instruction used.',
    next: 'Give ktriage the vmlinux, or look at the registers in --all: which of them was the base of the marked instruction?',
  },
  'user-access': {
    summary: 'The kernel touched user space outside of the functions for that.',
    meaning:
      'A pointer to user space was followed directly. SMAP (x86) or PAN (arm64) refuse that; without them, or where nothing is mapped, it faults.',
    recognized:
      'The address is one of user space. Certain if the processor refused the access, likely if nothing was mapped. A low address that the code itself has is that of a per-CPU variable, on x86-64 up to 6.14.',
    against: 'A kernel pointer that was overwritten may look like an address of user space.',
    next: 'If it is a user pointer, use copy_from_user() and mark it __user; sparse finds the others. It is a security problem.',
  },
  'read-only-write': {
    summary: 'Read-only memory was written to.',
    meaning: 'Code, constants and data marked __ro_after_init are mapped read-only.',
    recognized: 'The error code or syndrome says that the page is there and the write was refused.',
    against: 'The pointer may be wrong rather than the write.',
    next: 'Name the symbol at the address (ktriage symbolize): is const cast away, or an __ro_after_init variable written late?',
  },
};
