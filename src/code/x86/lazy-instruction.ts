import type { DecodedInstruction } from '../instruction.ts';

/** What an instruction does with its operands. */
export type Details = Pick<DecodedInstruction, 'locked' | 'memory' | 'reads' | 'writes' | 'effect'>;

/** What is known of an instruction as soon as it is decoded. */
export type Known = Pick<DecodedInstruction, 'length' | 'mnemonic' | 'flow'> & { readonly target: bigint | undefined };

/** Tells the rest of an instruction that is decoded again. */
export interface InstructionReader {
  details(bytes: Uint8Array, ip: bigint): Details;
  text(bytes: Uint8Array, ip: bigint): string;
}

/**
 * Whole functions are decoded to find calls, jumps and where instructions begin: what else there is to know is found out
 * when somebody asks for it, which takes several times as long.
 */
export class LazyInstruction implements DecodedInstruction {
  readonly length: number;
  readonly valid = true;
  readonly mnemonic: string;
  readonly flow: DecodedInstruction['flow'];
  readonly target?: bigint;
  readonly clearsByte?: true;
  readonly #reader: InstructionReader;
  readonly #code: Uint8Array;
  readonly #at: number;
  readonly #ip: bigint;
  #details: Details | undefined;
  #text: string | undefined;

  /**
   * @param code what the instruction is in, at an offset: nobody may write to it.
   * @param ip its own address.
   */
  constructor(reader: InstructionReader, code: Uint8Array, at: number, ip: bigint, known: Known) {
    const { length, mnemonic, flow, target } = known;
    this.length = length;
    this.mnemonic = mnemonic;
    this.flow = flow;
    if (target !== undefined) this.target = target;
    if (clearsByte(code, at, length)) this.clearsByte = true;
    this.#reader = reader;
    this.#code = code;
    this.#at = at;
    this.#ip = ip;
  }

  get text(): string {
    this.#text ??= this.#reader.text(this.#bytes(), this.#ip);
    return this.#text;
  }

  get locked(): Details['locked'] {
    return this.#detailed().locked;
  }

  get memory(): Details['memory'] {
    return this.#detailed().memory;
  }

  get reads(): Details['reads'] {
    return this.#detailed().reads;
  }

  get writes(): Details['writes'] {
    return this.#detailed().writes;
  }

  get effect(): Details['effect'] {
    return this.#detailed().effect;
  }

  #detailed(): Details {
    this.#details ??= this.#reader.details(this.#bytes(), this.#ip);
    return this.#details;
  }

  #bytes(): Uint8Array {
    return this.#code.slice(this.#at, this.#at + this.length);
  }
}

/** `movb $0, memory`: C6 /0 ib behind a segment's and a REX prefix. */
function clearsByte(code: Uint8Array, start: number, length: number): boolean {
  if (code[start + length - 1] !== 0) return false;
  let at = start;
  const first = code[at] ?? 0;
  if (first === 0x64 || first === 0x65) at += 1;
  if (((code[at] ?? 0) & 0xf0) === 0x40) at += 1;
  const operand = code[at + 1] ?? 0xff;
  return code[at] === 0xc6 && operand < 0xc0 && (operand & 0x38) === 0;
}
