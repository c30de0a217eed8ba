// The last part of `npm run build`: keeps V8's code of the program's files, for bin/load.js.
//
//   node bin/precompile.js
//
// Of the program's own files all functions are compiled. Of the big packages, of which little is used, it is those that
// the samples need: each call starts with what the ones before it left, so that the code of all of them adds up.

const { spawnSync } = require('node:child_process');
const { mkdtempSync, readdirSync, rmSync } = require('node:fs');
const { Session } = require('node:inspector');
const { tmpdir } = require('node:os');
const { basename, join } = require('node:path');
const { folder, isOfPackage, load, saveCode, start } = require('./load.js');

const samples = join(__dirname, '..', 'samples');
const modules = join(samples, 'modules');

/** What is done by processes of its own, as the program ends its process. */
const calls = [
  ['run', 'analyze', '--modules', modules, join(samples, 'ktsample-null-x86-64.log')],
  ['run', 'analyze', '--modules', modules, join(samples, 'ktsample-list-x86-64.log')],
  ['run', 'analyze', '--modules', modules, join(samples, 'ktsample-poison-arm64.log')],
  ['compile'],
];
/** Crashes are found in the samples. */
const goodExits = { run: 1, compile: 0 };

function main() {
  const home = mkdtempSync(join(tmpdir(), 'ktriage-build-'));
  try {
    for (const call of calls) {
      const result = spawnSync(process.execPath, [__filename, ...call], {
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home, KTRIAGE_CACHE: 'off' },
        stdio: ['ignore', 'ignore', 'pipe'],
        encoding: 'utf8',
        timeout: 60_000,
      });
      if (goodExits[call[0]] === result.status) continue;
      console.error(`${call.join(' ')}: ${result.error ?? `exit ${result.status}`}\n${result.stderr}`);
      process.exitCode = 1;
      return;
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Compiles all functions of the program's own files: to tell where breakpoints may be V8 must compile what is there. */
function compile() {
  const session = new Session();
  session.connect();
  const parsed = [];
  session.on('Debugger.scriptParsed', ({ params }) => parsed.push(params));
  session.post('Debugger.enable');
  const names = readdirSync(folder).filter(
    (name) => name.endsWith('.cjs') && name !== 'main.cjs' && !isOfPackage(name),
  );
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
