import { dwarfRegisters } from '../arch/dwarf-registers.ts';
import { FrameVariables, type MachineState, type StackFrame } from '../dwarf/variables-frames.ts';
import { fromBigAddress } from '../elf/address.ts';
import type { Kernel, KernelArchitecture } from '../kernel/kernel.ts';
import type { LiveEntry } from '../model/live.ts';
import type { CallFrames } from './call-frames.ts';
import { withSyndrome } from './entry.ts';
import { type KnownRegisters, type RawFrame, registerOf } from './frame.ts';
import type { StackMemory } from './stack-memory.ts';

/** Frames of a handler that are asked. */
const mostFrames = 8;

/** What handlers call what they were given. */
interface HandlerNames {
  readonly error: ReadonlySet<string>;
  readonly address: ReadonlySet<string>;
  /** Functions whose variable for the address is what the processor said, and not the page's, or another one. */
  readonly functions: ReadonlySet<string>;
}

const handlerNames: Readonly<Record<KernelArchitecture, HandlerNames>> = {
  // arch/x86/mm/fault.c, arch/x86/kernel/traps.c
  x86_64: {
    error: new Set(['error_code', 'hw_error_code', 'sw_error_code']),
    address: new Set(['address', 'cr2']),
    functions: new Set([
      ...['exc_page_fault', 'handle_page_fault', 'do_user_addr_fault', 'do_kern_addr_fault', 'page_fault_oops'],
      ...['do_page_fault', '__do_page_fault', 'do_async_page_fault', 'no_context', 'show_fault_oops'],
      ...['bad_area_nosemaphore', '__bad_area_nosemaphore', 'bad_area', '__bad_area', 'bad_area_access_error'],
      ...['kernelmode_fixup_or_oops', 'pgtable_bad', 'spurious_kernel_fault', 'exc_double_fault', 'do_double_fault'],
      ...['exc_general_protection', 'do_general_protection', 'do_error_trap', 'exc_stack_segment'],
      ...['exc_alignment_check', 'exc_segment_not_present', 'exc_invalid_tss', 'exc_control_protection'],
    ]),
  },
  // arch/arm64/mm/fault.c, arch/arm64/kernel/entry-common.c, traps.c
  arm64: {
    error: new Set(['esr']),
    address: new Set(['far', 'addr']),
    functions: new Set([
      ...['do_mem_abort', 'do_page_fault', 'do_translation_fault', 'do_bad_area', 'do_bad', 'do_alignment_fault'],
      ...['__do_kernel_fault', 'die_kernel_fault', 'do_tag_check_fault', 'do_sea', 'do_sp_pc_abort'],
      ...['el1_abort', 'el0_da', 'el0_ia', 'el1_pc', 'el0_pc', 'el0_sp', 'el1_dbg', 'el0_dbg', 'do_debug_exception'],
      ...['el1h_64_sync_handler', 'el0t_64_sync_handler', 'el0t_32_sync_handler', 'el1_sync_handler'],
      ...['handle_bad_stack', 'panic_bad_stack'],
      ...['el0_sync_handler', 'el1_undef', 'el0_undef', 'el0_inv', 'el1_brk64', 'el1_fpac', 'el1_bti'],
    ]),
  },
};

/** Entries whose error code and address are worth the reading: all others have none. */
const withValues: ReadonlySet<LiveEntry['kind']> = new Set([
  ...(['page-fault', 'general-protection', 'double-fault', 'stack-segment', 'alignment'] as const),
  ...(['invalid-opcode', 'breakpoint', 'debug', 'synchronous', 'other'] as const),
]);

/**
 * The frames with what was saved of error codes and addresses added to their entries: from the variables of the handlers,
 * else, of the newest entry of a CPU, from its registers.
 * @param registers of the CPU, if it is one's stack.
 */
export async function withEntryValues(
  kernel: Kernel,
  memory: StackMemory,
  callFrames: CallFrames,
  frames: readonly RawFrame[],
  registers: KnownRegisters | undefined,
): Promise<readonly RawFrame[]> {
  const found = [...frames];
  let isNewest = true;
  let start = 0;
  for (const [nth, frame] of frames.entries()) {
    const { entry } = frame;
    if (entry === undefined) continue;
    if (withValues.has(entry.kind) && (entry.errorCode === undefined || entry.faultAddress === undefined)) {
      const handler = frames.slice(Math.max(start, nth - mostFrames), nth);
      const values = await handlerValues(kernel, memory, callFrames, handler, entry);
      const fallback = isNewest ? registers : undefined;
      found[nth] = { ...frame, entry: complete(kernel.architecture, entry, values, fallback) };
      isNewest = false;
    }
    start = nth + 1;
  }
  return found;
}

