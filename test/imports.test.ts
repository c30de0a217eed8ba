import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../src', import.meta.url));

/** What each room may import of the others; see docs/design.md. Its own files it always may. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  util: [],
  io: ['util'],
  log: ['model', 'util'],
  arch: ['model', 'util'],
  oops: ['log', 'arch', 'model', 'util'],
  elf: ['io', 'util'],
  dwarf: ['elf', 'arch', 'io', 'util'],
  btf: ['elf', 'io', 'util'],
  symbols: ['btf', 'dwarf', 'elf', 'arch', 'io', 'model', 'util'],
  code: ['symbols', 'dwarf', 'elf', 'arch', 'model', 'util'],
  diagnose: ['code', 'symbols', 'arch', 'model', 'util'],
  source: ['io', 'model', 'util'],
  report: ['model', 'util'],
  compare: ['model', 'util'],
  ownership: ['source', 'io', 'model', 'util'],
  analyze: ['diagnose', 'code', 'symbols', 'source', 'ownership', 'io', 'log', 'arch', 'oops', 'model', 'util'],
  decode: ['code', 'symbols', 'elf', 'log', 'oops', 'model', 'util'],
  doctor: ['symbols', 'io', 'model', 'util'],
  machine: ['arch', 'io', 'util'],
  kernel: ['machine', 'symbols', 'btf', 'dwarf', 'elf', 'arch', 'io', 'model', 'util'],
  unwind: ['kernel', 'machine', 'symbols', 'dwarf', 'elf', 'arch', 'model', 'util'],
  live: [
    'unwind',
    'kernel',
    'machine',
    'analyze',
    'diagnose',
    'code',
    'symbols',
    'source',
    'btf',
    'dwarf',
    'elf',
    'io',
    'arch',
    'model',
    'util',
  ],
  cli: [
    'live',
    'unwind',
    'kernel',
    'machine',
    'doctor',
    'decode',
    'compare',
    'analyze',
    'diagnose',
    'code',
    'symbols',
    'source',
    'ownership',
    'report',
    'io',
    'log',
    'arch',
    'oops',
    'model',
    'util',
  ],
};

/** Packages that only one room, or one file, may use. */
const packages: Readonly<Record<string, readonly string[]>> = {
  commander: ['cli/'],
  'cli-table3': ['report/list.ts'],
  execa: ['io/process.ts'],
  'iced-x86': ['code/x86/'],
  '@alexaltea/capstone-js': ['code/arm64/'],
  'fast-glob': ['io/'],
  fzstd: ['io/', 'elf/'],
  'xz-decompress': ['io/'],
};

