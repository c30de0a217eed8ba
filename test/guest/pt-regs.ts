/** Members of `struct pt_regs` from its start, 8 bytes each, by the names that the program gives registers. */
const members = {
  // arch/x86/include/asm/ptrace.h
  amd64: 'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss'.split(' '),
  // struct user_pt_regs, arch/arm64/include/uapi/asm/ptrace.h
  arm64: [...Array.from({ length: 31 }, (_, nth) => `x${nth}`), 'sp', 'pc', 'pstate'],
} as const;

/** How many words `readWords` is to give. */
export const ptRegsWords = (architecture: 'amd64' | 'arm64'): number => members[architecture].length;

/** The registers that these words of memory, hex digits as QEMU and gdb print them, are. */
export function decodePtRegs(architecture: 'amd64' | 'arm64', words: readonly string[]): Record<string, bigint> {
  return Object.fromEntries(members[architecture].map((name, nth) => [name, BigInt(words[nth] ?? 0)]));
}

/** Words in a text such as `ffff888003a4b0c0: 0x0000000000000001 0x0000000000000002`, of `x /2gx` of QEMU or gdb. */
export function wordsIn(text: string): string[] {
  return [...text.matchAll(/(?<=[\s])0x[0-9a-f]{1,16}(?![0-9a-f:])/g)].map(([word]) => word);
}
