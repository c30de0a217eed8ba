import type { MemoryOperand } from '../../model/explanation.ts';
import type { DecodedInstruction, DecodedMemory, Disassembler } from '../instruction.ts';
import { hex } from '../values/context.ts';
import type { RegisterValues } from './register-values.ts';

/** An operand in memory with its address. */
export interface Place {
  readonly decoded: DecodedMemory;
  readonly operand: MemoryOperand;
}

const signedHex = (value: bigint): string => (value < 0n ? `-${hex(-value)}` : hex(value));

/** In AT&T syntax, also of places that the text does not name, as the stack of a push. */
function attText({ base, index, scale, displacement, segment }: DecodedMemory): string {
  const prefix = segment === undefined ? '' : `%${segment}:`;
  if (base === undefined && index === undefined) return `${prefix}${hex(BigInt.asUintN(64, displacement))}`;
  const offset = displacement === 0n && base !== 'rip' ? '' : signedHex(displacement);
  const second = index === undefined ? '' : `,%${index},${scale}`;
  return `${prefix}${offset}(${base === undefined ? '' : `%${base}`}${second})`;
}

/** `[x0, #8]!`, `[x0], #16`, or where a literal load takes it from. */
function armText(text: string, nth: number, { update, base }: DecodedMemory): string {
  const operands = text.slice(text.indexOf(' ') + 1);
  const bracketed = operands.match(/\[[^\]]{1,64}\]!?/g) ?? [];
  const found = bracketed[nth];
  if (found === undefined) return base === 'pc' ? (operands.split(', ').at(-1) ?? '') : `[${base ?? ''}]`;
  const isPostIndex = update === 'after' && bracketed.length === 1;
  return isPostIndex ? operands.slice(operands.indexOf(found)) : found;
}

/** The operands in memory of an instruction; not the addresses that it only works out. */
export function placesOf(
  instruction: DecodedInstruction,
  registers: RegisterValues,
  architecture: Disassembler['architecture'],
): Place[] {
  // lea and additions: their first operand is an address and no memory.
  const from = instruction.effect?.kind === 'address' ? 1 : 0;
  return instruction.memory.slice(from).map((decoded, nth) => {
    const { access, size, base, index, scale, displacement, segment } = decoded;
    const address = registers.addressOf(decoded, instruction);
    return {
      decoded,
      operand: {
        text: architecture === 'arm64' ? armText(instruction.text, nth, decoded) : attText(decoded),
        access,
        size,
        ...(base !== undefined && { base }),
        ...(index !== undefined && { index, scale }),
        displacement,
        ...(segment !== undefined && { segment }),
        ...(address !== undefined && { address }),
      },
    };
  });
}

/** How the address of a place is made: `rax + rbx * 8 + 0x20`. */
export function sumText({ base, index, scale = 1, displacement, segment }: MemoryOperand): string {
  const parts: string[] = [];
  if (segment !== undefined) parts.push(`the base of ${segment}`);
  if (base !== undefined) parts.push(base);
  if (index !== undefined) parts.push(scale === 1 ? index : `${index} * ${scale}`);
  const sum = parts.join(' + ');
  if (sum === '') return hex(BigInt.asUintN(64, displacement));
  if (displacement === 0n) return sum;
  return displacement < 0n ? `${sum} - ${hex(-displacement)}` : `${sum} + ${hex(displacement)}`;
}
