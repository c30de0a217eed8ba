import { describe, expect, test } from 'vitest';
import { dwarfRegisters } from '../../src/arch/dwarf-registers.ts';
import { Attribute, Form, Tag } from '../../src/dwarf/constants.ts';
import { DebugInfo } from '../../src/dwarf/debug-info.ts';
import { Operation } from '../../src/dwarf/expression-operations.ts';
import { VariableReader } from '../../src/dwarf/variables.ts';
import { FrameVariables, type MachineState, type StackFrame } from '../../src/dwarf/variables-frames.ts';
import {
  ByteWriter,
  memorySections,
  type WrittenAttribute,
  type WrittenDwarf,
  type WrittenEntry,
  writeDwarf,
} from '../helpers/dwarf-writer.ts';
import { abstract, code, compileUnit, inlined, name, start, subprogram } from './sample.ts';

const x86 = dwarfRegisters('x86_64') ?? { names: [], stackPointer: 0, returnAddress: 0, preserved: [] };
const rax = 0;
const rbx = 3;
const rsi = 4;
const rdi = 5;
const rsp = 7;
const reg = (register: number): number => Operation.reg0 + register;
const breg = (register: number): number => Operation.breg0 + register;

const expression = (...bytes: number[]): string => String.fromCharCode(...bytes);
const at = (...bytes: number[]): WrittenAttribute => [Attribute.location, Form.exprloc, expression(...bytes)];
const of = (label: string): WrittenAttribute => [Attribute.type, Form.ref4, label];
const long: WrittenEntry = {
  tag: Tag.baseType,
  label: 'long',
  attributes: [name('long int'), [Attribute.byteSize, Form.data1, 8], [Attribute.encoding, Form.data1, 5]],
};

const variable = (title: string, ...more: WrittenAttribute[]): WrittenEntry => ({
  tag: Tag.variable,
  attributes: [name(title), of('long'), ...more],
});
const parameter = (title: string, ...more: WrittenAttribute[]): WrittenEntry => ({
  tag: Tag.formalParameter,
  label: title,
  attributes: [name(title), of('long'), ...more],
});
const instance = (tag: number, origin: string, ...more: WrittenAttribute[]): WrittenEntry => ({
  tag,
  attributes: [[Attribute.abstractOrigin, Form.ref4, origin], ...more],
});
const block = (ranges: WrittenAttribute[], ...children: WrittenEntry[]): WrittenEntry => ({
  tag: Tag.lexicalBlock,
  attributes: ranges,
  children,
});
const frameBase: WrittenAttribute = [Attribute.frameBase, Form.exprloc, expression(Operation.callFrameCfa)];

function open(children: readonly WrittenEntry[], sections: WrittenDwarf['sections'] = {}): VariableReader {
  const dwarf: WrittenDwarf = {
    units: [{ root: compileUnit([long, ...children], [...code(start, 0x200)]) }],
    sections,
  };
  return new VariableReader(new DebugInfo(memorySections(writeDwarf(dwarf), dwarf)).parts);
}

/** Scopes in short: `function: parameters; variables`. */
const short = (reader: VariableReader, offset: number): string[] =>
  reader
    .scopesAt(start + offset)
    .map(({ name: title, variables }) => `${title}: ${variables.map((each) => each.name).join(' ')}`);

describe('scopes', () => {
  const reader = open([
    { ...abstract('helper'), children: [parameter('first'), parameter('second'), variable('gone'), variable('kept')] },
    subprogram('outer', start, 64, [
      variable('own', at(reg(rbx))),
      parameter('argument', at(reg(rdi))),
      block(code(start + 8, 8), variable('early', at(reg(rax)))),
      block([], variable('anywhere', at(reg(rax)))),
      block(
        code(start + 16, 32),
        variable('late', at(reg(rax))),
        variable('own', at(reg(rsi))),
        inlined(
          'helper',
          code(start + 32, 8),
          [1, 20, 3],
          [instance(Tag.formalParameter, 'second', at(reg(rsi))), instance(Tag.formalParameter, 'first', at(reg(rdi)))],
        ),
      ),
    ]),
  ]);

  test('have the blocks that the address is in', () => {
    expect(short(reader, 0)).toEqual(['outer: argument own anywhere']);
    expect(short(reader, 8)).toEqual(['outer: argument own anywhere early']);
    expect(short(reader, 20)).toEqual(['outer: argument own anywhere late own']);
    expect(short(reader, 64)).toEqual([]);
  });

  test('of inlined calls have what their abstract instance has, in its order', () => {
    expect(short(reader, 32)).toEqual(['helper: first second gone kept', 'outer: argument own anywhere late own']);
    const [helper] = reader.scopesAt(start + 32);
    expect(helper?.inlined).toBe(true);
    expect(helper?.variables.map(({ presence }) => presence.kind)).toEqual([
      'expression',
      'expression',
      'optimized-out',
      'optimized-out',
    ]);
  });

  test('leave out what is of other files, and what the linker dropped', () => {
    const zero = [Operation.addr, 0, 0, 0, 0, 0, 0, 0, 0];
    const other = open([
      subprogram('outer', start, 64, [
        variable('elsewhere', [Attribute.declaration, Form.flagPresent, 1]),
        variable('dropped', at(...zero)),
        variable('counter', at(Operation.addr, 0x10, 0, 0, 0, 0, 0, 0, 0)),
        variable('fixed', [Attribute.constValue, Form.sdata, -3]),
      ]),
    ]);
    const [scope] = other.scopesAt(start);
    expect(scope?.variables.map(({ name: title, isStatic }) => [title, isStatic])).toEqual([
      ['counter', true],
      ['fixed', false],
    ]);
    expect(scope?.variables[1]?.presence).toEqual({ kind: 'constant', value: -3n });
  });
});

