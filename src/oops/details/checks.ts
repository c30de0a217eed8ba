import type {
  DebugObjectDetails,
  KernelBugDetails,
  ListCorruptionDetails,
  NetdevReferenceDetails,
  PanicDetails,
  RefcountDetails,
  WarningDetails,
} from '../../model/details-other.ts';
import type { RawReport } from '../raw-report.ts';
import { address, decimal, known, ReportReader, word } from './reader.ts';

const cutHere = /-{8,}\[ cut here \]-{8,}/;
/** Lines that follow a headline and are no message of it. */
const afterHeadline =
  /^(?:Modules linked in|CPU: |RIP: |Call [Tt]race|Hardware name|Kernel panic|Workqueue: |pc : |pstate: |Internal error|invalid opcode|Oops|-{4,}\[|={4,})/;

/** What stands between `cut here` and the headline: since 4.14 WARN() prints its message there. */
function messageBefore(reader: ReportReader): string | undefined {
  const last = reader.before.at(-1);
  if (last === undefined || cutHere.test(last) || last.trim() === '') return undefined;
  for (let i = reader.before.length - 2; i >= 0 && i >= reader.before.length - 8; i--) {
    if (cutHere.test(reader.before[i] ?? '')) return word(reader.before[i + 1]);
  }
  return undefined;
}

/** Up to 4.13 the message follows the headline at once. */
function messageAfter(reader: ReportReader): string | undefined {
  const next = word(reader.lines[1]);
  return next === undefined || afterHeadline.test(next) ? undefined : next;
}

/**
 * __warn() in kernel/panic.c: `WARNING: CPU: 0 PID: 1 at file.c:1 func+0x1/0x2`; before 3.14 `WARNING: at`;
 * late 2025 on `WARNING: [condition] file.c:1 at func+0x1/0x2, CPU#0: comm/1`.
 */
export function warningDetails(raw: RawReport): WarningDetails {
  const reader = new ReportReader(raw);
  const text = reader.first(/WARNING: .{1,400}/)?.[0] ?? '';
  const current =
    /^WARNING: (?:CPU: (\d{1,5}) PID: (\d{1,10}) )?at ([^\s:]{1,300}):(\d{1,7})(?: ([A-Za-z_][\w.]{0,200}))?/.exec(
      text,
    );
  const late =
    /^WARNING: (?:\[(.{1,300})\] )?([^\s:\]]{1,300}):(\d{1,7}) at ([A-Za-z_][\w.]{0,200}|0x[0-9a-f]{1,16})[^,]{0,60}(?:, CPU#(\d{1,5}): .{1,64}\/(\d{1,10}))?/.exec(
      text,
    );
  // Without CONFIG_DEBUG_BUGVERBOSE (and for CFI failures) no file is known: `WARNING: at func+0x1/0x2, CPU#0: comm/1`.
  const bare =
    /^WARNING: (?:CPU: (\d{1,5}) PID: (\d{1,10}) )?at ([A-Za-z_][\w.]{0,200})\+0x[^,]{0,80}(?:, CPU#(\d{1,5}): .{1,64}\/(\d{1,10}))?/.exec(
      text,
    );
  const name = current?.[5] ?? late?.[4] ?? bare?.[3];
  return {
    of: 'warning',
    ...known('file', word(current?.[3] ?? late?.[2])),
    ...known('line', decimal(current?.[4] ?? late?.[3])),
    ...known('function', name?.startsWith('0x') ? undefined : name),
    ...known('cpu', decimal(current?.[1] ?? late?.[5] ?? bare?.[1] ?? bare?.[4])),
    ...known('pid', decimal(current?.[2] ?? late?.[6] ?? bare?.[2] ?? bare?.[5])),
    ...known('condition', word(late?.[1])),
    ...known('message', messageBefore(reader) ?? messageAfter(reader)),
  };
}

const bugExplanations =
  /(usercopy: .{1,200}|(?:list_(?:add|del)|slist|hlist).{0,40}corruption.{0,200}|(?:\w{1,24}: )?detected buffer overflow.{0,120}|skb\w{0,24}_panic: .{1,200}|skbuff: skb_\w{1,20}_panic: .{1,200}|CFI failure .{1,300}|refcount_t: .{1,80}|BUG at .{1,120}|kernel: .{1,200})/;

/** BUG() by arch code and lib/bug.c: `kernel BUG at file.c:1!` */
export function kernelBugDetails(raw: RawReport): KernelBugDetails {
  const reader = new ReportReader(raw);
  const where = reader.first(/[kK]ernel BUG at ([^\s:!]{1,300}):(\d{1,7})/);
  return {
    of: 'kernel-bug',
    ...known('file', word(where?.[1])),
    ...known('line', decimal(where?.[2])),
    ...known('message', word(messageBefore(reader) ?? reader.nearestBefore(bugExplanations, 4)?.[1])),
  };
}

/** include/linux/poison.h, x86-64 and arm64 (CONFIG_ILLEGAL_POINTER_VALUE 0xdead000000000000), and SLUB's. */
function poisonOf(value: bigint | undefined): string | undefined {
  if (value === undefined) return undefined;
  const low = value & 0xffffffffn;
  const high = value >> 32n;
  if ((high === 0xdead0000n || high === 0n) && (low === 0x100n || low === 0x200n || low === 0x122n)) {
    return low === 0x100n ? 'LIST_POISON1: the entry was deleted before' : 'LIST_POISON2: the entry was deleted before';
  }
  if (low === 0x6b6b6b6bn) return 'freed slab memory (0x6b)';
  if (low === 0x5a5a5a5an) return 'slab memory in use, not initialized (0x5a)';
  return undefined;
}

