import type { Kernel } from './kernel.ts';
import type { StackRange } from './stacks.ts';
import type { Task } from './task.ts';
import { View } from './view.ts';

/** Of `struct inactive_task_frame` (arch/x86/include/asm/switch_to.h), what `__switch_to_asm` pushes. */
const pushed = [
  ['rbx', 'bx'],
  ['rbp', 'bp'],
  ['r12', 'r12'],
  ['r13', 'r13'],
  ['r14', 'r14'],
  ['r15', 'r15'],
  ['rip', 'ret_addr'],
] as const;

/**
 * Registers of a task that does not run, as they are in the function that called for the switch: `rip`, `rsp`, `rbp` and
 * those that a callee saves; of arm64 `pc`, `sp`, `x19` to `x29`. `rip` and `pc` are where it goes on. Undefined if they
 * are not on its stack.
 * @param contents the task's stack, from `contentsStart` on, if it was read already
 */
export async function savedContext(
  kernel: Kernel,
  task: Task,
  stack: StackRange,
  contents?: { readonly start: bigint; readonly bytes: Uint8Array },
): Promise<Record<string, bigint> | undefined> {
  switch (kernel.architecture) {
    case 'arm64': {
      const { sp, pc } = task.saved;
      return sp === undefined || pc === undefined || sp < stack.start || sp > stack.end ? undefined : { ...task.saved };
    }
    case 'x86_64': {
      const { rsp } = task.saved;
      const size = kernel.types.sizeof('inactive_task_frame');
      if (rsp === undefined || size === undefined || rsp < stack.start || rsp + BigInt(size) > stack.end)
        return undefined;
      const at = contents === undefined ? -1 : Number(rsp - contents.start);
      const known = contents !== undefined && at >= 0 && at + size <= contents.bytes.length;
      const bytes = known ? contents.bytes.subarray(at, at + size) : await kernel.memory.read(rsp, size);
      if (bytes === undefined) return undefined;
      const view = new View(kernel.types, 'inactive_task_frame', rsp, bytes);
      const registers: Record<string, bigint> = { rsp: rsp + BigInt(size) };
      for (const [register, member] of pushed) {
        const value = view.big(member);
        if (value !== undefined) registers[register] = value;
      }
      return registers;
    }
  }
}
