import { arm64EntryKind, syndromeKind } from '../arch/arm64-entries.ts';
import { fredEntryKind, x86EntryKind } from '../arch/x86-entries.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { memberPlace } from '../kernel/view.ts';
import type { EntryKind, LiveEntry } from '../model/live.ts';
import { ptRegsOffset } from './facts.ts';
import type { RawFrame } from './frame.ts';
import type { StackMemory } from './stack-memory.ts';
import type { UnwindState, UnwindStep } from './state.ts';

/** Words between the stack pointer and the saved registers that are looked at: it is one mostly. */
const mostWords = 8;
/** Functions that a handler is called through. */
const mostCalled = 6;

/**
 * What the kernel was entered by, from the code that it was entered at.
 * @param state the frame in that code.
 * @param inner frames that it called, the innermost first.
 */
export function describeEntry(
  kernel: Kernel,
  memory: StackMemory,
  state: UnwindState,
  step: Extract<UnwindStep, { kind: 'entry' }>,
  inner: readonly RawFrame[],
): LiveEntry {
  const { ptRegs, isUser } = step;
  const registers = step.state.registers;
  const at = state.isReturn ? state.pc - 1n : state.pc;
  const name = kernel.symbols.at(at)?.name ?? '';
  const common = { ptRegs, registers, isUser };
  switch (kernel.architecture) {
    case 'arm64':
      return { kind: arm64Kind(kernel, name, inner), ...common };
    case 'x86_64': {
      const kind = x86EntryKind(name) ?? kindBySavedReturn(kernel, memory, state.sp, ptRegs);
      if (kind !== undefined) return { kind, ...common };
      return name.startsWith('asm_fred_') ? fredEntry(kernel, memory, common) : { kind: 'other', ...common };
    }
  }
}

function arm64Kind({ symbols }: Kernel, name: string, inner: readonly RawFrame[]): EntryKind {
  const called: string[] = [];
  for (let nth = inner.length - 1; nth >= 0 && called.length < mostCalled; nth--) {
    const frame = inner[nth];
    if (frame === undefined || frame.entry !== undefined) break;
    called.push(symbols.at(frame.isReturn ? frame.pc - 1n : frame.pc)?.name ?? '');
  }
  return arm64EntryKind(name, called);
}

/** Exceptions of x86 go through error_entry() and the like, which return to the code that is an exception's own. */
function kindBySavedReturn(
  { symbols }: Kernel,
  memory: StackMemory,
  sp: bigint,
  ptRegs: bigint,
): EntryKind | undefined {
  for (let nth = 0, at = sp; nth < mostWords && at < ptRegs; nth++, at += 8n) {
    const word = memory.word(at);
    const kind = word === undefined ? undefined : x86EntryKind(symbols.at(word - 1n)?.name ?? '');
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** Processors with FRED say it themselves, in what they push (struct fred_frame, arch/x86/include/asm/ptrace.h; 6.9). */
function fredEntry(
  kernel: Kernel,
  memory: StackMemory,
  common: Pick<LiveEntry, 'ptRegs' | 'registers' | 'isUser'>,
): LiveEntry {
  const { ptRegs, registers } = common;
  const place = (name: string): number => memberPlace(kernel.types, 'fred_ss', name)?.bits?.first ?? 0;
  const word = memory.word(ptRegs + (ptRegsOffset(kernel, 'fred_ss') ?? ptRegsOffset(kernel, 'ss') ?? 0n)) ?? 0n;
  const vector = Number((word >> BigInt(place('vector'))) & 255n);
  const kind = fredEntryKind(Number((word >> BigInt(place('type'))) & 15n), vector);
  const data = memberPlace(kernel.types, 'fred_frame', 'edata')?.offset;
  const address = data === undefined || kind !== 'page-fault' ? undefined : memory.word(ptRegs + BigInt(data));
  const errorCode = registers.orig_rax;
  const hasCode = kind === 'page-fault' || kind === 'general-protection' || kind === 'stack-segment';
  return {
    kind,
    ...common,
    ...(hasCode && errorCode !== undefined && { errorCode }),
    ...(address !== undefined && { faultAddress: address }),
  };
}

/** With the syndrome of arm64, where that is known now, and says more than the code did. */
export function withSyndrome(entry: LiveEntry, syndrome: bigint): LiveEntry {
  const kind = entry.kind === 'synchronous' ? syndromeKind(syndrome) : entry.kind;
  return { ...entry, kind, errorCode: syndrome };
}