/** lib/list_debug.c */
export function listCorruptionDetails(raw: RawReport): ListCorruptionDetails {
  const reader = new ReportReader(raw);
  const pattern = /(list_(add|del)\w{0,12}(?: corruption|:).{1,300})/;
  const found = reader.nearestBefore(pattern) ?? reader.first(pattern);
  const text = found?.[1] ?? '';
  const should =
    /should (?:be|have been) (?:next|prev)? ?\(?(?:0x)?([0-9a-f]{8,16})\)?,? but was (?:0x)?([0-9a-f]{8,16}|\(null\))/.exec(
      text,
    );
  const poison = /([0-9a-f]{8,16})->(?:next|prev) is LIST_POISON([12])(?: \(([0-9a-f]{8,16})\))?/.exec(text);
  const value = address(should?.[2] ?? poison?.[3]);
  const where = reader.first(/[kK]ernel BUG at ([^\s:!]{1,300}):(\d{1,7})|at (lib\/list_debug\.c):(\d{1,7})/);
  const operation = found?.[2];
  return {
    of: 'list-corruption',
    ...(operation === 'add' || operation === 'del' ? { operation } : {}),
    message: word(text) ?? '',
    ...known('expected', address(should?.[1])),
    ...known('found', value),
    ...known('poison', poisonOf(value)),
    ...known('file', word(where?.[1] ?? where?.[3])),
    ...known('line', decimal(where?.[2] ?? where?.[4])),
  };
}

/** refcount_warn_saturate() in lib/refcount.c */
export function refcountDetails(raw: RawReport): RefcountDetails {
  const reader = new ReportReader(raw);
  const pattern = /refcount_t: (.{1,80})/;
  const message = word((reader.nearestBefore(pattern) ?? reader.first(pattern))?.[1]) ?? '';
  // Order matters: "underflow; use-after-free" and "saturated; leaking memory" name two things.
  const problem = message.startsWith('underflow')
    ? 'underflow'
    : message.startsWith('saturated')
      ? 'saturated'
      : /hit 0; leaking|leaking memory/.test(message)
        ? 'leak'
        : message.includes('use-after-free')
          ? 'use-after-free'
          : 'other';
  return { of: 'refcount', problem, message };
}

/** debug_print_object() in lib/debugobjects.c */
export function debugObjectDetails(raw: RawReport): DebugObjectDetails {
  const reader = new ReportReader(raw);
  const pattern =
    /ODEBUG: (\w{1,24}) ([a-z][a-z ]{1,24}?)(?: \(active state \d{1,10}\))? object(?:: ([0-9a-f]{8,16}))? (?:object )?type: (\w{1,32})(?: hint: (.{1,120}))?/;
  const found = reader.nearestBefore(pattern) ?? reader.first(pattern);
  const hint = word(found?.[5]);
  return {
    of: 'debug-object',
    ...known('operation', found?.[1]),
    ...known('state', found?.[2]),
    ...known('object', address(found?.[3])),
    ...known('objectType', found?.[4]),
    ...known('hint', hint === undefined || /^\(null\)|^0x0$/.test(hint) ? undefined : hint),
  };
}

const signals: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
  31: 'SIGSYS',
};

/** The wait status that `Attempted to kill init! exitcode=` gives. */
function exitMeaning(status: number): string {
  const signal = status & 0x7f;
  if (signal !== 0) return `killed by ${signals[signal] ?? `signal ${signal}`}`;
  return `exited with status ${(status >> 8) & 0xff}`;
}

/** kernel/panic.c, kernel/exit.c, init/do_mounts.c */
export function panicDetails(raw: RawReport): PanicDetails {
  const reader = new ReportReader(raw);
  const message = word(reader.first(/Kernel panic - not syncing: (.{0,400})/)?.[1]) ?? '';
  const code = /exitcode=0x([0-9a-f]{1,8})/.exec(message)?.[1];
  const exitCode = code === undefined ? undefined : Number.parseInt(code, 16);
  const root =
    /Unable to mount root fs (?:on|via) "?([^\s"]{1,120})/.exec(message)?.[1] ??
    reader.nearestBefore(/VFS: Cannot open root device "([^"]{1,120})"/, 50)?.[1];
  const isRoot = message.includes('mount root');
  const partitions = isRoot
    ? reader.before.filter(
        (line) => /^ {0,4}[0-9a-f]{4} {1,8}\d{1,12} \S/.test(line) || /^ {2,4}[0-9a-f]{4} {1,8}\d{1,12} \S/.test(line),
      )
    : [];
  return {
    of: 'panic',
    message,
    ...known('exitCode', exitCode),
    ...known('exitMeaning', exitCode === undefined ? undefined : exitMeaning(exitCode)),
    ...known('rootDevice', isRoot ? word(root) : undefined),
    ...(partitions.length > 0 ? { partitions: partitions.map((line) => word(line) ?? '') } : {}),
  };
}

/** netdev_wait_allrefs_any() in net/core/dev.c */
export function netdevReferenceDetails(raw: RawReport): NetdevReferenceDetails {
  const found = /waiting for (\S{1,32}) to become free\. Usage count = (-?\d{1,10})/.exec(
    raw.headline.text.slice(0, 400),
  );
  return { of: 'netdev-reference', ...known('device', word(found?.[1])), ...known('usageCount', decimal(found?.[2])) };
}
