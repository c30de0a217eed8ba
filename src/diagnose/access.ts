import type { Evidence, FaultingInstruction } from '../model/explanation.ts';
import { capitalized, hex } from '../util/words.ts';
import { accessedName } from './accessed-name.ts';
import { call, didWords } from './phrases.ts';
import type { Subject } from './subject.ts';

/** Members further from a structure's start than this are taken for none. */
export const memberReach = 0x1_0000n;

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
  const object = accessedName(subject) ?? '';
  const verb = access === undefined ? 'accessed' : didWords[access];
  const { variable, register } = pointer;
  const offset = offsetOf(subject);
  const holder = register === undefined ? variable?.location : subject.registerWords(register);
  const wasIn = holder === undefined ? `which ${state}` : `which is in ${holder} and ${state}`;
  if (variable !== undefined) {
    if (accessed === undefined || accessed.name === variable.name) {
      const where = offset === undefined || offset === 0n ? '' : `offset ${hex(offset)} `;
      return `${verbTo(verb)} ${where === '' ? 'memory ' : where}through ${variable.name}, ${wasIn}`;
    }
    return `${verb} ${object}${offsetWords(offset)} through ${variable.name}, ${wasIn}`;
  }
  if (accessed !== undefined && holder !== undefined) {
    return `${verb} ${object}${offsetWords(offset)} through ${holder}, which ${state}`;
  }
  if (accessed !== undefined) return `${verb} ${object} through a pointer that ${state}`;
  if (holder !== undefined) {
    const where = offset === undefined || offset === 0n ? 'memory' : `offset ${hex(offset)}`;
    return `${verbTo(verb)} ${where} through ${holder}, which ${state}`;
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

/** Clauses of what an instruction does, as they begin. */
const verbs = /^(?:reads|writes|fetches|works|accesses|divides|calls|jumps|branches|returns|executes|loads|stores)\b/;

/** `mov 0x20(%rax),%esi` as it stands in a sentence. */
export function instructionText({ line }: FaultingInstruction): string {
  return `\`${line.text.replace(/\s+/g, ' ')}\``;
}

/** The instruction and what came of it: `mov 0x20(%rax),%esi` reads 4 bytes at 0x20. */
function instructionWords(instruction: FaultingInstruction): string {
  const { verdict, words, mnemonic } = instruction;
  // What could not be fetched was not executed: its bytes tell nothing.
  if (verdict === 'fetch') return words;
  const ofFile = instruction.isOfFile === true ? ' (of the file, as the log has no code)' : '';
  const text = `the instruction ${instructionText(instruction)}${ofFile}`;
  if (words.startsWith(`${mnemonic}, which `)) return `${text}${words.slice(mnemonic.length)}`;
  return verbs.test(words) ? `${text} ${words}` : `${text}: ${words}`;
}

/**
 * `: foo() passed p->name, which is NULL, to strscpy() as src`, or nothing: which argument the bad value was, of the
 * outermost call that is known to have passed it.
 */
export function passedWords({ report }: Subject): string {
  const last = report.explanation?.passed?.at(-1);
  if (last === undefined) return '';
  const { by, to, parameter, index, expression, value } = last;
  const known = value === undefined ? undefined : value === 0n ? 'NULL' : hex(value);
  const what =
    expression === undefined
      ? known
      : `${expression}${known === undefined ? '' : `, which ${value === 0n ? 'is' : 'was'} ${known},`}`;
  if (what === undefined) return '';
  const as = parameter === undefined ? `argument ${index + 1}` : parameter;
  return `: ${call(by)} passed ${what} to ${call(to)} as ${as}`;
}

/** Steps of a value's way that are told. */
const mostOrigins = 5;

/** Where the bad value came from. */
function originEvidence(subject: Subject, lines: Pick<Evidence, 'firstLine' | 'lastLine'>): Evidence | undefined {
  const all = subject.report.explanation?.origins ?? [];
  // From one register to the next the value stays what it is.
  const moves = all.filter(({ kind, certain }, nth) => kind !== 'copy' || !certain || nth === all.length - 1);
  const origins = moves.slice(0, mostOrigins);
  const [first, ...others] = origins.map(({ words }) => words.replace(/(^|: )(\w{1,12} argument of )/, '$1the $2'));
  if (first === undefined) return undefined;
  const way = [first, ...others].join('; before, ');
  const sure = origins.every(({ certain }) => certain) ? '' : ' (as far as the code tells)';
  return { words: `that value was ${way}${sure}`, ...lines };
}

/** What an access rests on: the instruction, the registers that it used, and where their values came from. */
export function accessEvidence(subject: Subject): (Evidence | undefined)[] {
  const { instruction, pointer, report } = subject;
  const { register, value, meaning } = pointer;
  const code = report.code?.find((dump) => dump.mode === 'kernel')?.range;
  const lines = code === undefined ? {} : { firstLine: code.firstLine, lastLine: code.lastLine };
  const told =
    register !== undefined &&
    [`${register} is `, `${register} holds `].some((words) => instruction?.words.includes(words) === true);
  const known = register === undefined || value === undefined ? {} : { register, address: value };
  return [
    instruction === undefined
      ? subject.headline()
      : {
          words: instructionWords(instruction),
          ...lines,
          ...(told && known),
        },
    register === undefined || value === undefined || told
      ? undefined
      : subject.registerEvidence(
          register,
          `${subject.registerWords(register)} held ${hex(value)}${meaning === undefined || value === 0n ? '' : `: ${meaning.words}`}`,
          value,
        ),
    originEvidence(subject, lines),
  ];
}

/** ` (ktlab_data)`, ` (in vmalloc memory)`: what stands at the address, by where it came from, else by where it lies. */
export function standsThere(subject: Subject): string {
  const origins = subject.report.explanation?.origins ?? [];
  const named = origins
    .map(({ words }) => /^the address of ([\w.$]{1,128})$/.exec(words)?.[1])
    .find((name) => name !== undefined);
  const meaning = subject.addressMeaning;
  // Only the pointer itself is what it was made from.
  if (named !== undefined && subject.pointer.value === subject.address) return ` (${named})`;
  return meaning === undefined || meaning.class === 'kernel-pointer' ? '' : ` (${meaning.words})`;
}

/** What speaks against an access being what it looks like: the instruction's address is another one. */
export function accessDoubt({ instruction }: Subject): string | undefined {
  return instruction?.verdict === 'different' ? capitalized(instruction.words) : undefined;
}
