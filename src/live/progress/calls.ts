import type { Kernel } from '../../kernel/kernel.ts';
import { type KernelCpu, perCpuAddress } from '../../kernel/per-cpu.ts';
import { memberPlace } from '../../kernel/view.ts';

/** Function calls between CPUs (kernel/smp.c) that were sent and not answered. */
export interface UnansweredCalls {
  /** The CPU that called. */
  readonly from: number;
  /** Those that have not answered. */
  readonly to: readonly number[];
}

/** CSD_FLAG_LOCK: in use until the other CPU has run it (since 2.6.30). */
const locked = 1n;
/** Callers that are looked at, where there are many CPUs: each has one word for each other CPU. */
const mostWords = 4096;

/**
 * What CPUs wait for that have called many at once: `cfd_data` of the caller has one call for each CPU, which is marked
 * until that one has run it. The calls are per-CPU variables: `csd`, from 5.12 to 6.0 in `pcpu`.
 */
export async function readCalls(
  kernel: Kernel,
  cpus: readonly KernelCpu[],
  callers: readonly number[],
): Promise<readonly UnansweredCalls[]> {
  if (callers.length === 0) return [];
  const csd =
    memberPlace(kernel.types, 'call_function_data', 'csd') ?? memberPlace(kernel.types, 'call_function_data', 'pcpu');
  const flags = flagsPlace(kernel);
  if (csd === undefined || flags === undefined) return [];
  const most = Math.max(1, Math.floor(mostWords / Math.max(cpus.length, 1)));
  const found = await Promise.all(
    cpus
      .filter(({ id }) => callers.includes(id))
      .slice(0, most)
      .map(async (cpu): Promise<UnansweredCalls> => {
        const data = perCpuAddress(kernel, 'cfd_data', cpu);
        const base = data === undefined ? undefined : await kernel.memory.u64(data + BigInt(csd.offset));
        if (base === undefined || base === 0n) return { from: cpu.id, to: [] };
        const marked = await Promise.all(
          cpus.map(async (other) => {
            const at = BigInt.asUintN(64, base + other.offset + flags);
            const value = other.id === cpu.id ? undefined : await kernel.memory.u32(at);
            return value !== undefined && (BigInt(value) & locked) !== 0n;
          }),
        );
        return { from: cpu.id, to: cpus.flatMap(({ id }, nth) => (marked[nth] === true ? [id] : [])) };
      }),
  );
  return found.filter(({ to }) => to.length > 0);
}

/** Of the flags in a call: `node.u_flags` since 5.11, `flags` before. */
function flagsPlace({ types }: Kernel): bigint | undefined {
  for (const [type, path] of [
    ['__call_single_data', 'node.u_flags'],
    ['__call_single_data', 'flags'],
  ] as const) {
    const place = memberPlace(types, type, path);
    if (place !== undefined) return BigInt(place.offset);
  }
  return undefined;
}
