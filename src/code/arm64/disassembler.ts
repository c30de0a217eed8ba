import type { DecodedInstruction, Disassembler } from '../instruction.ts';
import { type CapstoneReader, loadCapstone } from './capstone.ts';
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
    const read = this.#read(bytes, at);
    const meaning = systemMeaning(word, at) ?? dataMeaning(word, at) ?? memoryMeaning(word);
    const text = gnuText(word, read);
    if (text === undefined) return invalid(wordBytes, `.inst 0x${word.toString(16).padStart(8, '0')} ; undefined`);
    const { memory = [], reads, writes, flow = 'next', target, effect } = meaning ?? nothing;
    return {
      length: wordBytes,
      text: text.operands === '' ? text.mnemonic : `${text.mnemonic} ${text.operands}`,
      mnemonic: text.mnemonic,
      valid: true,
      memory,
      reads,
      writes,
      flow,
      ...(target !== undefined && { target }),
      ...(effect !== undefined && { effect }),
    };
  }
}

/** Makes the decoder of arm64 code; capstone is loaded with the first. */
export async function createArm64Disassembler(): Promise<Disassembler> {
  return new Arm64Disassembler(await loadCapstone());
}
