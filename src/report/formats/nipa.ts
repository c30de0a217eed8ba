import { bareName } from '../../model/blame.ts';
import type { CrashReport } from '../../model/report.ts';

/** How many functions NIPA's fingerprint has (contest/remote/lib/crash.py of linux-netdev/nipa). */
const functions = 5;

/** What NIPA's matches as a function's name: only these characters, and no compiler's suffix. */
const counted = /^[a-z0-9_]+$/;

/** Printed at the top of traces by the reporting itself; NIPA leaves out what its configuration lists. */
const reporting =
  /^(?:dump_stack|dump_stack_lvl|print_(?:report|address_description)\w*|kasan_report\w*|__?asan_\w+|kasan_check_\w+|__kasan_\w+|check_memory_region|__might_resched|__warn|report_bug)$/;

/**
 * The fingerprint that netdev's NIPA would give a crash: the first five functions of its trace; the instruction pointer's
 * first where that is printed. Empty if there is no trace.
 */
export function nipaFingerprint({ frames }: CrashReport): string {
  const names = frames.flatMap(({ function: name, reliable }) =>
    reliable && name !== undefined && counted.test(name) ? [bareName(name)] : [],
  );
  const from = names.findIndex((name) => !reporting.test(name));
  return names.slice(Math.max(from, 0), Math.max(from, 0) + functions).join(':');
}
