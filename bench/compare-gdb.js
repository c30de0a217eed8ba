// Compares what ktriage reads of variables and types with what gdb says, at random places of a kernel's code.
//
//   node bench/compare-gdb.js VMLINUX [--gdb gdb-multiarch] [--count 500] [--seed 1] [--show 20] [--keep FILE]
//
// For the innermost function of each place: names, kinds, types, sizes, lines and locations of all variables (`info
// scope`). For those it is inlined into: names, kinds, types, sizes and lines. For the structures that they lead to:
// sizes, and names, offsets, types and sizes of all members (as `ptype /o`). Prints the numbers and what differs.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dwarfRegisters } from '../dist/arch/dwarf-registers.js';
import { Attribute, Tag } from '../dist/dwarf/constants.js';
import { readOperations } from '../dist/dwarf/expression.js';
import { openDebugInfo } from '../dist/dwarf/open-debug-info.js';
import { encodingOf, VariableReader } from '../dist/dwarf/variables.js';
import { openElf } from '../dist/elf/open-elf.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gdb: { type: 'string', default: 'gdb' },
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string', default: '20' },
    keep: { type: 'string' },
  },
});
const [file] = positionals;
if (file === undefined) {
  console.error('usage: node bench/compare-gdb.js VMLINUX [--gdb PROGRAM] [--count N] [--seed N] [--show N]');
  process.exit(2);
}

/** A small generator, so that a seed gives the same places again (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const elf = await openElf(file);
const { info } = await openDebugInfo(elf);
const isArm64 = elf.machine === 183 || /arm64|aarch64/i.test(String(elf.machine));
const registers = dwarfRegisters(isArm64 ? 'arm64' : 'x86_64');
const reader = new VariableReader(info.parts, isArm64);

const random = randomFrom(Number(values.seed));
const text = elf.section('.text');
const addresses = [];
const scopesOf = new Map();
let spent = 0;
const each = [];
for (let tries = 0; addresses.length < Number(values.count) && tries < 100_000; tries++) {
  const place = text.address + Math.floor(random() * text.size);
  const address = isArm64 ? place - (place % 4) : place;
  const start = performance.now();
  const scopes = reader.scopesAt(address);
  const took = performance.now() - start;
  if (scopes.length > 0 && !scopesOf.has(address)) {
    spent += took;
    each.push(took);
    addresses.push(address);
    scopesOf.set(address, scopes);
  }
}
each.sort((a, b) => a - b);
console.log(
  `${addresses.length} places, ours: ${(spent / addresses.length).toFixed(1)} ms each, median ${each[each.length >> 1]?.toFixed(1)}`,
);

/** Modules have their sections at places of our own choosing; gdb chooses others. */
const moved = elf.type === 'rel' ? addressInGdb() - text.address : 0;

function addressInGdb() {
  for (const scopes of scopesOf.values()) {
    const { name, entry } = scopes.at(-1);
    const low = entry.attributes.get(Attribute.lowPc)?.value;
    if (low === undefined) continue;
    const args = ['-nx', '-batch', '-ex', `print/d (long)&${name}`, file];
    const { stdout } = spawnSync(values.gdb, args, { encoding: 'utf8' });
    const [, address] = /= (-?\d+)/.exec(stdout) ?? [];
    if (address !== undefined) return Number(address) - (low - text.address);
  }
  throw new Error('gdb knows none of the functions');
}

