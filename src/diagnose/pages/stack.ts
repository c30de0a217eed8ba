import type { RulePages } from './page.ts';

/** The stack, jumps and instructions. */
export const stackPages: RulePages<
  | 'stack-overflow'
  | 'stack-smash'
  | 'freed-init'
  | 'user-execute'
  | 'execute-data'
  | 'wild-jump'
  | 'cfi'
  | 'control-flow'
  | 'divide-by-zero'
  | 'undefined-instruction'
  | 'alignment'
> = {
  'stack-overflow': {
    summary: 'The kernel stack was used up.',
    meaning:
      'Kernel stacks have a fixed size (16 KiB on x86-64 and arm64). Recursion or large local variables filled it.',
    recognized:
      'The kernel says so (guard page, overflow stack, stack end): certain. The stack pointer lies at a guard page: likely. A double fault with functions that repeat: possible. Functions that stand three times or more in the printed stack are taken for the recursion.',
    against: 'A stack pointer that was overwritten looks like an overflow; then no function repeats.',
    next: 'Recursion: what bounds its depth? Else scripts/checkstack.pl lists functions with large frames; look for them in the trace.',
  },
  'stack-smash': {
    summary: 'A function found its stack canary overwritten.',
    meaning: 'Something wrote beyond a local array of it, or of a function that it called.',
    recognized: '__stack_chk_fail() panicked: certain.',
    against: 'A stray write from elsewhere may hit a stack as well.',
    next: 'Look at the arrays in that function and at who fills them by which length.',
  },
  'freed-init': {
    summary: 'Code or data of __init sections was used after it was freed.',
    meaning: 'The kernel frees what it needs at start only. A pointer to it, or a call of it, was left over.',
    recognized:
      'The address is in __init text by the symbols, or memory has the poison of freed init memory (0xcc). Likely.',
    against: 'The address may be stale, and the memory be used for something else.',
    next: 'modpost warns of references from other sections (section mismatch): take __init off, or drop the reference.',
  },
  'user-execute': {
    summary: 'The kernel jumped to memory of user space.',
    meaning:
      'A function pointer or a return address was overwritten, or user space could choose it. SMEP and PXN refuse that.',
    recognized: 'The fault is an instruction fetch at an address of user space. Certain if the processor refused it.',
    against: 'A damaged pointer may look like one of user space by chance.',
    next: 'Treat it as an attack until it is explained: who can write that pointer?',
  },
  'execute-data': {
    summary: 'The kernel jumped to memory that holds data.',
    meaning: 'A function pointer or return address points to data, the heap or the stack.',
    recognized: 'The processor refused to execute the page: certain.',
    against: 'Code that is made at run time (BPF, trampolines) lies in such memory until it is made executable.',
    next: 'The culprit is the caller: which pointer did it call, and was its object freed?',
  },
  'wild-jump': {
    summary: 'The kernel jumped to an address where there is no code.',
    meaning: 'A function pointer or return address was wrong.',
    recognized: 'An instruction could not be fetched, and the address is neither NULL nor data.',
    against: 'Code of a module that was removed looks the same.',
    next: 'Look at the first reliable frame: it called or returned there.',
  },
  cfi: {
    summary: 'A function was called through a pointer of another type.',
    meaning:
      'Control-flow integrity compares the type of a function with that of the pointer before each indirect call.',
    recognized: 'The kernel says so, with target and expected type: certain.',
    against: 'Mostly it is a cast that works otherwise, not an attack.',
    next: 'Make the types of callback and pointer the same; if the target lies within a function, look for who wrote the pointer.',
  },
  'control-flow': {
    summary: 'A branch or return broke what the processor checks of them.',
    meaning:
      'BTI, pointer authentication, shadow stacks and CET notice addresses that were changed, or code without marks.',
    recognized: 'The processor says so: certain.',
    against: 'Assembler code and code made at run time that lack the marks are the usual cause.',
    next: 'Is the target code with landing pads? Else look for a stack overflow in the function.',
  },
  'divide-by-zero': {
    summary: 'Something was divided by zero.',
    meaning: 'The divisor came unchecked, mostly from user space, a device or a file system image.',
    recognized: 'x86 raised a divide error. Certain if the register with the divisor is 0, likely if it is not known.',
    against: 'A quotient that does not fit raises the same fault. arm64 gives 0 and no fault.',
    next: 'Look who sets the divisor and where it should have been refused.',
  },
  'undefined-instruction': {
    summary: 'The processor met an instruction that it does not know, or a breakpoint.',
    meaning:
      'Code was reached that the compiler holds to be unreachable, the kernel jumped into data, or its code was changed.',
    recognized: 'The processor says so: certain. ud2, udf and brk are there on purpose.',
    against: 'Newer instructions on an older processor look the same.',
    next: 'Compare the Code: line with the vmlinux (ktriage decodecode): differences are patches of the kernel, or damage.',
  },
  alignment: {
    summary: 'An access needed an aligned address and had none.',
    meaning: 'Device memory, atomics and some instructions need addresses that are a multiple of their size.',
    recognized: 'The processor says so: certain.',
    against: 'Normal memory takes unaligned accesses on most machines: the mapping may be what is wrong.',
    next: 'Use get_unaligned(), or memcpy_fromio() for device memory.',
  },
};