interface Import {
  readonly from: string;
  /** Path below src for own files, else the package or `node:` module. */
  readonly to: string;
  readonly own: boolean;
  readonly line: number;
  readonly typeOnly: boolean;
  readonly lazy: boolean;
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();

/** Static, re-exporting and lazy imports of a file, by their text: there is no other way to write one. */
function importsOf(name: string): Import[] {
  const found: Import[] = [];
  // Comments may show imports; they go, their lines stay.
  const text = readFileSync(join(root, name), 'utf8').replace(/^\s*(?:\/\*|\*|\/\/).*$/gm, '');
  const pattern =
    /(?:^|[^\w.])(?:(?:import|export)\s+(type\s)?[^'"`;()]*?from\s*|(import)\s*\(\s*|import\s+)(['"])([^'"]+)\3/g;
  for (const match of text.matchAll(pattern)) {
    const target = match[4] ?? '';
    const own = target.startsWith('.');
    found.push({
      from: name,
      to: own ? relative(root, join(root, dirname(name), target)) : target,
      own,
      line: text.slice(0, match.index).split('\n').length,
      typeOnly: match[1] !== undefined,
      lazy: match[2] !== undefined,
    });
  }
  return found;
}

const imports = files.flatMap(importsOf);

const room = (name: string): string => (name.includes('/') ? (name.split('/')[0] ?? '') : '.');
const place = (each: Import): string => `${each.from}:${each.line} imports ${each.to}`;

describe('imports', () => {
  test('are found', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  test('every room is in the table', () => {
    expect([...new Set(files.map(room))].filter((name) => name !== '.' && !(name in rooms))).toEqual([]);
  });

  test('point to files that are there, by their .ts names', () => {
    expect(imports.filter((each) => each.own && !files.includes(each.to)).map(place)).toEqual([]);
  });

  test('go in the direction of the arrows', () => {
    const wrong = imports.filter((each) => {
      if (!each.own || room(each.from) === '.') return false;
      const from = room(each.from);
      return room(each.to) !== from && !(rooms[from] ?? []).includes(room(each.to));
    });
    expect(wrong.map(place)).toEqual([]);
  });

  test('of packages stay where the package belongs', () => {
    const wrong = imports.filter((each) => {
      if (each.own || each.to.startsWith('node:')) return false;
      const allowed = packages[each.to];
      return allowed === undefined || !allowed.some((prefix) => each.from.startsWith(prefix));
    });
    expect(wrong.map(place)).toEqual([]);
  });

  test('make no cycle', () => {
    const targets = new Map<string, string[]>();
    for (const { from, to, own, typeOnly } of imports) {
      if (own && !typeOnly) targets.set(from, [...(targets.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) cycles.push([...path.slice(path.indexOf(name)), name].join(' -> '));
      if (done.has(name) || path.includes(name)) return;
      for (const target of targets.get(name) ?? []) visit(target, [...path, name]);
      done.add(name);
    };
    for (const name of files) visit(name, []);
    expect(cycles).toEqual([]);
  });

  test('the entry loads nothing, and then commander and the wiring of commands, unless a call is plain', () => {
    const loaded = new Set<string>();
    const load = (name: string): void => {
      if (loaded.has(name)) return;
      loaded.add(name);
      for (const each of imports) if (each.from === name && !each.typeOnly && !each.lazy && each.own) load(each.to);
    };
    load('cli/main.ts');
    expect([...loaded].filter((name) => room(name) !== 'cli')).toEqual([]);
    expect(imports.filter((each) => loaded.has(each.from) && !each.own && !each.typeOnly && !each.lazy)).toSatisfy(
      (external: { to: string }[]) => external.every((each) => each.to.startsWith('node:')),
    );
    load('cli/run-program.ts');
    const foreign = [...loaded].filter((name) => room(name) !== 'cli' && room(name) !== 'model');
    expect(foreign).toEqual([]);
    const external = imports.filter((each) => loaded.has(each.from) && !each.own && !each.typeOnly && !each.lazy);
    expect([...new Set(external.map((each) => each.to))].filter((name) => !name.startsWith('node:'))).toEqual([
      'commander',
    ]);
  });
});

describe('analyze', () => {
  test('loads nothing that reads debug information before there is some', () => {
    const loaded = new Set<string>();
    const load = (name: string): void => {
      if (loaded.has(name)) return;
      loaded.add(name);
      for (const each of imports) if (each.from === name && !each.typeOnly && !each.lazy && each.own) load(each.to);
    };
    for (const name of ['cli/run/analyze-run.ts', 'analyze/analyze.ts', 'analyze/sources.ts']) load(name);
    const readers = [...loaded].filter((name) => ['elf', 'dwarf', 'symbols'].includes(room(name)));
    // Paths, and what is said where nothing lies at any of them.
    expect(readers.sort()).toEqual(['symbols/how-to-get.ts', 'symbols/not-found.ts', 'symbols/places.ts']);
  });
});

describe('files', () => {
  test('have no default exports', () => {
    const wrong = files.filter((name) =>
      /^export default\b|\bas default\b/m.test(readFileSync(join(root, name), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  test('are no barrels, which only hand on what others export, but for index.ts', () => {
    const wrong = files.filter((name) => {
      const exports = readFileSync(join(root, name), 'utf8').match(/^export\b.*/gm) ?? [];
      return (
        name !== 'index.ts' && exports.length > 0 && exports.every((each) => /^export\s+(?:type\s+)?[*{]/.test(each))
      );
    });
    expect(wrong).toEqual([]);
  });

  test('stay small', () => {
    const big = files.filter((name) => Buffer.byteLength(readFileSync(join(root, name))) > 24 * 1024);
    expect(big).toEqual([]);
  });
});
