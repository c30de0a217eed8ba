import { posix } from 'node:path';

/**
 * The source file to blame in a symbolized report (`specs/titles.md` section 12): the first that is not a header,
 * a library or the machinery that finds and reports bugs; then, further down, a file below its folder.
 */
const neverGuilty: readonly RegExp[] = [
  /\.h$/,
  /^(?:virt\/)?lib\//,
  /^mm\/(?:kasan|kmsan)\//,
  /^kernel\/kcov\.c/,
  /^mm\/(?:sl.b[^/]*|filemap|folio-compat|truncate|memory|percpu[^/]*|vmalloc|page_alloc|mempool|util)\.c/,
  /^kernel\/(?:rcu|locking|sched)\//,
  /^kernel\/(?:panic|softirq|kthread|stacktrace|workqueue)\.c/,
  /^kernel\/printk/,
  /^kernel\/time\/timer\.c/,
  /^arch\/[^/]+\/(?:kernel\/(?:traps\.c|unwind|stacktrace\.c|apic\/apic\.c)|mm\/(?:fault|physaddr)\.c|lib\/crc)/,
  /^arch\/arm64\/kernel\/(?:entry|process\.c)/,
  /^net\/core\/(?:dev|sock|skbuff)\.c/,
  /^fs\/proc\/generic\.c/,
  /^drivers\/usb\/core\/urb\.c/,
  /^trusty\//,
];

/** Lines whose source positions are not on the way to the crash. */
const besideTheWay = /(?:hardirqs|softirqs) last (?:enabled|disabled)|, at: |^ *#[0-9]+: |Register r[0-9]+ information/;

const sourceFile = /(?:^|[\s([])(\/?(?:[A-Za-z0-9_.-]+\/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.[ch]):[0-9]+/;

const interruptEntry = /apic_timer_interrupt\+0x|el1h_64_irq\+0x|Exception stack/;

function filesOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    // Most lines have no position, and need no regular expression to say so.
    if (!(line.includes('.c:') || line.includes('.h:')) || besideTheWay.test(line)) return [];
    const file = sourceFile.exec(line)?.[1];
    return file === undefined ? [] : [posix.normalize(file)];
  });
}

const acceptable = (file: string): boolean => !neverGuilty.some((n) => n.test(file));

function search(lines: readonly string[]): string | undefined {
  const files = filesOf(lines);
  let guilty = files.find(acceptable);
  if (guilty === undefined) return undefined;
  for (const file of files.slice(files.indexOf(guilty) + 1)) {
    const folder = guilty.slice(0, guilty.lastIndexOf('/') + 1);
    if (folder !== '' && file.startsWith(folder) && file.slice(folder.length).includes('/') && acceptable(file))
      guilty = file;
  }
  return guilty;
}

/** `lines` from the headline on; undefined if no line has a source position. */
export function guiltyFile(lines: readonly string[], stall: boolean): string | undefined {
  if (stall) {
    const entry = lines.findIndex((line) => interruptEntry.test(line));
    const below = entry < 0 ? undefined : search(lines.slice(entry));
    if (below !== undefined) return below;
  }
  return search(lines) ?? filesOf(lines)[0];
}
