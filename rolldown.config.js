import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig } from 'rolldown';
import { cutScript } from './bin/build/iced-script.js';
import { startFast } from './bin/build/iced-wasm.js';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
/** Loaded by every command but those that are to be fast, in seven files. */
const bundled = ['commander'];

const packagePath = createRequire(import.meta.url).resolve;

/** What bin/load.js calls with these; in the file, as a text that is put together takes twice the memory. */
const wrapper = ['(function (exports, require, module, __filename, __dirname) {', '\n})'];

/**
 * Makes functions of the files. Writes what is not ASCII as escapes, which no code but strings and patterns has: the
 * engine keeps a text with one such character in two bytes a character, all 300 KB of it.
 */
const asFunctions = {
  name: 'as-functions',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      const code = chunk.code.replace(
        /[^\x00-\x7f]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      chunk.code = `${wrapper[0]}${code}${wrapper[1]}`;
    }
  },
};

/** The folder of all that uses iced-x86 (test/imports.test.ts). */
const icedUsers = resolve('dist/code/x86');

/** iced-x86 without what the program does not use of it; beside it its WebAssembly, and the memory that starts with. */
const smallerIced = {
  name: 'smaller-iced',
  transform(code, id) {
    if (id !== packagePath('iced-x86')) return undefined;
    const names = readdirSync(icedUsers).filter((name) => name.endsWith('.js'));
    const users = names.map((name) => readFileSync(resolve(icedUsers, name), 'utf8')).join('\n');
    const files = { wasm: 'iced-x86.wasm', image: 'iced-x86.memory' };
    const original = readFileSync(resolve(id, '..', 'iced_x86_bg.wasm'));
    const { script, wasm, image } = startFast(cutScript(code, users), original, files);
    this.emitFile({ type: 'asset', fileName: files.wasm, source: wasm });
    this.emitFile({ type: 'asset', fileName: files.image, source: image });
    return { code: script, map: null };
  },
};

/** capstone-js, which copies the 3 MB of WebAssembly that it has read, without doing so. */
const smallerCapstone = {
  name: 'smaller-capstone',
  transform(code, id) {
    if (id !== packagePath('@alexaltea/capstone-js')) return undefined;
    const copy = 'return new Uint8Array(response)';
    if (code.split(copy).length !== 2) throw new Error(`${id} no longer has one "${copy}"`);
    return { code: code.replace(copy, 'return response'), map: null };
  },
};

/** What is loaded to look up one address: these, and what they import other than lazily. */
const lookupRoots = [
  'cli/run/symbolize-run',
  'symbols/image',
  'symbols/open-index-cache',
  'elf/open-elf',
  'dwarf/open-debug-info',
];
/** What makes an index of a kernel. */
const indexRoots = ['symbols/index-cache-build'];

/** What is loaded to explain a report; and, where there is debug information, to name what it is about. */
const explainRoots = ['code/explain-report', 'code/explain-names', 'diagnose/diagnose-file'];
const namesRoots = ['code/explain-stack', 'code/names', 'code/names-variables', 'dwarf/variables'];
/** What else is loaded without the one or the other. */
const otherRoots = ['analyze/analyze', 'analyze/sources', 'cli/run/decodecode-listing', 'cli/run/explain-run'];

/**
 * What names reports: of logs, and of what was found in a machine (src/analyze/hang). They would be three files; what
 * these import is wanted without them as well.
 */
const naming = /^(?:titles|culprit-rules)\/|^(?:culprit|guilty-file|refine-kind|signature)\.js$/;
const oops = `${resolve('dist/oops')}/`;
const isNaming = (id) => id.startsWith(oops) && naming.test(id.slice(oops.length));
const isBelow = (folder) => (id) => id.startsWith(`${resolve('dist', folder)}/`);

function withStaticImports(roots) {
  const found = new Set();
  const pending = roots.map((name) => resolve('dist', `${name}.js`));
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const [, to] of readFileSync(path, 'utf8').matchAll(/^(?:import|export)\b[^'"]*['"](\.\.?\/[^'"]+)['"];$/gm))
      pending.push(resolve(path, '..', to));
  }
  return found;
}

const without = (all, some) => new Set([...all].filter((path) => !some.has(path)));

// The entry waits for what it imports lazily, which would wait for it if it were in a file with what that needs.
const start = withStaticImports(['cli/main']);
start.delete(resolve('dist/cli/main.js'));
const lookup = withStaticImports(lookupRoots);
const index = withStaticImports(indexRoots);
const program = withStaticImports(['cli/run-program']);
const others = withStaticImports(otherRoots);
const explain = without(withStaticImports(explainRoots), others);
const names = without(without(withStaticImports(namesRoots), others), explain);

/**
 * The program, made of what tsc wrote, in few files: each that Node loads costs some 0.4 ms, and to look up one address
 * took a hundred. What is loaded lazily stays so; what every look-up needs is one file.
 */
export default defineConfig({
  input: {
    main: 'dist/cli/main.js',
    // Packages of one big CommonJS file, two thirds of it comments and white space; bin/load.js loads them from here.
    'iced-x86': packagePath('iced-x86'),
    'capstone-js': packagePath('@alexaltea/capstone-js'),
  },
  plugins: [smallerIced, smallerCapstone, asFunctions],
  platform: 'node',
  external: [/^node:/, ...Object.keys(dependencies).filter((name) => !bundled.includes(name))],
  checks: { ineffectiveDynamicImport: false },
  output: {
    dir: 'dist/program',
    cleanDir: true,
    format: 'cjs',
    // Code from a cache (bin/load.js) has no way to import; Node requires all that we depend on, ES modules too.
    dynamicImportInCjs: false,
    // A third of the bytes is white space, which the engine reads as well: 3 ms of looking up one address. Names stay.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    codeSplitting: {
      groups: [
        // Priorities below zero come before all others.
        { name: 'start', test: (id) => start.has(id), priority: 5 },
        { name: 'shared', test: (id) => lookup.has(id) && program.has(id), priority: 4 },
        { name: 'lookup', test: (id) => lookup.has(id), priority: 3 },
        { name: 'index', test: (id) => index.has(id), priority: 2 },
        { name: 'explain', test: (id) => explain.has(id), priority: 1 },
        { name: 'names', test: (id) => names.has(id), priority: 0 },
        { name: 'kinds', test: isBelow('oops/kinds'), priority: 1 },
        { name: 'demangle', test: isBelow('util/demangle'), priority: 1 },
        { name: 'reports', test: isNaming, priority: 0 },
      ],
    },
  },
});