const hex = (address) => `0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;
const folder = mkdtempSync(join(tmpdir(), 'ktriage-gdb-'));
const asked = join(folder, 'addresses');
const answered = values.keep ?? join(folder, 'answers');
writeFileSync(asked, addresses.map((address) => hex(address + moved)).join('\n'));
const started = performance.now();
const result = spawnSync(
  values.gdb,
  ['-nx', '-batch', '-x', fileURLToPath(new URL('gdb-scopes.py', import.meta.url)), file],
  {
    env: { ...process.env, KTRIAGE_ADDRESSES: asked, KTRIAGE_ANSWERS: answered, DEBUGINFOD_URLS: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
if (result.status !== 0) {
  console.error(`${values.gdb}: ${result.error?.message ?? `exit ${result.status}`}`);
  process.exit(1);
}
console.log(`gdb: ${((performance.now() - started) / 1000).toFixed(1)} s`);

const registerName = (register) => (isArm64 && register === 30 ? 'x30' : (registers.names[register] ?? `r${register}`));

/** gdb's class of symbols without a place (LOC_OPTIMIZED_OUT). */
const optimizedOut = 13;
/** The one of constants (LOC_CONST). */
const constant = 1;

const counts = { variables: 0, twice: 0, elsewhere: 0, dropped: 0, locations: 0, structures: 0, members: 0 };
const differences = new Map();
function differ(kind, where) {
  const list = differences.get(kind) ?? [];
  list.push(where);
  differences.set(kind, list);
}

for (const line of readFileSync(answered, 'utf8').trimEnd().split('\n')) {
  const theirs = JSON.parse(line);
  const address = Number(BigInt.asIntN(64, BigInt(theirs.address))) - moved;
  if (theirs.error !== undefined) {
    differ('gdb failed', `${theirs.address}: ${theirs.error}`);
    continue;
  }
  if (theirs.failed !== undefined) differ('gdb tells no locations', `${theirs.address}: ${theirs.failed}`);
  compareScopes(scopesOf.get(address) ?? [], theirs);
}
rmSync(folder, { recursive: true, force: true });
elf.close();

console.log(
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', '),
);
for (const [kind, list] of differences) {
  console.log(`\n${kind}: ${list.length}`);
  for (const where of list.slice(0, Number(values.show))) console.log(`  ${where}`);
}
for (const problem of info.problems) console.log(`problem: ${problem.message}: ${problem.why}`);

function compareScopes(ours, theirs) {
  const where = theirs.address;
  const functions = ours.map((scope) => plain(scope.name));
  const expected = theirs.scopes.map((scope) => plain(scope.function));
  if (functions.join() !== expected.join()) {
    differ('functions', `${where}: ours ${functions}, theirs ${expected}`);
    return;
  }
  for (const [nth, scope] of ours.entries()) {
    const { types } = scope.tools;
    const { unit } = scope.entry;
    const own = scope.variables.map((each) => ({ each, key: `${each.name} ${each.line ?? 0}` }));
    const locations = nth === 0 ? parseScope(theirs.scope, where) : new Map();
    const expectedVariables = theirs.scopes[nth].variables;
    const left = new Set(own);
    for (const variable of expectedVariables) {
      // gdb takes labels that are in no code for variables, and lists the constants of enumerations.
      if (variable.type === '__CORE_ADDR' || (variable.class === constant && variable.line === 0)) continue;
      const key = `${variable.name} ${variable.line}`;
      const same = own.filter((one) => left.has(one) && one.key === key);
      const found = same.find((one) => squeeze(types.name(one.each.type)) === squeeze(variable.type)) ?? same[0];
      if (found === undefined && own.some((one) => one.key === key) && variable.class === optimizedOut) {
        // GCC's blocks do not say of which block they are instances, so that gdb takes that one for another.
        counts.twice++;
        continue;
      }
      if (found === undefined && locations.get(variable.name)?.includes('at 0x0')) {
        // The linker dropped it; gdb leaves these out too where no section is at 0, as the per-CPU one was.
        counts.dropped++;
        continue;
      }
      if (found === undefined && blocksOf(scope).has(variable.name)) {
        // The same, of a block that the address is not in.
        counts.elsewhere++;
        continue;
      }
      if (found === undefined) {
        differ('only theirs', `${where} ${functions[nth]} ${key} ${variable.type} class ${variable.class}`);
        continue;
      }
      left.delete(found);
      counts.variables++;
      const { each } = found;
      const place = `${where} ${functions[nth]} ${variable.name}`;
      if ((each.kind === 'parameter') !== variable.argument) differ('kind', `${place}: ours ${each.kind}`);
      const name = types.name(each.type);
      if (spelling(name, unit) !== spelling(variable.type, unit))
        differ('type', `${place}: ours ${name}, theirs ${variable.type}`);
      const size = types.sizeOf(each.type);
      if ((size ?? 0) !== variable.size)
        differ('size', `${place}: ours ${size}, theirs ${variable.size} ${variable.type}`);
      compareStructure(scope.tools, each.type, theirs.types, place, unit);
      // Of several with one name, gdb has its own order.
      const described = locations.get(variable.name);
      if (described === undefined) continue;
      counts.locations++;
      const location = describe(each.presence, scope);
      const position = described.map((each) => each.replace(/^DW_OP_addr (\S+)$/, 'at $1')).indexOf(location);
      if (position >= 0) described.splice(position, 1);
      else differ('location', `${place}:\n      ours   ${location}\n      theirs ${described.join(' | ')}`);
    }
    for (const { key, each } of left) differ('only ours', `${where} ${functions[nth]} ${key} ${each.presence.kind}`);
  }
}

function compareStructure({ types, search }, ref, theirs, where, unit) {
  let at = types.plain(ref);
  for (let depth = 0; depth < 4; depth++) {
    const type = types.type(at);
    if (type.kind === 'pointer') at = types.plain(type.target);
    else if (type.kind === 'array') at = types.plain(type.element);
  }
  at = types.plain(search.resolve(types, at));
  const name = types.name(at);
  const expected = theirs[name];
  if (expected === undefined) return;
  delete theirs[name];
  counts.structures++;
  if (types.sizeOf(at) !== expected.size)
    differ('structure size', `${where} ${name}: ours ${types.sizeOf(at)}, theirs ${expected.size}`);
  const own = flatten(types, at, 0, 0);
  const [ours, others] = [own, expected.fields].map((list) => list.map((field) => spelling(field.join(' '), unit)));
  counts.members += others.length;
  for (let nth = 0; nth < Math.max(ours.length, others.length); nth++) {
    if (ours[nth] !== others[nth]) {
      differ('member', `${name}: ours ${ours[nth]}, theirs ${others[nth]}`);
      break;
    }
  }
}

function flatten(types, ref, base, depth) {
  return types.members(ref).flatMap((member) => {
    const bits = base + member.offset * 8 + (member.bits?.first ?? 0);
    const inner = types.plain(member.type);
    if (member.name === undefined && types.type(inner).kind === 'structure' && depth < 20) {
      return flatten(types, inner, bits, depth + 1);
    }
    return [
      [member.name ?? '', bits, member.bits?.count ?? 0, types.name(member.type), types.sizeOf(member.type) ?? 0],
    ];
  });
}

/** The names of the variables in all blocks of a function, wherever their code is. */
function blocksOf(scope) {
  const names = new Set();
  const { entries, variables } = scope.tools;
  const visit = (parent) => {
    for (const child of entries.children(parent)) {
      if (child.tag === Tag.variable) names.add(variables.text(child, Attribute.name));
      else if (child.tag === Tag.lexicalBlock) visit(child);
    }
  };
  visit(scope.entry);
  const origin = entries.reference(scope.entry, Attribute.abstractOrigin);
  if (origin !== undefined) visit(entries.at(origin));
  return names;
}

function plain(name) {
  return (name ?? '?').replace(/\..*/, '');
}

/** Types without spaces; gdb says `struct` of Rust's too, which Rust does not. */
function spelling(text, unit) {
  const isRust = unit.attribute(Attribute.language)?.value === 0x1c;
  return squeeze(isRust ? text.replace(/\b(?:struct|union|enum) /g, '') : text);
}

function squeeze(text) {
  return text.replace(/\s+/g, '');
}

/** `info scope` in the words of `describe`: the locations of each name, in their order. */
function parseScope(text, where) {
  const address = BigInt(where);
  const found = new Map();
  const body = text.replace(/^Symbol /m, '\nSymbol ').split(/\nSymbol (?=\S+ is )/);
  for (const part of body.slice(1)) {
    const name = part.slice(0, part.indexOf(' '));
    const list = found.get(name) ?? [];
    found.set(name, list);
    const rest = part
      .slice(name.length + ' is '.length)
      .replace(/,? ?length \d+\.\s*$/, '')
      .trim();
    list.push(rest.startsWith('multi-location') ? inRange(rest, address) : theirWords(rest));
  }
  return found;
}

function inRange(text, address) {
  for (const match of text.matchAll(
    /Range (0x[0-9a-f]+)-(0x[0-9a-f]+): ([\s\S]*?)(?=\n\s*(?:Base address \S+ +)?Range |\s*$)/g,
  )) {
    if (address >= BigInt(match[1]) && address < BigInt(match[2]))
      return theirWords(match[3].replace(/Base address \S+\s*$/, '').trim());
  }
  return 'optimized out';
}

function theirWords(text) {
  const words = text.replace(/[.,]\s*$/, '').trim();
  if (/optimized out$/.test(words)) return 'optimized out';
  const empty = /^an empty (\d+)-(byte|bit) piece$/.exec(words);
  if (empty) return `optimized out [${empty[2] === 'byte' ? 8 * empty[1] : empty[1]}]`;
  if (/-(?:byte|bit) piece\]/.test(words)) {
    return words
      .split(/, and /)
      .map((piece) => {
        const [, inner, size, unit] = /^([\s\S]*?) \[(\d+)-(byte|bit) piece[^\]]*\]$/.exec(piece) ?? [];
        return size === undefined ? theirWords(piece) : `${theirWords(inner)} [${unit === 'byte' ? 8 * size : size}]`;
      })
      .join(' + ');
  }
  let match = /^a variable in \$(\S+)$/.exec(words);
  if (match) return `$${match[1]}`;
  match = /^a variable at frame base reg \$\S+ offset -?\d+\+(-?\d+)$/.exec(words);
  if (match) return `DW_OP_fbreg ${match[1]}`;
  match = /^(?:in )?static storage at address (0x[0-9a-f]+)/.exec(words);
  if (match) return moved === 0 ? `at ${match[1]}` : 'at';
  match = /^(?:the |a )?constant (?:with value )?(-?\d+)/.exec(words);
  if (match) return `constant ${match[1]}`;
  if (words.startsWith('constant bytes')) return 'bytes';
  if (words.startsWith('a complex DWARF expression')) {
    return [...words.matchAll(/^\s+\d+: (DW_OP_\w+)(.*)$/gm)]
      .map(([, name, operands]) => {
        const type = /^<(?:0|.* \[0x([0-9a-f]+)\])>/.exec(operands);
        if (type) return `${name} ${Number.parseInt(type[1] ?? '0', 16)}`;
        if (name === 'DW_OP_addr' && moved !== 0) return name;
        return `${name} ${operands.replace(/\[\$\S+\]/g, '')}`.trim().replace(/\s+/g, ' ');
      })
      .join('; ');
  }
  return words;
}

/** Where a variable is, in one line. */
function describe(presence, scope) {
  if (presence.kind === 'optimized-out') return 'optimized out';
  if (presence.kind === 'constant') return `constant ${presence.value}`;
  if (presence.kind === 'bytes') return 'bytes';
  return describeOperations(readOperations(presence.expression, encodingOf(scope.entry)), scope);
}

function describeOperations(operations, scope) {
  if (operations.some(({ name }) => name === 'piece' || name === 'bit_piece')) {
    const pieces = [];
    let part = [];
    for (const operation of operations) {
      if (operation.name !== 'piece' && operation.name !== 'bit_piece') {
        part.push(operation);
        continue;
      }
      const size = operation.name === 'piece' ? 8n * operation.operands[0] : operation.operands[0];
      pieces.push(`${part.length === 0 ? 'optimized out' : describeOperations(part, scope)} [${size}]`);
      part = [];
    }
    return pieces.join(' + ');
  }
  const [first, second] = operations;
  if (operations.length === 1 && first !== undefined) {
    if (/^reg\d/.test(first.name)) return `$${registerName(first.code - 0x50)}`;
    if (first.name === 'addr') return moved === 0 ? `at 0x${first.operands[0].toString(16)}` : 'at';
  }
  if (operations.length === 2 && second?.name === 'stack_value' && /^lit/.test(first?.name ?? '')) {
    return `constant ${first.name.slice(3)}`;
  }
  return operations.flatMap((operation) => inWords(operation, scope)).join('; ');
}

function inWords({ name, operands, block, end }, scope) {
  switch (name) {
    case 'addr':
      return [moved === 0 ? `DW_OP_addr 0x${operands[0].toString(16)}` : 'DW_OP_addr'];
    case 'bra':
    case 'skip':
      return [`DW_OP_${name} ${BigInt(end) + operands[0]}`];
    case 'implicit_value':
      return [`DW_OP_${name} ${block.length}`];
    case 'GNU_parameter_ref':
      return [`DW_OP_${name} offset ${operands[0].toString(16)}`];
    case 'implicit_pointer':
    case 'GNU_implicit_pointer':
      return [`DW_OP_${name} DIE ${operands[0].toString(16)} offset ${operands[1]}`];
    case 'entry_value':
    case 'GNU_entry_value':
      return [
        `DW_OP_${name}`,
        ...readOperations(block, encodingOf(scope.entry)).flatMap((inner) => inWords(inner, scope)),
      ];
    default:
      return [[`DW_OP_${name}`, ...operands].join(' ')];
  }
}
