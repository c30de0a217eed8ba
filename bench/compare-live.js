// Compares what `ktriage live` reads of a hung guest with what gdb says of the same guest, and with what the guest's own
// kernel prints of its tasks.
//
//   node bench/compare-live.js [6.1-amd64|6.1-arm64 ...] [--runs 3] [--show 10]
//
// Boots guests of test/guest (their kernels are those of `npm run test:kernels`), one at a time, and prints:
// - pt_regs of page faults: all members, as gdb's `p/x *(struct pt_regs *)ADDRESS` has them;
// - stacks of CPUs: functions, inlined ones too, as gdb's `bt` has them as far as it gets (nokaslr, module added);
// - stacks of sleeping tasks: function and offset, as the guest's sysrq-t printed them;
// - time and peak memory, warm, against gdb's `thread apply all bt`.
// Needs gdb-multiarch (or gdb, for the machine's own architecture), QEMU and GNU time.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, show: { type: 'string', default: '10' } },
});
const kernels = positionals.length > 0 ? positionals : ['6.1-amd64', '6.1-arm64'];
const runs = Number(values.runs);
const shown = Number(values.show);

const root = fileURLToPath(new URL('..', import.meta.url));
const { KTRIAGE_KERNELS, XDG_CACHE_HOME } = process.env;
const cache = KTRIAGE_KERNELS || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'ktriage-kernels');
const folder = mkdtempSync(join(tmpdir(), 'ktriage-compare-'));
const program = join(root, 'bin', 'ktriage.js');
const gdb = ['gdb-multiarch', 'gdb'].find((name) => spawnSync(name, ['--version']).error === undefined);
if (gdb === undefined) {
  console.error('neither gdb-multiarch nor gdb is installed');
  process.exit(2);
}

/** All files below a folder. */
const filesBelow = (path) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Vmlinux and the release of a fetched kernel. */
function kernelFiles(kernel) {
  const vmlinux = filesBelow(join(cache, kernel, 'usr')).find((path) => /\/vmlinux[^/]*$/.test(path));
  const release = /linux-image-(.+)-dbg/.exec(readFileSync(join(cache, kernel, 'package'), 'utf8'))?.[1];
  if (vmlinux === undefined || release === undefined) throw new Error(`${cache} has no ${kernel}`);
  return { vmlinux, modules: join(root, 'test', 'guest', 'modules', release) };
}

let port = 20_000 + (process.pid % 20_000);

/** Boots a guest, waits for a text on its console and then some seconds, does something with it, and ends it. */
async function withGuest(kernel, scenario, more, text, seconds, use) {
  const log = join(folder, `${kernel}-${scenario}.log`);
  port++;
  const args = [join(root, 'test/guest/boot'), kernel, scenario, '--gdb-port', String(port), '--log', log, ...more];
  const qemu = spawn('bash', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise((resolve) => qemu.once('exit', resolve));
  const console = () => {
    try {
      return readFileSync(log, 'latin1');
    } catch {
      return '';
    }
  };
  try {
    const end = Date.now() + 120_000;
    while (!console().includes(text)) {
      if (Date.now() > end || qemu.exitCode !== null) throw new Error(`${kernel} ${scenario}: no "${text}"`);
      await sleep(200);
    }
    await sleep(seconds * 1000);
    return await use(`127.0.0.1:${port}`, console);
  } finally {
    qemu.kill('SIGTERM');
    await ended;
  }
}

/** Runs a program under GNU time. */
function measured(command, args) {
  const told = join(folder, 'time');
  const { stdout, stderr, error } = spawnSync('time', ['-o', told, '-f', '%e %U %S %M', command, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, DEBUGINFOD_URLS: '' },
  });
  if (error !== undefined) throw error;
  const [elapsed = 0, user = 0, system = 0, kilobytes = 0] = readFileSync(told, 'utf8')
    .trim()
    .split('\n')
    .at(-1)
    .split(' ')
    .map(Number);
  return { stdout, stderr, seconds: elapsed, processor: user + system, megabytes: kilobytes / 1024 };
}

const live = (target, { vmlinux, modules }, ...more) =>
  measured(process.execPath, [
    program,
    'live',
    target,
    '--vmlinux',
    vmlinux,
    '--modules',
    modules,
    '--no-pager',
    ...more,
  ]);

function runGdb(target, vmlinux, commands) {
  const all = [
    'set pagination off',
    'set width 0',
    'set print elements unlimited',
    'set print repeats unlimited',
    `target remote ${target}`,
    ...commands,
    'detach',
  ];
  return measured(gdb, ['-nx', '-batch', ...all.flatMap((command) => ['-ex', command]), vmlinux]);
}

