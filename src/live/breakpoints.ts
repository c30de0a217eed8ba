import type { Kernel } from '../kernel/kernel.ts';

/** A place that is waited at. */
export interface Breakpoint {
  readonly address: bigint;
  /** What it means to be there: `panic`, `a soft lockup`. */
  readonly words: string;
  readonly function: string;
  /** How often it is passed before it counts. */
  readonly passes: number;
}

/** Functions that the kernel comes to when it is in trouble. */
interface Trouble {
  readonly words: string;
  /** Those of the versions; the first that is there counts. */
  readonly functions: readonly string[];
  /** The function also runs when nothing is wrong, and then prints nothing: its first call of printk counts. */
  readonly isReport?: true;
  /** Mostly it is inlined into one of the others, so that nothing is lost where it is not there. */
  readonly isOptional?: true;
}

/**
 * In the order in which they matter: processors have as few as four breakpoints. Every oops of both architectures comes
 * by oops_enter (kernel/panic.c), called by oops_begin (arch/x86/kernel/dumpstack.c) and die (arch/arm64/kernel/traps.c).
 */
const troubles: readonly Trouble[] = [
  { words: 'panic', functions: ['vpanic', 'panic'] },
  { words: 'an oops', functions: ['oops_enter', 'die'] },
  // kernel/watchdog.c
  { words: 'a soft lockup', functions: ['watchdog_timer_fn'], isReport: true },
  // kernel/rcu/tree_stall.h; where both are inlined, what they are inlined into.
  {
    words: 'an RCU stall',
    functions: ['print_other_cpu_stall', 'check_cpu_stall', 'rcu_sched_clock_irq'],
    isReport: true,
  },
  { words: 'an RCU stall', functions: ['print_cpu_stall'], isReport: true, isOptional: true },
  // Since 6.5 (kernel/watchdog.c), before that kernel/watchdog_hld.c.
  {
    words: 'a hard lockup',
    functions: ['watchdog_hardlockup_check', 'watchdog_overflow_callback'],
    isReport: true,
  },
  // kernel/hung_task.c; mostly inlined into its caller.
  {
    words: 'a hung task',
    functions: ['check_hung_task', 'hung_task_info', 'check_hung_uninterruptible_tasks', 'watchdog'],
    isReport: true,
  },
];

/** Bytes of a function that are searched for a call. */
const mostCode = 16_384;

/** Where a kernel comes to when it is in trouble, the most telling first; what is not found is told to `onMissing`. */
export async function troublePlaces(kernel: Kernel, onMissing: (words: string) => void): Promise<Breakpoint[]> {
  const places: Breakpoint[] = [];
  const known = new Set<bigint>();
  for (const trouble of troubles) {
    const place = await placeOf(kernel, trouble);
    if (place === undefined && trouble.isOptional !== true) onMissing(trouble.words);
    if (place === undefined) continue;
    if (!known.has(place.address)) places.push(place);
    known.add(place.address);
  }
  return places;
}

async function placeOf(kernel: Kernel, { words, functions, isReport }: Trouble): Promise<Breakpoint | undefined> {
  for (const name of functions) {
    // What is seldom reached, compilers put elsewhere.
    const starts = [name, ...(isReport === true ? [`${name}.cold`] : [])].flatMap((each) => [
      ...kernel.symbols.addresses(each),
    ]);
    for (const start of starts) {
      if (!kernel.symbols.isText(start)) continue;
      const address = isReport === true ? await callOfPrintk(kernel, start) : start;
      if (address !== undefined) return { address, words, function: name, passes: 0 };
    }
  }
  return undefined;
}

/** The first call of printk in a function (`_printk` since 5.15). */
async function callOfPrintk(kernel: Kernel, start: bigint): Promise<bigint | undefined> {
  const { symbols, memory, architecture } = kernel;
  const targets = new Set(['_printk', 'printk'].flatMap((name) => symbols.address(name) ?? []));
  const size = Math.min(symbols.at(start)?.size ?? 0, mostCode);
  const code = size === 0 ? undefined : await memory.read(start, size);
  if (code === undefined) return undefined;
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const step = architecture === 'arm64' ? 4 : 1;
  for (let at = 0; at + 5 <= size; at += step) {
    const distance = architecture === 'arm64' ? branch(view.getUint32(at, true)) : call(view, at);
    if (distance === undefined) continue;
    const target = BigInt.asUintN(64, start + BigInt(at) + distance);
    if (targets.has(target)) return start + BigInt(at);
  }
  return undefined;
}

/** `bl`: 26 bits of words (Arm ARM, C6.2.34). */
function branch(word: number): bigint | undefined {
  return word >>> 26 === 0b100101 ? BigInt.asIntN(28, BigInt(word & 0x3ff_ffff) << 2n) : undefined;
}

/** `call rel32`, which counts from the next instruction. Bytes of others look like one, but lead elsewhere. */
function call(view: DataView, at: number): bigint | undefined {
  return view.getUint8(at) === 0xe8 ? BigInt(view.getInt32(at + 1, true)) + 5n : undefined;
}
