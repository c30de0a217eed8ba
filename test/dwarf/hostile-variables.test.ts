import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dwarfRegisters } from '../../src/arch/dwarf-registers.ts';
import { Attribute, Form, Tag } from '../../src/dwarf/constants.ts';
import { DebugInfo } from '../../src/dwarf/debug-info.ts';
import { Operation } from '../../src/dwarf/expression-operations.ts';
import { containerPaths } from '../../src/dwarf/type-container.ts';
import { memberPaths } from '../../src/dwarf/type-path.ts';
import { VariableReader } from '../../src/dwarf/variables.ts';
import { FrameVariables } from '../../src/dwarf/variables-frames.ts';
import { KtriageError } from '../../src/util/errors.ts';
import {
  ByteWriter,
  memorySections,
  type WrittenAttribute,
  type WrittenEntry,
  writeDwarf,
} from '../helpers/dwarf-writer.ts';
import { abstract, code, compileUnit, inlined, name, start, subprogram } from './sample.ts';

const of = (label: string): WrittenAttribute => [Attribute.type, Form.ref4, label];
const size = (bytes: number): WrittenAttribute => [Attribute.byteSize, Form.data1, bytes];
const at = (...bytes: number[]): WrittenAttribute => [Attribute.location, Form.exprloc, String.fromCharCode(...bytes)];
const member = (title: string, type: string, offset: number): WrittenEntry => ({
  tag: Tag.member,
  attributes: [name(title), of(type), [Attribute.dataMemberLocation, Form.data1, offset]],
});

const types: readonly WrittenEntry[] = [
  { tag: Tag.baseType, label: 'int', attributes: [name('int'), size(4), [Attribute.encoding, Form.data1, 5]] },
  {
    tag: Tag.structureType,
    label: 'ring',
    attributes: [name('ring'), size(40)],
    children: [member('link', 'list', 0), member('numbers', 'array', 16), member('both', 'union', 32)],
  },
  {
    tag: Tag.structureType,
    label: 'list',
    attributes: [name('list'), size(16)],
    children: [member('next', 'pointer', 0), member('prev', 'pointer', 8)],
  },
  {
    tag: Tag.unionType,
    label: 'union',
    attributes: [size(8)],
    children: [member('a', 'int', 0), member('b', 'pointer', 0)],
  },
  {
    tag: Tag.arrayType,
    label: 'array',
    attributes: [of('int')],
    children: [{ tag: Tag.subrangeType, attributes: [[Attribute.upperBound, Form.data1, 3]] }],
  },
  { tag: Tag.pointerType, label: 'pointer', attributes: [size(8), of('list')] },
  { tag: Tag.constType, label: 'constant', attributes: [of('ring')] },
  { tag: Tag.pointerType, label: 'ring pointer', attributes: [size(8), of('constant')] },
  {
    tag: Tag.subroutineType,
    label: 'routine',
    attributes: [of('int')],
    children: [{ tag: Tag.formalParameter, attributes: [of('callback')] }],
  },
  { tag: Tag.pointerType, label: 'callback', attributes: [size(8), of('routine')] },
];

const variable = (title: string, type: string, ...more: WrittenAttribute[]): WrittenEntry => ({
  tag: Tag.variable,
  label: title,
  attributes: [name(title), of(type), ...more],
});

const root = compileUnit(
  [
    ...types,
    { ...abstract('helper'), children: [variable('inner', 'ring pointer')] },
    subprogram(
      'first',
      start,
      64,
      [
        variable('listed', 'ring pointer', [Attribute.location, Form.secOffset, 0]),
        variable('callback', 'callback', at(Operation.fbreg, 8)),
        variable(
          'whole',
          'ring',
          at(
            Operation.breg0 + 5,
            0,
            Operation.piece,
            8,
            Operation.entryValue,
            1,
            0x55,
            Operation.stackValue,
            Operation.piece,
            32,
          ),
        ),
        {
          tag: Tag.lexicalBlock,
          attributes: code(start + 8, 32),
          children: [
            inlined(
              'helper',
              code(start + 16, 8),
              [1, 2, 3],
              [{ tag: Tag.variable, attributes: [[Attribute.abstractOrigin, Form.ref4, 'inner'], at(Operation.reg0)] }],
            ),
          ],
        },
        {
          tag: Tag.callSite,
          attributes: [
            [Attribute.callReturnPc, Form.addr, start + 20],
            [Attribute.callOrigin, Form.ref4, 'first'],
          ],
          children: [
            { tag: Tag.callSiteParameter, attributes: [at(0x55), [Attribute.callValue, Form.exprloc, '\x35']] },
          ],
        },
      ],
      [[Attribute.frameBase, Form.exprloc, String.fromCharCode(Operation.callFrameCfa)]],
    ),
  ],
  code(start, 64),
);

