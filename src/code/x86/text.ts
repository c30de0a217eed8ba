import type { Formatter, Instruction } from 'iced-x86';
import type { Iced } from './iced.ts';
import { hasIdleIndex } from './idle-index.ts';
import { findOpcode } from './opcode.ts';
import { prefixWords } from './prefixes.ts';

/** Behind an operand that is relative to the instruction's end, where that leads. */
const commentGap = '        # ';

/** What a branch leads to, or where memory is; wraps around as the processor's addresses do. */
function addressText(address: bigint, bits: 32 | 64): string {
  return `0x${BigInt.asUintN(bits, address).toString(16)}`;
}

function signedText(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/**
 * Mnemonics as objdump (binutils 2.40) has them where iced's AT&T formatter has others. The suffix of an indirect jump
 * is told by the `*`; the rest is taste.
 */
const spelled: Readonly<Record<string, string>> = {
  callq: 'call',
  jmpq: 'jmp',
  calll: 'call',
  jmpl: 'jmp',
  retq: 'ret',
  pushq: 'push',
  pushl: 'push',
  popq: 'pop',
  popl: 'pop',
  lcalll: 'lcall',
  ljmpl: 'ljmp',
  lretl: 'lret',
  salb: 'shlb',
  salw: 'shlw',
  sall: 'shll',
  salq: 'shlq',
  sal: 'shl',
};

/** Operands that iced leaves out, and the processor manuals too: they are always the same. */
const implied: Readonly<Record<string, string>> = {
  monitor: '%rax,%ecx,%edx',
  mwait: '%eax,%ecx',
  monitorx: '%rax,%ecx,%edx',
  mwaitx: '%eax,%ecx,%ebx',
  fxch: '%st(1)',
  faddp: '%st,%st(1)',
  fmulp: '%st,%st(1)',
  fsubp: '%st,%st(1)',
  fsubrp: '%st,%st(1)',
  fdivp: '%st,%st(1)',
  fdivrp: '%st,%st(1)',
};

/** Mnemonics of shifts and rotations by a number of bits. */
const shifts = /^(?:Ro[lr]|Rc[lr]|S[ah][lr])$/;

/** Writes instructions as `objdump -d` prints x86 code: AT&T syntax. */
export class TextWriter {
  readonly #iced: Iced;
  readonly #formatter: Formatter;
  readonly #bits: 32 | 64;

  constructor(iced: Iced, bits: 32 | 64) {
    const formatter = new iced.Formatter(iced.FormatterSyntax.Gas);
    formatter.smallHexNumbersInDecimal = false;
    formatter.uppercaseHex = false;
    formatter.showBranchSize = false;
    formatter.branchLeadingZeros = false;
    this.#iced = iced;
    this.#formatter = formatter;
    this.#bits = bits;
  }

  text(instruction: Instruction, bytes: Uint8Array): string {
    const plain = this.#formatter.formatMnemonicOptions(instruction, this.#iced.FormatMnemonicOptions.NoPrefixes);
    const words = [
      ...prefixWords(this.#iced, this.#formatter, instruction, bytes, this.#bits),
      spelled[plain] ?? plain,
    ];
    const operands = this.#operands(instruction, bytes) || (implied[plain] ?? '');
    if (operands === '') return words.join(' ');
    return `${words.join(' ').padEnd(6)} ${operands}${this.#comment(instruction)}`;
  }

  #operands(instruction: Instruction, bytes: Uint8Array): string {
    const { Mnemonic, OpKind } = this.#iced;
    const texts: string[] = [];
    const count = this.#formatter.operandCount(instruction);
    for (let nth = 0; nth < count; nth++) {
      const operand = this.#formatter.getInstructionOperand(instruction, nth);
      const own = operand === undefined ? undefined : this.#operand(instruction, operand, bytes);
      const theirs = this.#formatter.formatOperand(instruction, nth);
      // Behind operands of AVX-512 stands what of them is used.
      const used = instruction.hasOpMask || instruction.isBroadcast ? (/\{.*$/.exec(theirs)?.[0] ?? '') : '';
      texts.push(own === undefined ? theirs.replace(/^%dr/, '%db') : own + used);
    }
    // Shifts by one have an encoding of their own, without the number.
    if (texts[0] === '$0x1' && this.#shiftsByOne(instruction, bytes)) texts.shift();
    // imul with a number names the register twice also where both are the same.
    const isImul = instruction.mnemonic === Mnemonic.Imul && instruction.opCount === 3 && count === 2;
    if (isImul && instruction.opKind(1) === OpKind.Register) texts.push(texts[1] ?? '');
    // Without its prefix `endbr64` is a NOP with a second operand that means nothing.
    if (instruction.mnemonic === Mnemonic.Reservednop && texts.length === 2) texts.shift();
    return texts.join(',');
  }

  /** Operands that are written in another way than iced does; undefined for all others. */
  #operand(instruction: Instruction, operand: number, bytes: Uint8Array): string | undefined {
    const { OpKind } = this.#iced;
    switch (instruction.opKind(operand)) {
      case OpKind.Memory: {
        const { isCallNearIndirect, isJmpNearIndirect, isCallFarIndirect, isJmpFarIndirect } = instruction;
        const jumps = isCallNearIndirect || isJmpNearIndirect || isCallFarIndirect || isJmpFarIndirect;
        return `${jumps ? '*' : ''}${this.#memory(instruction, bytes)}`;
      }
      case OpKind.NearBranch16:
      case OpKind.NearBranch32:
      case OpKind.NearBranch64:
        return addressText(instruction.nearBranchTarget, this.#bits);
      case OpKind.MemorySegRSI:
      case OpKind.MemorySegESI:
      case OpKind.MemorySegSI:
      case OpKind.MemorySegRDI:
      case OpKind.MemorySegEDI:
      case OpKind.MemorySegDI:
        return `%${this.#name(instruction.memorySegment)}:${this.#stringBase(instruction.opKind(operand))}`;
      case OpKind.MemoryESRDI:
      case OpKind.MemoryESEDI:
      case OpKind.MemoryESDI:
        return `%es:${this.#stringBase(instruction.opKind(operand))}`;
      case OpKind.Register:
        return this.#isPort(instruction, operand) ? '(%dx)' : undefined;
      default:
        return undefined;
    }
  }

  #memory(instruction: Instruction, bytes: Uint8Array): string {
    const { Register } = this.#iced;
    const { memoryBase: base, memoryIndex: index, memoryDisplSize, segmentPrefix: segment } = instruction;
    const shown = this.#bits === 32 || segment === Register.FS || segment === Register.GS;
    const prefix = segment !== Register.None && shown ? `%${this.#name(segment)}:` : '';
    if (instruction.isIpRelMemoryOperand) {
      const displacement = BigInt.asIntN(32, instruction.ipRelMemoryAddress - instruction.nextIP);
      return `${prefix}${signedText(displacement)}(%${this.#name(base)})`;
    }
    const value = BigInt.asIntN(64, instruction.memoryDisplacement);
    if (base === Register.None && index === Register.None) {
      return `${prefix}${addressText(value, memoryDisplSize === 8 ? 64 : this.#bits)}`;
    }
    const signed = memoryDisplSize === 8 ? value : BigInt.asIntN(memoryDisplSize === 2 ? 16 : 32, value);
    const displacement = memoryDisplSize === 0 ? '' : signedText(signed);
    const baseText = base === Register.None ? '' : `%${this.#name(base)}`;
    const idle = hasIdleIndex(bytes, this.#bits) ? `,%${this.#bits === 64 ? 'riz' : 'eiz'},1` : '';
    const indexText = index === Register.None ? idle : `,%${this.#name(index)},${instruction.memoryIndexScale}`;
    return `${prefix}${displacement}(${baseText}${indexText})`;
  }

  /** Where memory relative to the instruction pointer is. */
  #comment(instruction: Instruction): string {
    if (!instruction.isIpRelMemoryOperand) return '';
    return `${commentGap}${addressText(instruction.ipRelMemoryAddress, 64)}`;
  }

  #stringBase(kind: number): string {
    const { OpKind } = this.#iced;
    switch (kind) {
      case OpKind.MemorySegRSI:
        return '(%rsi)';
      case OpKind.MemorySegESI:
        return '(%esi)';
      case OpKind.MemorySegSI:
        return '(%si)';
      case OpKind.MemorySegRDI:
      case OpKind.MemoryESRDI:
        return '(%rdi)';
      case OpKind.MemorySegEDI:
      case OpKind.MemoryESEDI:
        return '(%edi)';
      default:
        return '(%di)';
    }
  }

  /** Told by the opcode: iced-x86's names of encodings would tell as well, from a table of 300 KB. */
  #shiftsByOne(instruction: Instruction, bytes: Uint8Array): boolean {
    if (!shifts.test(this.#iced.Mnemonic[instruction.mnemonic] ?? '')) return false;
    const opcode = bytes[findOpcode(bytes, this.#bits).at];
    return opcode === 0xd0 || opcode === 0xd1;
  }

  /** The port in %dx of `in` and `out` is written as if it were memory. */
  #isPort(instruction: Instruction, operand: number): boolean {
    const { Mnemonic, Register } = this.#iced;
    if (instruction.opRegister(operand) !== Register.DX) return false;
    switch (instruction.mnemonic) {
      case Mnemonic.In:
      case Mnemonic.Out:
      case Mnemonic.Insb:
      case Mnemonic.Insw:
      case Mnemonic.Insd:
      case Mnemonic.Outsb:
      case Mnemonic.Outsw:
      case Mnemonic.Outsd:
        return true;
      default:
        return false;
    }
  }

  #name(register: number): string {
    return this.#formatter.formatRegister(register).replace(/^%/, '');
  }
}
