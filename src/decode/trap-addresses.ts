import type { ElfMachine } from '../elf/constants.ts';
import { isInterruptedBehind } from '../symbols/return-address.ts';
import type { Found } from './requests.ts';

/** An address and a segment may stand between what says that it is the instruction pointer and its symbol. */
const between = String.raw`(?:[0-9a-f]{4}:)?(?:\(?\[?<?(?:0x)?[0-9a-f]{8,16}>?\]?\)? {1,4}){0,2}\(?$`;

/**
 * What stands before a symbol that is where a processor was: registers as architectures print them (see
 * src/oops/extract/ip-line.ts), and messages that print `regs->ip`. All else is behind a call.
 */
const trapped = new RegExp(
  `\\b(?:${[
    'R?IP: {1,2}',
    'EIP: {1,2}',
    'RIP {2}',
    '(?:EIP|PC|pc) is at ',
    '(?:pc|s?epc|ERA|era) {0,3}: ',
    'NIP ',
    'PSW : [0-9a-f]{16} ',
    // arch/x86/mm/extable.c: "unchecked MSR access error: RDMSR from 0x1a0 at rIP: 0xffffffff81234567 (symbol)"
    'rIP: ',
    // lib/nmi_backtrace.c, nmi_cpu_backtrace()
    'skipped: idling at ',
    // mm/kfence/report.c: those that come from a fault
    'KFENCE: (?:out-of-bounds|use-after-free|invalid)(?: read| write)? in ',
  ].join('|')})${between}`,
);

// kernel/panic.c, __warn(); "WARNING: kernel/fork.c:12 at symbol" since 6.18.
const warned = /\bWARNING: (?:CPU: \d{1,5} PID: \d{1,10} )?(?:at )?\S{1,512} (?:at )?$/;

/** Those that have no trap for WARN(): __warn() is called, and tells where it returns to. */
const warnsByCall: ReadonlySet<ElfMachine> = new Set(['arm', 'mips', 'unknown']);

// arm64 since 6.13 marks what comes from the registers' pc.
const fromRegisters = /^ \([A-Z]{0,4}P[A-Z]{0,4}\)/;

/** So many of the last instruction pointers are remembered: traces repeat them. */
const maxPointers = 16;
const reach = 640;

/** Tells symbols that are where a processor was from return addresses, line by line; see symbols/return-address.ts. */
export class TrapAddresses {
  readonly #pointers = new Set<string>();
  #before: string | undefined;

  /** True if it is the address of an instruction, and not behind a call. To be asked in the order of the log. */
  isTrap(line: string, found: Found, machine: ElfMachine): boolean {
    const { function: name, offset = 0, module = '' } = found.frame;
    const isMarked = this.#isMarked(line, found, machine);
    // An address alone is not remembered: it is in no trace with a name.
    if (name === undefined) return isMarked;
    const key = `${name}+${offset} ${module}`;
    const before = this.#before;
    this.#before = name;
    if (isMarked) this.#remember(key);
    return isMarked || this.#pointers.has(key) || (before !== undefined && isInterruptedBehind(machine, before));
  }

  /** True if the line itself says so. */
  #isMarked(line: string, { start, end }: Found, machine: ElfMachine): boolean {
    if (line[end] === ' ' && fromRegisters.test(line.slice(end, end + 12))) return true;
    const before = line.slice(Math.max(0, start - reach), start);
    if (trapped.test(before.slice(-128))) return true;
    return before.includes('WARNING: ') && warned.test(before) && !warnsByCall.has(machine);
  }

  #remember(key: string): void {
    this.#pointers.delete(key);
    this.#pointers.add(key);
    if (this.#pointers.size <= maxPointers) return;
    const [oldest] = this.#pointers;
    if (oldest !== undefined) this.#pointers.delete(oldest);
  }
}
