import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Btf } from '../../src/btf/btf.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { btf, stringsOf, type WrittenType, writeBtf } from '../helpers/btf-writer.ts';
import { failure, kernelTypes, open } from './sample.ts';

const whole = writeBtf(kernelTypes);

/** With one number of the header changed. */
function changed(at: number, value: number, size: 1 | 2 | 4): Uint8Array {
  const bytes = whole.slice();
  const view = new DataView(bytes.buffer);
  if (size === 1) view.setUint8(at, value);
  else if (size === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return bytes;
}

describe('a header', () => {
  test.each([
    ['of nothing', new Uint8Array(0), 'KT-BTF-DAMAGED'],
    ['that is cut off', whole.subarray(0, 23), 'KT-BTF-DAMAGED'],
    ['of something else', changed(0, 0x457f, 2), 'KT-BTF-DAMAGED'],
    ['of another version', changed(2, 2, 1), 'KT-BTF-UNSUPPORTED'],
    ['with flags', changed(3, 1, 1), 'KT-BTF-UNSUPPORTED'],
    ['that is too short', changed(4, 8, 4), 'KT-BTF-DAMAGED'],
    ['that is longer than all', changed(4, 0xffff_fff0, 4), 'KT-BTF-DAMAGED'],
    ['with types outside', changed(8, 0xffff_ffff, 4), 'KT-BTF-DAMAGED'],
    ['with too many types', changed(12, 0xffff_ffff, 4), 'KT-BTF-DAMAGED'],
    ['with strings outside', changed(20, 0x1000_0000, 4), 'KT-BTF-DAMAGED'],
    ['of what is cut off behind it', whole.subarray(0, -1), 'KT-BTF-DAMAGED'],
    ['of too much', new Uint8Array(67_108_865), 'KT-BTF-DAMAGED'],
  ])('%s is refused', (_, bytes, code) => {
    expect(failure(() => Btf.open({ name: 'made', bytes })).slice(0, code.length + 1)).toBe(`${code}:`);
  });

  test('that is longer than known is read', () => {
    expect(open(kernelTypes, { headerLength: 64, layout: [] }).struct('task_struct')?.size).toBe(88);
  });

  test('at an odd place in memory is read', () => {
    const moved = new Uint8Array(whole.length + 1);
    moved.set(whole, 1);
    expect(Btf.open({ name: 'made', bytes: moved.subarray(1) }).struct('task_struct')?.size).toBe(88);
  });
});

describe('kinds that are not known', () => {
  const types: readonly WrittenType[] = [
    btf.int('int', 4),
    { kind: 40, name: 'new', count: 2, words: [7, 1, 2, 3, 4] },
    btf.struct('after', 4, [['here', 1, 0]]),
  ];
  const layout: [number, number][] = Array.from({ length: 41 }, (_, kind) => (kind === 40 ? [4, 8] : [0, 0]));

  test('end the types', () => {
    const some = open(types);
    expect(some.typeCount).toBe(2);
    expect(some.problems).toEqual([
      'types behind the first 1 (from byte 16 of 72) are left out: kind 40 is not known, nor its length',
    ]);
    expect(some.struct('after')).toBeUndefined();
  });

  test('are passed where the BTF says how long they are', () => {
    const all = open(types, { layout });
    expect(all.problems).toEqual([]);
    expect(all.type(2)).toEqual({ kind: 'unknown', number: 40 });
    expect(all.member('after', 'here')?.offset).toBe(0);
  });

  test('end the types if their length cannot be', () => {
    const odd = layout.map(([info, element], kind): [number, number] => (kind === 40 ? [3, 8] : [info, element]));
    expect(open(types, { layout: odd }).typeCount).toBe(2);
  });
});

test('a type that reaches beyond the end is left out', () => {
  const some = open([btf.int('int', 4), { ...btf.struct('large', 4, []), count: 0xff_ffff }]);
  expect(some.typeCount).toBe(2);
  expect(some.problems).toEqual([
    'types behind the first 1 (from byte 16 of 28) are left out: one of kind 4 reaches beyond the end',
  ]);
});

describe('circles', () => {
  const circles = open([
    btf.typedef('around', 2), // 1
    btf.const(1), // 2
    btf.array(3, 2), // 3: of itself
    btf.struct('own', 8, [
      ['', 4, 0],
      ['self', 4, 0],
      ['', 1, 0],
      ['number', 6, 0],
    ]), // 4
    btf.pointer(5), // 5
    btf.int('int', 4), // 6
    btf.prototype(7, [
      ['a', 7],
      ['b', 7],
    ]), // 7
    btf.pointer(7), // 8
    btf.array(10, 0x4000_0000), // 9: too large
    btf.array(11, 0x4000_0000), // 10
    btf.array(6, 0x4000_0000), // 11
    btf.union('both', 8, [
      ['', 12, 0],
      ['', 12, 0],
      ['', 4, 0],
    ]), // 12
  ]);

  test('have no size', () => {
    expect([1, 2, 3, 9].map((id) => circles.sizeof(id))).toEqual([undefined, undefined, undefined, undefined]);
    expect(circles.plain(1)).toBeUndefined();
  });

  test('have names that end', () => {
    for (let id = 0; id < circles.typeCount; id++) expect(circles.typeName(id).length).toBeLessThanOrEqual(4096);
    expect(circles.typeName(3)).toContain('...');
  });

  test('have layouts that end, and say so', () => {
    expect(circles.struct('own')?.isComplete).toBe(false);
    expect(circles.struct('both')?.isComplete).toBe(false);
    expect(circles.member('own', 'number')?.offset).toBe(0);
    expect(circles.member('own', 'self.self.self.number')?.offset).toBe(0);
    expect(circles.memberAt('both', 0, 4).length).toBeLessThanOrEqual(128);
  });
});

test('many members of many members come to an end', () => {
  const wide = Array.from({ length: 300 }, (): readonly [string, number, number] => ['', 2, 0]);
  const deeper = Array.from({ length: 300 }, (): readonly [string, number, number] => ['', 3, 0]);
  const deepest = Array.from({ length: 300 }, (_, index): readonly [string, number, number] => [`m${index}`, 4, 0]);
  const many = open([
    btf.union('wide', 8, wide),
    btf.union('', 8, deeper),
    btf.union('', 8, deepest),
    btf.int('int', 4),
  ]);
  const layout = many.struct('wide');
  expect(layout?.isComplete).toBe(false);
  expect(layout?.members.length).toBeLessThanOrEqual(16_000);
  expect(many.memberAt('wide', 0, 4)).toHaveLength(128);
});

const base = [btf.int('int', 4, 1), btf.struct('task_struct', 88, []), btf.struct('lost', 8, [])];
const distilled = writeBtf(base);
const module = writeBtf(
  [
    btf.pointer(2),
    btf.struct('port', 16, [
      ['owner', 4, 0],
      ['lost', 3, 64],
    ]),
  ],
  { base: stringsOf(base) },
);

/** Asks for all that can be asked; only opening may throw, and only what a user can act on. */
function askAll(bytes: Uint8Array, basis: Uint8Array | undefined, kernel: Btf | undefined): void {
  let made: Btf;
  try {
    made = Btf.open({ name: 'made', bytes, ...(basis !== undefined && { base: basis }) }, kernel);
  } catch (error) {
    expect(error).toBeInstanceOf(KtriageError);
    return;
  }
  for (let id = 0; id < Math.min(made.typeCount + 2, 80); id++) {
    made.type(id);
    made.members(id);
    made.enumerators(id);
    made.sizeof(id);
    made.struct(id);
    made.typeName(id);
    made.memberAt(id, 8, 8);
    made.enumName(id, 1n);
    made.member(id, 'se.vruntime');
    made.member(id, 'comm[1]');
  }
  for (const name of ['task_struct', 'list_head', 'port', 'lost', 'int', 'HIGH', 'wake_up', 'current_task']) {
    made.find(name);
    made.structs(name);
    made.sizeof(name);
    made.enumValue(name);
    made.functions(name);
    made.variables(name);
  }
}

const mutation = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))), {
  minLength: 1,
  maxLength: 12,
});

