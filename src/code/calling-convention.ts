import type { Disassembler } from './instruction.ts';

/** Where calls pass values, by the names of the report's register set. */
export interface CallingConvention {
  /** Registers of the first arguments, in their order. */
  readonly arguments: readonly string[];
  /** Of what a call returns: two where it is that large. */
  readonly results: readonly string[];
  readonly stackPointer: string;
  /** Used as the frame pointer where there is one. */
  readonly framePointer: string;
}

/** System V ABI, AMD64 supplement, 3.2. */
const x8664: CallingConvention = {
  arguments: ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'],
  results: ['rax', 'rdx'],
  stackPointer: 'rsp',
  framePointer: 'rbp',
};

/** The kernel is compiled with -mregparm=3 (arch/x86/Makefile); assembly has arguments on the stack. */
const i386: CallingConvention = {
  arguments: ['eax', 'edx', 'ecx'],
  results: ['eax', 'edx'],
  stackPointer: 'esp',
  framePointer: 'ebp',
};

/** Procedure Call Standard for the Arm 64-bit Architecture, 6.1.1. */
const arm64: CallingConvention = {
  arguments: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
  results: ['x0', 'x1'],
  stackPointer: 'sp',
  framePointer: 'x29',
};

const conventions: Readonly<Record<Disassembler['architecture'], CallingConvention>> = { x86_64: x8664, i386, arm64 };

/** How functions of an architecture call each other. */
export function callingConvention(architecture: Disassembler['architecture']): CallingConvention {
  return conventions[architecture];
}

/** What a call of a function of assembly changes. */
export interface SpecialCall {
  /** Nothing of what can be followed, or only these registers. */
  readonly changes: readonly string[];
}

/** Functions that are not called as C calls them. */
const special: readonly { readonly name: RegExp; readonly changes: readonly string[] }[] = [
  // ftrace's, at the beginning of functions; mostly NOPs when the kernel runs.
  { name: /^(?:__fentry__|_?mcount|ftrace_(?:regs_)?caller)$/, changes: [] },
  // arch/x86/entry/thunk.S
  { name: /^(?:___)?preempt_schedule(?:_notrace)?(?:_thunk)?$/, changes: [] },
  // arch/x86/lib/hweight.S
  { name: /^__sw_hweight(?:32|64)$/, changes: ['rax', 'eax'] },
  // PV_CALLEE_SAVE_REGS_THUNK (arch/x86/include/asm/paravirt.h)
  { name: /^__raw_callee_save_|^pv_ops$/, changes: ['rax', 'eax'] },
  // arch/x86/lib/getuser.S: the error in rax, the value in rdx.
  { name: /^__get_user_(?:nocheck_)?[1248]$/, changes: ['rax', 'rdx', 'eax', 'edx', 'ecx'] },
  // arch/x86/lib/putuser.S: the error in rcx.
  { name: /^__put_user_(?:nocheck_)?[1248]$/, changes: ['rcx', 'rbx', 'ecx', 'ebx'] },
];

/** What a call of a function changes, where that is not what the convention says. */
export function specialCall(name: string): SpecialCall | undefined {
  return special.find((each) => each.name.test(name));
}

/** The register that a retpoline calls through (arch/x86/lib/retpoline.S), by the name of the called symbol. */
export function thunkRegister(name: string): string | undefined {
  return /^__x86_indirect_(?:call_|jump_)?thunk_([er][a-z0-9]{1,3})$/.exec(name)?.[1];
}

/** Whether the compiler made a function with other parameters than the source has. */
export const isClone = (name: string): boolean => /\.(?:constprop|isra|part)\b/.test(name);
