import type { DecodedField } from '../model/report.ts';
import { bits, type ErrorMeaning } from './architecture.ts';

/** Exception classes, with the kernel's own short names first (esr_class_str, arch/arm64/kernel/traps.c). */
const exceptionClasses: Readonly<Record<number, string>> = {
  0: 'unknown or uncategorized',
  1: 'WFI/WFE trapped',
  3: 'CP15 MCR/MRC access trapped',
  4: 'CP15 MCRR/MRRC access trapped',
  5: 'CP14 MCR/MRC access trapped',
  6: 'CP14 LDC/STC access trapped',
  7: 'FP, Advanced SIMD or SVE access trapped (FP/ASIMD)',
  8: 'CP10 MRC/VMRS access trapped',
  9: 'pointer authentication trapped (PAC)',
  10: 'LD64B/ST64B access trapped',
  12: 'CP14 MCRR/MRRC access trapped',
  13: 'branch target exception (BTI)',
  14: 'illegal execution state (PSTATE.IL)',
  17: 'SVC (AArch32)',
  18: 'HVC (AArch32)',
  19: 'SMC (AArch32)',
  20: '128-bit system instruction trapped',
  21: 'SVC (AArch64)',
  22: 'HVC (AArch64)',
  23: 'SMC (AArch64)',
  24: 'MSR/MRS or system instruction trapped (SYS)',
  25: 'SVE access trapped',
  26: 'ERET trapped',
  28: 'pointer authentication failure (FPAC)',
  29: 'SME access trapped',
  31: 'implementation defined, EL3',
  32: 'instruction abort from a lower exception level (IABT)',
  33: 'instruction abort at the current exception level (IABT)',
  34: 'PC alignment fault',
  36: 'data abort from a lower exception level (DABT)',
  37: 'data abort at the current exception level (DABT)',
  38: 'SP alignment fault',
  39: 'memory copy or set instruction (MOPS)',
  40: 'floating-point exception (AArch32)',
  44: 'floating-point exception (AArch64)',
  45: 'guarded control stack exception (GCS)',
  47: 'SError interrupt',
  48: 'breakpoint from a lower exception level',
  49: 'breakpoint at the current exception level',
  50: 'single step from a lower exception level',
  51: 'single step at the current exception level',
  52: 'watchpoint from a lower exception level',
  53: 'watchpoint at the current exception level',
  56: 'BKPT (AArch32)',
  58: 'vector catch (AArch32)',
  60: 'BRK (AArch64)',
};

/** Names of the fault status codes, as in fault_info[] of arch/arm64/mm/fault.c, which names levels alike. */
function faultStatus(code: number): string {
  const level = `level ${code & 3}`;
  switch (code >> 2) {
    case 0:
      return `${level} address size fault`;
    case 1:
      return `${level} translation fault`;
    case 2:
      return `${level} access flag fault`;
    case 3:
      return `${level} permission fault`;
    case 5:
      return `${level} synchronous external abort (translation table walk)`;
    case 7:
      return `${level} synchronous parity or ECC error (translation table walk)`;
    default:
      return otherFaultStatus[code] ?? `unknown fault status ${code}`;
  }
}

const otherFaultStatus: Readonly<Record<number, string>> = {
  16: 'synchronous external abort',
  17: 'synchronous tag check fault',
  24: 'synchronous parity or ECC error',
  33: 'alignment fault',
  41: 'level -1 address size fault',
  43: 'level -1 translation fault',
  18: 'level -2 synchronous external abort (translation table walk)',
  19: 'level -1 synchronous external abort (translation table walk)',
  27: 'level -1 synchronous parity error (translation table walk)',
  48: 'TLB conflict abort',
  49: 'unsupported atomic hardware update fault',
  52: 'implementation fault (lockdown abort)',
  53: 'implementation fault (unsupported exclusive)',
  61: 'section domain fault',
  62: 'page domain fault',
};

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** A one-bit field; its meaning is told where it is set, and where it is clear if that means something too. */
function flag(esr: bigint, bit: number, name: string, set: string, clear?: string): DecodedField {
  const value = bits(esr, bit, bit);
  const meaning = value === 1 ? set : clear;
  return { name, value: String(value), ...(meaning !== undefined && { meaning }) };
}

const errorTypes = ['recoverable (UER)', 'reserved', 'uncontainable (UC)', 'restartable (UEO)'] as const;
const accessSizes = ['byte', 'halfword', 'word', 'doubleword'] as const;

/** The part that data and instruction aborts share: SET, FnV, EA, S1PTW, fault status. */
function abortFields(esr: bigint): DecodedField[] {
  const status = bits(esr, 5, 0);
  const set = bits(esr, 12, 11);
  const field: DecodedField = { name: 'SET', value: String(set) };
  // SET only means something for a synchronous external abort (Arm ARM, ISS encoding for a data abort).
  const meaning = status === 0x10 ? errorTypes[set] : undefined;
  return [
    meaning === undefined ? field : { ...field, meaning },
    flag(esr, 10, 'FnV', 'FAR is not valid', 'FAR is valid'),
    flag(esr, 9, 'EA', 'external abort'),
    flag(esr, 7, 'S1PTW', 'stage 2 fault on a stage 1 page-table walk'),
    { name: 'FSC', value: hex(status, 2), meaning: faultStatus(status) },
  ];
}

