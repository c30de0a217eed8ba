import { hex } from '../values/context.ts';
import { layoutOf } from '../values/meaning.ts';
import { type Conclusion, explainAccess, type Scene } from './access-fault.ts';
import { accessWords, addressWords } from './words.ts';

/** Bytes of the frame that the processor pushes for an exception, as much as fits below a stack pointer. */
const frameBytes = 64n;

/**
 * No room on the stack: the guard page below it was hit. CR2 is that of the second fault, where the frame of the first
 * one's exception could not be pushed (Intel SDM 3A, 6.15, interrupt 8), unless the instruction is one that pushes.
 */
export function explainStack(scene: Scene): Conclusion {
  const { trap, registers, places } = scene;
  const { address } = trap;
  if (address === undefined) return { verdict: 'unknown', words: 'the address of the fault is not printed' };
  const conclusion = explainAccess(scene, address);
  if (conclusion.verdict !== 'different') return conclusion;
  const name = registers.bits === 64 ? 'rsp' : 'esp';
  const stack = registers.get(name);
  if (stack === undefined || address >= stack || stack - address > frameBytes) {
    // A double fault need not come from a page fault, and then CR2 is an old one.
    return { verdict: 'unknown', words: `CR2 is ${hex(address)}, which this instruction does not access` };
  }
  if (layoutOf(scene.context).half(stack) !== 'kernel') {
    return { verdict: 'unknown', words: `${name} is ${hex(stack)}, which is no kernel stack`, register: name };
  }
  const page = address / 4096n;
  const nth = places.findIndex(({ operand }) => operand.address !== undefined && operand.address / 4096n === page);
  const operand = places[nth]?.operand;
  const did =
    operand === undefined ? '' : `${accessWords(operand.access, operand.size)} at ${addressWords(operand)}; then `;
  return {
    verdict: 'unknown',
    words: `${did}no frame for the exception could be pushed at ${hex(address)}, below ${name}: the stack is used up`,
    ...(operand !== undefined && { faulting: nth }),
    register: name,
  };
}
