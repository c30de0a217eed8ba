import type { Evidence } from '../model/explanation.ts';
import { capitalized, hex } from '../util/words.ts';
import { didWords } from './phrases.ts';
import type { Subject } from './subject.ts';

/** Members further from a structure's start than this are taken for none. */
const memberReach = 0x1_0000n;

/** The offset from the bad pointer at which it was accessed. */
function offsetOf(subject: Subject): bigint | undefined {
  const { address } = subject;
  const base = subject.pointer.value;
  if (address === undefined || base === undefined) return undefined;
  const offset = BigInt.asIntN(64, address - base);
  return offset >= 0n && offset < memberReach ? offset : undefined;
}

/** ` at offset 0x20`, where there is one to tell. */
function offsetWords(offset: bigint | undefined): string {
  return offset === undefined || offset === 0n ? '' : ` at offset ${hex(offset)}`;
}

/**
 * What was done with which object through which pointer, and what that pointer was: `read ring->level at offset 0x20
 * through ring, which is in %rax and is NULL`. `state`: of the pointer, as a clause (`is NULL`); `noun`: what such a
 * pointer is called (`a NULL pointer`). Says only what is known: without the variable the register, without that the
 * address.
 */
export function accessThrough(subject: Subject, state: string, noun: string): string {
  const { access, address, pointer } = subject;
  const { accessed } = subject.report.explanation ?? {};
  const verb = access === undefined ? 'accessed' : didWords[access];
  const { variable, register } = pointer;
  const offset = offsetOf(subject);
  const holder = register === undefined ? variable?.location : subject.registerWords(register);
  const wasIn = holder === undefined ? `which ${state}` : `which is in ${holder} and ${state}`;
  if (variable !== undefined) {
    if (accessed === undefined || accessed.name === variable.name) {
      const where = offset === undefined || offset === 0n ? '' : `offset ${hex(offset)} `;
      return `${verb} ${where === '' ? 'memory ' : where}through ${variable.name}, ${wasIn}`;
    }
    return `${verb} ${accessed.name}${offsetWords(offset)} through ${variable.name}, ${wasIn}`;
  }
  if (accessed !== undefined && holder !== undefined) {
    return `${verb} ${accessed.name}${offsetWords(offset)} through ${holder}, which ${state}`;
  }
  if (accessed !== undefined) return `${verb} ${accessed.name} through a pointer that ${state}`;
  if (holder !== undefined) {
    const where = offset === undefined || offset === 0n ? verbTo(verb) : `${verbTo(verb)} offset ${hex(offset)} of`;
    return `${where} ${noun} that was in ${holder}`;
  }
  return address === undefined ? `followed ${noun}` : `${verbTo(verb)} address ${hex(address)}`;
}

/** `wrote` needs a word more before what is no thing but a place. */
export function verbTo(verb: string): string {
  return verb === 'wrote' ? 'wrote to' : verb;
}

/** `read from`, `wrote to`: of an address. */
export function didAt(subject: Subject): string {
  const { access } = subject;
  return access === undefined ? 'touched' : verbTo(didWords[access]);
}

/** Steps of a value's way that are told. */
const mostOrigins = 4;

/** What an access rests on: the instruction, the registers that it used, and where their values came from. */
export function accessEvidence(subject: Subject): (Evidence | undefined)[] {
  const { instruction, pointer, report } = subject;
  const { register, value, meaning } = pointer;
  const code = report.code?.find((dump) => dump.mode === 'kernel')?.range;
  const lines = code === undefined ? {} : { firstLine: code.firstLine, lastLine: code.lastLine };
  return [
    instruction === undefined
      ? subject.headline()
      : { words: `the instruction was \`${instruction.line.text}\`: ${instruction.words}`, ...lines },
    register === undefined || value === undefined
      ? undefined
      : subject.registerEvidence(
          register,
          `${subject.registerWords(register)} held ${hex(value)}${meaning === undefined || value === 0n ? '' : `: ${meaning.words}`}`,
          value,
        ),
    ...(report.explanation?.origins ?? []).slice(0, mostOrigins).map(
      ({ words, certain }, nth): Evidence => ({
        words: `${nth === 0 ? 'that value was' : 'before, it was'} ${words}${certain ? '' : ', as far as the code tells'}`,
        ...lines,
      }),
    ),
  ];
}

/** What speaks against an access being what it looks like: the instruction's address is another one. */
export function accessDoubt({ instruction }: Subject): string | undefined {
  return instruction?.verdict === 'different' ? capitalized(instruction.words) : undefined;
}
