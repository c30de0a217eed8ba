// How long `ktriage symbolize` takes for addresses of a real kernel, and how much memory, against the native tools.
//
//   npm run bench [-- --runs N] [--smoke]
//
// KTRIAGE_BENCH_VMLINUX, else a vmlinux below ~/.cache/ktlab, is asked about; KTRIAGE_BENCH_MODULE is a large module with
// debug information, KTRIAGE_BENCH_DECODE_STACKTRACE the kernel's script if it is not in PATH. What is not there is
// said, and left out. Times are medians of whole processes that run in turns; ratios are to llvm-symbolizer.

import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openElf } from '../dist/elf/open-elf.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'bin', 'ktriage.js');
/** 3 says that some input has no answer: code that no unit covers. */
const goodExits = [0, 3];
/** Milliseconds after which a run is given up. */
const longest = 300_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    smoke: { type: 'boolean', default: false },
    // Of other benchmarks.
    size: { type: 'string' },
    only: { type: 'string' },
  },
});
const runs = values.smoke ? 1 : Number(values.runs);
if (!(runs > 0)) {
  console.error('usage: npm run bench [-- --runs N] [--smoke]');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'ktriage-bench-'));
const cache = join(folder, 'cache');
let failures = 0;

function inPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of names) for (const each of folders) if (existsSync(join(each, name))) return join(each, name);
  return undefined;
}

const llvm = inPath(...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((n) => `llvm-symbolizer-${n}`), 'llvm-symbolizer');
const addr2line = inPath('addr2line');
const elfutils = inPath('eu-addr2line');

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A command to measure: `env` beside the process's own, `input` a file. */
function tool(name, command, args, { input, env = {} } = {}) {
  return { name, command, args, input, env };
}

const ours = (name, args, input, env) =>
  tool(name, process.execPath, [program, ...args], { input, env: { KTRIAGE_CACHE: 'off', ...env } });

/** The seconds of one run. */
function time({ name, command, args, input, env }) {
  const file = openSync(input ?? '/dev/null', 'r');
  const start = performance.now();
  const result = spawnSync(command, args, {
    env: { ...process.env, ...env },
    stdio: [file, 'ignore', 'pipe'],
    timeout: longest,
  });
  const seconds = (performance.now() - start) / 1000;
  closeSync(file);
  if (!goodExits.includes(result.status)) {
    failures++;
    const why =
      result.error?.message ?? `exit ${result.status ?? result.signal}: ${String(result.stderr).slice(0, 300)}`;
    console.log(`FAILED ${name}: ${why}`);
  }
  return seconds;
}

/** Megabytes at the peak of one run, as /proc has them shortly before its end; NaN where there is no /proc. */
async function memory({ command, args, input, env }) {
  const file = openSync(input ?? '/dev/null', 'r');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: [file, 'ignore', 'ignore'] });
  closeSync(file);
  let peak = Number.NaN;
  const look = () => {
    try {
      const high = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1];
      if (high !== undefined) peak = Number(high) / 1024;
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, 1);
  await new Promise((resolve) => {
    child.on('close', resolve);
    child.on('error', resolve);
  });
  clearInterval(timer);
  return peak;
}

