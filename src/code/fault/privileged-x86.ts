import { hex } from '../values/context.ts';
import type { RegisterValues } from './register-values.ts';

/** Names of MSRs that kernels read and write in places where it may fail (arch/x86/include/asm/msr-index.h). */
const msrs: Readonly<Record<number, string>> = {
  16: 'TSC',
  27: 'APIC_BASE',
  58: 'FEAT_CTL',
  72: 'SPEC_CTRL',
  73: 'PRED_CMD',
  121: 'UCODE_WRITE',
  139: 'UCODE_REV',
  266: 'ARCH_CAPABILITIES',
  267: 'FLUSH_CMD',
  290: 'TSX_CTRL',
  372: 'SYSENTER_CS',
  373: 'SYSENTER_ESP',
  374: 'SYSENTER_EIP',
  416: 'MISC_ENABLE',
  473: 'DEBUGCTL',
  631: 'PAT',
  909: 'CORE_PERF_FIXED_CTR_CTRL',
  911: 'CORE_PERF_GLOBAL_CTRL',
  1163: 'VMX_PROCBASED_CTLS2',
  1696: 'U_CET',
  1698: 'S_CET',
  1760: 'TSC_DEADLINE',
  1904: 'PM_ENABLE',
  1908: 'HWP_REQUEST',
  3488: 'XSS',
  3221225600: 'EFER',
  3221225601: 'STAR',
  3221225602: 'LSTAR',
  3221225604: 'SYSCALL_MASK',
  3221225728: 'FS_BASE',
  3221225729: 'GS_BASE',
  3221225730: 'KERNEL_GS_BASE',
  3221225731: 'TSC_AUX',
  3221291029: 'HWCR',
  3221291284: 'VM_CR',
  3221295145: 'DE_CFG',
};

function low(registers: RegisterValues, name: string): bigint | undefined {
  const value = registers.get(registers.bits === 64 ? `r${name}` : `e${name}`);
  return value === undefined ? undefined : BigInt.asUintN(32, value);
}

function msrText(registers: RegisterValues): string {
  const number = low(registers, 'cx');
  if (number === undefined) return 'an MSR';
  const name = msrs[Number(number)];
  return `MSR ${hex(number)}${name === undefined ? '' : ` (${name})`}`;
}

function msrWrite(registers: RegisterValues): string {
  const [high, bottom] = [low(registers, 'dx'), low(registers, 'ax')];
  const value = high === undefined || bottom === undefined ? '' : `${hex((high << 32n) | bottom)} `;
  return `writes ${value}to ${msrText(registers)}: this processor does not have it, or does not take that value`;
}

/** What an instruction is refused for where no address is the reason. */
interface Refusal {
  readonly words: string | ((registers: RegisterValues) => string);
  /** The register, without its first letter, whose value is wrong. */
  readonly register?: string;
}

const frame = 'returns to a frame whose selectors, flags or addresses the processor refuses';
const state = 'loads processor state that is refused: reserved bits are set, or it is not aligned';
const segment = 'loads a segment register with a selector that is not valid';
const mode = 'is not allowed in this processor mode, or with these control registers';

const refusals: Readonly<Record<string, Refusal>> = {
  rdmsr: {
    words: (registers) => `reads ${msrText(registers)}, which this processor does not have`,
    register: 'cx',
  },
  wrmsr: { words: msrWrite, register: 'cx' },
  wrmsrns: { words: msrWrite, register: 'cx' },
  rdpmc: { words: 'reads a performance counter that is not there', register: 'cx' },
  xsetbv: { words: 'sets XCR0 to a value that the processor does not take', register: 'cx' },
  iret: { words: frame },
  sysret: { words: frame, register: 'cx' },
  sysexit: { words: frame },
  eretu: { words: frame },
  erets: { words: frame },
  retf: { words: frame },
  xrstor: { words: state },
  xrstor64: { words: state },
  xrstors: { words: state },
  xrstors64: { words: state },
  fxrstor: { words: state },
  fxrstor64: { words: state },
  ldmxcsr: { words: 'loads an MXCSR with reserved bits set' },
  lldt: { words: segment },
  ltr: { words: segment },
  lgs: { words: segment },
  lfs: { words: segment },
  lidt: { words: 'loads a descriptor table from an address that is not canonical' },
  lgdt: { words: 'loads a descriptor table from an address that is not canonical' },
  swapgs: { words: mode },
  hlt: { words: mode },
  in: { words: mode },
  out: { words: mode },
  vmxon: { words: mode },
  invpcid: { words: 'is given a kind or a PCID that is not valid' },
  monitor: { words: mode },
  mwait: { words: mode },
  int: { words: 'raises an interrupt that the descriptor table does not allow' },
  wrfsbase: { words: 'sets a segment base that is not canonical' },
  wrgsbase: { words: 'sets a segment base that is not canonical' },
};

/** What is said of a refusal. */
export interface RefusalWords {
  readonly words: string;
  readonly register?: string;
}

/** Why the processor refuses an instruction with #GP, where no address in memory is the reason. */
export function refusalOf(mnemonic: string, text: string, registers: RegisterValues): RefusalWords | undefined {
  const refusal = refusals[mnemonic];
  if (refusal === undefined) {
    const control = /^mov\s+%(\w{2,3}),%([cd]r\d{1,2})$/.exec(text);
    if (control !== null) return { words: `writes a value to ${control[2]} that the processor refuses` };
    return /^mov\s+\S{1,40},%[c-gs]s$/.test(text) ? { words: segment } : undefined;
  }
  const words = typeof refusal.words === 'string' ? refusal.words : refusal.words(registers);
  const register =
    refusal.register === undefined ? undefined : `${registers.bits === 64 ? 'r' : 'e'}${refusal.register}`;
  return { words, ...(register !== undefined && { register }) };
}

/** SSE and AVX moves that want their operand aligned to its size (Intel SDM, 13.2: exception type 1). */
export const aligned: ReadonlySet<string> = new Set(
  [
    'movaps movapd movdqa movntps movntpd movntdq movntdqa',
    'vmovaps vmovapd vmovdqa vmovdqa32 vmovdqa64 vmovntps vmovntpd vmovntdq vmovntdqa',
    'fxsave fxsave64 fxrstor fxrstor64 cmpxchg16b',
  ].flatMap((names) => names.split(' ')),
);
