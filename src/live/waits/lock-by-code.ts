import type { Kernel } from '../../kernel/kernel.ts';
import { insideOf } from '../frames.ts';
import { type CodeReader, type FrameState, firstArgument, indexAt } from './code-values.ts';
import type { WaitPlace } from './find-waits.ts';
import type { FoundLock } from './lock-address.ts';
import { lockFunctionsOf } from './lock-functions.ts';
import { hasWaiterList, isWaiterOf } from './waiter-lists.ts';

/**
 * The lock that a function is called with, followed back in the code of its caller: where debug information does not tell.
 */
export async function lockByCode(
  kernel: Kernel,
  reader: CodeReader,
  { kind, site: { thread, nth } }: WaitPlace,
  state: FrameState,
): Promise<FoundLock | undefined> {
  const frame = thread.raw.frames[nth];
  const code = frame?.reliable === true && frame.isReturn ? reader.at(insideOf(frame)) : undefined;
  const here = code && indexAt(code, code.place.address);
  const call = here === undefined ? undefined : code?.text.code.instructions[here];
  if (code === undefined || here === undefined || call?.instruction.flow !== 'call') return undefined;
  const called = reader.named(code, call)?.name;
  if (called === undefined || lockFunctionsOf(called) === undefined) return undefined;
  const address = await reader.value(code, here, firstArgument(code), here, state);
  if (address === undefined || !kernel.memory.isKernelAddress(address)) return undefined;
  // Values that are followed back may be wrong: what can be checked is.
  const isRight =
    !hasWaiterList(kind) || (thread.task !== undefined && (await isWaiterOf(kernel, kind, address, thread.task)));
  return isRight ? { address, how: `what ${called} was called with` } : undefined;
}
