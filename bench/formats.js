// What each output costs beside the analysis: milliseconds that --report FORMAT=FILE adds to `ktriage analyze` of a log.
//
//   npm run build && node bench/formats.js [--size MEGABYTES] [--runs N] [--smoke]
//
// The log is made up: healthy lines, and every so often a crash of samples/. It is analysed once; then each output is
// made from its results as the program does it, reading the log again where the output shows it. Numbers are medians of
// processor time in one process, and of bytes written.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { analyzeFile } from '../dist/analyze/analyze.js';
import { logParts } from '../dist/cli/run/log-parts.js';
import { kindOf } from '../dist/oops/kinds/kinds.js';
import { runFormats } from '../dist/report/formats/formats.js';
import { RunCollector } from '../dist/report/formats/run.js';
import { JsonDocumentWriter } from '../dist/report/json.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '20' },
    runs: { type: 'string', default: '7' },
    smoke: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const runs = values.smoke ? 1 : Number(values.runs);
const size = values.smoke ? 1 : Number(values.size);
if (!(runs > 0 && size > 0)) {
  console.error('usage: node bench/formats.js [--size MEGABYTES] [--runs N] [--smoke]');
  process.exit(2);
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** Milliseconds of processor time that something takes. */
async function cpuTime(action) {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function makeLog(file) {
  const samples = new URL('../samples/', import.meta.url);
  const logs = readdirSync(samples)
    .filter((name) => /^ktsample-.*\.log$/.test(name))
    .sort();
  const crashes = logs.map((name) => readFileSync(new URL(name, samples), 'latin1'));
  const healthy = readFileSync(new URL('healthy-boot.log', samples), 'latin1');
  const parts = [];
  let bytes = 0;
  for (let nth = 0; bytes < size * 1_000_000; nth++) {
    const part = nth % 40 === 39 ? crashes[((nth - 39) / 40) % crashes.length] : healthy;
    parts.push(part);
    bytes += part.length;
  }
  writeFileSync(file, parts.join(''), 'latin1');
}

const folder = mkdtempSync(join(tmpdir(), 'ktriage-bench-'));
try {
  const file = join(folder, 'console.log');
  makeLog(file);
  let result;
  const analysis = await cpuTime(async () => {
    result = await analyzeFile(file);
  });
  const { reports, incidents } = result;
  const collector = new RunCollector();
  const collecting = await cpuTime(() => collector.add(result));
  const run = collector.run();
  console.log(
    `${(statSync(file).size / 1e6).toFixed(1)} MB, ${reports.length} reports in ${incidents.length} incidents, ${run.problems.length} different: analysis ${analysis.toFixed(0)} ms, gathering ${collecting.toFixed(1)} ms`,
  );
  const options = {
    version: '0',
    relative: (path) => path,
    kindWords: kindOf,
    kcidb: { origin: 'bench', testId: 'bench:1', buildId: 'bench:1' },
  };
  const outputs = {
    ...runFormats,
    html: async function* (found, given) {
      const parts = await logParts(found.inputs[0]);
      yield* runFormats.html(found, { ...given, log: () => parts });
    },
    json: function* () {
      const writer = new JsonDocumentWriter();
      yield* writer.begin();
      yield* writer.file(result);
      yield* writer.end();
    },
  };
  console.log('format            ms first    ms then      bytes');
  for (const [name, format] of Object.entries(outputs)) {
    const times = [];
    let bytes = 0;
    for (let nth = 0; nth <= runs; nth++) {
      times.push(
        await cpuTime(async () => {
          const pieces = [];
          for await (const piece of format(run, options)) pieces.push(piece);
          writeFileSync(join(folder, 'output'), pieces.join(''));
        }),
      );
      bytes = statSync(join(folder, 'output')).size;
    }
    // A run of the program makes each output once: with code that was never run before.
    const [first, ...others] = times;
    console.log(
      `${name.padEnd(16)} ${first.toFixed(1).padStart(9)} ${median(others).toFixed(1).padStart(10)} ${String(bytes).padStart(10)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
