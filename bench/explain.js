// What explaining costs: `ktriage analyze` of logs as it is, against the same with --no-explain.
//
//   npm run build && node bench/explain.js [--runs N] [--only TEXT] [--smoke]
//
// The logs are those of a folder that KTRIAGE_BENCH_LOGS names, else of ../shared/lab-logs, else of samples/; --only
// takes those with TEXT in their names. Where a log's name begins with that of a folder below ~/.cache/ktlab
// (KTLAB_DIR), it is analyzed with the vmlinux and modules there as well: with no cache of look-ups, and with one.
// Both runs of a pair follow each other, each time in another order; times are medians of whole processes.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'bin', 'ktriage.js');
const hook = new URL('cpu-time.js', import.meta.url).href;
/** Milliseconds after which a run is given up. */
const longest = 300_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    only: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    // Of another benchmark.
    size: { type: 'string' },
  },
});
const runs = values.smoke ? 1 : Number(values.runs);
if (!(runs > 0)) {
  console.error('usage: node bench/explain.js [--runs N] [--only TEXT] [--smoke]');
  process.exit(2);
}

/** What most logs of the lab differ in; with --only all are taken that fit. */
const usual = /-(?:null-read|null-exec|null-in-core|slab-uaf|stack-overflow|warn|sysrq-t)\.log$/;

const temporary = mkdtempSync(join(tmpdir(), 'ktriage-bench-'));
const cpuFile = join(temporary, 'cpu');
let failures = 0;

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function findLogs() {
  const shared = join(root, '..', 'shared', 'lab-logs');
  const named = process.env.KTRIAGE_BENCH_LOGS;
  const folder = named || (existsSync(shared) && !values.smoke ? shared : join(root, 'samples'));
  const logs = readdirSync(folder)
    .filter((name) => name.endsWith('.log') && (values.only === undefined || name.includes(values.only)))
    .filter((name) => values.only !== undefined || folder !== shared || usual.test(name))
    .sort();
  return (values.smoke ? logs.filter((name) => name.includes('null')).slice(0, 1) : logs).map((name) => ({
    name,
    path: join(folder, name),
  }));
}

/** The lab's kernel of a log, as options. */
function kernelOf(name) {
  const lab = process.env.KTLAB_DIR || join(homedir(), '.cache', 'ktlab');
  const kernels = existsSync(lab) && !values.smoke ? readdirSync(lab) : [];
  const kernel = kernels.find((each) => name.startsWith(`${each}-`) && existsSync(join(lab, each, 'vmlinux')));
  return kernel && ['--vmlinux', join(lab, kernel, 'vmlinux'), '--modules', join(lab, kernel)];
}

/** Milliseconds of one run: by the clock, and of all processors together. */
function time(args, cache) {
  const start = performance.now();
  const { status, signal, error, stderr } = spawnSync(process.execPath, ['--import', hook, program, ...args], {
    env: { ...process.env, KTRIAGE_CACHE: cache, KTRIAGE_BENCH_CPU: cpuFile },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: longest,
  });
  const wall = performance.now() - start;
  if (status !== 0) {
    failures++;
    console.log(
      `FAILED ${args.join(' ')}: ${error?.message ?? `${status ?? signal}: ${String(stderr).slice(0, 300)}`}`,
    );
    return { wall: Number.NaN, cpu: Number.NaN };
  }
  return { wall, cpu: Number(readFileSync(cpuFile, 'utf8')) / 1000 };
}

const worst = new Map();

/** Measures a log in one way, both without explanation and with it, and prints a line. */
function compare({ name, path }, way, options, cache) {
  const plain = { args: ['analyze', '--exit-zero', '--no-explain', ...options, path], times: [] };
  const full = { args: ['analyze', '--exit-zero', ...options, path], times: [] };
  if (cache !== 'off') for (const { args } of [plain, full]) time(args, cache);
  for (let run = 0; run < runs; run++)
    for (const each of run % 2 === 0 ? [plain, full] : [full, plain]) each.times.push(time(each.args, cache));
  const cells = ['wall', 'cpu'].map((what) => {
    const [before, after] = [plain, full].map(({ times }) => median(times.map((each) => each[what])));
    const ratio = after / before;
    const key = `${way}, ${what}`;
    if (!(worst.get(key)?.ratio > ratio)) worst.set(key, { ratio, name });
    return `${before.toFixed(0).padStart(5)} ${after.toFixed(0).padStart(5)} ms ${ratio.toFixed(2).padStart(5)}`;
  });
  console.log(`  ${name.padEnd(38)} ${way.padEnd(14)} ${cells.join('   ')}`);
}

try {
  console.log(`analyze without explanation and with it, medians of ${runs} runs in turns: wall, then processor time`);
  const logs = findLogs();
  for (const log of logs) {
    compare(log, 'log alone', [], 'off');
    const kernel = kernelOf(log.name);
    if (kernel === undefined) continue;
    compare(log, 'vmlinux', kernel, 'off');
    compare(log, 'vmlinux, cache', kernel, join(temporary, 'cache'));
  }
  if (logs.length === 0) console.log('  no log is there');
  for (const [way, { ratio, name }] of worst) console.log(`  worst, ${way}: ${ratio.toFixed(2)} (${name})`);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
if (failures > 0) process.exitCode = 1;
