import type { Kernel } from '../../kernel/kernel.ts';

/** Ticks per second that kernels are built with (kernel/Kconfig.hz, arch/*), the usual ones first. */
const usualRates = [250, 100, 1000, 300, 1024, 128, 200, 500, 512] as const;
const nanosecondsPerSecond = 1_000_000_000n;
/** The clock of a scheduler and ticks begin at about the same time. */
const mostApart = 20n * nanosecondsPerSecond;

/** The kernel's own time. */
export interface KernelClock {
  /** Nanoseconds since boot, of the scheduler's clock: what was seen last by whichever CPU. It was not earlier. */
  readonly now: bigint;
  readonly jiffies?: bigint;
  /** Jiffies in a second. */
  readonly rate?: number;
  /** Nanoseconds of CLOCK_MONOTONIC, which timers go by, as of the last tick that anybody took. */
  readonly monotonic?: bigint;
}

/** @param clocks of run queues, in nanoseconds. */
export async function readClock(kernel: Kernel, clocks: readonly bigint[]): Promise<KernelClock> {
  const address = kernel.symbols.address('jiffies_64') ?? kernel.symbols.address('jiffies');
  const jiffies = address === undefined ? undefined : await kernel.memory.u64(address);
  const latest = clocks.reduce((a, b) => (a > b ? a : b), 0n);
  const rate = jiffies === undefined ? undefined : rateOf(jiffies, latest);
  if (jiffies === undefined) return { now: latest };
  return { now: latest, jiffies, ...(rate !== undefined && { rate, monotonic: sinceBoot(jiffies, rate) }) };
}

/** Nanoseconds: jiffies begin 300 seconds before they pass 32 bits (INITIAL_JIFFIES, include/linux/jiffies.h). */
const sinceBoot = (jiffies: bigint, rate: number): bigint =>
  ((jiffies - (1n << 32n) + 300n * BigInt(rate)) * nanosecondsPerSecond) / BigInt(rate);

/** How many there are in a second, which no structure tells: each rate gives another time since boot. Undefined if none fits. */
export function rateOf(jiffies: bigint, clock: bigint): number | undefined {
  let best: { readonly rate: number; readonly apart: bigint } | undefined;
  for (const rate of usualRates) {
    const since = sinceBoot(jiffies, rate);
    const apart = since > clock ? since - clock : clock - since;
    if (best === undefined || apart < best.apart) best = { rate, apart };
  }
  return best !== undefined && best.apart < mostApart ? best.rate : undefined;
}

/** Nanoseconds that passed since jiffies had a value. */
export function sinceJiffies({ jiffies, rate }: KernelClock, then: bigint): bigint | undefined {
  if (jiffies === undefined || rate === undefined || then > jiffies) return undefined;
  return ((jiffies - then) * nanosecondsPerSecond) / BigInt(rate);
}

/** `4.1 s`; undefined for what is too short to matter. */
export function durationWords(nanoseconds: bigint | undefined): string | undefined {
  if (nanoseconds === undefined || nanoseconds < nanosecondsPerSecond / 10n) return undefined;
  const tenths = Number(nanoseconds / (nanosecondsPerSecond / 10n));
  return tenths < 1000 ? `${(tenths / 10).toFixed(1)} s` : `${Math.floor(tenths / 10)} s`;
}
