import type { Kernel } from '../../kernel/kernel.ts';
import { walkList } from '../../kernel/list.ts';
import { type KernelCpu, perCpuAddress } from '../../kernel/per-cpu.ts';
import { memberPlace, readSpan, spanOf } from '../../kernel/view.ts';
import { type KernelClock, sinceJiffies } from './clock.ts';

/** A grace period of RCU that has begun and not ended. */
export interface GracePeriod {
  /** Of `rcu_state`. */
  readonly address: bigint;
  /** Nanoseconds since it began. */
  readonly age?: bigint;
  /** CPUs that have yet to pass a quiescent state. */
  readonly cpus: readonly number[];
  /** `task_struct`s of readers that were switched away from in their critical section. */
  readonly readers: readonly bigint[];
}

/** Low bits of a sequence number: not 0 while one is under way (RCU_SEQ_STATE_MASK, kernel/rcu/rcu.h). */
const sequenceState = 3n;
const mostReaders = 64;
const mostNodes = 512;

/** The normal grace period that is under way; undefined if there is none (kernel/rcu/tree.c, since 4.20 one flavour for all). */
export async function readGracePeriod(
  kernel: Kernel,
  cpus: readonly KernelCpu[],
  clock: KernelClock,
): Promise<GracePeriod | undefined> {
  const { symbols, types } = kernel;
  const address = symbols.address('rcu_state');
  const span = spanOf(types, 'rcu_state', ['gp_seq', 'gp_start']);
  const state = address === undefined || span === undefined ? undefined : await readSpan(kernel, span, address);
  const sequence = state?.big('gp_seq');
  if (address === undefined || state === undefined || sequence === undefined) return undefined;
  if ((sequence & sequenceState) === 0n) return undefined;
  const data = await Promise.all(cpus.map((cpu) => readCpuData(kernel, cpu)));
  const nodes = [...new Set(data.flatMap((each) => each?.node ?? []))].slice(0, mostNodes);
  const masks = new Map(await Promise.all(nodes.map(async (node) => [node, await readNode(kernel, node)] as const)));
  const begun = state.big('gp_start');
  const age = begun === undefined ? undefined : sinceJiffies(clock, begun);
  return {
    address,
    ...(age !== undefined && { age }),
    cpus: data.flatMap((each) =>
      each !== undefined && ((masks.get(each.node)?.mask ?? 0n) & each.mask) !== 0n ? [each.cpu] : [],
    ),
    readers: [...masks.values()].flatMap((node) => node?.readers ?? []),
  };
}

async function readCpuData(kernel: Kernel, cpu: KernelCpu) {
  const address = perCpuAddress(kernel, 'rcu_data', cpu);
  const span = spanOf(kernel.types, 'rcu_data', ['mynode', 'grpmask']);
  const view = address === undefined || span === undefined ? undefined : await readSpan(kernel, span, address);
  const [node, mask] = [view?.pointer('mynode'), view?.big('grpmask')];
  return node === undefined || mask === undefined ? undefined : { cpu: cpu.id, node, mask };
}

/** The CPUs of a leaf that are waited for, and readers: those from `gp_tasks` to the end of the list hold it up. */
async function readNode(kernel: Kernel, node: bigint) {
  const span = spanOf(kernel.types, 'rcu_node', ['qsmask', 'gp_tasks', 'blkd_tasks']);
  const view = span && (await readSpan(kernel, span, node));
  const mask = view?.big('qsmask');
  if (view === undefined || mask === undefined) return undefined;
  const first = view.pointer('gp_tasks');
  const head = view.at('blkd_tasks');
  const entry = memberPlace(kernel.types, 'task_struct', 'rcu_node_entry');
  if (first === undefined || head === undefined || entry === undefined) return { mask, readers: [] };
  const { links } = await walkList(kernel.memory, head, mostReaders);
  const from = links.indexOf(first);
  const holding = from < 0 ? [] : links.slice(from);
  return { mask, readers: holding.map((link) => link - BigInt(entry.offset)) };
}
