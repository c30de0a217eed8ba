import type { Origin } from '../model/explanation.ts';
import { isClone } from './calling-convention.ts';
import type { Reference } from './code-references.ts';
import type { Step } from './follow.ts';
import type { Definition } from './follow-definitions.ts';
import { isRelative } from './follow-operands.ts';
import type { FunctionText } from './function-text.ts';
import type { DecodedMemory } from './instruction.ts';

/** What words are made from. */
export interface WordsContext {
  readonly text: FunctionText;
  /** The instruction that origins count from. */
  readonly fault: number;
  /** What a load reads, in the source. */
  readonly nameOf?: (step: Extract<Step, { readonly kind: 'load' }>) => string | undefined;
  /** What an addition makes, in the source. */
  readonly computed?: (step: Extract<Step, { readonly kind: 'address' }>) => string | undefined;
  /** An argument's name in the source. */
  readonly parameter?: (register: string, index: number) => string | undefined;
}

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];

/** A register as the architecture's assemblers write it. */
export function registerText({ code }: FunctionText, name: string): string {
  return code.architecture === 'arm64' ? name : `%${name}`;
}

const hex = (value: bigint): string => (value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);

const atReference = ({ name, offset }: Reference): string =>
  `${name}${offset === 0 ? '' : offset > 0 ? `+0x${offset.toString(16)}` : `-0x${(-offset).toString(16)}`}`;

const ofReference = (reference: Reference): string =>
  `the address of ${reference.isPerCpu === true ? 'the per-CPU variable ' : ''}${atReference(reference)}`;

/** Steps of a value's way in words, the last first. */
export function originsOf(steps: readonly Step[], context: WordsContext): Origin[] {
  return steps.map((step) => {
    const { kind, words } = describe(step, context);
    const others = step.others.slice(0, 2).map((other) => otherWords(other, context));
    const also = others.length === 0 ? '' : `; by another branch ${others.join(', or ')}`;
    const offset = step.nth === undefined ? undefined : offsetOf(step.nth, context);
    return {
      words: `${words}${also}`,
      kind,
      ...(offset !== undefined && { offset }),
      certain: step.certain,
    };
  });
}

function offsetOf(nth: number, { text, fault }: WordsContext): number | undefined {
  const { instructions } = text.code;
  // How far its parts are from each other in a running kernel is not known of modules.
  const isSecond = (each: number): boolean => text.secondPart !== undefined && each >= text.secondPart;
  if (isSecond(nth) !== isSecond(fault)) return undefined;
  const [at, from] = [instructions[nth]?.address, instructions[fault]?.address];
  return at === undefined || from === undefined ? undefined : Number(at - from);
}

function describe(step: Step, context: WordsContext): Pick<Origin, 'kind' | 'words'> {
  const { text } = context;
  switch (step.kind) {
    case 'load': {
      const named = context.nameOf?.(step);
      return { kind: 'load', words: `loaded from ${named ?? placeWords(step.nth, step.memory, step.offset, context)}` };
    }
    case 'call':
      return { kind: 'call', words: `returned by ${calledWords(step.nth, context)}` };
    case 'argument':
      return { kind: 'argument', words: argumentWords(step, context) };
    case 'constant':
      return { kind: 'constant', words: constantWords(step.nth, step.value, context) };
    case 'address':
      return addressWords(step, context);
    case 'arithmetic': {
      const instruction = text.code.instructions[step.nth]?.instruction.text.replace(/\s+/g, ' ') ?? '';
      return { kind: 'arithmetic', words: `computed from ${registerText(text, step.register)} by "${instruction}"` };
    }
    case 'copy': {
      const part = step.bits === undefined ? '' : `the low ${step.bits} bits of `;
      return { kind: 'copy', words: `copied from ${part}${registerText(text, step.from)}` };
    }
    case 'spill':
      return {
        kind: 'copy',
        words: step.into
          ? `put on the stack from ${registerText(text, step.register)}`
          : `read back from the stack into ${registerText(text, step.register)}`,
      };
    case 'unknown':
      return { kind: 'unknown', words: unknownWords(step, context) };
  }
}

function argumentWords(
  { index, register }: Extract<Step, { readonly kind: 'argument' }>,
  { text, parameter }: WordsContext,
): string {
  const name = parameter?.(register, index);
  const of = text.name === undefined ? 'the function' : `${text.name}()`;
  if (!isClone(text.name ?? '')) {
    const ordinal = ordinals[index] ?? `${index + 1}th`;
    return `${ordinal} argument of ${of}${name === undefined ? '' : `, ${name}`}`;
  }
  return name === undefined ? `passed to ${of} in ${registerText(text, register)}` : `argument ${name} of ${of}`;
}

