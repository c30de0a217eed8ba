import { hex } from '../values/context.ts';
import { type Conclusion, explainNonCanonical, type Scene } from './access-fault.ts';
import { aligned, refusalOf } from './privileged-x86.ts';
import { accessWords, addressWords, valueWords } from './words.ts';
import { generalRegister, wrongRegister } from './wrong-register.ts';

/** An access whose address is not a multiple of what it has to be. */
export function explainAlignment(scene: Scene): Conclusion {
  const { places, instruction } = scene;
  const nth = places.findIndex(({ operand }) => {
    const size = BigInt(operand.size);
    return operand.address !== undefined && size > 0n && operand.address % size !== 0n;
  });
  const place = places[nth];
  if (place === undefined) return { verdict: 'unknown', words: 'the processor reports an address that is not aligned' };
  const { operand } = place;
  const register = wrongRegister(place, scene);
  const done = `${accessWords(operand.access, operand.size)} at ${addressWords(operand)}`;
  return {
    verdict: 'equal',
    words: `${done}, which is not aligned: ${instruction.mnemonic} needs a multiple of ${operand.size}`,
    faulting: nth,
    ...(register !== undefined && { register }),
  };
}

/** #GP and #SS: an address that is not canonical, one that is not aligned, or a value that is refused. */
export function explainProtection(scene: Scene): Conclusion {
  const { instruction, registers, trap, places, report } = scene;
  const found = explainNonCanonical(scene, trap.address);
  if (found !== undefined) return found;
  const isMisaligned = places.some(
    ({ operand: { address, size } }) =>
      address !== undefined && size > 0 && address % BigInt(Math.min(size, 64)) !== 0n,
  );
  if (aligned.has(instruction.mnemonic) && isMisaligned) return explainAlignment(scene);
  const refusal = refusalOf(instruction.mnemonic, instruction.text, registers);
  if (refusal !== undefined) return { verdict: 'unknown', ...refusal };
  if (places.some(({ operand }) => operand.address === undefined)) {
    return { verdict: 'unknown', words: 'the registers that its address is made of are not all printed' };
  }
  const code = report.fault?.errorCode;
  if (code !== undefined && code !== 0n) {
    return { verdict: 'unknown', words: `the processor refuses it, with selector ${hex(code)}` };
  }
  if (instruction.flow === 'return' || instruction.flow === 'jump-indirect' || instruction.flow === 'call-indirect') {
    return indirectConclusion(scene);
  }
  if (places.length === 0)
    return { verdict: 'unknown', words: 'the processor refuses it, and no address is the reason' };
  const own = places.map(({ operand }) => addressWords(operand)).join(' and ');
  return {
    verdict: 'different',
    words: `accesses ${own}, which is canonical: registers or code are not those of the fault`,
  };
}

/** Calls, jumps and returns to an address that is not canonical fault where they are, not where they go. */
function indirectConclusion({ instruction, registers, context }: Scene): Conclusion {
  const register = instruction.reads.find((name) => generalRegister.test(name));
  const value = register === undefined ? undefined : registers.get(register);
  const how = instruction.flow === 'return' ? 'returns' : 'goes';
  if (register === undefined || value === undefined || instruction.memory.some(({ access }) => access === 'read')) {
    return { verdict: 'unknown', words: `${how} to an address read from memory, which is not canonical` };
  }
  const words = `${how} to an address that is not canonical; ${register} is ${valueWords(value, context)}`;
  return { verdict: 'not-canonical', words, register };
}
