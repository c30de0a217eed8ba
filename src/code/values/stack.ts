import type { ValueMeaning } from '../../model/explanation.ts';
import type { ArchitectureName } from '../../model/report.ts';
import { hex, type StackBounds, type ValueContext } from './context.ts';

/**
 * THREAD_SIZE in bytes: arch/x86/include/asm/page_64_types.h, arch/arm64/include/asm/memory.h. Twice that with KASAN.
 * Undefined where it is not known.
 */
export function threadSize(
  architecture: ArchitectureName,
  { pageSize = 4096, kasan }: Pick<ValueContext, 'pageSize' | 'kasan'>,
): bigint | undefined {
  switch (architecture) {
    case 'x86_64':
      return kasan === undefined ? 0x4000n : 0x8000n;
    case 'arm64': {
      const size = kasan === undefined ? 0x4000n : 0x8000n;
      // With pages of 64 KiB a virtually mapped stack has at least one of them.
      return size < BigInt(pageSize) ? BigInt(pageSize) : size;
    }
    case 'i386':
    case 'arm':
      return 0x2000n;
    default:
      return undefined;
  }
}

/** Bounds of the stack that a stack pointer is on: stacks are as aligned as they are large. */
export function stackAround(stackPointer: bigint, size: bigint, overflowed: boolean): StackBounds {
  // A stack pointer that ran out of its stack is below it, in the guard page.
  const inside = overflowed ? stackPointer + 0x1000n : stackPointer;
  const from = inside - (inside % size);
  return { from, to: from + size, name: 'task', printed: false };
}

function relation(value: bigint, stackPointer: bigint | undefined): string {
  if (stackPointer === undefined) return '';
  if (value === stackPointer) return ', where the stack pointer is';
  return value > stackPointer
    ? `, ${hex(value - stackPointer)} above the stack pointer`
    : `, ${hex(stackPointer - value)} below the stack pointer`;
}

/** What a value is that points into a stack or just below one, where the guard page of a virtually mapped stack is. */
export function stackMeaning(value: bigint, context: ValueContext): ValueMeaning | undefined {
  const guard = BigInt(context.pageSize ?? 4096);
  for (const { from, to, name, printed } of context.stacks ?? []) {
    if (value >= from && value < to) {
      const words = `on the ${name} stack${relation(value, context.stackPointer)}`;
      return { value, class: 'stack', words, certain: true };
    }
    if (value >= from - guard && value < from) {
      const words = `in the guard page of the ${name} stack, ${hex(from - value)} below its end`;
      return { value, class: 'stack-guard', words, certain: printed };
    }
  }
  return undefined;
}