/**
 * `.debug_frame` of three functions of 64 bytes: `inner` uses no register and has 8 bytes of stack, `middle` has kept
 * %rbx at the top of its 16, `outer` has 8.
 */
function frames(): number[] {
  const writer = new ByteWriter();
  writer.withLength(false, (to) => {
    to.number(0xffffffff, 4)
      .u8(1)
      .string('')
      .uleb(1)
      .sleb(-8)
      .u8(16)
      .raw([0x0c, rsp, 8, 0x80 | 16, 1]);
  });
  const programs = [[], [0x0e, 16, 0x83, 2], []];
  for (const [nth, program] of programs.entries()) {
    writer.withLength(false, (to) => {
      to.number(0, 4)
        .number(start + 64 * nth, 8)
        .number(64, 8)
        .raw(program);
    });
  }
  return writer.bytes;
}

const site = (returns: number, origin: string | undefined, ...parameters: WrittenEntry[]): WrittenEntry => ({
  tag: Tag.callSite,
  attributes: [
    [Attribute.callReturnPc, Form.addr, returns],
    ...(origin === undefined ? [] : [[Attribute.callOrigin, Form.ref4, origin] as const]),
  ],
  children: parameters,
});
const passes = (register: number, ...value: number[]): WrittenEntry => ({
  tag: Tag.callSiteParameter,
  attributes: [at(reg(register)), [Attribute.callValue, Form.exprloc, expression(...value)]],
});

