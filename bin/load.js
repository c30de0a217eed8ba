// Loads the program's files from dist/program, each with the code that V8 made of it when the program was built
// (precompile.js): to parse and compile what one look-up needs takes 15 ms of its 130. V8 itself refuses code of
// another V8 (version, flags, source length) and compiles the source then, as it does where there is none.

const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const folder = join(__dirname, '..', 'dist', 'program');
/** By file name. */
const modules = new Map();
const scripts = new Map();

function readOptional(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const path = join(folder, name);
  if (modules.size === 0 && !existsSync(path)) {
    process.stderr.write(`ktriage: ${path} is not there: this checkout is not built\nhint: npm ci && npm run build\n`);
    process.exit(2);
  }
  const module = { exports: {} };
  modules.set(name, module);
  const source = readFileSync(path, 'utf8');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    cachedData: readOptional(`${path}.code`),
  });
  scripts.set(path, script);
  const requireFrom = (wanted) => (wanted.startsWith('./') ? load(wanted.slice(2)) : require(wanted));
  script.runInThisContext().call(module.exports, module.exports, requireFrom, module, path, folder);
  return module.exports;
}

/** Writes the code of all that was loaded, with that of the functions that have run, beside it. */
function saveCode() {
  for (const [path, script] of scripts) {
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, script.createCachedData());
    renameSync(temporary, `${path}.code`);
  }
}

module.exports = { load, saveCode };
