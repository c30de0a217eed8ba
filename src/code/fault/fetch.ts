import type { CrashReport } from '../../model/report.ts';
import type { Conclusion, Scene } from './access-fault.ts';
import type { RegisterValues } from './register-values.ts';
import { valueWords } from './words.ts';
import { generalRegister } from './wrong-register.ts';

/** The function that jumped there, in words: the first reliable frame behind the instruction pointer's. */
function callerWords({ frames, registers }: CrashReport): string {
  const set = registers?.find(({ mode }) => mode === 'kernel');
  const link = set?.lr?.function;
  if (link !== undefined) return `; the way there was a call, jump or return in ${link}`;
  const ip = set?.ip?.function;
  // With a wild instruction pointer there is no frame of its own, and the unwinder is often lost.
  const callers = frames.filter((frame) => frame.function !== undefined && frame.function !== ip);
  const reliable = callers.find((frame) => frame.reliable)?.function;
  if (reliable !== undefined) return `; the way there was a call, jump or return in ${reliable}`;
  const [first] = callers;
  return first?.function === undefined ? '' : `; the way there was perhaps a call in ${first.function}`;
}

/** The register that the bad pointer was called through: the only one that still holds it. */
function through(
  registers: RegisterValues,
  values: Readonly<Record<string, bigint>>,
  address: bigint,
): string | undefined {
  const names = Object.keys(values).filter((name) => generalRegister.test(name));
  const holding = registers.holding(address, names);
  return holding.length === 1 ? holding[0] : undefined;
}

/** Whether the page is there at all (bit 0 of x86's error code; arm64's fault status: translation or permission). */
function pageWords({ fault, architecture }: CrashReport): string {
  if (architecture === 'arm64') {
    const status = fault?.esr === undefined ? undefined : Number((fault.esr & 0x3fn) >> 2n);
    if (status === 1) return ', which is not mapped';
    return status === 3 ? ', which is mapped but not executable for the kernel' : '';
  }
  const { errorCode } = fault ?? {};
  if (errorCode === undefined) return '';
  return (errorCode & 1n) === 0n ? ', which is not mapped' : ', which is mapped but not executable for the kernel';
}

/** Instructions that could not be fetched: the instruction pointer itself is the bad address. */
export function explainFetch(scene: Pick<Scene, 'report' | 'set' | 'registers' | 'context' | 'trap'>): Conclusion {
  const { report, set, registers, context, trap } = scene;
  const address = trap.address ?? registers.address;
  if (address === undefined) return { verdict: 'fetch', words: 'the instruction itself could not be fetched' };
  const register = through(registers, set?.values ?? {}, address);
  const held = register === undefined ? '' : `; ${register} holds that address`;
  return {
    verdict: 'fetch',
    words: `no instruction can be fetched at ${valueWords(address, context)}${pageWords(report)}${callerWords(report)}${held}`,
    ...(register !== undefined && { register }),
  };
}