describe('frames', () => {
  const entry = (register: number): number[] => [Operation.entryValue, 1, reg(register), Operation.stackValue];
  function chain(calls: { inner?: string | undefined } = { inner: 'inner' }): VariableReader {
    return open(
      [
        subprogram(
          'inner',
          start,
          64,
          [parameter('given', at(...entry(rdi))), parameter('now', at(reg(rsi)))],
          [frameBase],
        ),
        subprogram(
          'middle',
          start + 64,
          64,
          [
            parameter('from', at(...entry(rdi))),
            parameter('kept', at(reg(rbx))),
            variable('local', at(Operation.fbreg, 0x78)),
            site(start + 80, calls.inner, passes(rdi, breg(rbx), 4)),
          ],
          [frameBase],
        ),
        subprogram(
          'outer',
          start + 128,
          64,
          [variable('saved', at(reg(rbx))), site(start + 144, 'middle', passes(rdi, 0x37))],
          [frameBase],
        ),
      ],
      { '.debug_frame': frames() },
    );
  }
  const stack = (reader: VariableReader): StackFrame[] => [
    { reader, address: start + 16, isReturn: false },
    { reader, address: start + 80, isReturn: true },
    { reader, address: start + 144, isReturn: true },
  ];
  const registers = new Map([
    [rbx, 0x500n],
    [rsi, 0x600n],
    [rsp, 0x1000n],
  ]);
  const machine: MachineState = { register: (register) => registers.get(register) };
  const printed: MachineState = {
    ...machine,
    memory: (address) => (address >= 0x1000n && address < 0x1100n ? address : undefined),
  };

  /** `name=value` of all that a frame has. */
  const values = (reader: VariableReader, state: MachineState, nth: number): string[] =>
    new FrameVariables(stack(reader), state, x86).scopes(nth).flatMap(({ variables }) =>
      variables.map(({ variable: { name: title }, value }) => {
        const text =
          value.kind === 'known'
            ? `0x${value.value.toString(16)}`
            : value.kind === 'unknown'
              ? value.missing.reason
              : value.kind;
        return `${title}=${text}${value.kind === 'known' && value.isAssumed === true ? '?' : ''}`;
      }),
    );

  test('know what registers still have, and what callers passed', () => {
    const reader = chain();
    // inner: rdi on entry was rbx + 4 of middle, which inner did not change.
    expect(values(reader, machine, 0)).toEqual(['given=0x504', 'now=0x600']);
    expect(values(reader, machine, 1)).toEqual(['from=0x7', 'kept=0x500', 'local=memory']);
    // middle has kept rbx on the stack, which was not printed.
    expect(values(reader, machine, 2)).toEqual(['saved=register']);
  });

  test('know more where the stack was printed', () => {
    const reader = chain();
    // inner's frame ends at 0x1008, middle's at 0x1018; rbx is 16 below that, local 8.
    expect(values(reader, printed, 1)).toEqual(['from=0x7', 'kept=0x500', 'local=0x1010']);
    expect(values(reader, printed, 2)).toEqual(['saved=0x1008']);
  });

  test('do not know what was passed to another function that jumped here', () => {
    expect(values(chain({ inner: 'outer' }), machine, 0)).toEqual(['given=caller', 'now=0x600']);
  });

  test('assume that calls by pointer led straight here, and say so', () => {
    expect(values(chain({ inner: undefined }), machine, 0)).toEqual(['given=0x504?', 'now=0x600']);
  });

  test('give only parameters as arguments', () => {
    const [scope] = new FrameVariables(stack(chain()), machine, x86).arguments(1);
    expect(scope?.variables.map(({ variable: { name: title } }) => title)).toEqual(['from', 'kept']);
  });

  test('are read by name or kind, and are the same then', () => {
    const frames = new FrameVariables(stack(chain()), machine, x86);
    const [scope] = frames.functions(1);
    if (scope === undefined) throw new Error('no function');
    const titles = (found: readonly { readonly name: string }[]): string[] => found.map((each) => each.name);
    for (let turn = 0; turn < 2; turn++) {
      expect(titles(scope.some({ names: ['kept', 'nothing'] }))).toEqual(['kept']);
      expect(titles(scope.some({ kind: 'local' }))).toEqual(['local']);
      expect(titles(scope.some({ kind: 'local', names: ['kept'] }))).toEqual([]);
      const [kept] = frames.located(1, scope, { names: ['kept'] });
      const all = frames.scopes(1).flatMap(({ variables }) => variables);
      expect(kept).toEqual(all.find(({ variable: { name: title } }) => title === 'kept'));
      // The second time all of them are known.
      expect(titles(scope.variables)).toEqual(['from', 'kept', 'local']);
    }
  });

  test('take registers of outer frames from who unwound them', () => {
    const known = new Map([[rbx, 0x700n]]);
    const [first, ...outer] = stack(chain());
    if (first === undefined) throw new Error('no frame');
    const told = outer.map((frame) => ({ ...frame, register: (register: number) => known.get(register) }));
    const frames = new FrameVariables([first, ...told], machine, x86);
    expect([frames.register(0, rbx), frames.register(1, rbx), frames.register(2, rbx)]).toEqual([
      0x500n,
      0x700n,
      0x700n,
    ]);
    // What nobody tells is unwound.
    expect(frames.register(1, rsp)).toBe(0x1008n);
    expect(frames.register(1, rsi)).toBeUndefined();
  });

  test('name the unit of a frame', () => {
    const frames = new FrameVariables(stack(chain()), machine, x86);
    expect(frames.unit(1)?.unit).toBe(frames.functions(1)[0]?.entry.unit);
    expect([frames.unit(9), frames.functions(9)]).toEqual([undefined, []]);
  });

  test('that are not there have nothing', () => {
    const none = new FrameVariables(stack(chain()), machine, x86);
    expect([none.scopes(9), none.arguments(9), none.register(9, 0)]).toEqual([[], [], undefined]);
  });

  test('put values together from pieces', () => {
    const pieces = [reg(rbx), Operation.piece, 4, 0x32, Operation.stackValue, Operation.piece, 4];
    const reader = open([
      subprogram('inner', start, 64, [variable('split', at(...pieces)), variable('part', at(Operation.piece, 8))]),
    ]);
    expect(values(reader, machine, 0)).toEqual(['split=0x200000500', 'part=optimized-out']);
  });

  test('end where expressions ask for each other without end', () => {
    const many = Array.from({ length: 40 }, () => [Operation.entryValue, 1, reg(rdi), Operation.plus]).flat();
    const asking = (origin: string, low: number, returns: number): WrittenEntry =>
      subprogram(origin, low, 64, [
        parameter(`${origin} x`, at(0x30, ...many, Operation.stackValue)),
        site(returns, 'again', passes(rdi, 0x30, ...many)),
      ]);
    const reader = open([asking('again', start, start + 16)]);
    const deep = Array.from({ length: 12 }, (_, nth) => ({ reader, address: start + 16, isReturn: nth > 0 }));
    const before = performance.now();
    const [scope] = new FrameVariables(deep, machine, x86).scopes(0);
    expect(scope?.variables[0]?.value.kind).toBe('unknown');
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
