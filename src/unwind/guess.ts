import type { Kernel } from '../kernel/kernel.ts';
import { codeAddress } from './code-address.ts';
import type { StackMemory } from './stack-memory.ts';
import type { Unwinder, UnwindState } from './state.ts';

/** Words of a stack that are looked at, and return addresses among them that are tried. */
const mostWords = 1024;
const mostTried = 64;
/** Bytes before a return address that a call can have on x86. */
const longestCall = 7;

/**
 * The nearest thing on a stack that looks like a caller: of x86 an address of code with a call before it, of arm64 a
 * frame record that leads on to another. A guess: it may be left over from an earlier call.
 */
export async function guessCaller(
  kernel: Kernel,
  memory: StackMemory,
  unwinder: Unwinder,
  from: bigint,
): Promise<UnwindState | undefined> {
  const range = memory.rangeAt(from);
  if (range === undefined) return undefined;
  let tried = 0;
  let first: UnwindState | undefined;
  let at = BigInt.asUintN(64, (from + 7n) & ~7n);
  for (let nth = 0; nth < mostWords && at < range.end && tried < mostTried; nth++, at += 8n) {
    const word = memory.word(at);
    if (word === undefined) break;
    const state = kernel.architecture === 'arm64' ? recordAt(kernel, memory, at) : returnAt(kernel, word, at);
    if (state === undefined || !(await isReturnAddress(kernel, state.pc))) continue;
    tried++;
    first ??= state;
    // One that leads to another is better than one that does not.
    await unwinder.prepare(state, false);
    const step = unwinder.step(state);
    const isGood =
      step.kind === 'start' ||
      step.kind === 'entry' ||
      (step.kind === 'caller' && step.state.sp > state.sp && (await isReturnAddress(kernel, step.state.pc)));
    if (isGood) return state;
  }
  return first;
}

function returnAt({ symbols }: Kernel, word: bigint, at: bigint): UnwindState | undefined {
  if (!symbols.isText(word)) return undefined;
  return { pc: word, isReturn: true, sp: at + 8n, registers: { rip: word, rsp: at + 8n } };
}

function recordAt(kernel: Kernel, memory: StackMemory, at: bigint): UnwindState | undefined {
  const next = memory.word(at);
  const link = memory.word(at + 8n);
  if (next === undefined || link === undefined || next <= at || next % 16n !== 0n) return undefined;
  if (memory.rangeAt(next) !== memory.rangeAt(at)) return undefined;
  const pc = codeAddress(kernel, link);
  if (!kernel.symbols.isText(pc)) return undefined;
  return { pc, isReturn: true, sp: at + 16n, registers: { pc, sp: at + 16n, x29: next } };
}

/** Whether there is a call before an address of code. Where the code cannot be read it counts as one. */
export async function isReturnAddress(kernel: Kernel, address: bigint): Promise<boolean> {
  if (!kernel.symbols.isText(address)) return false;
  if (kernel.architecture === 'arm64') {
    const word = await kernel.memory.u32(address - 4n);
    return word === undefined || isArm64Call(word);
  }
  const bytes = await kernel.memory.read(address - BigInt(longestCall), longestCall);
  return bytes === undefined || isX86Call(bytes);
}

/** `bl`, `blr` and its forms that check a pointer authentication code. */
export function isArm64Call(word: number): boolean {
  return (
    word >>> 26 === 0b100101 || (word & 0xfffffc1f) >>> 0 === 0xd63f0000 || (word & 0xfefff800) >>> 0 === 0xd63f0800
  );
}

/** Whether code ends with a call: `e8` with a distance, or `ff /2` with any operand. @param bytes at least 7 */
export function isX86Call(bytes: Uint8Array): boolean {
  const end = bytes.length;
  if (bytes[end - 5] === 0xe8) return true;
  for (let length = 2; length <= longestCall; length++) {
    const operand = bytes[end - length + 1] ?? 0;
    if (
      bytes[end - length] === 0xff &&
      ((operand >> 3) & 7) === 2 &&
      operandLength(operand, bytes[end - length + 2]) === length
    )
      return true;
  }
  return false;
}

/** Bytes of an instruction of one byte and an operand (Intel SDM 2, 2.1.5). */
function operandLength(operand: number, sib = 0): number {
  const mode = operand >> 6;
  const base = operand & 7;
  if (mode === 3) return 2;
  const hasSib = base === 4;
  const isFar = mode === 2 || (mode === 0 && (base === 5 || (hasSib && (sib & 7) === 5)));
  return 2 + (hasSib ? 1 : 0) + (isFar ? 4 : mode === 1 ? 1 : 0);
}
