import type { DecodedInstruction, Disassembler } from '../instruction.ts';
import { type CapstoneReader, type CapstoneText, loadCapstone } from './capstone.ts';
import { dataMeaning } from './data.ts';
import { memoryMeaning } from './memory.ts';
import { systemMeaning } from './system.ts';
import { gnuText } from './text.ts';
import type { Meaning } from './word.ts';

const wordBytes = 4;

const nothing: Meaning = { reads: [], writes: [] };

function invalid(length: number, text: string): DecodedInstruction {
  const [mnemonic = text] = text.split(' ');
  return { length, text, mnemonic, valid: false, memory: [], reads: [], writes: [], flow: 'next' };
}

/**
 * An instruction whose text is made when it is asked for: most are decoded to follow values, and never printed; of the
 * processor time of decoding and text together, text is nearly all.
 */
class Arm64Instruction implements DecodedInstruction {
  readonly length = wordBytes;
  readonly memory: DecodedInstruction['memory'];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly flow: DecodedInstruction['flow'];
  readonly target?: bigint;
  readonly effect?: NonNullable<DecodedInstruction['effect']>;
  readonly #word: number;
  readonly #read: () => CapstoneText | undefined;
  #text: CapstoneText | undefined | null = null;

  constructor(word: number, meaning: Meaning, read: () => CapstoneText | undefined) {
    const { memory = [], reads, writes, flow = 'next', target, effect } = meaning;
    this.memory = memory;
    this.reads = reads;
    this.writes = writes;
    this.flow = flow;
    if (target !== undefined) this.target = target;
    if (effect !== undefined) this.effect = effect;
    this.#word = word;
    this.#read = read;
  }

  get text(): string {
    const known = this.#gnuText();
    if (known === undefined) return `.inst 0x${this.#word.toString(16).padStart(8, '0')} ; undefined`;
    return known.operands === '' ? known.mnemonic : `${known.mnemonic} ${known.operands}`;
  }

  get mnemonic(): string {
    return this.#gnuText()?.mnemonic ?? '.inst';
  }

  get valid(): boolean {
    return this.#gnuText() !== undefined;
  }

  #gnuText(): CapstoneText | undefined {
    if (this.#text === null) this.#text = gnuText(this.#word, this.#read);
    return this.#text;
  }
}

class Arm64Disassembler implements Disassembler {
  readonly architecture = 'arm64';
  readonly maxLength = wordBytes;
  readonly #read: CapstoneReader;

  constructor(read: CapstoneReader) {
    this.#read = read;
  }

  decode(code: Uint8Array, offset: number, address: bigint): DecodedInstruction | undefined {
    if (!(offset >= 0 && offset < code.length)) return undefined;
    const bytes = code.slice(offset, offset + wordBytes);
    if (bytes.length < wordBytes) return invalid(bytes.length, '(bad)');
    const word = new DataView(bytes.buffer).getUint32(0, true);
    const at = BigInt.asUintN(64, address + BigInt(offset));
    const meaning = systemMeaning(word, at) ?? dataMeaning(word, at) ?? memoryMeaning(word) ?? nothing;
    return new Arm64Instruction(word, meaning, () => this.#read(bytes, at));
  }
}

/** Makes the decoder of arm64 code; capstone is loaded with the first. */
export async function createArm64Disassembler(): Promise<Disassembler> {
  return new Arm64Disassembler(await loadCapstone());
}
