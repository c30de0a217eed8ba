import type { Disassembly, InstructionLine } from '../model/explanation.ts';
import type { CodeDump } from '../model/report.ts';
import { type CodeBytes, codeBytes, hexBytes, hexWord } from './code-bytes.ts';
import type { DecodedInstruction, Disassembler } from './instruction.ts';
import { loadDisassembler } from './load-disassembler.ts';

/** An instruction of a dump, as it is printed and as it was decoded. */
export interface DecodedLine {
  readonly line: InstructionLine;
  readonly instruction: DecodedInstruction;
}

/** The instructions of a `Code:` line. */
export interface DecodedCode extends Pick<Disassembly, 'skippedBytes'> {
  readonly lines: readonly DecodedLine[];
  /** Index in `lines` of the marked instruction; absent if none is marked. */
  readonly marked?: number;
  /** True if where instructions begin is known and not found by trying, which goes wrong now and then. */
  readonly certain: boolean;
  /** In the order of memory. */
  readonly bytes: Uint8Array;
  /** Where the marked instruction begins in `bytes`; 0 if none is marked. */
  readonly markedByte: number;
}

/** What is known of a dump beyond its line. */
export interface DecodeOptions {
  /** Of the marked instruction; if it is not given, addresses count from the first byte. */
  readonly address?: bigint;
  /**
   * Where an instruction begins for certain, in bytes from the marked one (negative, or 0): known from the file that
   * the code was loaded from, see `code-file.ts`.
   */
  readonly boundary?: number;
}

/**
 * Disassembles a `Code:` line; undefined for architectures without a disassembler. `architecture` is as reports name
 * it. Loads the disassembler.
 */
export async function disassembleCode(
  dump: CodeDump,
  architecture: string | undefined,
  options: DecodeOptions = {},
): Promise<DecodedCode | undefined> {
  if (codeBytes(dump) === undefined || (dump.unitSize === 4) !== (architecture === 'arm64')) return undefined;
  const disassembler = await loadDisassembler(architecture);
  return disassembler === undefined ? undefined : disassembleDump(dump, disassembler, options);
}

/** Disassembles the bytes of a dump; undefined if the architecture's instructions are not of that size. */
export function disassembleDump(
  dump: CodeDump,
  disassembler: Disassembler,
  options: DecodeOptions = {},
): DecodedCode | undefined {
  const code = codeBytes(dump);
  if (code === undefined || (dump.unitSize === 4) !== (disassembler.architecture === 'arm64')) return undefined;
  return decodeBytes(code, disassembler, options);
}

function decodeBytes(code: CodeBytes, disassembler: Disassembler, options: DecodeOptions): DecodedCode {
  const { bytes, marked: markedByte = 0 } = code;
  const start = options.address === undefined ? 0n : options.address - BigInt(markedByte);
  const decoder = new OnceDecoder(disassembler, bytes, start);
  const known = knownStart(decoder, markedByte, options.boundary);
  const skippedBytes = known ?? likelyStart(decoder, markedByte);
  const asWord = disassembler.architecture === 'arm64';
  const lines: DecodedLine[] = [];
  let marked: number | undefined;
  for (let at = skippedBytes; at < bytes.length; ) {
    const instruction = decoder.at(at);
    if (instruction === undefined) break;
    const end = Math.min(bytes.length, at + instruction.length);
    const isMarked = code.marked === at;
    if (isMarked) marked = lines.length;
    lines.push({
      line: {
        offset: at - markedByte,
        bytes: asWord ? hexWord(bytes.subarray(at, end)) : hexBytes(bytes.subarray(at, end)),
        // Made when somebody prints it.
        get text() {
          return instruction.text;
        },
        ...(isMarked && { marked: true }),
      },
      instruction,
    });
    at = end;
  }
  const certain = known !== undefined || asWord;
  return { lines, skippedBytes, ...(marked !== undefined && { marked }), certain, bytes, markedByte };
}

/** Decodes at each place only once: trying starts meets the same places again and again. */
class OnceDecoder {
  readonly #disassembler: Disassembler;
  readonly #bytes: Uint8Array;
  readonly #address: bigint;
  readonly #decoded = new Map<number, DecodedInstruction | undefined>();

  constructor(disassembler: Disassembler, bytes: Uint8Array, address: bigint) {
    this.#disassembler = disassembler;
    this.#bytes = bytes;
    this.#address = address;
  }

  /** The instruction at an offset; its length is at least 1. */
  at(offset: number): DecodedInstruction | undefined {
    if (this.#decoded.has(offset)) return this.#decoded.get(offset);
    const instruction = this.#disassembler.decode(this.#bytes, offset, this.#address);
    const known = instruction !== undefined && instruction.length >= 1 ? instruction : undefined;
    this.#decoded.set(offset, known);
    return known;
  }
}

/** How decoding from one place to another goes. */
interface Way {
  readonly arrives: boolean;
  /** Over something that is no instruction. */
  readonly stumbles: boolean;
}

function wayTo(decoder: OnceDecoder, from: number, to: number): Way {
  let stumbles = false;
  let at = from;
  while (at < to) {
    const instruction = decoder.at(at);
    if (instruction === undefined) break;
    if (!instruction.valid) stumbles = true;
    at += instruction.length;
  }
  return { arrives: at === to, stumbles };
}

/** The start that is known to be one, if decoding from it arrives at the marked instruction. */
function knownStart(decoder: OnceDecoder, marked: number, boundary: number | undefined): number | undefined {
  const start = boundary === undefined ? -1 : marked + boundary;
  if (!(start >= 0 && start <= marked)) return undefined;
  // What the kernel patched in may have other boundaries than the file, but comes to the same end.
  return wayTo(decoder, start, marked).arrives ? start : undefined;
}

/**
 * The first byte from which decoding arrives at the marked instruction, without stumbling if there is such a one. Of a
 * function's code nearly every start comes to the same instructions after a few of them, so few bytes are skipped;
 * syzkaller does the same. scripts/decodecode begins at the first byte, and then misses the mark now and then.
 */
function likelyStart(decoder: OnceDecoder, marked: number): number {
  let second: number | undefined;
  for (let start = 0; start < marked; start++) {
    const { arrives, stumbles } = wayTo(decoder, start, marked);
    if (arrives && !stumbles) return start;
    if (arrives) second ??= start;
  }
  return second ?? marked;
}

/**
 * True if the code tells something about a fault: it is the kernel's, and the marked instruction is none that was put
 * there to trap (ud2 of BUG and WARN, brk). syzkaller lists code by the same rule.
 */
export function tellsOfFault({ mode }: CodeDump, { lines, marked }: DecodedCode): boolean {
  const instruction = marked === undefined ? undefined : lines[marked]?.instruction;
  return mode === 'kernel' && instruction !== undefined && instruction.flow !== 'trap';
}
