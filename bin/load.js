// Loads the program's files from dist/program, each with the code that V8 made of it when the program was built
// (precompile.js): to parse and compile what one look-up needs takes 15 ms of its 130. Where there is no such code of
// this very Node, V8 compiles the source.

const {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const folder = join(__dirname, '..', 'dist', 'program');
/**
 * Where the code is that this Node made. V8 refuses code of other versions of it, but not of other builds of one
 * version, and crashes: code of Node 20.20.2 is taken by 20.19.0, whose V8 calls itself the same. Of a Node whose size
 * cannot be told none is kept: each process has a folder of its own, which is not there.
 */
function codeFolder() {
  let size = `of-${process.pid}`;
  try {
    ({ size } = statSync(process.execPath));
  } catch {
    // Then this Node cannot be told from others.
  }
  return join(folder, 'code', `${process.version}-${process.arch}-${size}`);
}
const codes = codeFolder();

/** What was loaded, by path. */
const modules = new Map();
/** Paths of code, with the script that it is of. */
const scripts = new Map();

/** What files are read into, one after the other: fresh memory for each costs more than to read it. */
let buffer = Buffer.allocUnsafeSlow(2 ** 20);

/** The content of a file, until another one is read. */
function read(path) {
  const file = openSync(path);
  try {
    for (let length = 0; ; ) {
      const count = readSync(file, buffer, length, buffer.length - length);
      length += count;
      if (count === 0) return buffer.subarray(0, length);
      if (length === buffer.length) buffer = Buffer.concat([buffer], 2 * length);
    }
  } finally {
    closeSync(file);
  }
}

function readOptional(path) {
  try {
    return read(path);
  } catch {
    return undefined;
  }
}

/** Runs a file of the program, once. `home` is the folder that it takes for its own. */
function load(name, home = folder) {
  const path = join(folder, name);
  const code = join(codes, `${name}.code`);
  const known = modules.get(path);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(path, module);
  // The build makes functions of the files, in ASCII.
  const script = new Script(read(path).latin1Slice(), { filename: path, cachedData: readOptional(code) });
  scripts.set(code, script);
  script.runInThisContext().call(module.exports, module.exports, requireFor, module, path, home);
  return module.exports;
}

/** The `require` of the program's files. */
function requireFor(name) {
  if (name.startsWith('./')) return load(name.slice(2));
  // What stays a package is required by a function of its own, so that it is loaded when it is needed.
  if (name === 'node:module') return { ...require(name), createRequire: () => requireFor };
  // Of packages that are one big CommonJS file the program's folder has a smaller copy.
  if (name === 'iced-x86') return load('iced-x86.cjs');
  // Beside the package's own file lies the WebAssembly that it loads, 3 MB.
  if (name === '@alexaltea/capstone-js') return load('capstone-js.cjs', dirname(require.resolve(name)));
  return require(name);
}

/** Starts the program. */
function start() {
  const path = join(folder, 'main.cjs');
  if (existsSync(path)) return load('main.cjs');
  process.stderr.write(`ktriage: ${path} is not there: this checkout is not built\nhint: npm ci && npm run build\n`);
  process.exitCode = 2;
}

/** Writes the code of all that was loaded, with that of the functions that have run. */
function saveCode() {
  mkdirSync(codes, { recursive: true });
  for (const [path, script] of scripts) {
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, script.createCachedData());
    renameSync(temporary, path);
  }
}

module.exports = { codes, folder, load, start, saveCode };