function mutated(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const copy = bytes.slice();
  for (const [at, value] of changes) copy[at % copy.length] = value;
  return copy;
}

describe('damaged BTF', () => {
  test('of a kernel is read or refused', () => {
    fc.assert(
      fc.property(mutation, (changes) => askAll(mutated(whole, changes), undefined, undefined)),
      {
        numRuns: 400,
      },
    );
  });

  test('of a module is read or refused', () => {
    const kernel = open(kernelTypes);
    fc.assert(
      fc.property(mutation, mutation, fc.boolean(), (changes, others, hasKernel) => {
        askAll(mutated(module, changes), mutated(distilled, others), hasKernel ? kernel : undefined);
        askAll(mutated(module, changes), distilled, hasKernel ? kernel : undefined);
      }),
      { numRuns: 200 },
    );
  });

  test('of numbers only is read or refused', () => {
    const words = fc.array(fc.oneof(fc.nat(40), fc.nat(0xffff_ffff), fc.nat(0x2000_0008)), { maxLength: 200 });
    fc.assert(
      fc.property(words, fc.nat(127), (numbers, kind) => {
        const types: WrittenType[] = [{ kind: kind % 20, third: 1, words: numbers }, ...kernelTypes];
        askAll(writeBtf(types), undefined, undefined);
      }),
      { numRuns: 200 },
    );
  });
});