const percent = (part, all) => (all === 0 ? '-' : `${((100 * part) / all).toFixed(1)} %`);
const lines = [];
function tell(text) {
  console.log(text);
  lines.push(text);
}
const plain = (name) => name.replace(/\..*$/, '');

/** `{r15 = 0x1, ...}` and `{{user_regs = {regs = {0x1, ...}, sp = ...` to names of ours. */
function gdbRegisters(text) {
  const named = Object.fromEntries(
    [...text.matchAll(/(\w+) = (0x[0-9a-f]+)/g)].map(([, name, value]) => [name, value]),
  );
  const [, list] = /user_regs = \{regs = \{([^}]*)\}/.exec(text) ?? [];
  if (list !== undefined) {
    const registers = Object.fromEntries(list.split(', ').map((value, nth) => [`x${nth}`, value]));
    const { sp, pc, pstate, orig_x0, syscallno } = named;
    return { ...registers, sp, pc, pstate, orig_x0, syscallno };
  }
  const names = { bp: 'rbp', bx: 'rbx', ax: 'rax', cx: 'rcx', dx: 'rdx', si: 'rsi', di: 'rdi', orig_ax: 'orig_rax' };
  const others = { ip: 'rip', sp: 'rsp', flags: 'eflags' };
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [{ ...names, ...others }[name] ?? name, value]),
  );
}

function comparePtRegs(document, said) {
  const answers = said.split('\n').filter((line) => /^\$\d+ = /.test(line));
  let all = 0;
  let same = 0;
  for (const [nth, { ptRegsAddress, registers, ...fault }] of document.pageFaults.entries()) {
    for (const [name, value] of Object.entries(gdbRegisters(answers[nth] ?? ''))) {
      all++;
      if (registers[name] !== undefined && BigInt(registers[name]) === BigInt(value)) same++;
      else tell(`  ${fault.comm} ${ptRegsAddress} ${name}: ours ${registers[name]}, gdb's ${value}`);
    }
  }
  tell(`pt_regs of ${document.pageFaults.length} page faults: ${same} of ${all} members equal`);
}

/** Functions of each thread (CPU + 1), innermost first, until gdb knows none. */
function gdbStacks(text) {
  const stacks = new Map();
  let stack;
  for (const line of text.split('\n')) {
    const thread = /^Thread (?:1\.)?(\d+) /.exec(line)?.[1];
    if (thread !== undefined) {
      stack = [];
      stacks.set(Number(thread) - 1, stack);
    }
    const [, address, name] = /^#\d+\s+(?:(0x[0-9a-f]+) in )?(\S+) \(/.exec(line) ?? [];
    if (name !== undefined) stack?.push({ name, address });
  }
  for (const [cpu, functions] of stacks) {
    const end = functions.findIndex(({ name }) => name === '??');
    stacks.set(cpu, end < 0 ? functions : functions.slice(0, end));
  }
  return stacks;
}

function compareStacks(document, said) {
  let all = 0;
  let same = 0;
  for (const [cpu, theirs] of gdbStacks(said)) {
    const frames = document.cpus.find(({ id }) => id === cpu)?.frames ?? [];
    const ours = frames
      .filter(({ reliable }) => reliable)
      .flatMap(({ address, function: name = '?', inlined = [] }) => [
        ...inlined.map((each) => ({ name: each.function })),
        { name, address },
      ]);
    // Of two names of one place gdb may take the other: then the address tells.
    const isSame = (a, b) =>
      plain(a.name) === plain(b.name) || (a.address && b.address && BigInt(a.address) === BigInt(b.address));
    const differing = theirs.findIndex((each, nth) => ours[nth] === undefined || !isSame(each, ours[nth]));
    const words = (list) =>
      list
        .slice(equal, equal + 4)
        .map(({ name }) => name)
        .join(' < ');
    const equal = differing < 0 ? theirs.length : differing;
    all += theirs.length;
    same += equal;
    tell(`  CPU ${cpu}: gdb ${theirs.length} functions, ours ${ours.length}, ${equal} equal`);
    if (equal < theirs.length) tell(`    gdb: ${words(theirs)}; ours: ${words(ours)}`);
  }
  tell(`stacks of CPUs: ${same} of gdb's ${all} functions equal (${percent(same, all)})`);
}

/**
 * Stacks that sysrq-t printed: `function+0x10` by pid. It printed twice: a task whose stack was another the second time
 * does not sleep for good, and is left out.
 */
function printedStacks(text) {
  const [, first = '', second = ''] = text.split(/sysrq: Show State/);
  const later = stacksIn(second);
  return new Map(
    [...stacksIn(first)].filter(([pid, { printed }]) => later.get(pid)?.printed.join() === printed.join()),
  );
}