function dataAbortFields(esr: bigint): DecodedField[] {
  const fields = [flag(esr, 24, 'ISV', 'syndrome of the instruction is valid', 'no syndrome of the instruction')];
  if (bits(esr, 24, 24) === 1) {
    fields.push(
      { name: 'SAS', value: String(bits(esr, 23, 22)), meaning: accessSizes[bits(esr, 23, 22)] ?? 'byte' },
      flag(esr, 21, 'SSE', 'sign extended', 'not sign extended'),
      { name: 'SRT', value: String(bits(esr, 20, 16)), meaning: `register x${bits(esr, 20, 16)}` },
      flag(esr, 15, 'SF', '64-bit register', '32-bit register'),
      flag(esr, 14, 'AR', 'acquire/release semantics'),
    );
  }
  fields.push(flag(esr, 8, 'CM', 'cache maintenance'), flag(esr, 6, 'WnR', 'write', 'read'));
  return fields;
}

// Immediates of BRK that the kernel uses, arch/arm64/include/asm/brk-imm.h.
function breakMeaning(immediate: number): string | undefined {
  if (immediate >= 0x5500 && immediate <= 0x55ff) return 'UBSAN trap';
  if (immediate >= 0x8000 && immediate <= 0xbfff) return 'kernel CFI failure';
  if (immediate >= 0x900 && immediate <= 0x9ff) return 'software tag-based KASAN';
  const names: Readonly<Record<number, string>> = {
    4: 'kprobes',
    5: 'uprobes',
    6: 'kprobes single step',
    7: 'kretprobes',
    256: 'fault on purpose',
    1024: 'kgdb, dynamic breakpoint',
    1025: 'kgdb, compiled breakpoint',
    2048: 'BUG or WARN',
  };
  return names[immediate];
}

/** ESR_EL1 in words, all fields of the class (Arm ARM, D24.2.40). */
export function decodeEsr(esr: bigint): ErrorMeaning {
  const exceptionClass = bits(esr, 31, 26);
  const iss = bits(esr, 24, 0);
  const fields: DecodedField[] = [
    {
      name: 'EC',
      value: hex(exceptionClass, 2),
      meaning: exceptionClasses[exceptionClass] ?? 'unrecognized exception class',
    },
    flag(esr, 25, 'IL', '32-bit instruction', '16-bit instruction'),
    { name: 'ISS', value: hex(iss, 8) },
  ];
  const iss2 = bits(esr, 55, 32);
  if (iss2 !== 0) fields.push({ name: 'ISS2', value: hex(iss2, 6) });
  switch (exceptionClass) {
    case 0x20:
    case 0x21:
      fields.push(...abortFields(esr));
      return { access: 'execute', mode: exceptionClass === 0x20 ? 'user' : 'kernel', fields };
    case 0x24:
    case 0x25: {
      fields.push(...dataAbortFields(esr), ...abortFields(esr));
      // WnR is also set for cache maintenance, which is no write (Arm ARM, ISS encoding for a data abort).
      const write = bits(esr, 6, 6) === 1 && bits(esr, 8, 8) === 0;
      return { access: write ? 'write' : 'read', mode: exceptionClass === 0x24 ? 'user' : 'kernel', fields };
    }
    case 0x0d:
      fields.push({ name: 'BTYPE', value: String(bits(esr, 1, 0)) });
      return { fields };
    case 0x1c:
      fields.push(flag(esr, 1, 'key', 'data key', 'instruction key'), flag(esr, 0, 'B', 'B key', 'A key'));
      return { fields };
    case 0x2f:
      fields.push(
        flag(esr, 24, 'IDS', 'implementation defined syndrome'),
        { name: 'AET', value: String(bits(esr, 12, 10)), meaning: serrorTypes[bits(esr, 12, 10)] ?? 'reserved' },
        flag(esr, 9, 'EA', 'external abort'),
        {
          name: 'DFSC',
          value: hex(bits(esr, 5, 0), 2),
          meaning: bits(esr, 5, 0) === 0x11 ? 'asynchronous SError' : 'uncategorized',
        },
      );
      return { fields };
    case 0x3c: {
      const immediate = bits(esr, 15, 0);
      const meaning = breakMeaning(immediate);
      fields.push({ name: 'comment', value: hex(immediate, 4), ...(meaning !== undefined && { meaning }) });
      return { fields };
    }
    default:
      return { fields };
  }
}

const serrorTypes: Readonly<Record<number, string>> = {
  0: 'uncontainable (UC)',
  1: 'unrecoverable (UEU)',
  2: 'restartable (UEO)',
  3: 'recoverable (UER)',
  6: 'corrected (CE)',
};