function unknownWords(step: Extract<Step, { readonly kind: 'unknown' }>, context: WordsContext): string {
  const { text } = context;
  const register = step.register === undefined ? 'it' : registerText(text, step.register);
  switch (step.why) {
    case 'before-code':
      return `${register} was set before the code that the log has`;
    case 'elsewhere':
      return `${register} was set before a jump to this code, from where is not known`;
    case 'of-caller':
      return `${register} is as the function's caller left it`;
    case 'stack':
      return 'on the stack, put there in a way that is not known';
    case 'computed': {
      const instruction = step.nth === undefined ? undefined : text.code.instructions[step.nth]?.instruction.text;
      return instruction === undefined ? 'computed' : `set by "${instruction.replace(/\s+/g, ' ')}"`;
    }
  }
}

/** The called function, or what it was called through. */
function calledWords(nth: number, { text }: WordsContext): string {
  const placed = text.code.instructions[nth];
  const called = placed === undefined ? undefined : text.references?.of(placed);
  if (called?.isCode === true && called.offset === 0 && !called.name.startsWith('__x86_indirect_'))
    return `${called.name}()`;
  return placed?.instruction.flow === 'call' && called === undefined ? 'a called function' : 'an indirect call';
}

function constantWords(nth: number, value: bigint | undefined, { text }: WordsContext): string {
  const placed = text.code.instructions[nth];
  const reference = placed === undefined ? undefined : text.references?.of(placed);
  if (reference !== undefined) return ofReference(reference);
  return value === undefined ? 'a constant' : value === 0n ? 'the constant 0' : `the constant ${hex(value)}`;
}

function addressWords(
  step: Extract<Step, { readonly kind: 'address' }>,
  { text, computed }: WordsContext,
): Pick<Origin, 'kind' | 'words'> {
  const { nth, memory } = step;
  const placed = text.code.instructions[nth];
  const reference = placed === undefined ? undefined : text.references?.of(placed);
  if (reference !== undefined) return { kind: 'constant', words: ofReference(reference) };
  const { base, index, displacement, scale } = memory;
  if (base === undefined || isRelative(base)) return { kind: 'constant', words: 'an address in the kernel' };
  const named = computed?.(step);
  if (named !== undefined) return { kind: 'arithmetic', words: `the address ${named}` };
  const from = registerText(text, base);
  const times = scale === 1 ? '' : ` times ${scale}`;
  const indexed = index === undefined ? '' : `, ${registerText(text, index)}${times}`;
  const constant = displacement === 0n && index !== undefined ? '' : `, ${hex(displacement)}`;
  return { kind: 'arithmetic', words: `the sum of ${from}${indexed}${constant}` };
}

/** A place in memory, where the source has no name for it. */
function placeWords(nth: number, memory: DecodedMemory, offset: number, { text }: WordsContext): string {
  const placed = text.code.instructions[nth];
  const reference = placed === undefined ? undefined : text.references?.of(placed);
  const perCpu = memory.segment === 'gs' && text.code.architecture === 'x86_64' ? 'the per-CPU variable ' : '';
  if (reference !== undefined) return `${perCpu}${atReference(reference)}`;
  const { base, index, displacement } = memory;
  if (base === undefined || memory.segment !== undefined) return `${perCpu}memory at ${hex(displacement)}`;
  if (isRelative(base)) return 'a variable of the kernel';
  const at = displacement + BigInt(offset);
  const distance = at === 0n ? '' : `${at < 0n ? ' minus ' : ' plus '}${hex(at < 0n ? -at : at)}`;
  const indexed = index === undefined ? '' : ` plus an index in ${registerText(text, index)}`;
  return `memory at ${registerText(text, base)}${indexed}${distance}`;
}

function otherWords(definition: Definition, context: WordsContext): string {
  switch (definition.kind) {
    case 'entry':
      return 'as it was when the function was called';
    case 'before':
      return 'from before the code that the log has';
    case 'lost':
      return 'from the stack';
    case 'written': {
      const text = context.text.code.instructions[definition.nth]?.instruction.text ?? '';
      return `by "${text.replace(/\s+/g, ' ')}"`;
    }
  }
}
