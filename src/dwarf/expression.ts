import { ByteReader } from './byte-reader.ts';
import { type OperandKind, Operation, operationForms } from './expression-operations.ts';
import type { Encoding } from './forms.ts';

/** How the numbers of an expression are written: as its unit's. */
export interface ExpressionEncoding extends Encoding {
  readonly littleEndian: boolean;
}

/** One operation of an expression. */
export interface ExpressionOperation {
  readonly code: number;
  /** As the standard has it, without `DW_OP_`. */
  readonly name: string;
  /** Bytes from the start of the expression. */
  readonly at: number;
  /** Where the next one begins. */
  readonly end: number;
  /** Addresses and constants in all of their 64 bits, unsigned where they have no sign; the lengths of blocks left out. */
  readonly operands: readonly bigint[];
  /** Bytes in place: a constant, or an expression within this one. */
  readonly block?: Uint8Array;
}

/** The number of the register of `reg0` to `reg31` and `breg0` to `breg31`. */
export function registerOf(code: number): number {
  return code >= Operation.breg0 ? code - Operation.breg0 : code - Operation.reg0;
}

/**
 * Reads the operation at a position of an expression. An operation that is not known, or that ends behind the
 * expression, is undefined: nothing behind it can be told.
 */
export function readOperation(
  bytes: Uint8Array,
  position: number,
  encoding: ExpressionEncoding,
): ExpressionOperation | undefined {
  const reader = new ByteReader(bytes, encoding.littleEndian);
  reader.position = position;
  const code = reader.u8();
  const form = code === undefined ? undefined : operationForms.get(code);
  if (code === undefined || form === undefined) {
    return undefined;
  }
  const operands: bigint[] = [];
  let block: Uint8Array | undefined;
  for (const kind of form.operands) {
    if (kind === 'block' || kind === 'block1') {
      block = reader.block(kind === 'block' ? reader.uleb() : reader.u8());
      if (block === undefined) {
        return undefined;
      }
      continue;
    }
    const operand = readOperand(reader, kind, encoding);
    if (operand === undefined) {
      return undefined;
    }
    operands.push(operand);
  }
  return { code, name: form.name, at: position, end: reader.position, operands, ...(block && { block }) };
}

function readOperand(
  reader: ByteReader,
  kind: Exclude<OperandKind, 'block' | 'block1'>,
  { addressSize, is64, version }: ExpressionEncoding,
): bigint | undefined {
  switch (kind) {
    case 'address':
      return reader.unsigned(addressSize);
    case 'u8':
      return reader.unsigned(1);
    case 's8':
      return reader.signed(1);
    case 'u16':
      return reader.unsigned(2);
    case 's16':
      return reader.signed(2);
    case 'u32':
      return reader.unsigned(4);
    case 's32':
      return reader.signed(4);
    case 'u64':
      return reader.unsigned(8);
    case 's64':
      return reader.signed(8);
    case 'uleb':
      return reader.uleb();
    case 'sleb':
      return reader.sleb();
    case 'reference':
      return reader.unsigned(version <= 2 ? addressSize : is64 ? 8 : 4);
  }
}

const mostOperations = 4096;

/** The operations of an expression in their order, as far as they can be read. */
export function readOperations(bytes: Uint8Array, encoding: ExpressionEncoding): ExpressionOperation[] {
  const operations: ExpressionOperation[] = [];
  let position = 0;
  while (position < bytes.length && operations.length < mostOperations) {
    const operation = readOperation(bytes, position, encoding);
    if (operation === undefined) {
      break;
    }
    operations.push(operation);
    position = operation.end;
  }
  return operations;
}

const deepestWords = 8;

/**
 * An expression as readelf has it: `DW_OP_breg5 8 (rdi); DW_OP_stack_value`.
 * @param registerName names a register by its DWARF number; without it there are only numbers.
 */
export function describeExpression(
  bytes: Uint8Array,
  encoding: ExpressionEncoding,
  registerName?: (register: number) => string | undefined,
  depth = 0,
): string {
  const operations = readOperations(bytes, encoding);
  const parts = operations.map(({ code, name, operands, block }) => {
    const register = registerIn(code, operands);
    const named = register === undefined ? undefined : registerName?.(register);
    const words = operands.map((operand) =>
      code === Operation.addr ? `0x${operand.toString(16)}` : operand.toString(),
    );
    if (block !== undefined) {
      const isExpression = code === Operation.entryValue || code === Operation.gnuEntryValue;
      words.push(
        isExpression && depth < deepestWords
          ? `(${describeExpression(block, encoding, registerName, depth + 1)})`
          : Buffer.from(block).toString('hex'),
      );
    }
    return [`DW_OP_${name}`, ...words, ...(named === undefined ? [] : [`(${named})`])].join(' ');
  });
  const end = operations.at(-1)?.end ?? 0;
  if (end < bytes.length) {
    parts.push(`(what begins with 0x${(bytes[end] ?? 0).toString(16)} is not known)`);
  }
  return parts.join('; ');
}

function registerIn(code: number, operands: readonly bigint[]): number | undefined {
  if ((code >= Operation.reg0 && code <= Operation.reg31) || (code >= Operation.breg0 && code <= Operation.breg31)) {
    return registerOf(code);
  }
  switch (code) {
    case Operation.regx:
    case Operation.bregx:
    case Operation.regvalType:
    case Operation.gnuRegvalType:
      return Number(operands[0] ?? 0n);
    default:
      return undefined;
  }
}
