import type { CodeDump, CrashReport } from '../../model/report.ts';
import { type Conclusion, explainAccess, type Scene } from './access-fault.ts';
import { explainFetch } from './fetch.ts';
import { explainAlignment, explainProtection } from './protection.ts';
import { breakWords, divideWords, x86TrapWords } from './trap-instructions.ts';
import { explainStack } from './used-up-stack.ts';
import { accessWords, addressWords, registerWords } from './words.ts';
import { wrongRegister } from './wrong-register.ts';

/** The code that a report's own registers belong to: the first `Code:` line of the kernel. */
export function trapCode({ code }: CrashReport): CodeDump | undefined {
  return code?.find(({ mode, marked }) => mode === 'kernel' && marked !== undefined);
}

const badSignature =
  'the signature of the pointer is not the one it was given: it was overwritten, or signed for another place';

/** What is concluded of a trap. */
export function conclusionOf(scene: Scene): Conclusion {
  const { trap, instruction, registers } = scene;
  switch (trap.kind) {
    case 'fetch':
      return explainFetch(scene);
    case 'access':
    case 'tag-check':
    case 'external':
      return accessConclusion(scene);
    case 'double-fault':
      return explainStack(scene);
    case 'protection':
    case 'stack-segment':
      return explainProtection(scene);
    case 'alignment':
      return explainAlignment(scene);
    case 'stack-alignment':
      return { verdict: 'unknown', words: 'sp is not a multiple of 16', register: 'sp' };
    case 'divide':
      return { verdict: 'unknown', ...divideWords(instruction, registers) };
    case 'pointer-authentication': {
      const [register] = instruction.writes;
      return { verdict: 'unknown', words: badSignature, ...(register !== undefined && { register }) };
    }
    case 'branch-target':
      return {
        verdict: 'unknown',
        words: 'an indirect call or jump came here, which is not a place for one (BTI, IBT)',
      };
    case 'system-register':
      return { verdict: 'unknown', words: 'accesses a system register that is not there, or not open to the kernel' };
    case 'undefined':
    case 'breakpoint':
    case 'none':
      return trapConclusion(scene);
  }
}

/** Instructions that are there to trap, and those that a processor does not know. */
function trapConclusion({ instruction, report, registers, context, trap }: Scene): Conclusion {
  const number = /^brk #0x([0-9a-f]{1,4})$/.exec(instruction.text)?.[1];
  const told =
    number === undefined
      ? x86TrapWords(instruction, report.kind)
      : breakWords(Number.parseInt(number, 16), report.kind, registers, context);
  if (told !== undefined) return { verdict: 'unknown', ...told };
  return { verdict: 'unknown', words: otherWords() };

  function otherWords(): string {
    if (trap.kind === 'none') return 'no fault is reported: this is where the processor was';
    if (trap.kind === 'breakpoint') return breakpointWords(report);
    if (instruction.mnemonic === 'udf') {
      return 'udf, an undefined instruction: placed on purpose, or no code (it is made of zeros)';
    }
    if (!instruction.valid || instruction.flow === 'trap') {
      return 'these bytes are no instruction: this is no code, or code that was overwritten';
    }
    return `this processor does not have ${instruction.mnemonic}, or it is switched off`;
  }
}

/** int3 traps behind itself: the marked instruction is the next one. */
function breakpointWords(report: CrashReport): string {
  const dump = trapCode(report);
  const before = dump?.marked === undefined ? undefined : dump.units[dump.marked - 1];
  return before === 'cc'
    ? 'an int3 was just before: a breakpoint, or what code that is being patched, or is free, is made of'
    : 'a breakpoint was just before, which is no longer there';
}

/** What the kind of a data abort adds. */
const additions: Readonly<Partial<Record<Scene['trap']['kind'], string>>> = {
  'tag-check': '; its tag is not that of the memory',
  external: '; the bus or the memory answered with an error',
};

function accessConclusion(scene: Scene): Conclusion {
  const { address, kind } = scene.trap;
  const conclusion = address === undefined ? unnamedAccess(scene) : explainAccess(scene, address);
  return { ...conclusion, words: `${conclusion.words}${additions[kind] ?? ''}` };
}

/** The processor knows no address, or it is not printed: what the instruction accesses is all there is to say. */
function unnamedAccess(scene: Scene): Conclusion {
  const { places, registers, context } = scene;
  const [place] = places;
  const missing = 'the address of the fault is not printed';
  if (place === undefined || places.length > 1) return { verdict: 'unknown', words: missing };
  const { operand } = place;
  const register = wrongRegister(place, scene);
  const done = `${accessWords(operand.access, operand.size)} at ${addressWords(operand)}`;
  return {
    verdict: 'unknown',
    words: `${done}${registerWords(register, operand, registers, context)}; ${missing}`,
    faulting: 0,
    ...(register !== undefined && { register }),
  };
}
