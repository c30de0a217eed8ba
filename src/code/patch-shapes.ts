import type { CodeDifference } from '../model/explanation.ts';
import type { Disassembler } from './instruction.ts';

/** An instruction of a file, and what a log has in its place. Addresses are the file's. */
export interface CodePiece {
  readonly start: number;
  readonly end: number;
  /** Where the function begins. */
  readonly function: number;
  /** Its end is missing. */
  readonly isCut: boolean;
  readonly log: Uint8Array;
  readonly file: Uint8Array;
}

type Cause = CodeDifference['cause'];

const int3 = 0xcc;
const callNear = 0xe8;
const jumpNear = 0xe9;
const jumpShort = 0xeb;
/** `nopl 0x0(%rax,%rax,1)`, and `xchg %ax,%ax`: what the kernel's own NOPs of five and two bytes are. */
const nop5 = [0x0f, 0x1f, 0x44, 0x00, 0x00];
const nop2 = [0x66, 0x90];
/** Of arm64, as words: NOP, `mov x9, x30`, and the BRK of kprobes (KPROBES_BRK_IMM of asm/brk-imm.h). */
const armNop = 0xd503201f;
const armKeepLink = 0xaa1e03e9;
const armKprobe = 0xd4200080;
/** ftrace's place is at a function's beginning, or behind `endbr64` (4 bytes), `bti c` (4), and as many NOPs before. */
const ftraceReach = 16;

/**
 * What may have changed an instruction: what was put there tells as much as the kernel's tables of what it patches, of
 * which `listed` comes.
 */
export function shapeOf(piece: CodePiece, listed: Cause | undefined, { architecture }: Disassembler): Cause {
  return architecture === 'arm64' ? armShape(piece, listed) : x86Shape(piece, listed);
}

function x86Shape({ start, function: base, log, file }: CodePiece, listed: Cause | undefined): Cause {
  if (log.every((byte) => byte === int3)) return 'int3';
  // A breakpoint on any instruction; the kernel puts one too while it patches what is listed.
  if (log[0] === int3 && file[0] !== int3) return listed ?? 'kprobe';
  if (listed !== undefined) return listed;
  const isCall = (bytes: Uint8Array): boolean => bytes.length === 5 && bytes[0] === callNear;
  if (start - base <= ftraceReach && ((isNop(log) && isCall(file)) || (isNop(file) && isCall(log)))) return 'ftrace';
  const isJump = (bytes: Uint8Array): boolean =>
    (bytes.length === 5 && bytes[0] === jumpNear) || (bytes.length === 2 && bytes[0] === jumpShort);
  if ((isNop(log) && isJump(file)) || (isNop(file) && isJump(log))) return 'static-key';
  return 'unknown';
}

function isNop(bytes: Uint8Array): boolean {
  const nop = bytes.length === 5 ? nop5 : nop2;
  return bytes.length === nop.length && nop.every((byte, at) => byte === bytes[at]);
}

function armShape({ start, function: base, log, file }: CodePiece, listed: Cause | undefined): Cause {
  const [is, was] = [word(log), word(file)];
  if (is === armKprobe) return 'kprobe';
  if (listed !== undefined) return listed;
  const isBranch = (value: number): boolean => value >>> 26 === 0b000101;
  const isCall = (value: number): boolean => value >>> 26 === 0b100101;
  if (was === armNop && start - base <= ftraceReach && (isCall(is) || is === armKeepLink)) return 'ftrace';
  if ((was === armNop && isBranch(is)) || (is === armNop && isBranch(was))) return 'static-key';
  return 'unknown';
}

function word(bytes: Uint8Array): number {
  return bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}
