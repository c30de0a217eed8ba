import type { Architecture, ErrorMeaning } from '../../arch/architecture.ts';
import type { DecodedField, FaultInfo } from '../../model/report.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

// `Oops: 0002 [#1] PREEMPT SMP`, `general protection fault, ...: 0000 [#1]`, `Internal error: Oops - BUG: f2000800 [#1]`,
// s390's `Oops: 0004 ilc:2 [#1]`, `Oops [#1]` (riscv), `Oops[#1]:` (mips, loongarch), arm's `Internal error: Oops: 5 [#1] SMP ARM`.
const dieLine = /(?:[: ](?:0x)?([0-9a-f]{1,16}))?(?: ilc:\d)? ?\[#(\d{1,6})\]:?(.*)$/;
// The words behind the number are enough where another program's line was printed into the first ones.
const dieWords =
  /\[#\d{1,6}\] (?:PREEMPT|SMP)|Oops|error|fault|opcode|Internal error|BUG|segment|int3|debug|operation|guard|exception|check|die|bounds|trap|abort|Bad |specification/i;
const controlWords = /control protection|Missing ENDBR/;
const selectorWords = /general protection|stack segment|segment not present|invalid TSS|TSS/i;

// Headlines that name the address: x86, arm64, arm, riscv, mips, loongarch, s390.
const addressForms: readonly RegExp[] = [
  // As of 6.19 with LASS: `general protection fault, kernel NULL pointer dereference 0x18: 0000 [#1]`
  /\bkernel NULL pointer dereference 0x([0-9a-f]{1,16}):/,
  /\bkernel NULL pointer dereference(?:,| at)? (?:virtual )?(?:address:? )?(?:0x)?([0-9a-f]{4,16})\b/i,
  /\bunable to handle (?:page fault for address|kernel (?:paging|memory) (?:request|access)|kernel \S{1,40} (?:request|access|memory|pointer dereference|instruction)).{0,60}?(?: at| address:?| for)? ?(?:virtual address )?(?:0x)?([0-9a-f]{8,16})\b/i,
  /\b(?:virtual|non-canonical|canonical|maybe for|violation for) address:? (?:0x)?([0-9a-f]{4,16})\b/i,
  /^Faulting instruction address|\bdata at address:? 0x([0-9a-f]{4,16})/i,
  /^Failing address: ([0-9a-f]{16}) TEID/,
  /^BUG: Kernel NULL pointer dereference on (?:read|write) at 0x([0-9a-f]{4,16})/,
  /^BUG: Unable to handle kernel .{1,40} at 0x([0-9a-f]{4,16})/,
  /^Unhandled fault: .{1,80} at 0x([0-9a-f]{4,16})\b/,
  // arch/x86/kernel/traps.c, handle_stack_overflow(): hashed, and so no address, unless it is a kernel's
  /\bstack guard page was hit at (f[0-9a-f]{15})\b/,
];

const words = /nable to handle|NULL pointer|addr|Unhandled|guard page/;

// arch/x86/mm/fault.c, show_fault_oops(), since 5.1.
const pfAccess = /^#PF: (supervisor|user) (read access|write access|instruction fetch) in (kernel|user) mode/;
const pfCode = /^#PF: error_code\(0x([0-9a-f]{1,16})\)(?: - (.{1,80}))?/;
const esrLine = /^\s{0,4}ESR = 0x([0-9a-f]{1,16})\b|\b(?:code|ESR:?) 0x([0-9a-f]{8,16})(?: --|$)/;
// arch/arm/mm/fault.c, do_DataAbort(): the fault status register in brackets.
const unhandledFault = /\bUnhandled (?:prefetch abort|fault): .{1,80} \(0x([0-9a-f]{1,8})\) at 0x([0-9a-f]{8,16})/;
// arch/arm64/kernel/traps.c, panic_bad_stack()
const farLine = /^FAR: 0x([0-9a-f]{16})$/;
// arch/x86/kernel/traps.c, exc_double_fault()
const doubleFault = /\bdouble fault, error_code: 0x([0-9a-f]{1,16})/;
// arm64 before 4.20 or so names the class without its number.
const oldClass = /^\s{0,4}(?:Exception class = .{1,60}|EC = 0x[0-9a-f]{2}: .{1,60}), IL = \d\d bits/;
const abortField = /^\s{0,4}(?:SET|EA|FSC|ISV|CM|GCS|TnD) = /;
const pgtable = /^(swapper|user) pgtable: (.{1,120})$/;
const dsisr = /\bDSISR: ([0-9a-f]{8,16})\b/;

/** Collects what the processor said of the trap. */
export class FaultCollector {
  private readonly fault: Writable<FaultInfo> = {};
  private readonly architecture: Architecture | undefined;
  private selector = false;
  private controlProtection = false;
  private isPageFault = false;
  private table: DecodedField | undefined;
  private printedMeaning: string | undefined;

  constructor(architecture: Architecture | undefined) {
    this.architecture = architecture;
  }

  /** True if the line is one of a trap's. */
  take(text: string): boolean {
    if (text.length > 1024) return false;
    const dies = this.takeDie(text);
    // `general protection fault, probably for non-canonical address 0x...: 0000 [#1]` says both.
    return dies ? this.takeAddress(text) || dies : this.takeDetail(text) || this.takeAddress(text);
  }

  /** What was found; registers may say more than the words did. */
  finish(registers: Readonly<Record<string, bigint>> | undefined): FaultInfo | undefined {
    const fault = this.fault;
    const architecture = this.architecture;
    if (architecture !== undefined) this.decode(architecture, registers);
    // CR2 is the address only of a page fault: it stays from the last one else.
    if (fault.address === undefined && fault.errorCode !== undefined && !this.selector && this.isPageFault) {
      const address = registers?.cr2 ?? registers?.badaddr ?? registers?.badva ?? registers?.dar ?? registers?.badv;
      if (address !== undefined) fault.address = address;
    }
    if (this.table !== undefined) fault.fields = [...(fault.fields ?? []), this.table];
    return Object.keys(fault).length > 0 ? fault : undefined;
  }

  /** Which number tells of the trap, and how it reads, differs by architecture. */
  private meaningOf(
    architecture: Architecture,
    registers: Readonly<Record<string, bigint>> | undefined,
  ): ErrorMeaning | undefined {
    const { esr, errorCode } = this.fault;
    // arm64's ESR, riscv's and mips's cause, powerpc's DSISR, loongarch's ESTAT.
    const syndrome = esr ?? registers?.cause ?? registers?.dsisr ?? registers?.estat;
    if (syndrome !== undefined) return architecture.decodeError(syndrome, 'syndrome');
    if (errorCode === undefined) return undefined;
    if (this.isPageFault) return architecture.decodeError(errorCode, 'page-fault');
    if (this.controlProtection) return architecture.decodeError(errorCode, 'control-protection');
    return this.selector ? architecture.decodeError(errorCode, 'selector') : undefined;
  }

  private decode(architecture: Architecture, registers: Readonly<Record<string, bigint>> | undefined): void {
    const fault = this.fault;
    const meaning = this.meaningOf(architecture, registers);
    if (meaning === undefined) return;
    // What the kernel printed in words wins: it knew.
    if (meaning.access !== undefined) fault.access ??= meaning.access;
    if (meaning.mode !== undefined) fault.mode ??= meaning.mode;
    if (meaning.fields.length > 0) {
      const printed = this.printedMeaning;
      fault.fields = printed === undefined ? meaning.fields : [{ name: 'kernel', value: printed }, ...meaning.fields];
    }
  }

  private takeDie(text: string): boolean {
    const match = dieLine.exec(text);
    if (match === null || !dieWords.test(text.slice(0, match.index + match[0].length))) return false;
    const fault = this.fault;
    if (fault.oopsCount !== undefined) return true;
    fault.oopsCount = Number(match[2]);
    const flags = (match[3] ?? '')
      .trim()
      .split(/\s+/)
      .filter((w) => /^[A-Z][\w(),=-]{1,40}$/.test(w));
    if (flags.length > 0) fault.oopsFlags = flags.slice(0, 24);
    const digits = match[1];
    const head = text.slice(0, match.index);
    if (digits === undefined || !/[:]$|[: ]$/.test(`${head}${text[match.index] ?? ''}`)) return true;
    if (/\bsig$|\bsig:?$/.test(head)) return true;
    const code = BigInt(`0x${digits}`);
    fault.errorCode ??= code;
    if (this.architecture?.name === 'arm64' && digits.length >= 8 && code !== 0n) fault.esr ??= code;
    if (this.architecture?.name === 'arm' && /Oops:?$/.test(head)) this.isPageFault = true;
    if (controlWords.test(text)) this.controlProtection = true;
    else if (selectorWords.test(text)) this.selector = true;
    else if (/Oops:?$/.test(head) || /^(?:BUG|Oops): Oops/.test(text)) this.isPageFault = true;
    return true;
  }

  private takeDetail(text: string): boolean {
    const fault = this.fault;
    if (text.startsWith('#PF: ')) {
      const access = pfAccess.exec(text);
      if (access !== null) {
        fault.access ??= access[2] === 'read access' ? 'read' : access[2] === 'write access' ? 'write' : 'execute';
        // "supervisor" is the access's right, "in user mode" where the processor was.
        fault.mode ??= access[1] === 'user' ? 'user' : 'kernel';
      }
      const code = pfCode.exec(text);
      if (code !== null) {
        fault.errorCode ??= BigInt(`0x${code[1] ?? '0'}`);
        if (code[2] !== undefined) this.printedMeaning ??= code[2].trim();
        this.isPageFault = true;
      }
      return true;
    }
    const esr = esrLine.exec(text);
    if (esr !== null) {
      if (this.architecture?.name === 'arm64') fault.esr ??= BigInt(`0x${esr[1] ?? esr[2] ?? '0'}`);
      return true;
    }
    const unhandled = unhandledFault.exec(text);
    if (unhandled !== null) {
      fault.errorCode ??= BigInt(`0x${unhandled[1] ?? '0'}`);
      fault.address ??= BigInt(`0x${unhandled[2] ?? '0'}`);
      this.isPageFault = true;
      return true;
    }
    const far = farLine.exec(text);
    if (far !== null) fault.address ??= BigInt(`0x${far[1] ?? '0'}`);
    const double = doubleFault.exec(text);
    if (double !== null) fault.errorCode ??= BigInt(`0x${double[1] ?? '0'}`);
    if (far !== null || double !== null) return true;
    const table = pgtable.exec(text);
    if (table !== null) {
      this.table ??= { name: 'pgtable', value: table[1] ?? '', meaning: table[2] ?? '' };
      return true;
    }
    if (/^kernel tried to execute|^unable to execute userspace/.test(text)) {
      fault.access ??= 'execute';
      return true;
    }
    if (dsisr.test(text)) return false;
    return oldClass.test(text) || abortField.test(text) || /^(Mem abort|Data abort) info:/.test(text);
  }

  private takeAddress(text: string): boolean {
    if (!words.test(text)) return false;
    if (/general protection fault/.test(text)) this.selector = true;
    for (const form of addressForms) {
      const digits = form.exec(text)?.[1];
      if (digits === undefined) continue;
      this.fault.address ??= BigInt(`0x${digits}`);
      return true;
    }
    return false;
  }
}
