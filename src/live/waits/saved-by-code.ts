import type { DecodedInstruction } from '../../code/instruction.ts';
import { insideOf } from '../frames.ts';
import type { Thread } from '../thread.ts';
import { type CodeOfFrame, type CodeReader, indexAt } from './code-values.ts';

/** Frames that are gone through for one register, and instructions at the begin of one function. */
const deepest = 12;
const mostPrologue = 48;

/** x86: `push %rbx`; arm64: registers that are stored in a row from an address on. */
const pushed = /^push[ql]?\s+%(\w+)$/;
const stored = /^(?:stp\s+(\w+), (\w+)|str\s+(\w+)), \[sp\b/;
const stackGrows = /^sub[ql]?\s+\$(0x[0-9a-f]+|\d+),\s*%rsp$|^sub\s+sp, sp, #(0x[0-9a-f]+|\d+)$/;
const framePointer = /^mov\s+x29, sp$|^add\s+x29, sp, #(0x[0-9a-f]+|\d+)$/;

/**
 * A register that called functions give back as it was, at the place where a frame calls the next: where nobody wrote to
 * it since, as the innermost has it, else where the code of a called function put it first of all. For threads without
 * debug information, which says the same.
 */
export function savedRegister(
  reader: CodeReader,
  { raw: { frames, memory } }: Pick<Thread, 'raw'>,
  nth: number,
  name: string,
): bigint | undefined {
  for (let caller = nth; caller > 0 && nth - caller < deepest; caller--) {
    const callee = frames[caller - 1];
    const frame = frames[caller];
    if (frame === undefined || callee === undefined) return undefined;
    // What was interrupted has all its registers; beyond an entry nothing can be said of them.
    if (!frame.isReturn || callee.entry !== undefined || !callee.reliable) return undefined;
    const code = reader.at(insideOf(callee));
    const here = code && indexAt(code, code.place.address);
    if (code === undefined || here === undefined) return undefined;
    if (!reader.isUnchanged(code, name, 0, here)) {
      const slot = slotOf(code, here, name, frame.sp, callee.registers.x29);
      return slot === undefined ? undefined : memory(slot, 8);
    }
    const known = callee.registers[name];
    if (known !== undefined) return known;
  }
  return undefined;
}

/** Where the first instructions of a function put a register, before anything else was done with it. */
function slotOf(
  { text }: CodeOfFrame,
  here: number,
  name: string,
  callerStack: bigint,
  frame: bigint | undefined,
): bigint | undefined {
  const isArm = text.code.architecture === 'arm64';
  /** Bytes that the stack has grown by, since the function was entered. */
  let grown = 0n;
  /** The same where the frame pointer was set. */
  let atFrame: bigint | undefined;
  let found: bigint | undefined;
  for (const { instruction } of text.code.instructions.slice(0, Math.min(here, mostPrologue))) {
    const at = isArm ? storeOf(instruction, name) : undefined;
    const size = growthOf(instruction);
    // With an index before, the store is where the stack is then.
    grown += size;
    if (at !== undefined) found ??= grown - at;
    if (!isArm && pushed.exec(instruction.text)?.[1] === name) found ??= grown;
    const pointer = framePointer.exec(instruction.text);
    if (pointer !== null) atFrame ??= grown - BigInt(pointer[1] ?? 0);
    if (found !== undefined && (!isArm || atFrame !== undefined)) break;
    if (instruction.flow !== 'next' || (found === undefined && instruction.writes.includes(name))) break;
  }
  if (found === undefined) return undefined;
  // The return address is above what is pushed. On arm64 the frame record tells where the stack was.
  if (!isArm) return callerStack - 8n - found;
  return atFrame === undefined || frame === undefined ? undefined : frame + atFrame - found;
}

/** How far from the stack pointer an instruction stores a register. */
function storeOf({ text, memory }: DecodedInstruction, name: string): bigint | undefined {
  const match = stored.exec(text);
  if (match === null) return undefined;
  const index = [match[1] ?? match[3], match[2]].indexOf(name);
  const [operand] = memory;
  if (index < 0 || operand === undefined || operand.update === 'after') return undefined;
  return (operand.update === 'before' ? 0n : operand.displacement) + BigInt(index * 8);
}

function growthOf({ text, memory }: DecodedInstruction): bigint {
  if (pushed.test(text)) return 8n;
  const match = stackGrows.exec(text);
  if (match !== null) return BigInt(match[1] ?? match[2] ?? 0);
  const [operand] = memory;
  return stored.test(text) && operand?.update === 'before' ? -operand.displacement : 0n;
}
