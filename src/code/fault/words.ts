import type { Access, MemoryOperand } from '../../model/explanation.ts';
import type { ValueContext } from '../values/context.ts';
import { hex } from '../values/context.ts';
import { meaningOf } from '../values/meaning.ts';
import { sumText } from './operand.ts';
import type { RegisterValues } from './register-values.ts';

/** `reads 4 bytes`. */
export function accessWords(access: Access, size: number): string {
  const verb: Readonly<Record<Access, string>> = {
    read: 'reads',
    write: 'writes',
    'read-write': 'reads and writes',
    execute: 'fetches',
    none: 'works on the cache line',
  };
  if (access === 'none') return verb.none;
  if (size === 0) return `${verb[access]} memory`;
  return `${verb[access]} ${size} ${size === 1 ? 'byte' : 'bytes'}`;
}

/** Registers hold pointers to memory, and to its shadow only within a check, which is told apart before. */
function asPointer({ kasan, ...context }: ValueContext): ValueContext {
  return { ...context, ...(kasan === 'tags' && { kasan }), asAddress: true };
}

/** `0x0 (NULL)`: a value with what there is to say of it. */
export function valueWords(value: bigint, context: ValueContext): string {
  const meaning = meaningOf(value, asPointer(context));
  // That it is not canonical is said of the address that it makes.
  if (meaning === undefined || meaning.class === 'non-canonical') return hex(value);
  return meaning.class === 'zero' ? 'NULL' : `${hex(value)} (${meaning.words})`;
}

/** `; rax is NULL`: of the register that led astray. Its value is not said again where it is the address. */
export function registerWords(
  register: string | undefined,
  operand: MemoryOperand,
  registers: RegisterValues,
  context: ValueContext,
): string {
  const value = register === undefined ? undefined : registers.get(register);
  if (register === undefined || value === undefined) return '';
  if (isAdded(register, value, operand)) return `; ${register} is ${hex(value)}, which is added to ${operand.base}`;
  if (value !== operand.address) return `; ${register} is ${valueWords(value, context)}`;
  const meaning = meaningOf(value, asPointer(context));
  return meaning === undefined || meaning.class === 'non-canonical' ? '' : `; ${register} is ${meaning.words}`;
}

/** Whether a register is an index of the operand and no pointer by its size: what lies there as an address says nothing. */
function isAdded(register: string, value: bigint, { base, index }: MemoryOperand): boolean {
  return register === index && base !== undefined && base !== index && value >= smallest && value < largest;
}

/** Smaller ones may be NULL with an offset, larger ones pointers of the kernel; between them lie user addresses. */
const smallest = 0x1000n;
const largest = 1n << 47n;

/** `0x20 (rax + 0x20)`. */
export function addressWords(operand: MemoryOperand): string {
  const { address } = operand;
  return address === undefined ? sumText(operand) : `${hex(address)} (${sumText(operand)})`;
}