const list = new ByteWriter()
  .u8(7)
  .number(start, 8)
  .number(start + 32, 8)
  .uleb(1)
  .u8(0x55)
  .u8(0);
const frame = new ByteWriter();
frame.withLength(false, (to) =>
  to.number(0xffffffff, 4).u8(1).string('').uleb(1).sleb(-8).u8(16).raw([0x0c, 7, 8, 0x90, 1]),
);
frame.withLength(false, (to) => to.number(0, 4).number(start, 8).number(64, 8).raw([0x44, 0x0e, 16, 0x83, 2]));
const sections = writeDwarf({
  units: [{ root }],
  sections: { '.debug_loclists': list.bytes, '.debug_frame': frame.bytes },
});
const registers = dwarfRegisters('x86_64') ?? { names: [], stackPointer: 7, returnAddress: 16, preserved: [] };
const parts = [...sections.keys()];

/** Asks for everything; returns what was found, in words. */
function ask(contents: ReadonlyMap<string, Uint8Array>): string[] {
  const info = new DebugInfo(memorySections(contents));
  const reader = new VariableReader(info.parts);
  const frames = [20, 20, 30].map((offset, nth) => ({ reader, address: start + offset, isReturn: nth > 0 }));
  const chain = new FrameVariables(
    frames,
    { register: (nth) => BigInt(nth) * 0x1000n, memory: (address) => address },
    registers,
  );
  const found: string[] = [];
  for (const nth of frames.keys()) {
    for (const { scope, variables } of [...chain.scopes(nth), ...chain.arguments(nth)]) {
      for (const { variable: each, location, value } of variables) {
        found.push(`${scope.name} ${each.name} ${location.kind} ${value.kind}`);
        try {
          const { types: read, search } = scope.tools;
          const target = read.type(read.plain(each.type));
          const inner = search.resolve(read, target.kind === 'pointer' ? target.target : each.type);
          found.push(read.name(each.type), ...memberPaths(read, inner, 20, 4).map(({ path }) => path));
          containerPaths(read, inner, [inner, each.type], 32, 8);
          read.enumerators(inner);
        } catch (error) {
          if (!(error instanceof KtriageError)) throw error;
        }
      }
    }
  }
  chain.register(2, 3);
  return found;
}

describe('variables of hostile files', () => {
  test('of one that is whole are all there', () => {
    expect(ask(sections)).toEqual(
      expect.arrayContaining([
        'helper inner register known',
        'first listed register known',
        'numbers[1]',
        'const struct ring *',
      ]),
    );
  });

  test('throw nothing else than a KtriageError, and end', { timeout: 60_000 }, () => {
    const change = fc.tuple(fc.nat(parts.length - 1), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat(parts.length - 1)),
        (changes, cut) => {
          const contents = new Map([...sections].map(([title, bytes]) => [title, Uint8Array.from(bytes)]));
          for (const [part, place, byte] of changes) {
            const bytes = contents.get(parts[part] ?? '');
            if (bytes !== undefined) bytes[place % bytes.length] = byte;
          }
          const short = cut === null ? undefined : parts[cut];
          if (short !== undefined) contents.set(short, (contents.get(short) ?? new Uint8Array()).slice(0, -7));
          const before = performance.now();
          ask(contents);
          expect(performance.now() - before).toBeLessThan(10_000);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
