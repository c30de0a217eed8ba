import type { Kernel } from '../kernel.ts';
import { walkChain } from '../list.ts';
import { memberPlace, readSpan, spanOf, type View } from '../view.ts';

/** A console that the kernel prints to. */
export interface LogConsole {
  /** `ttyS0`. */
  readonly name: string;
  readonly isEnabled: boolean;
  /** It has a thread of its own or is printed to without a lock: `CON_NBCON`, since 6.6. */
  readonly isNbcon: boolean;
  /** Of the first record that it did not get yet; of kernels before 5.19 all have the same. */
  readonly next?: bigint;
}

/** Flags of `struct console`, include/linux/console.h. */
const enabledFlag = 0x4n;
const nbconFlag = 0x100n;

const mostConsoles = 64;
const members = ['name', 'flags', 'index', 'seq', 'nbcon_seq.counter', 'next', 'node'];

/**
 * How far consoles came: `console.seq` since 5.19, `nbcon_seq` of some since 6.6, before it `console_seq` for all. The list
 * is `console_list` since 6.2, before it `console_drivers`.
 */
export async function readConsoles(kernel: Kernel): Promise<LogConsole[]> {
  const { symbols, memory, types } = kernel;
  const span = spanOf(types, 'console', members);
  if (span === undefined) return [];
  const node = memberPlace(types, 'console', 'node')?.offset;
  const next = memberPlace(types, 'console', 'next')?.offset;
  // Names that are not there cost a search through all names.
  const old = memberPlace(types, 'console', 'seq') === undefined ? symbols.address('console_seq') : undefined;
  const list = symbols.address(node === undefined ? 'console_drivers' : 'console_list');
  const { links } =
    list === undefined
      ? { links: [] }
      : await walkChain(memory, list, mostConsoles, node === undefined ? BigInt(next ?? 0) : 0n);
  const addresses = links.map((link) => link - BigInt(node ?? 0));
  const [shared, views] = await Promise.all([
    old === undefined ? undefined : memory.u64(old),
    Promise.all(addresses.map((address) => readSpan(kernel, span, address))),
  ]);
  return views.flatMap((view) => (view === undefined ? [] : [consoleOf(view, shared)]));
}

function consoleOf(view: View, shared: bigint | undefined): LogConsole {
  const flags = view.big('flags') ?? 0n;
  const isNbcon = view.has('nbcon_seq') && (flags & nbconFlag) !== 0n;
  const next = isNbcon ? view.big('nbcon_seq.counter') : (view.big('seq') ?? shared);
  const index = view.signed('index') ?? -1n;
  return {
    name: `${(view.text('name') ?? '').replace(/[^!-~]/g, '?')}${index < 0n ? '' : index}`,
    isEnabled: (flags & enabledFlag) !== 0n,
    isNbcon,
    ...(next !== undefined && { next }),
  };
}