/** Measures tools in turns and prints a line for each: time and memory, with their ratios to the first. */
async function compare(title, tools, { before = () => {}, withMemory = true, times = runs } = {}) {
  console.log(title);
  const seconds = new Map(tools.map((each) => [each, []]));
  for (let run = 0; run < times; run++) {
    for (const each of tools) {
      before();
      seconds.get(each).push(time(each));
    }
  }
  let first;
  for (const each of tools) {
    const now = { seconds: median(seconds.get(each)), megabytes: withMemory ? await memory(each) : Number.NaN };
    first ??= now;
    const took = `${(now.seconds * 1000).toFixed(0).padStart(7)} ms`;
    const ratio = (now.seconds / first.seconds).toFixed(2).padStart(6);
    const held = withMemory
      ? `${now.megabytes.toFixed(0).padStart(6)} MB ${(now.megabytes / first.megabytes).toFixed(2).padStart(5)}`
      : '';
    console.log(`  ${each.name.padEnd(28)}${took} ${ratio} ${held}`.trimEnd());
  }
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Functions of .text, as addresses for a random place in each. */
async function functionsOf(path) {
  const file = await openElf(path);
  const text = file.section('.text');
  const found = [];
  for (let index = 1; index < file.symbols().count; index++) {
    const symbol = file.symbols().entry(index);
    if (symbol.type === 2 && symbol.section === text && symbol.symbolSize > 0) found.push(symbol);
  }
  file.close();
  return { text, found };
}

const hex = (address) => `0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;

/** A file with so many addresses of functions, a line each. */
function addressFile(name, functions, count, from = 0) {
  const next = random(count);
  const path = join(folder, name);
  const lines = Array.from({ length: count }, () => {
    const { address, symbolSize } = functions[Math.floor(next() * functions.length)];
    return hex(address - from + Math.floor(next() * symbolSize));
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

function findKernel() {
  const named = process.env.KTRIAGE_BENCH_VMLINUX;
  if (named) return named;
  const lab = process.env.KTLAB_DIR ?? join(homedir(), '.cache', 'ktlab');
  const kernels = existsSync(lab) ? readdirSync(lab).sort() : [];
  return kernels.map((name) => join(lab, name, 'vmlinux')).find((path) => existsSync(path));
}

function natives(path, input) {
  return [
    ...(llvm ? [tool('llvm-symbolizer', llvm, [`--obj=${path}`, '--inlines'], { input })] : []),
    ...(addr2line ? [tool('addr2line', addr2line, ['-fi', '-e', path], { input })] : []),
  ];
}

/** Forgets what the system holds of files, if that is allowed; false if not. */
function dropCaches() {
  try {
    spawnSync('sync');
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}

async function benchKernel(vmlinux) {
  const size = (statSync(vmlinux).size / 1e6).toFixed(0);
  console.log(`symbolize: addresses of a vmlinux of ${size} MB, medians of ${runs} runs in turns, page cache warm`);
  const { found } = await functionsOf(vmlinux);
  const args = ['symbolize', '--vmlinux', vmlinux, '--format', 'jsonl'];
  // An index is made the second time that a kernel is asked about; the addresses below are others.
  const first = ours('ktriage', args, addressFile('addresses-first', found, 3), { KTRIAGE_CACHE: cache });
  console.log(
    `  the first time ${(time(first) * 1000).toFixed(0)} ms, with making the index ${(time(first) * 1000).toFixed(0)} ms`,
  );
  for (const count of [1, 20, 1000, 10_000]) {
    const input = addressFile(`addresses-${count}`, found, count);
    const cached = ours('ktriage, with its index', args, input, { KTRIAGE_CACHE: cache });
    await compare(
      `${count} ${count === 1 ? 'address' : 'addresses'}`,
      [...natives(vmlinux, input), ours('ktriage', args, input), ...[cached]],
      { times: count < 1000 ? runs : Math.max(Math.ceil(runs / 2), 1) },
    );
  }
  const input = join(folder, 'addresses-20');
  if (dropCaches()) {
    const tools = [...natives(vmlinux, input).slice(0, 1), ours('ktriage', args, input)];
    await compare('20 addresses, page cache cold', tools, { before: dropCaches, withMemory: false, times: 3 });
  } else console.log('20 addresses, page cache cold: left out, only root can drop it');
}

async function benchModule(module) {
  const size = (statSync(module).size / 1e6).toFixed(0);
  const { found, text } = await functionsOf(module);
  const input = addressFile('module-addresses', found, 1, text.address);
  const line = readFileSync(input, 'utf8').trim();
  const ourInput = join(folder, 'module-offsets');
  writeFileSync(ourInput, `.text+${line}\n`);
  await compare(
    `1 address of a module of ${size} MB`,
    [
      ...natives(module, input).slice(0, 1),
      ...(addr2line ? [tool('addr2line', addr2line, ['-fi', '-j', '.text', '-e', module], { input })] : []),
      ...(elfutils ? [tool('eu-addr2line', elfutils, ['-fi', '-j', '.text', '-e', module], { input })] : []),
      ours('ktriage', ['symbolize', '--module', module, '--format', 'jsonl'], ourInput),
    ],
    { times: Math.min(runs, 3) },
  );
}

/** A log of the lab with its kernel and module, if both are of the vmlinux's folder. */
async function benchLog(vmlinux) {
  const script = process.env.KTRIAGE_BENCH_DECODE_STACKTRACE ?? inPath('decode_stacktrace.sh');
  const modules = dirname(vmlinux);
  const cases = join(root, 'test', 'cases', 'lab-6.1-amd64-null-read');
  const log = existsSync(cases) ? readdirSync(cases).find((name) => name.endsWith('.log')) : undefined;
  if (log === undefined || !modules.endsWith('6.1-amd64')) {
    console.log('an oops of the lab: left out, its kernel (6.1-amd64) is not there');
    return;
  }
  const input = join(cases, log);
  const args = ['--vmlinux', vmlinux, '--modules', modules, '--exit-zero'];
  await compare(
    'an oops of the lab',
    [
      ...(script ? [tool('decode_stacktrace.sh', script, [vmlinux, modules, modules], { input })] : []),
      ours('ktriage analyze', ['analyze', ...args, input]),
      ours('ktriage analyze, with cache', ['analyze', ...args, input], undefined, { KTRIAGE_CACHE: cache }),
    ],
    { withMemory: false, times: Math.min(runs, 3) },
  );
  if (!script) console.log('  decode_stacktrace.sh is not installed');
}

try {
  const kernel = values.smoke ? undefined : findKernel();
  const module = values.smoke ? undefined : process.env.KTRIAGE_BENCH_MODULE;
  for (const [name, path] of Object.entries({ 'llvm-symbolizer': llvm, addr2line }))
    if (!path) console.log(`${name} is not installed`);
  if (values.smoke) console.log('symbolize: kernels are left out');
  else if (kernel === undefined) console.log('symbolize: no kernel is there; KTRIAGE_BENCH_VMLINUX names one');
  else {
    await benchKernel(kernel);
    await benchLog(kernel);
  }
  if (module) await benchModule(module);
  else if (!values.smoke) console.log('modules: left out; KTRIAGE_BENCH_MODULE names a large one');
  if (values.smoke) await compare('what starting takes', [ours('ktriage --version', ['--version'])], { times: 3 });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failures > 0) process.exitCode = 1;
