import type { Thread } from '../../src/live/thread.ts';
import type { CpuFacts, HangFacts } from '../../src/live/verdict/facts.ts';
import type { Contention, Wait } from '../../src/live/waits/wait.ts';
import type { LiveEntry, LiveFrame } from '../../src/model/live.ts';
import type { RawFrame } from '../../src/unwind/frame.ts';
import { StructureKernel } from '../kernel/structure-kernel.ts';

/** A frame as a test writes it: `function`, `inlined < function`, `function file.c:12`, or with more. */
export type Written = string | (Partial<LiveFrame> & { readonly at: string });

/** `inner a.h:1 < outer b.c:2`: the last is the function that was compiled. */
export function madeFrame(written: Written, nth = 0): LiveFrame {
  const { at, ...more } = typeof written === 'string' ? { at: written } : written;
  const functions = at.split(' < ').map((text) => {
    const [name = '', place] = text.split(' ');
    const [file = '', line] = place?.split(':') ?? [];
    return { function: name, ...(line !== undefined && { source: { file, line: Number(line) } }) };
  });
  const own = functions.at(-1);
  return {
    address: 0xffff_ffff_8100_0000n + BigInt(nth * 0x100),
    ...(own?.function !== undefined && { function: own.function }),
    ...{ offset: 16, size: 64, stack: 'task', reliable: true },
    ...(own?.source !== undefined && { source: own.source }),
    ...(functions.length > 1 && { inlined: functions.slice(0, -1) }),
    ...more,
  };
}

export interface MadeThread extends Partial<Omit<Thread, 'frames' | 'raw'>> {
  readonly frames: readonly Written[];
  /** Words of the stack, which begins at `stackStart`. */
  readonly stack?: readonly bigint[];
}

export const stackStart = 0xffff_c900_0000_1000n;

export function madeThread({ frames, stack = [], ...thread }: MadeThread): Thread {
  const named = frames.map(madeFrame);
  return {
    ...thread,
    frames: named,
    raw: {
      frames: named.map(
        ({ address, entry }, nth): RawFrame => ({
          ...{ pc: address, isReturn: nth > 0, sp: stackStart, stack: 'task', reliable: true, registers: {} },
          ...(entry !== undefined && { entry }),
        }),
      ),
      memory: (address, size) => {
        const at = address - stackStart;
        const word = at < 0n ? undefined : stack[Number(at / 8n)];
        return word === undefined ? undefined : (word >> ((at % 8n) * 8n)) & ((1n << BigInt(size * 8)) - 1n);
      },
    },
  };
}

/** An entry from an exception. */
export const madeEntry = (more: Partial<LiveEntry> = {}): LiveEntry => ({
  ...{ kind: 'page-fault', ptRegs: 0xffff_c900_0000_2000n, registers: { rip: 0x10n }, isUser: false },
  ...more,
});

export function madeCpu(thread: Thread, more: Partial<CpuFacts> = {}): CpuFacts {
  const { cpu = 0, pid, comm, frames } = thread;
  return {
    ...{ id: cpu, state: 'kernel', registers: {}, frames, thread },
    ...(pid !== undefined && { pid }),
    ...(comm !== undefined && { comm }),
    ...more,
  };
}

export function madeWait(thread: Thread, nth: number, more: Partial<Wait> = {}): Wait {
  const { function: name = '?', source } = thread.frames[nth] ?? {};
  return {
    kind: 'mutex',
    site: { thread, nth, at: { function: name, ...(source && { source }) }, inlinedInto: [] },
    ...more,
  };
}

export function madeContention(more: Partial<Contention>): Contention {
  return { kind: 'mutex', address: 0xffff_8880_0000_0100n, name: 'frob_lock', waits: [], holders: [], ...more };
}

export function madeFacts(more: Partial<HangFacts> = {}): HangFacts {
  return {
    kernel: new StructureKernel({}).kernel,
    ...{ cpus: [], tasks: [], threads: [], contentions: [], faults: [] },
    ...more,
  };
}