function stacksIn(text) {
  const tasks = new Map();
  let frames;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/^\[ *[0-9.]+\] ?/, '');
    const [, name, pid] = /^task:(.{1,15}?) +state:.*? pid:(\d+)/.exec(line) ?? [];
    if (pid !== undefined) {
      frames = { name, printed: [] };
      tasks.set(Number(pid), frames);
    } else if (/^\S/.test(line) && !/^(Call [Tt]race:|R[A-Z0-9]+: )/.test(line)) frames = undefined;
    const [, frame] = /^ ([\w.]+\+0x[0-9a-f]+)\/0x[0-9a-f]+(?: \[\w+\])?$/.exec(line) ?? [];
    if (frame !== undefined) frames?.printed.push(frame);
  }
  return tasks;
}

function compareTasks(document, text) {
  let all = 0;
  let same = 0;
  let whole = 0;
  const differing = [];
  const printed = printedStacks(text);
  const ours = new Map(document.tasks.filter(({ onCpu, pid }) => !onCpu && pid > 0).map((task) => [task.pid, task]));
  let compared = 0;
  for (const [pid, { name, printed: theirs }] of printed) {
    const task = ours.get(pid);
    // What ran at the time of either look is elsewhere now.
    if (task === undefined || theirs.length === 0 || task.state === 'R') continue;
    // Busy as long as a console prints (a grace period goes on), asleep when it is looked at.
    if (/^rcu_(preempt|sched)$/.test(task.comm)) continue;
    compared++;
    const frames = task.frames
      // The last one of a task of user space is in its program, which has no name.
      .filter(({ reliable, function: own }) => reliable && own !== undefined)
      .map(({ function: own, offset = 0 }) => `${own}+0x${offset.toString(16)}`);
    const equal = theirs.filter((frame, nth) => frames[nth] === frame).length;
    all += theirs.length;
    same += equal;
    if (equal === theirs.length && frames.length === theirs.length) whole++;
    else differing.push(`  ${name} (${pid}):\n    printed ${theirs.join(' ')}\n    ours    ${frames.join(' ')}`);
  }
  for (const each of differing.slice(0, shown)) tell(each);
  tell(
    `stacks of tasks: ${whole} of ${compared} equal from end to end, ${same} of ${all} frames (${percent(same, all)})`,
  );
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const best = (results, name) => median(results.map((each) => each[name]));

function compareCost(target, files) {
  const ours = [];
  const theirs = [];
  let stopped = [];
  for (let nth = 0; nth < runs + 1; nth++) {
    const own = live(target, files);
    const other = runGdb(target, files.vmlinux, ['thread apply all bt']);
    // The first of each warms caches.
    if (nth === 0) continue;
    ours.push(own);
    theirs.push(other);
    stopped = [...stopped, Number(/stood still for ([\d,]+) ms/.exec(own.stdout)?.[1]?.replace(',', ''))];
  }
  for (const [name, unit, digits] of [
    ['seconds', 's', 2],
    ['processor', 's', 2],
    ['megabytes', 'MB', 0],
  ]) {
    const [own, other] = [best(ours, name), best(theirs, name)];
    const title = name === 'processor' ? 'processor time' : name;
    tell(
      `${title}: ktriage live ${own.toFixed(digits)} ${unit}, gdb thread apply all bt ${other.toFixed(digits)} ${unit}: ratio ${(own / other).toFixed(2)}`,
    );
  }
  tell(`the guest stood still for ${median(stopped)} ms`);
}

try {
  for (const kernel of kernels) {
    const files = kernelFiles(kernel);
    tell(`## ${kernel}, ${runs} runs, medians`);
    const module = join(folder, 'kthang.ko');
    writeFileSync(module, gunzipSync(readFileSync(join(files.modules, 'kthang.ko.gz'))));
    await withGuest(kernel, 'silent-mixed', ['nokaslr'], 'silent-irq begins', 5, (target) => {
      compareCost(target, files);
      const { stdout } = live(target, files, '--hold', '--format', 'json', '--all');
      const document = JSON.parse(stdout);
      const ptRegs = document.pageFaults.map(({ ptRegsAddress }) => `p/x *(struct pt_regs *)${ptRegsAddress}`);
      const [{ address = '0' } = {}] = document.modules;
      const said = runGdb(target, files.vmlinux, [
        ...ptRegs,
        `add-symbol-file ${module} ${address}`,
        'thread apply all bt -frame-arguments none',
      ]);
      comparePtRegs(document, said.stdout);
      compareStacks(document, said.stdout);
    });
    await withGuest(kernel, 'sysrq-t', [], 'sysrq-t is under way', 1, (target, console) => {
      const { stdout } = live(target, files, '--format', 'json', '--all');
      compareTasks(JSON.parse(stdout), console());
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
