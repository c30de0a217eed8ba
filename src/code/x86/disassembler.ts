import type { Decoder, Instruction, InstructionInfoFactory, UsedRegister } from 'iced-x86';
import type { DecodedInstruction, Disassembler, Flow } from '../instruction.ts';
import { effectOf } from './effect.ts';
import type { Iced } from './iced.ts';
import { loadIced } from './iced.ts';
import { type Details, type InstructionReader, LazyInstruction } from './lazy-instruction.ts';
import { accessOf, memoryOf } from './memory.ts';
import { prefixName } from './prefixes.ts';
import { RegisterNames } from './registers.ts';
import { TextWriter } from './text.ts';

/** The longest instruction that a processor takes. */
const maxLength = 15;

/** Decodes x86 code: `x86_64`, or 32-bit code of i386. Loads iced-x86 when it is made. */
export class X86Disassembler implements Disassembler {
  readonly architecture: 'x86_64' | 'i386';
  readonly maxLength = maxLength;
  readonly #bits: 32 | 64;
  readonly #iced: Iced;
  readonly #names: RegisterNames;
  #writer: TextWriter | undefined;
  /** Names of instructions by their number in iced-x86. */
  readonly #mnemonics = new Map<number, string>();
  readonly #infos: InstructionInfoFactory;
  readonly #reader: InstructionReader = {
    details: (bytes, ip) => this.#decodeWith(bytes, ip, (instruction) => this.#details(instruction)),
    text: (bytes, ip) => this.#decodeWith(bytes, ip, (instruction) => this.#textWriter().text(instruction, bytes)),
  };

  constructor(architecture: 'x86_64' | 'i386') {
    this.architecture = architecture;
    this.#bits = architecture === 'x86_64' ? 64 : 32;
    this.#iced = loadIced();
    this.#names = new RegisterNames(this.#iced, this.#bits);
    this.#infos = new this.#iced.InstructionInfoFactory();
  }

  decode(code: Uint8Array, offset: number, address: bigint): DecodedInstruction | undefined {
    if (!(offset >= 0 && offset < code.length)) return undefined;
    const bytes = code.slice(offset, offset + maxLength);
    const ip = BigInt.asUintN(this.#bits, address + BigInt(offset));
    return this.#decodeWith(bytes, ip, (instruction, decoder) =>
      instruction.isInvalid ? this.#invalid(decoder, bytes) : this.#decoded(instruction, bytes, 0, ip),
    );
  }

  /** Made when a text is asked for: what iced-x86 does for the first one takes some milliseconds. */
  #textWriter(): TextWriter {
    this.#writer ??= new TextWriter(this.#iced, this.#bits);
    return this.#writer;
  }

  decodeAll(code: Uint8Array, address: bigint, most: number): DecodedInstruction[] {
    const found: DecodedInstruction[] = [];
    const decoder = new this.#iced.Decoder(this.#bits, code, this.#iced.DecoderOptions.None);
    decoder.ip = BigInt.asUintN(this.#bits, address);
    const instruction = new this.#iced.Instruction();
    for (let at = 0; at < code.length && found.length < most; ) {
      decoder.decodeOut(instruction);
      // What is no instruction, or cut off, is a byte of its own.
      if (instruction.isInvalid) break;
      const decoded = this.#decoded(instruction, code, at, BigInt.asUintN(this.#bits, address + BigInt(at)));
      found.push(decoded);
      at += decoded.length;
    }
    instruction.free();
    decoder.free();
    return found;
  }

  /** The first instruction of some bytes, to be used at once. */
  #decodeWith<Outcome>(
    bytes: Uint8Array,
    ip: bigint,
    use: (instruction: Instruction, decoder: Decoder) => Outcome,
  ): Outcome {
    const decoder = new this.#iced.Decoder(this.#bits, bytes, this.#iced.DecoderOptions.None);
    decoder.ip = ip;
    const instruction = decoder.decode();
    try {
      return use(instruction, decoder);
    } finally {
      instruction.free();
      decoder.free();
    }
  }

  lengthAt(code: Uint8Array, offset: number): number {
    if (!(offset >= 0 && offset < code.length)) return 0;
    return this.#decodeWith(code.slice(offset, offset + maxLength), 0n, ({ isInvalid, length }) =>
      isInvalid ? 1 : length,
    );
  }

  /** As objdump, which says of what is cut off only what its first byte is. */
  #invalid(decoder: Decoder, bytes: Uint8Array): DecodedInstruction {
    const [first = 0] = bytes;
    const isCut = decoder.lastError === this.#iced.DecoderError.NoMoreBytes && this.#goesOn(bytes);
    const text = isCut ? (prefixName(first, this.#bits) ?? `.byte 0x${first.toString(16)}`) : '(bad)';
    return { length: 1, text, mnemonic: text, valid: false, memory: [], reads: [], writes: [], flow: 'next' };
  }

  /** True if there are bytes that make an instruction of what there is. */
  #goesOn(bytes: Uint8Array): boolean {
    const more = new Uint8Array(maxLength);
    more.set(bytes);
    return this.#decodeWith(more, 0n, ({ isInvalid }) => !isInvalid);
  }

  #decoded(instruction: Instruction, code: Uint8Array, at: number, ip: bigint): DecodedInstruction {
    const { length } = instruction;
    const flow = this.#flow(instruction);
    const target = withTarget.has(flow) ? this.#target(instruction) : undefined;
    return new LazyInstruction(this.#reader, code, at, ip, {
      length,
      flow,
      target,
      mnemonic: this.#mnemonic(instruction),
    });
  }

  #details(instruction: Instruction): Details {
    const info = this.#infos.info(instruction);
    const named = memoryOf(this.#iced, this.#names, instruction, info);
    const { effect, memory } = effectOf(this.#iced, this.#names, instruction);
    const { reads, writes } = this.#registers(info.usedRegisters());
    info.free();
    return {
      locked: instruction.hasLockPrefix,
      memory: memory === undefined ? named : [memory, ...named],
      reads,
      writes,
      effect,
    };
  }

  #registers(used: readonly UsedRegister[]): { readonly reads: string[]; readonly writes: string[] } {
    const { RegisterExt } = this.#iced;
    const reads = new Set<string>();
    const writes = new Set<string>();
    for (const each of used) {
      const { register } = each;
      const access = accessOf(this.#iced, each.access);
      each.free();
      const name = this.#names.full(register);
      // Memory operands read segment registers; those of fs and gs are said where the memory is.
      if (name === undefined || (RegisterExt.isSegmentRegister(register) && access === 'read')) continue;
      if (access === 'read' || access === 'read-write') reads.add(name);
      if (access === 'write' || access === 'read-write') writes.add(name);
    }
    return { reads: [...reads], writes: [...writes] };
  }

  #flow(instruction: Instruction): Flow {
    const { FlowControl, Mnemonic } = this.#iced;
    switch (instruction.flowControl) {
      case FlowControl.UnconditionalBranch:
        return 'jump';
      case FlowControl.IndirectBranch:
        return 'jump-indirect';
      case FlowControl.ConditionalBranch:
        return 'branch';
      case FlowControl.XbeginXabortXend:
        return instruction.mnemonic === Mnemonic.Xbegin ? 'branch' : 'next';
      case FlowControl.Return:
        return 'return';
      case FlowControl.Call:
        // System and hypervisor calls come back to the next instruction as any other does.
        return instruction.mnemonic === Mnemonic.Call ? 'call' : 'next';
      case FlowControl.IndirectCall:
        return 'call-indirect';
      case FlowControl.Interrupt:
        return instruction.mnemonic === Mnemonic.Int3 || instruction.mnemonic === Mnemonic.Int1 ? 'trap' : 'next';
      case FlowControl.Exception:
        return 'trap';
      default:
        return instruction.mnemonic === Mnemonic.Hlt ? 'stop' : 'next';
    }
  }

  #target(instruction: Instruction): bigint | undefined {
    const { OpKind } = this.#iced;
    if (instruction.opCount === 0) return undefined;
    switch (instruction.opKind(0)) {
      case OpKind.NearBranch16:
      case OpKind.NearBranch32:
      case OpKind.NearBranch64:
        return instruction.nearBranchTarget;
      default:
        return undefined;
    }
  }

  /** The processor manuals' name, without what of it is a size. */
  #mnemonic(instruction: Instruction): string {
    const { Mnemonic } = this.#iced;
    const number = instruction.mnemonic;
    const known = this.#mnemonics.get(number);
    if (known !== undefined) return known;
    const lower = (Mnemonic[number] ?? '').toLowerCase();
    // Of one name may be a string instruction and one of vectors: movsd.
    const maySay = /[bwdq]$/.test(lower);
    if (maySay && instruction.isStringInstruction) return lower.slice(0, -1);
    const name = sized.get(lower) ?? lower;
    if (!maySay) this.#mnemonics.set(number, name);
    return name;
  }
}

/** Where the processor goes on as an operand says: it may be an address. */
const withTarget: ReadonlySet<Flow> = new Set(['call', 'jump', 'branch']);

/** Names with a size that are one instruction but for that. */
const sized: ReadonlyMap<string, string> = new Map([
  ['pushfd', 'pushf'],
  ['pushfq', 'pushf'],
  ['popfd', 'popf'],
  ['popfq', 'popf'],
  ['pushad', 'pusha'],
  ['popad', 'popa'],
  ['iretd', 'iret'],
  ['iretq', 'iret'],
  ['sysretq', 'sysret'],
  ['sysexitq', 'sysexit'],
]);
