// What `ktriage live` says of snapshots of the lab's guests, against what is true of them.
//
// usage: node bench/live-table.js SNAPSHOTS [KERNELS] [PATTERN]
//
// SNAPSHOTS is a folder with VERSION-ARCH-SCENARIO[+VARIANT].snap, as `ktriage live --save` writes them; KERNELS one with
// VERSION-ARCH/{vmlinux,ktlab.ko} (default: ~/.cache/ktlab). Prints a table in Markdown, and exits with 1 if a verdict is
// not true. Needs dist/ (npm run build).
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

const dist = process.env.KTRIAGE_DIST ?? new URL('../dist/', import.meta.url).pathname;
const load = (path) => import(join(dist, path));
const [{ readSnapshot }, { SnapshotMachine }, { surveyMachine }, { GuestFiles }] = await Promise.all([
  load('machine/snapshot/file.js'),
  load('machine/snapshot/snapshot-machine.js'),
  load('live/live.js'),
  load('live/guest-files.js'),
]);

const port = { rule: 'lock-cycle', places: ['ktlab.h:37'], fatal: ['ktlab_port_irq'] };
/** The true cause: the rule, the lines that may be named, and where alone a fault is fatal. */
const truths = {
  none: { rule: 'nothing-wrong' },
  'user-spin': { rule: 'nothing-wrong' },
  'abba-mutex': { rule: 'lock-cycle', places: ['stuck.c:80', 'stuck.c:88'] },
  'abba-spin': { rule: 'lock-cycle', places: ['stuck.c:115'] },
  'spin-self': { rule: 'lock-cycle', places: ['stuck.c:133'] },
  'spin-self-irq': { rule: 'lock-cycle', places: ['stuck.c:148'] },
  'hung-task': { rule: 'blocked', places: ['stuck.c:37'] },
  'dead-holder': { rule: 'dead-holder', places: ['ktlab.h:37', 'stuck.c:63'] },
  // Loops have two lines.
  'soft-lockup': { rule: 'busy-cpu', places: ['stuck.c:160', 'stuck.c:161'] },
  'hard-lockup': { rule: 'busy-cpu', places: ['stuck.c:173', 'stuck.c:174'] },
  // The two loops are one function where the compiler found them to be the same (7.2, arm64).
  // That of 6.1, arm64, has no function there in its debug information.
  'rcu-stall': { rule: 'busy-cpu', places: ['stuck.c:186', 'stuck.c:187', 'stuck.c:161', 'ktlab_read_forever'] },
  'fault-wait': { rule: 'slow-fault', places: ['stuck.c:203'] },
  'silent-irq-fault': port,
  'silent-irq-user': port,
  'silent-irq-all': port,
  'silent-mixed': port,
  'cut-irq-fault': port,
  // QEMU's emulation crashed that one at boot, by a breakpoint of the kernel's own.
  '6.12-amd64-silent-task-fault': { rule: 'panicked', places: ['jump_label.h:55'], fatal: ['sched_clock_cpu'] },
  // One thread had both locks in time, and ended with them.
  '7.2-arm64-abba-mutex': { rule: 'dead-holder', places: ['stuck.c:86'] },
  'silent-task-fault': { rule: 'lock-cycle', places: ['silent.c:113'], fatal: ['ktlab_silent_task_fault'] },
};

const [snapshots, kernels = join(homedir(), '.cache/ktlab'), pattern = ''] = process.argv.slice(2);
if (snapshots === undefined) {
  console.error('usage: node bench/live-table.js SNAPSHOTS [KERNELS] [PATTERN]');
  process.exit(2);
}

function judge(document, truth) {
  const { rule, location } = document.verdict;
  const place = location?.file === undefined ? location?.function : `${basename(location.file)}:${location.line}`;
  if (rule !== truth.rule) return `rule is not ${truth.rule}`;
  if (truth.places !== undefined && !truth.places.includes(place)) return `place is not ${truth.places.join(', ')}`;
  const wrong = document.pageFaults.find(
    ({ fatal, frames }) => fatal && !frames.slice(0, 3).some((frame) => truth.fatal?.includes(frame.function)),
  );
  return wrong === undefined ? 'yes' : `fatal fault in ${wrong.frames[0]?.function}`;
}

console.log('| kernel | scenario | said | true | stop, think (ms of CPU) |\n| --- | --- | --- | --- | --- |');
let isTrue = true;
for (const file of readdirSync(snapshots).sort()) {
  const [, kernel, name] = /^([\d.]+-[a-z\d]+)-(.+)\.snap$/.exec(file) ?? [];
  const truth = truths[`${kernel}-${name}`] ?? truths[name?.replace(/\+.*$/, '')];
  if (truth === undefined || !file.includes(pattern)) continue;
  const lab = join(kernels, kernel);
  let cells;
  try {
    const machine = new SnapshotMachine(readSnapshot(join(snapshots, file)));
    const begun = process.cpuUsage();
    const files = await GuestFiles.open({ vmlinux: join(lab, 'vmlinux'), modules: [lab] });
    let stopped = begun;
    const letGo = async () => {
      stopped = process.cpuUsage(begun);
    };
    const document = await surveyMachine(machine, { files, target: file, letGo });
    const all = process.cpuUsage(begun);
    const ms = ({ user, system }) => Math.round((user + system) / 1000);
    const { rule, confidence, sentence } = document.verdict;
    const verdict = judge(document, truth);
    cells = [`**${rule}** (${confidence}): ${sentence}`, verdict, `${ms(stopped)}, ${ms(all) - ms(stopped)}`];
    await files.close?.();
  } catch (error) {
    cells = [String(error), 'no', ''];
  }
  if (cells[1] !== 'yes') isTrue = false;
  console.log(`| ${kernel} | ${name} | ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
}
process.exit(isTrue ? 0 : 1);
