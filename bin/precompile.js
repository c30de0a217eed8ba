// The last part of `npm run build`: keeps V8's code of the program's files, for bin/load.js.
//
//   node bin/precompile.js
//
// Of files that the samples need, it is the functions that ran: each call starts with what the ones before it left, so
// that the code of all of them adds up. Of the other files of the program all functions are compiled. (All functions of
// all files take 10 ms longer to load than those that are needed.)

const { spawnSync } = require('node:child_process');
const { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const { tmpdir } = require('node:os');
const { basename, join } = require('node:path');
const { gunzipSync } = require('node:zlib');
const { codes, folder, load, saveCode, start } = require('./load.js');

const samples = join(__dirname, '..', 'samples');
const log = (name) => join(samples, name);
const modules = ['--modules', join(samples, 'modules')];
const sampleModule = join(samples, 'modules', '6.1.0-50-amd64', 'ktsample.ko.gz');
/** The module unpacked, which serves as a kernel with debug information. */
const kernel = './kernel';
const symbolize = ['run', 0, 'symbolize', '--vmlinux', kernel, '--format', 'jsonl', '0x20', '0x40', 'ktsample_write'];

/** What is done, by processes of its own as the program ends its process, and how each of them ends. */
const calls = [
  // The third time there is an index.
  ...[symbolize, symbolize, symbolize],
  ['run', 0, 'symbolize', '--no-cache', '--vmlinux', kernel, '0x20', 'ktsample_write+0x40'],
  ['run', 1, 'analyze', ...modules, log('ktsample-null-x86-64.log')],
  ['run', 1, 'analyze', ...modules, log('ktsample-poison-arm64.log')],
  [
    'run',
    1,
    'analyze',
    ...modules,
    '--format',
    'json',
    log('ktsample-list-x86-64.log'),
    log('ktsample-warn-x86-64.log'),
  ],
  ['run', 1, 'analyze', log('oops-then-panic.log'), log('hung-task.log'), log('stall.log'), log('healthy-boot.log')],
  // No kernel is found.
  ['run', 3, 'decode', ...modules, '-i', log('ktsample-bug-x86-64.log')],
  ['compile', 0],
];

function main() {
  const home = mkdtempSync(join(tmpdir(), 'ktriage-build-'));
  try {
    writeFileSync(join(home, kernel), gunzipSync(readFileSync(sampleModule)));
    // Of small files no index is made.
    truncateSync(join(home, kernel), 2 ** 23);
    for (const [what, status, ...args] of calls) {
      const result = spawnSync(process.execPath, [__filename, what, ...args], {
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home, KTRIAGE_CACHE: join(home, 'cache'), KTRIAGE_DEBUG_DIR: home },
        stdio: ['ignore', 'ignore', 'pipe'],
        encoding: 'utf8',
        timeout: 60_000,
      });
      if (result.status === status) continue;
      console.error(`${what} ${args.join(' ')}: ${result.error ?? `exit ${result.status}`}\n${result.stderr}`);
      process.exitCode = 1;
      return;
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Compiles all functions of files that no code is kept of yet: to tell where breakpoints may be V8 must have done so. */
function compile() {
  const session = new Session();
  session.connect();
  const parsed = [];
  session.on('Debugger.scriptParsed', ({ params }) => parsed.push(params));
  session.post('Debugger.enable');
  const kept = new Set(readdirSync(codes));
  const names = readdirSync(folder).filter((name) => name.endsWith('.cjs') && !kept.has(`${name}.code`));
  for (const name of names) load(name);
  let compiled = 0;
  for (const { scriptId, url } of parsed) {
    if (!names.includes(basename(url))) continue;
    const start = { scriptId, lineNumber: 0, columnNumber: 0 };
    session.post('Debugger.getPossibleBreakpoints', { start }, (error) => {
      if (error) throw new Error(`${url}: ${error.message}`);
      compiled++;
    });
  }
  if (compiled < names.length) throw new Error(`${compiled} of ${names.length} files were compiled`);
  session.disconnect();
  saveCode();
}

const [, , what] = process.argv;
if (what === 'run') {
  process.argv.splice(1, 2, join(__dirname, 'ktriage.js'));
  process.on('exit', saveCode);
  start();
} else if (what === 'compile') compile();
else main();
