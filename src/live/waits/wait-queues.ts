import type { Kernel } from '../../kernel/kernel.ts';
import { memberPlace } from '../../kernel/view.ts';
import { functionsOf, plainName } from '../frames.ts';
import type { Thread } from '../thread.ts';
import type { FoundLock } from './lock-address.ts';
import { sleepFunctions } from './lock-functions.ts';
import type { Site } from './wait.ts';

/** Words of a stack, and entries of a queue, that are looked at. */
const mostWords = 1024;
const mostEntries = 256;

/** Where the members are that are needed (include/linux/wait.h). */
interface Places {
  readonly func: bigint;
  readonly task: bigint;
  readonly entry: bigint;
  readonly head: bigint;
}

function placesOf({ types }: Kernel): Places | undefined {
  const [func, task, entry] = ['func', 'private', 'entry'].map(
    (path) => memberPlace(types, 'wait_queue_entry', path)?.offset,
  );
  const head = memberPlace(types, 'wait_queue_head', 'head')?.offset;
  if (func === undefined || task === undefined || entry === undefined || head === undefined) return undefined;
  return { func: BigInt(func), task: BigInt(task), entry: BigInt(entry), head: BigInt(head) };
}

/**
 * The wait queue that a task sleeps in: by its entry on the stack, which `wait_event()` puts there and links to the
 * queue. Entries have a function that wakes, the head has none, which tells where the ring begins.
 */
export async function waitQueueOf(kernel: Kernel, thread: Thread): Promise<FoundLock | undefined> {
  const places = placesOf(kernel);
  const { task } = thread;
  if (places === undefined || task === undefined) return undefined;
  const start = (thread.raw.frames[0]?.sp ?? 0n) & ~7n;
  for (let nth = 0; nth < mostWords; nth++) {
    const at = start + BigInt(nth * 8);
    const word = thread.raw.memory(at, 8);
    if (word === undefined) break;
    if (word !== task) continue;
    const node = at - places.task + places.entry;
    const head = (await isEntry(kernel, places, node)) ? await headOf(kernel, places, node) : undefined;
    if (head !== undefined) return { address: head, how: 'its entry on the stack' };
  }
  return undefined;
}

/** The queue's address, from one of its entries on. */
async function headOf(kernel: Kernel, places: Places, node: bigint): Promise<bigint | undefined> {
  const { memory } = kernel;
  let before = node;
  for (let nth = 0; nth < mostEntries; nth++) {
    const next = await memory.u64(before);
    if (next === undefined || next === node || !memory.isKernelAddress(next)) return undefined;
    // `struct list_head`: the pointer to the element before is the second.
    if ((await memory.u64(next + 8n)) !== before) return undefined;
    if (!(await isEntry(kernel, places, next))) return next - places.head;
    before = next;
  }
  return undefined;
}

async function isEntry({ memory, symbols }: Kernel, { entry, func }: Places, node: bigint): Promise<boolean> {
  const wakes = await memory.u64(node - entry + func);
  return wakes !== undefined && symbols.isText(wakes);
}

/** Functions that wait for whatever their callers want (kernel/sched/wait.c, kernel/time). */
const waitingHelper = /^(?:wait_woken|prepare_to_\w+|finish_wait|do_wait_intr\w*|__?wait_event\w*)$/;

/** Where a task waits that called the scheduler itself. */
export function sleepSite(thread: Thread): Site | undefined {
  const functions = thread.frames.flatMap((frame, nth) =>
    frame.reliable && frame.entry === undefined ? functionsOf(frame).map((at) => ({ nth, at })) : [],
  );
  const first = functions.findIndex(({ at }) => {
    const name = plainName(at.function);
    return !sleepFunctions.test(name) && !waitingHelper.test(name);
  });
  const here = functions[first];
  if (here === undefined || first === 0) return undefined;
  const around = functions.slice(first + 1).filter(({ nth }) => nth === here.nth);
  return { thread, nth: here.nth, at: here.at, inlinedInto: around.map(({ at }) => at) };
}