interface Values {
  error?: bigint | undefined;
  address?: bigint | undefined;
}

function complete(
  architecture: KernelArchitecture,
  entry: LiveEntry,
  { error, address }: Values,
  registers: KnownRegisters | undefined,
): LiveEntry {
  const isFault = entry.kind === 'page-fault';
  const isArm64 = architecture === 'arm64';
  const code = entry.errorCode ?? error ?? (isArm64 ? syndromeOf(registers) : undefined);
  const known = code === undefined ? entry : isArm64 ? withSyndrome(entry, code) : { ...entry, errorCode: code };
  const hasAddress = isFault || ['page-fault', 'double-fault', 'alignment'].includes(known.kind);
  const saved = entry.faultAddress ?? address ?? (isArm64 ? faultAddressOf(registers) : registers?.cr2);
  return hasAddress && saved !== undefined ? { ...known, faultAddress: saved } : known;
}

/**
 * A kernel that is a host of virtual machines may run at EL2 (VHE), and then its exceptions are told there; QEMU's stub
 * shows those of EL1 as a guest of it has them.
 */
const isAtEl2 = (registers: KnownRegisters | undefined): boolean => (((registers?.pstate ?? 0n) >> 2n) & 3n) === 2n;

function syndromeOf(registers: KnownRegisters | undefined): bigint | undefined {
  return isAtEl2(registers) ? registers?.ESR_EL2 : registers?.ESR_EL1;
}

function faultAddressOf(registers: KnownRegisters | undefined): bigint | undefined {
  return isAtEl2(registers) ? registers?.FAR_EL2 : registers?.FAR_EL1;
}

/** @param frames of a handler, the innermost first. The outermost ones have what they were given unchanged. */
async function handlerValues(
  { architecture, symbols }: Kernel,
  memory: StackMemory,
  callFrames: CallFrames,
  frames: readonly RawFrame[],
  entry: LiveEntry,
): Promise<Values> {
  const values: Values = {};
  const numbering = dwarfRegisters(architecture);
  const names = handlerNames[architecture];
  if (numbering === undefined) return values;
  const stack: (StackFrame | undefined)[] = [];
  for (const frame of frames) {
    const { pc, isReturn } = frame;
    const at = isReturn ? pc - 1n : pc;
    await callFrames.prepare(at);
    const where = symbols.place(pc);
    const reader = callFrames.reader(at);
    if (where === undefined || reader === undefined) {
      stack.push(undefined);
      continue;
    }
    const { image, address } = where;
    const runtimeAddress = (file: bigint): bigint | undefined =>
      symbols.addressOf({ image, address: fromBigAddress(file) });
    const register = (number: number): bigint | undefined => registerOf(frame, numbering, number);
    stack.push({ reader, address, isReturn, runtimeAddress, register });
  }
  for (let nth = frames.length - 1; nth >= 0; nth--) {
    if (values.error !== undefined && values.address !== undefined) break;
    const registers = frames[nth]?.registers ?? {};
    const chain = stack.slice(nth);
    if (chain.includes(undefined)) break;
    const machine: MachineState = {
      register: (register) => registers[numbering.names[register] ?? ''],
      memory: (address, size) => memory.number(address, size),
    };
    const frameVariables = new FrameVariables(
      chain.filter((each) => each !== undefined),
      machine,
      numbering,
    );
    for (const scope of frameVariables.functions(0).toReversed()) {
      if (!names.functions.has(scope.name?.split('.', 1)[0] ?? '')) continue;
      const variables = frameVariables.located(0, scope, { names: [...names.error, ...names.address, 'regs'] });
      const known = variables.flatMap(({ variable: { name }, value }) =>
        value.kind === 'known' && value.isAssumed !== true ? [{ name, value: value.value }] : [],
      );
      const regs = known.find(({ name }) => name === 'regs');
      // Of another entry, or a register that was lost on the way.
      if (regs !== undefined && regs.value !== entry.ptRegs) continue;
      values.error ??= known.find(({ name }) => names.error.has(name))?.value;
      values.address ??= known.find(({ name }) => names.address.has(name))?.value;
    }
  }
  return values;
}
