import type { KernelMemory } from './memory.ts';

/** Elements of one list; the largest are those of tasks. */
export const mostElements = 65_536;

/** A list as far as it could be followed. */
export interface ListWalk {
  /** Addresses of the elements' own links, in their order. */
  readonly links: readonly bigint[];
  /** Why it ends too early; missing where it came back to its head, or to its NULL. */
  readonly endsBecause?: string;
}

/** What is needed of memory. */
type LinkMemory = Pick<KernelMemory, 'u64' | 'isKernelAddress'>;

/** `struct list_head`: next is first, and the last one leads to the head again. */
export function walkList(memory: LinkMemory, head: bigint, most = mostElements): Promise<ListWalk> {
  return follow(memory, head, 0n, head, most);
}

/** `struct hlist_head`, and others that end with NULL: the head points at the first element. */
export function walkChain(memory: LinkMemory, head: bigint, most = mostElements, nextOffset = 0n): Promise<ListWalk> {
  return follow(memory, head, nextOffset, 0n, most);
}

/** @param nextOffset where in an element the pointer to the next is; the head is one word. */
async function follow(
  memory: LinkMemory,
  head: bigint,
  nextOffset: bigint,
  end: bigint,
  most: number,
): Promise<ListWalk> {
  const links: bigint[] = [];
  const seen = new Set<bigint>();
  let at = head;
  for (;;) {
    const next = await memory.u64(links.length === 0 ? head : at + nextOffset);
    if (next === end) return { links };
    const why =
      next === undefined
        ? 'an element cannot be read'
        : !memory.isKernelAddress(next)
          ? 'an element points at what is no kernel address'
          : seen.has(next)
            ? 'it leads in a circle'
            : links.length >= most
              ? 'it is too long'
              : undefined;
    if (next === undefined || why !== undefined) return { links, ...(why !== undefined && { endsBecause: why }) };
    links.push(next);
    seen.add(next);
    at = next;
  }
}

/** `struct rb_node`s of a tree, in their order. The lowest bits of `rb_parent_color` are not followed. */
export async function walkTree(
  memory: LinkMemory,
  root: bigint,
  offsets: { readonly left: bigint; readonly right: bigint },
  most = mostElements,
): Promise<ListWalk> {
  const links: bigint[] = [];
  const seen = new Set<bigint>();
  const open: bigint[] = [];
  let why: string | undefined;
  const descend = async (from: bigint | undefined): Promise<void> => {
    let node = from;
    while (node !== undefined && node !== 0n) {
      if (!memory.isKernelAddress(node)) why ??= 'a node points at what is no kernel address';
      else if (seen.has(node)) why ??= 'it leads in a circle';
      else if (seen.size >= most) why ??= 'it is too large';
      else {
        seen.add(node);
        open.push(node);
        node = await memory.u64(node + offsets.left);
        continue;
      }
      return;
    }
    if (node === undefined) why ??= 'a node cannot be read';
  };
  await descend(await memory.u64(root));
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    links.push(node);
    await descend(await memory.u64(node + offsets.right));
  }
  return { links, ...(why !== undefined && { endsBecause: why }) };
}
