// What ktriage says of logs of the lab's kernels, which break in known ways, next to what is true.
//
//   node bench/explain-table.js [--kernels FOLDER] [--only SCENARIO] LOG_OR_FOLDER...
//
// Logs are named as the lab names them (`6.1-amd64-null-read+nokaslr.log`); FOLDER (by default what KTLAB_DIR says)
// has a folder with vmlinux and modules for each kernel, as `6.1-amd64`. Prints a table in Markdown with the finding
// that leads the first screen. The mark is by the words that the sentence must have and must not have: `right`,
// `partly` where some of them are missing, `wrong` where it has one that is not true, or says nothing; where the log
// cannot say it, the reason stands behind the mark.

import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { analyzeFile } from '../dist/analyze/analyze.js';
import { openSources } from '../dist/analyze/sources.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kernels: { type: 'string' }, only: { type: 'string' } },
});
if (positionals.length === 0) {
  console.error('usage: node bench/explain-table.js [--kernels FOLDER] [--only SCENARIO] LOG_OR_FOLDER...');
  process.exit(2);
}
const kernels =
  values.kernels ?? process.env.KTLAB_DIR ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ktlab');

/** Of each scenario what is true, words that must be said of it, and words that would not be true. */
const truths = {
  'null-read': [
    'ring is NULL; ring->head (0x20) is read',
    [/ring->head/, /NULL/, /ktlab_null_read|ktlab_ring_level/, /0x20/],
  ],
  'irq-null': [
    'as null-read, in a timer interrupt',
    [/ring->head/, /NULL/, /ktlab_null_read|ktlab_ring_level/, /0x20/],
  ],
  'null-write': ['ring is NULL; ring->slot[2] (0x38) is written', [/ring->slot\[2\]/, /wrote/, /NULL/, /0x38/]],
  'null-exec': ['fn, which is NULL, is called', [/\bfn\b/, /NULL/, /ktlab_null_exec/]],
  'null-in-core': [
    'complete(NULL): the lock in it is taken by the kernel',
    [/NULL/, /ktlab_null_in_core/, /complete/, /raw_spin|lock/],
  ],
  'vfree-read': ['ring was freed by vfree(); ring->head is read', [/ring->head/, /vfree|freed/, /ktlab_vfree_read/]],
  'rodata-write': ['p points to ktlab_constant, which is const', [/ktlab_constant/, /read-only/, /\bp\b/]],
  gpf: [
    'ring is 0xdead000000000100; ring->head is read',
    [/ring->head/, /0xdead000000000100|LIST_POISON1/],
    [/was removed|deleted list entry|that was deleted/],
  ],
  divide: ['a / b with b = 0 in ktlab_quotient()', [/divided/, /\bb\b/, /ktlab_quotient|ktlab_divide/]],
  undef: ['an undefined instruction, put there on purpose', [/undefined|ud0|no instruction/, /ktlab_undef/]],
  bug: ['BUG_ON(!ring)', [/BUG/, /ktlab_bug/]],
  warn: ['WARN(1, "ktlab: level 7 is odd")', [/ktlab_warn/, /level 7 is odd/]],
  'stack-overflow': ['ktlab_recurse() without end', [/stack/, /ktlab_recurse/]],
  'stack-smash': ['ktlab_stack_smash() writes beyond buf', [/ktlab_stack_smash/, /stack|canary/]],
  'list-corruption': ['a.next was overwritten by a stray write', [/list/, /ktlab_list_corruption/]],
  'slab-uaf': ['ring->head = 1 after kfree(ring): silent without a checker', []],
  usercopy: ['256 bytes of a 64-byte object to user space', [/256 bytes/, /kmalloc-64|64/, /ktlab_usercopy/]],
  refcount: ['refcount_dec() of 0', [/reference count|refcount/, /ktlab_refcount/]],
  'user-read': ['ring is a user address', [/ring->head/, /user space/, /ktlab_user_read|ktlab_ring_level/]],
  'user-exec': ['fn is a user address', [/user space/, /\bfn\b|ktlab_user_exec/]],
  'nx-exec': ['fn points to ktlab_data', [/ktlab_data/, /ktlab_nx_exec/]],
  'sched-atomic': ['msleep() with preemption off', [/ktlab_sched_atomic/, /sleep|schedul/, /atomic|preempt/]],
  panic: ['panic("ktlab: giving up")', [/ktlab: giving up/]],
  'sysrq-c': ['a crash on demand', [/sysrq|asked|request/i]],
  'hung-task': [
    'ktlab_mutex_a is held by ktlab-holder, which sleeps',
    [/ktlab_mutex_a/, /ktlab_mutex_waiter|ktlab_hung_task/],
  ],
  'dead-holder': ['mutex holder oopses with ring NULL', [/NULL/, /ring->head|none->head/]],
  'abba-mutex': ['two mutexes in opposite order', [/deadlock|each other|circle|cycle|waits/]],
  'abba-spin': ['two spinlocks in opposite order, interrupts off', [/spin/]],
  'spin-self': ['ktlab_lock_twice() takes ktlab_spin twice', [/twice|already|again/, /ktlab_lock_twice/, /ktlab_spin/]],
  'spin-self-irq': [
    'ktlab_lock_twice_irq() takes ktlab_raw_a twice',
    [/twice|already|again/, /ktlab_lock_twice/, /ktlab_raw_a/],
  ],
  'soft-lockup': ['ktlab_spin_forever() loops with preemption off', [/ktlab_spin_forever/]],
  'hard-lockup': ['ktlab_spin_irq_off() loops with interrupts off', [/ktlab_spin_irq_off/]],
  'rcu-stall': ['ktlab_read_forever() loops in rcu_read_lock()', [/ktlab_read_forever/]],
  'cut-irq-fault': [
    'ktlab_port.rx was set to NULL; rx->head is read in ktlab_port_irq()',
    [/ktlab_port_irq/, /rx/, /NULL/],
  ],
  'silent-irq-fault': ['as cut-irq-fault; the log ends at once', []],
  'silent-irq-user': ['as cut-irq-fault; the log ends at once', []],
  'silent-irq-all': ['as cut-irq-fault; the log ends at once', []],
  'silent-task-fault': ['memcpy() from NULL with the console lock held; the log ends at once', []],
  'fault-wait': ['two tasks wait in a page fault: nothing is wrong', []],
  'user-spin': ['nothing is wrong', []],
};

