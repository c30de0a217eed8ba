import type { Kernel } from '../../kernel/kernel.ts';
import { memberPlace } from '../../kernel/view.ts';
import type { Thread } from '../thread.ts';
import type { FoundLock } from './lock-address.ts';

/** Words of a stack that are looked at. */
const mostWords = 1024;

/** A structure on the stack of a task that waits, with the task itself in one of its members. */
class StackObject {
  readonly #kernel: Kernel;
  readonly #thread: Thread;
  readonly #type: string;
  readonly #address: bigint;

  constructor(kernel: Kernel, thread: Thread, type: string, address: bigint) {
    this.#kernel = kernel;
    this.#thread = thread;
    this.#type = type;
    this.#address = address;
  }

  /** Of the first of these members that there is. */
  value(...paths: readonly string[]): bigint | undefined {
    for (const path of paths) {
      const place = memberPlace(this.#kernel.types, this.#type, path);
      if (place?.size === undefined || ![1, 2, 4, 8].includes(place.size)) continue;
      return this.#thread.raw.memory(this.#address + BigInt(place.offset), place.size);
    }
    return undefined;
  }
}

/** All places on the part of a stack that sleeps where a structure may be that has its task in a member. */
function objectsOnStack(kernel: Kernel, thread: Thread, type: string, member: string): readonly StackObject[] {
  const place = memberPlace(kernel.types, type, member);
  if (place === undefined || thread.task === undefined) return [];
  const start = (thread.raw.frames[0]?.sp ?? 0n) & ~7n;
  const found: StackObject[] = [];
  for (let nth = 0; nth < mostWords; nth++) {
    const at = start + BigInt(nth * 8);
    const word = thread.raw.memory(at, 8);
    if (word === undefined) break;
    if (word === thread.task) found.push(new StackObject(kernel, thread, type, at - BigInt(place.offset)));
  }
  return found;
}

/** Highest address that user space can have (5 levels, 52 bits), and what an offset in a page takes. */
const userEnd = 1n << 56n;
const offsetFlags = 3n;
/** FUT_OFF_INODE (include/linux/futex.h): the key is of a file, not of an address. */
const ofFile = 1n;

/** The futex that a task waits for: `struct futex_q`, with `union futex_key` (include/linux/futex.h). */
export function futexOf(kernel: Kernel, thread: Thread): FoundLock | undefined {
  for (const object of objectsOnStack(kernel, thread, 'futex_q', 'task')) {
    const [space, page, offset] = ['ptr', 'word', 'offset'].map((each) => object.value(`key.both.${each}`));
    if (space === undefined || page === undefined || offset === undefined || offset >= 1n << 20n) continue;
    if ((offset & ofFile) !== 0n || page >= userEnd || page === 0n) continue;
    const address = page + (offset & ~offsetFlags);
    return { address, space, how: 'its futex_q on the stack', name: `at 0x${address.toString(16)} of the program` };
  }
  return undefined;
}

/** Bits of a page have names in an enumeration; there are fewer than that. */
const mostBits = 64n;

/** The folio or page that a task waits for: `struct wait_page_queue` (mm/filemap.c, include/linux/pagemap.h). */
export function folioOf(kernel: Kernel, thread: Thread): FoundLock | undefined {
  for (const object of objectsOnStack(kernel, thread, 'wait_page_queue', 'wait.private')) {
    const address = object.value('folio', 'page');
    const bit = object.value('bit_nr');
    if (address === undefined || bit === undefined || bit >= mostBits || !kernel.memory.isKernelAddress(address))
      continue;
    const [flags] = kernel.types.find('pageflags');
    const name = (flags === undefined ? undefined : kernel.types.enumName(flags, bit)) ?? `bit ${bit}`;
    return {
      address,
      how: 'its wait_page_queue on the stack',
      name: `${name} of the folio at 0x${address.toString(16)}`,
    };
  }
  return undefined;
}

/** The bit that a task waits for: `struct wait_bit_queue_entry` (kernel/sched/wait_bit.c). */
export function bitOf(kernel: Kernel, thread: Thread): FoundLock | undefined {
  for (const object of objectsOnStack(kernel, thread, 'wait_bit_queue_entry', 'wq_entry.private')) {
    const address = object.value('key.flags');
    const bit = object.value('key.bit_nr');
    if (address === undefined || bit === undefined || bit >= mostBits || !kernel.memory.isKernelAddress(address))
      continue;
    return { address, how: 'its wait_bit_queue_entry on the stack', name: `${bit} at 0x${address.toString(16)}` };
  }
  return undefined;
}
