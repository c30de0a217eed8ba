import type { Kernel } from './kernel.ts';
import { memberPlace, readView } from './view.ts';

/** 16 KiB: THREAD_SIZE of x86-64 and of arm64 with small pages, without KASAN. */
const usual = 16_384;

/** What a stack may have; arm64 has 64 KiB where pages have it, KASAN doubles it. */
function isPlausible(bytes: number): boolean {
  return bytes >= 4096 && bytes <= 1_048_576 && (bytes & (bytes - 1)) === 0;
}

/** The linker puts the first task's stack between these (include/asm-generic/vmlinux.lds.h; the last pair before 6.10). */
const ends = [
  ['__start_init_stack', '__end_init_stack'],
  ['__start_init_task', '__end_init_task'],
] as const;

/** THREAD_SIZE: bytes of a task's kernel stack. */
export function threadSize(kernel: Kernel): number {
  const known = kernel.types.sizeof('union thread_union');
  if (known !== undefined && isPlausible(known)) return known;
  for (const [start, end] of ends) {
    const from = kernel.symbols.address(start);
    const to = kernel.symbols.address(end);
    const bytes = from === undefined || to === undefined ? 0 : Number(to - from);
    if (isPlausible(bytes)) return bytes;
  }
  return usual;
}

/** As `threadSize`, from a `vm_struct` that a stack lies in, which has a page more to guard it. */
export async function stackAreaSize(kernel: Kernel, vmArea: bigint): Promise<number | undefined> {
  if (memberPlace(kernel.types, 'vm_struct', 'nr_pages') === undefined) return undefined;
  const view = await readView(kernel, 'vm_struct', vmArea);
  const size = view?.number('size');
  const pages = view?.number('nr_pages');
  if (size === undefined || pages === undefined || pages === 0) return undefined;
  const bytes = (size / (pages + 1)) * pages;
  return isPlausible(bytes) ? bytes : undefined;
}
