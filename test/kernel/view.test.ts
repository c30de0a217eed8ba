import { describe, expect, test } from 'vitest';
import { readSpan, readView, spanOf, View } from '../../src/kernel/view.ts';
import { StructureKernel } from './structure-kernel.ts';

const structures = {
  list_head: [
    ['next', '*'],
    ['prev', '*'],
  ],
  part: [
    ['base', '*'],
    ['size', 'u32'],
  ],
  thing: [
    ['state', 'u32'],
    ['low', 'u8:5'],
    ['high', 'u8:3'],
    ['delta', 'int'],
    ['list', 'list_head'],
    ['name', 'char[8]'],
    ['parts', 'part[3]'],
    ['last', 'u64'],
  ],
} as const;
const at = 0xffff_8880_0000_1ff0n;

function made(): StructureKernel {
  return new StructureKernel(structures).put('thing', at, {
    ...{ state: 0x402, low: 9, high: 5, delta: -3, 'list.next': at, name: 'abc\0zz', last: 2n ** 63n },
    ...{ 'parts[1].base': 0xffff_8000_1234_0000n, 'parts[1].size': 77 },
  });
}

describe('a view', () => {
  test('has the members of a structure by their paths', async () => {
    const view = await readView(made().kernel, 'thing', at);
    expect(view?.number('__state', 'state')).toBe(0x402);
    expect(view?.number('low')).toBe(9);
    expect(view?.number('high')).toBe(5);
    expect(view?.signed('delta')).toBe(-3n);
    expect(view?.big('delta')).toBe(0xffff_fffdn);
    expect(view?.pointer('list.next')).toBe(at);
    expect(view?.pointer('list.prev')).toBeUndefined();
    expect(view?.text('name')).toBe('abc');
    expect(view?.big('last')).toBe(2n ** 63n);
    expect(view?.number('last')).toBeUndefined();
    expect(view?.number('nothing')).toBeUndefined();
    expect(view?.at('list')).toBe(at + 16n);
    expect(view?.elements('parts')).toBe(3);
    expect(view?.elements('state')).toBe(0);
  });

  test('has the structures in it', async () => {
    const view = await readView(made().kernel, 'thing', at);
    const part = view?.view('parts[1]');
    expect(part?.pointer('base')).toBe(0xffff_8000_1234_0000n);
    expect(part?.address).toBe(view?.at('parts[1]'));
    expect(view?.views('parts', 2).map((each) => each.number('size'))).toEqual([0, 77]);
    expect(view?.view('parts[3]')).toBeUndefined();
  });

  test('of a part lacks what was not read', async () => {
    const { kernel } = made();
    const span = spanOf(kernel.types, 'thing', ['high', 'list.prev', 'not there']);
    expect(span).toEqual({ type: 'thing', from: 4, bytes: 28 });
    const view = span === undefined ? undefined : await readSpan(kernel, span, at);
    expect(view?.number('high')).toBe(5);
    expect(view?.pointer('list.next')).toBe(at);
    expect(view?.number('state')).toBeUndefined();
    expect(view?.text('name')).toBeUndefined();
    expect(spanOf(kernel.types, 'thing', ['not there'])).toBeUndefined();
  });

  test('is missing where memory is, or the type', async () => {
    const { kernel } = made();
    expect(await readView(kernel, 'thing', 0xffff_8880_0000_5000n)).toBeUndefined();
    expect(await readView(kernel, 'nothing', at)).toBeUndefined();
    const short = new View(kernel.types, 'thing', at, new Uint8Array(6));
    expect(short.number('state')).toBe(0);
    expect(short.big('list.next')).toBeUndefined();
  });
});