/** Where a log cannot say what is true, and why: then what it does say is right as far as that goes. */
const limits = [
  [/arm64-divide/, 'a division by zero does not trap'],
  [/6\.1-arm64-user-read$/, 'without PAN nothing happens'],
  [/abba-spin/, 'not a word is printed'],
  [/arm64-cut-irq-fault/, 'the log ends before the registers'],
  [/arm64-(?:spin-self-irq|hard-lockup)/, 'no NMI: no stack is printed'],
  [/7\.2-arm64-rcu-stall/, 'the compiler has it call ktlab_spin_forever(), whose code is the same'],
];

const name = /^(\d+\.\d+-(?:amd64|arm64))-([a-z-]+?)(?:\+.*)?\.log$/;

const paths = positionals
  .flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .sort()
          .map((each) => join(path, each))
      : [path],
  )
  .filter((path) => path.endsWith('.log'));

const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');

function markOf(sentence, [, must, mustNot = []]) {
  if (mustNot.some((word) => word.test(sentence))) return 'wrong';
  if (sentence === '') return must.length === 0 ? 'right' : 'wrong';
  return must.every((word) => word.test(sentence)) ? 'right' : 'partly';
}

const counts = {};
console.log('| log | true | said | rule | mark |');
console.log('| --- | --- | --- | --- | --- |');
for (const path of paths) {
  const [, kernel, scenario] = name.exec(basename(path)) ?? [];
  if (kernel === undefined || (values.only !== undefined && values.only !== scenario)) continue;
  const truth = truths[scenario];
  if (truth === undefined) continue;
  const folder = join(kernels, kernel);
  const sources = await openSources({ vmlinux: join(folder, 'vmlinux'), modules: [folder] });
  try {
    const { reports, incidents } = await analyzeFile(path, { sources });
    const roots = incidents.map(({ root }) => reports[root]).filter((report) => report !== undefined);
    const report = roots.find(({ findings = [] }) => findings.some((each) => each.circumstance !== true));
    const lead = report?.findings?.find((each) => each.circumstance !== true);
    const said = lead?.sentence ?? '';
    const drawn = [...(lead?.drawing ?? [])].join(' / ');
    const [, limit] = limits.find(([log]) => log.test(basename(path, '.log'))) ?? [];
    const isOther = report?.symbols?.modules?.some(({ match }) => match === 'refused') === true;
    const words = markOf(`${said} ${drawn}`.trim(), truth);
    const why = words === 'right' ? undefined : (limit ?? (isOther ? 'the module is of another build' : undefined));
    const mark = why === undefined ? words : `right as far as the log goes`;
    counts[mark] = (counts[mark] ?? 0) + 1;
    const how =
      lead === undefined ? (report?.title ?? roots[0]?.title ?? 'no report') : `${lead.rule}, ${lead.confidence}`;
    console.log(
      `| ${basename(path, '.log')} | ${cell(truth[0])} | ${cell(said)}${drawn === '' ? '' : ` (drawing)`} | ${how} | ${mark}${why === undefined ? '' : ` (${why})`} |`,
    );
  } finally {
    sources.close();
  }
}
console.log('');
console.log(
  Object.entries(counts)
    .map(([mark, count]) => `${count} ${mark}`)
    .join(', '),
);
