// Part of `npm run build`: runs the program on the samples and keeps the code that V8 made of what ran (load.js).
//
//   node bin/precompile.js
//
// Each call starts with what the ones before it left, so that the code of all of them adds up.

const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { gunzipSync } = require('node:zlib');

const top = join(__dirname, '..');
const samples = join(top, 'samples');
const child = '--child';

/** Calls of the program, `folder` holding an unpacked module that serves as a kernel with debug information. */
function calls(folder) {
  const withModules = ['--modules', join(samples, 'modules')];
  const kernel = join(folder, 'kernel');
  const log = (name) => join(samples, name);
  return [
    // The third time there is an index.
    ...[1, 2, 3].map(() => ['symbolize', '--vmlinux', kernel, '--format', 'jsonl', '0x20', '0x40', 'ktsample_write']),
    ['symbolize', '--no-cache', '--vmlinux', kernel, '0x20', 'ktsample_write+0x40'],
    ['analyze', ...withModules, log('ktsample-null-x86-64.log')],
    ['analyze', ...withModules, log('ktsample-poison-arm64.log')],
    ['analyze', ...withModules, '--format', 'json', log('ktsample-list-x86-64.log'), log('ktsample-warn-x86-64.log')],
    ['analyze', log('oops-then-panic.log'), log('hung-task.log'), log('stall.log'), log('healthy-boot.log')],
    ['decode', ...withModules, '-i', log('ktsample-bug-x86-64.log')],
  ];
}

/** 0 to 3 but 2: what the samples hold decides, and a call that went wrong must not pass. */
const goodExits = [0, 1, 3];

function run() {
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-build-'));
  try {
    const module = join(samples, 'modules', '6.1.0-50-amd64', 'ktsample.ko.gz');
    const kernel = join(folder, 'kernel');
    writeFileSync(kernel, gunzipSync(readFileSync(module)));
    // Of small files no index is made.
    truncateSync(kernel, 2 ** 23);
    const env = { PATH: process.env.PATH, HOME: folder, KTRIAGE_CACHE: join(folder, 'cache') };
    for (const args of calls(folder)) {
      const result = spawnSync(process.execPath, [__filename, child, ...args], {
        cwd: folder,
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
        encoding: 'utf8',
        timeout: 60_000,
      });
      if (goodExits.includes(result.status)) continue;
      console.error(`ktriage ${args.join(' ')}: ${result.error ?? `exit ${result.status}`}\n${result.stderr}`);
      return 1;
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === child) {
  const { start, saveCode } = require('./load.js');
  process.argv.splice(1, 2, join(__dirname, 'ktriage.js'));
  process.on('exit', saveCode);
  start();
} else process.exitCode = run();
