import type { Kernel } from '../kernel/kernel.ts';
import { plainMemory } from '../kernel/plain-memory.ts';
import type { RawStack } from '../unwind/frame.ts';
import { hasFixup } from './faults/exception-table.ts';
import type { ReadCpu, ReadTask } from './read-threads.ts';
import { lockFunctionsOf, sleepFunctions } from './waits/lock-functions.ts';
import { rtMutexOf, rtMutexOwner } from './waits/rt-mutexes.ts';

/** Words of a stack whose targets are read, and pages of all together. */
const mostWords = 768;
const mostPages = 4096;
const pageBytes = 4096n;
/** In place of a page, where each byte takes its time: what is read before, and behind what a pointer points to. */
const before = 64n;
const behind = 255n;

/** Variables of the kernel that rules look at. */
const singleWords = ['console_owner'];

/** States of tasks that are looked at closely. */
const telling: ReadonlySet<string> = new Set(['D']);

/**
 * Reads what registers and stacks point to: locks, structures, code. Nothing is done with it here; it is what can be
 * looked at later, when the machine runs again.
 */
export async function readAhead(kernel: Kernel, cpus: readonly ReadCpu[], tasks: readonly ReadTask[]): Promise<void> {
  const pages = new Set<bigint>();
  const isPlain = kernel.machine.canReadPhysical ? undefined : await plainMemory(kernel);
  const { blockBytes } = kernel.machine;
  const bytes = BigInt(blockBytes ?? pageBytes);
  const add = (address: bigint | undefined): void => {
    if (address === undefined || pages.size >= mostPages || !kernel.memory.isKernelAddress(address)) return;
    if (isPlain?.(address) === false) return;
    if (blockBytes === undefined) return void pages.add(address / bytes);
    for (const near of [address - before, address, address + behind])
      if (near / pageBytes === address / pageBytes) pages.add(near / bytes);
  };
  for (const name of singleWords) add(kernel.symbols.address(name));
  for (const { registers, raw } of cpus) {
    for (const value of Object.values(registers)) add(value);
    addStack(raw, add);
  }
  const blocked: bigint[] = [];
  const isWait = waitFunctions(kernel);
  for (const { task, raw } of tasks) {
    const isTelling = telling.has(task.state) || raw.frames.slice(0, mostInner).some(({ pc }) => isWait(pc));
    if (isTelling) {
      addStack(raw, add);
      blocked.push(task.address);
    }
    add(task.blocker === undefined ? undefined : task.blocker & ~3n);
  }
  await Promise.all([...pages].map((page) => kernel.memory.read(page * bytes, Number(bytes))));
  await Promise.all(blocked.map((task) => readRtMutex(kernel, task)));
  await Promise.all([...cpus, ...tasks].flatMap(({ raw }) => faultingCode(raw)).map((pc) => readCode(kernel, pc)));
}

/** What a task is blocked on, and who owns that: where it says so is in none of the pages that are read anyway. */
async function readRtMutex(kernel: Kernel, task: bigint): Promise<void> {
  const lock = await rtMutexOf(kernel, task);
  if (lock !== undefined) await rtMutexOwner(kernel, lock);
}

/** Frames within which it is told what a task waits for. */
const mostInner = 8;

/** Tells whether a function waits for a lock or the like, by its name; most tasks sleep in the same ones. */
function waitFunctions({ symbols }: Kernel): (pc: bigint) => boolean {
  const known = new Map<bigint, boolean>();
  return (pc) => {
    let isWait = known.get(pc);
    if (isWait === undefined) {
      const name = symbols.at(pc - 1n)?.name;
      isWait = name !== undefined && !sleepFunctions.test(name) && lockFunctionsOf(name) !== undefined;
      known.set(pc, isWait);
    }
    return isWait;
  };
}

function addStack({ frames, memory }: RawStack, add: (address: bigint | undefined) => void): void {
  let left = mostWords;
  let at = 0n;
  for (const { sp, registers } of frames) {
    for (const value of Object.values(registers)) add(value);
    // From one frame to the next; another stack begins anew.
    if (sp > at + 0x4000n || sp < at) at = sp & ~7n;
    for (; at <= sp && left > 0; at += 8n, left--) add(memory?.(at, 8));
  }
}

/** Where faults were taken in the kernel. */
function faultingCode({ frames }: RawStack): readonly bigint[] {
  return frames.flatMap(({ entry }, nth) => {
    const pc = frames[nth + 1]?.pc;
    return entry === undefined || entry.isUser || pc === undefined ? [] : [pc];
  });
}

/** The instructions around, and what the kernel does if it faults there. */
async function readCode(kernel: Kernel, pc: bigint): Promise<void> {
  await Promise.all([kernel.memory.read(pc - 64n, 128), hasFixup(kernel, pc)]);
}
