// How fast `ktriage analyze` reads logs, against grep looking for the same headlines.
//
//   npm run bench [-- --size MB] [--runs N] [--smoke]
//
// Prints times, their ratio and peak memory. Times are those of whole processes, taken in turns, so that what else
// the machine does hits both. Fails only when something does not run: times are for people to judge.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { headlineTexts } from '../dist/oops/headlines.js';
import { writeHealthyLog, writeRepeated } from './big-log.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = join(here, '..', 'bin', 'ktriage.js');
const memoryProbe = pathToFileURL(join(here, 'peak-memory.js')).href;
/** 3 says that something could not be vouched for, such as a log without kernel lines. */
const goodExits = [0, 1, 3];

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '5' },
    smoke: { type: 'boolean', default: false },
    // Of another benchmark.
    only: { type: 'string' },
  },
});
const size = values.smoke ? 8 : Number(values.size);
const runs = values.smoke ? 1 : Number(values.runs);
const hostileSizes = values.smoke ? [1, 2] : [5, 10];
if (!(size > 0) || !(runs > 0)) {
  console.error('usage: npm run bench [-- --size MB] [--runs N] [--smoke]');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'ktriage-bench-'));
let failures = 0;

function fail(what, result) {
  failures++;
  const why = result.error?.message ?? `exit ${result.status ?? result.signal}: ${String(result.stderr).slice(0, 500)}`;
  console.log(`FAILED ${what}: ${why}`);
}

/** Runs a program with its output thrown away: { seconds, result }. */
function timed(command, args, env = {}) {
  const start = performance.now();
  const result = spawnSync(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 26,
  });
  return { seconds: (performance.now() - start) / 1000, result };
}

/** Analyses a log: { seconds, megabytes } of memory at the peak. */
function analyze(path) {
  const memory = join(folder, 'memory');
  rmSync(memory, { force: true });
  const { seconds, result } = timed(process.execPath, ['--import', memoryProbe, program, 'analyze', path], {
    KTRIAGE_BENCH_MEMORY: memory,
  });
  if (!goodExits.includes(result.status)) fail(`ktriage analyze ${path}`, result);
  return { seconds, megabytes: existsSync(memory) ? Number(readFileSync(memory, 'utf8')) / 1024 : Number.NaN };
}

function grep(path, patterns) {
  const { seconds, result } = timed('grep', ['-aE', '-f', patterns, path], { LC_ALL: 'C' });
  if (result.status !== 0 && result.status !== 1) fail('grep', result);
  return seconds;
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function summary(numbers) {
  return `min ${Math.min(...numbers).toFixed(2)} s, median ${median(numbers).toFixed(2)} s`;
}

function benchHealthy() {
  const path = join(folder, 'healthy.log');
  const patterns = join(folder, 'patterns');
  writeHealthyLog(path, size * 1e6);
  writeFileSync(patterns, headlineTexts.map((text) => text.replace(/[.[\]()*+?{}|^$\\]/g, '\\$&')).join('|'));
  console.log(`healthy log of ${(statSync(path).size / 1e6).toFixed(0)} MB, ${runs} runs each, in turns`);
  const ours = [];
  const theirs = [];
  let megabytes = 0;
  for (let run = 0; run < runs; run++) {
    theirs.push(grep(path, patterns));
    const measured = analyze(path);
    ours.push(measured.seconds);
    megabytes = Math.max(megabytes, measured.megabytes);
  }
  rmSync(path);
  console.log(`  grep -aE          ${summary(theirs)}`);
  console.log(`  ktriage analyze   ${summary(ours)}, peak memory ${megabytes.toFixed(0)} MB`);
  const ratio = Math.min(...ours) / Math.min(...theirs);
  console.log(
    `  ratio             ${ratio.toFixed(2)} of the minima, ${(median(ours) / median(theirs)).toFixed(2)} of the medians`,
  );
}

/** What is meant to take long. Twice the size should take twice the time. */
const hostileShapes = [
  ['cut-here lines', '[    1.000000][   T#] ------------[ cut here ]------------\n'],
  ['headlines only', '[    1.000000][   T1] BUG: unable to handle page fault for address: ffff#\n'],
  ['warnings only', '[    #.000000] WARNING: CPU: 1 PID: # at mm/page_alloc.c:# f+0x1/0x2\n'],
  ['boots only', '[    0.000000] Linux version 6.#.0 (build@host)\n'],
  ['one long line', 'x'.repeat(1000)],
  ['one long line of headlines', 'BUG: '.repeat(200)],
  ['line feeds only', '\n'.repeat(1000)],
  ['NULs only', '\0'.repeat(1000)],
];

function benchHostile() {
  console.log(`hostile logs of ${hostileSizes.join(' and ')} MB; linear is a ratio of 2, less what starting takes`);
  for (const [name, piece] of hostileShapes) {
    const measured = hostileSizes.map((megabytes) => {
      const path = join(folder, 'hostile.log');
      writeRepeated(path, megabytes * 1e6, piece);
      const result = analyze(path);
      rmSync(path);
      return result;
    });
    const seconds = measured.map((each) => each.seconds);
    const ratio = (seconds.at(-1) / seconds[0]).toFixed(2);
    const peak = Math.max(...measured.map((each) => each.megabytes)).toFixed(0);
    console.log(
      `  ${name.padEnd(28)}${seconds.map((s) => `${s.toFixed(2)} s`).join(', ')}, ratio ${ratio}, peak memory ${peak} MB`,
    );
  }
}

try {
  benchHealthy();
  benchHostile();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
