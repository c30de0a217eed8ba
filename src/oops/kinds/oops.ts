import { family } from './family.ts';

/** Processor exceptions that the kernel took in its own code (arch/<arch>/kernel/traps.c, arch/<arch>/mm/fault.c). */
export const oopsKinds = family(
  'oops',
  { severity: 'error', document: 'admin-guide/bug-hunting.rst' },
  {
    'null-deref': {
      summary: 'The kernel followed a NULL pointer, or a member of a structure at NULL.',
      explanation:
        'An instruction accessed an address in the first page of memory, which is never mapped. The address is the offset of the member that was wanted: 0x18 means member at 0x18 of a structure whose pointer was NULL. Look at the faulting function, find which pointer of its source line can be NULL, and ask who should have set it: an unchecked allocation, an error path that ran early, a callback called before its object was set up or after it was torn down.',
    },
    'page-fault': {
      summary: 'The kernel accessed an address that is not mapped, or not for that access.',
      explanation:
        'The page-fault handler found no translation for the address and no exception-table entry for the instruction. The address tells what kind of pointer it was: close to zero a NULL pointer with a large offset, fffffffffffff... a negative error code used as a pointer, a pattern such as 6b6b6b6b or dead0000 freed or poisoned memory, a vmalloc or module address something already unmapped. Look at the faulting instruction and at the register it used as base; on x86 the lines "#PF:" say whether it was a read, write or fetch.',
    },
    'user-access': {
      summary: 'The kernel touched user memory outside of the functions made for it.',
      explanation:
        'The address belongs to user space, and the access was not made by copy_from_user() and its kin: SMAP, PAN or the riscv SUM bit refused it. Either a user pointer was dereferenced directly, which is a security bug, or a kernel pointer is damaged and happens to look like a user address. Look at where the pointer comes from; sparse with __user annotations finds the first sort.',
      document: 'core-api/mm-api.rst',
    },
    'nx-exec': {
      summary: 'The kernel jumped to memory that is not executable.',
      explanation:
        'The processor was told to fetch instructions from a page that holds data or belongs to user space. The instruction pointer is the bad address itself, so the culprit is the caller: look at the first reliable frame of the trace and at the function pointer it called. Usual causes are a callback in freed memory, an ops structure that was never filled in, or a smashed return address.',
    },
    'read-only-write': {
      summary: 'The kernel wrote to memory that is mapped read-only.',
      explanation:
        'Kernel text, constants and data marked __ro_after_init are mapped read-only. The write came from code that casts const away, that changes an __ro_after_init variable late, or that writes through a damaged pointer. Look at which symbol the address belongs to and who writes it.',
      document: 'security/self-protection.rst',
    },
    unreadable: {
      summary: 'The kernel read memory that it may not read (execute-only, or protected).',
      explanation:
        'The address is mapped but the mapping forbids reads, for instance execute-only memory or pages taken out of the linear map (secretmem, a hypervisor, confidential guests). Look at where the pointer comes from, and whether something walks memory it should skip.',
    },
    'tag-check': {
      summary: 'Memory tagging found a pointer whose tag is not that of the memory (arm64 MTE).',
      explanation:
        'Each 16 bytes of memory carry a tag, and so does the pointer; they differ when an object was freed and its memory reused, or when an access ran beyond its object. The report gives the pointer tag and the memory tag. Treat it like a KASAN report: find the object, its allocation and its release.',
      document: 'arch/arm64/memory-tagging-extension.rst',
    },
    'general-protection': {
      summary: 'The processor refused an instruction of the kernel, mostly for a non-canonical address (x86).',
      explanation:
        'On x86-64 an access through a pointer whose upper bits are not all alike raises this fault instead of a page fault, and the address is not reported by the processor. Newer kernels compute it ("probably for non-canonical address"), and with KASAN add the null-ptr-deref range it stands for. Look at the register that was used as base: poison patterns (dead000000000100 of a deleted list entry, 6b6b6b6b6b6b6b6b of freed memory) tell of a use after free, text-like bytes of an overwrite.',
    },
    'divide-error': {
      summary: 'A division by zero, or a quotient that does not fit (x86 #DE).',
      explanation:
        'The kernel executed a division whose divisor was zero. The divisor usually came from a user, a device or a file system image without a check. Look at the operand of the marked instruction in the Code: line and at where its value is set.',
    },
    'invalid-opcode': {
      summary: 'The processor met an instruction that it does not know (x86 #UD).',
      explanation:
        'Mostly this is a ud2 that the compiler or BUG() put there: then a line "kernel BUG at" stands before it, or the code is one that the compiler holds to be unreachable (undefined behaviour, a function that fell off its end). Without ud2 at the marked byte, the kernel jumped into data or its text was damaged.',
    },
    int3: {
      summary: 'A breakpoint instruction in the kernel that nobody had set.',
      explanation:
        'The kernel met an int3 that belongs to no kprobe and to no code patching under way. It is padding between functions, so the kernel jumped to a wrong address, or self-modifying code (static keys, ftrace, kprobes) went wrong on another CPU. Look at the caller of the function, and at tracing in use.',
      document: 'trace/kprobes.rst',
    },
    'stack-segment': {
      summary: 'A bad address was used through the stack or base pointer (x86 #SS).',
      explanation:
        'As a general protection fault, but the access went through rsp or rbp: a non-canonical value in one of them. Look for a smashed stack, or a base register that the compiler used for a pointer that was damaged.',
    },
    'double-fault': {
      summary: 'A fault happened while another one was being delivered (x86 #DF).',
      severity: 'fatal',
      explanation:
        'The processor could not push an exception frame, nearly always because the stack pointer was no longer good: kernel stack overflow into the guard page, or a damaged rsp. The registers are those of the first fault. Look at the depth of the trace, at large local variables and recursion.',
      document: 'arch/x86/kernel-stacks.rst',
    },
    'early-exception': {
      summary: 'A processor exception before the kernel could handle any (x86, very early in the boot).',
      severity: 'fatal',
      explanation:
        'The first steps of the boot run with a minimal handler that prints this and stops. The IP is a raw address: look it up in the vmlinux of that build. The memory map, boot parameters, early page tables and firmware are the usual suspects.',
      document: 'arch/x86/boot.rst',
    },
    trap: {
      summary: 'Another processor exception in kernel mode that has no kind of its own.',
      explanation:
        'The kernel took an exception that it does not expect in its own code (coprocessor, alignment check, invalid TSS, bounds, illegal instruction on other architectures). The words of the headline are the name of the exception in the manual of the processor. Look at the marked instruction of the Code: line.',
    },
    'internal-error': {
      summary: 'An oops of arm or arm64 ("Internal error:").',
      explanation:
        'The die() function of arm and arm64 prints this after any fatal exception; what the exception was stands behind it, together with the syndrome register (ESR) or the fault status. Look at the line before, which mostly tells the bad address, and at the decoded syndrome.',
    },
    'undefined-instruction': {
      summary: 'The processor met an instruction that is not defined (arm, arm64).',
      explanation:
        'The kernel jumped into data, its text was damaged, or it used an instruction that this processor does not have (an alternative applied wrongly, a feature that differs between cores, a kernel built for a newer one). Compare the marked word of the Code: line with the same place in vmlinux.',
    },
    cfi: {
      summary: 'An indirect call went to a function of another type (control-flow integrity).',
      explanation:
        'With CONFIG_CFI (Clang, kCFI) every indirect call checks a hash of the type of the function pointer before jumping. The line "CFI failure at" names the place of the call, the target and the expected type. Usually a callback is declared with a slightly different prototype and cast; otherwise the pointer was overwritten.',
      document: 'security/self-protection.rst',
    },
    bti: {
      summary: 'A branch landed where none may land (arm64 branch target identification).',
      explanation:
        'An indirect branch reached an instruction that is not a landing pad. Either assembly code lacks a BTI instruction, or a function pointer was damaged. The target is the PC of the report; look at the link register for the caller.',
      document: 'arch/arm64/pointer-authentication.rst',
    },
    'pointer-authentication': {
      summary: 'A signed pointer did not verify (arm64 FPAC).',
      explanation:
        'Return addresses are signed with a key and the stack pointer, and checked before use. A failure means that the saved return address changed: a stack overwrite, a stack used by two tasks, or code that switches stacks or keys without care. Look at what the function and its callees write to the stack.',
      document: 'arch/arm64/pointer-authentication.rst',
    },
    'guarded-control-stack': {
      summary: 'A return address differs from its copy on the guarded control stack (arm64 GCS).',
      explanation:
        'The processor keeps return addresses a second time on a protected stack and compares them on return. They differ after a stack overwrite, or after code that unwinds or switches stacks without telling the shadow one.',
      document: 'arch/arm64/gcs.rst',
    },
    'control-protection': {
      summary: 'An indirect branch or a return broke the rules of CET (x86 #CP).',
      explanation:
        'With indirect branch tracking an indirect call must land on an ENDBR instruction ("Missing ENDBR"); with shadow stacks a return address must match its copy. Look at the target: an assembly function without ENDBR, a sealed function whose address was still taken, or a damaged function pointer.',
      document: 'arch/x86/shstk.rst',
    },
    'synchronous-external-abort': {
      summary: 'Memory or a device answered an access with an error (arm64).',
      explanation:
        'The access left the processor and came back with an error: a device register whose clock or power domain is off, an address where nothing answers, or memory with an uncorrectable error. Look at the physical device behind the address, at runtime power management around the access, and at RAS records before it.',
    },
    serror: {
      summary: 'An asynchronous bus or memory error that cannot be tied to an instruction (arm64 SError).',
      severity: 'fatal',
      explanation:
        'The error arrived later than the access that caused it, so the trace shows only where the CPU was at that time. Usual causes are writes to devices that are not clocked or powered, posted writes to addresses where nothing answers, and hardware errors. Look at which drivers were active and at firmware (RAS, GHES) records.',
    },
    'bad-mode': {
      summary: 'An exception came from a mode in which it can not be handled.',
      severity: 'fatal',
      explanation:
        'The exception vector that was taken has no handler for that kind of exception: an FIQ without a user, an AArch32 exception from nowhere, a synchronous error very early in the boot. Look at the ESR, and whether firmware or a hypervisor left the CPU in an unexpected state.',
    },
    'unhandled-fault': {
      summary: 'A memory fault for which the architecture has no handler ("Unhandled fault").',
      explanation:
        'The fault status code is one that the kernel can do nothing about (external abort, alignment, TLB conflict, lock abort). The words behind it name the status; an external abort means that a device or memory did not answer.',
    },
    alignment: {
      summary: 'An access to an address that is not a multiple of its size.',
      explanation:
        'The processor does not do unaligned accesses for this instruction or this type of memory (device memory on arm64, exclusive and vector accesses, older cores). Look for packed structures whose members are accessed by pointer, casts from byte buffers, and memcpy() on __iomem memory.',
      document: 'core-api/unaligned-memory-access.rst',
    },
    'stack-overflow': {
      summary: 'The kernel stack was used up.',
      severity: 'fatal',
      explanation:
        'The stack pointer ran below the stack of the task or of the interrupt. Look for recursion in the trace (the same functions again and again), for large variables on the stack (scripts/checkstack.pl, CONFIG_FRAME_WARN), and for deep chains such as file systems on stacked block devices.',
      document: 'mm/vmalloced-kernel-stacks.rst',
    },
    'stack-guard-page': {
      summary: 'The kernel stack ran into the guard page below it (x86, CONFIG_VMAP_STACK).',
      explanation:
        'Stacks mapped through vmalloc have an unmapped page below them; touching it means that the stack overflowed. Look for recursion and for large local variables in the trace.',
      document: 'mm/vmalloced-kernel-stacks.rst',
    },
    other: {
      summary: 'A crash of the kernel itself that no other kind describes.',
      explanation:
        'The report has the form of an oops, but its words are not known. Read the headline and the lines before it, then the instruction pointer and the first reliable frames of the trace.',
    },
  },
);
