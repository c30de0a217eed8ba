import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addr2line } from '../../../src/symbols/backends/addr2line.ts';
import type { Dialect, NextLine, ToolFrame } from '../../../src/symbols/backends/dialect.ts';
import { llvmSymbolizer } from '../../../src/symbols/backends/llvm-symbolizer.ts';
import { KtriageError } from '../../../src/util/errors.ts';

class Ended extends Error {}

/** The lines of an output, one by one. */
function linesOf(text: string): NextLine {
  const lines = text.split('\n');
  return async () => {
    const line = lines.shift();
    if (line === undefined) throw new Ended();
    return line;
  };
}

const read = (dialect: Dialect, text: string, addresses: readonly bigint[]): Promise<ToolFrame[][]> =>
  dialect.answers(linesOf(text), addresses);

const refused = { code: 'KT-SYMBOLIZER-FAILED' };

describe('addr2line', () => {
  test('chains, discriminators, and what it does not know', async () => {
    const output = `0x0000000000000001
inner
build/kernel/fork.c:12 (discriminator 3)
outer
build/kernel/fork.c:?
0x0000000000000002
??
??:0
0x0000000000000003
__SCT__thing
usercopy_64.c:0
0x0000000000000004
in_a_folder
a b/c:d.c:7
0x0000000000000004
`;
    expect(await read(addr2line, output, [1n, 2n, 3n, 4n])).toEqual([
      [
        { function: 'inner', path: 'build/kernel/fork.c', line: 12 },
        { function: 'outer', path: 'build/kernel/fork.c' },
      ],
      [{}],
      [{ function: '__SCT__thing' }],
      [{ function: 'in_a_folder', path: 'a b/c:d.c', line: 7 }],
    ]);
  });

  test('asks once more for the last address, and passes over what comes of it', async () => {
    expect(addr2line.questions([1n, 0xffffffff81000000n])).toBe('0x1\n0xffffffff81000000\n0xffffffff81000000\n');
    const next = linesOf('0x1\nf\na.c:1\n0x1\nf\na.c:1\n0x2\ng\nb/b.c:2\n0x2\n');
    expect(await addr2line.answers(next, [1n])).toEqual([[{ function: 'f', path: 'a.c', line: 1 }]]);
    expect(await addr2line.answers(next, [2n])).toEqual([[{ function: 'g', path: 'b/b.c', line: 2 }]]);
  });

  test.each([
    ['another address', '0x2\nf\na.c:1\n0x2\n'],
    ['half a pair', '0x1\nf\n0x1\n'],
    ['no address for long', 'x\n'.repeat(1000)],
    ['a chain without end', `0x1\n${'f\na.c:1\n'.repeat(1000)}`],
  ])('refuses %s', async (_what, output) => {
    await expect(read(addr2line, output, [1n])).rejects.toMatchObject(refused);
  });

  test('asks for sections of a module', () => {
    expect(addr2line.arguments('m.ko', '.init.text')).toEqual(['-a', '-f', '-i', '-j', '.init.text', '-e', 'm.ko']);
  });
});

describe('llvm-symbolizer', () => {
  const symbol = (more: object): object => ({
    Column: 0,
    FileName: '',
    FunctionName: '',
    Line: 0,
    StartLine: 1,
    ...more,
  });
  const answer = (...symbols: object[]): string => `${JSON.stringify({ Address: '0x1', Symbol: symbols })}\n`;

  test('chains with columns, and what it does not know', async () => {
    const output =
      answer(
        symbol({ FunctionName: 'inner', FileName: 'build/a.h', Line: 3, Column: 9 }),
        symbol({ FunctionName: 'outer', FileName: 'build/a.c', Line: 7 }),
      ) +
      answer(symbol({ FunctionName: '', FileName: '', StartLine: 0 })) +
      answer() +
      // The nearest file of the symbol table, with line 0.
      answer(symbol({ FunctionName: '__SCT__thing', FileName: 'usercopy_64.c', StartLine: 0 })) +
      // Padding: a line, and no function.
      answer(symbol({ FunctionName: 'f', FileName: 'build/a.c', Line: 7, StartLine: 0 })) +
      answer(symbol({ FunctionName: 'memcpy', FileName: 'build/memcpy.S', Line: 7, StartLine: 0 }));
    expect(await read(llvmSymbolizer, output, [1n, 2n, 3n, 4n, 5n, 6n])).toEqual([
      [
        { function: 'inner', path: 'build/a.h', line: 3, column: 9 },
        { function: 'outer', path: 'build/a.c', line: 7 },
      ],
      [{}],
      [],
      [{ function: '__SCT__thing' }],
      [{ function: 'f', path: 'build/a.c', line: 7, outside: true }],
      [{ function: 'memcpy', path: 'build/memcpy.S', line: 7 }],
    ]);
  });

  test.each([
    ['no JSON', 'hello'],
    ['an error', '{"Error":{"Message":"no such file"}}'],
    ['a list', '[1]'],
    ['frames that are none', '{"Symbol":[7]}'],
    ['a chain without end', JSON.stringify({ Symbol: Array.from({ length: 1000 }, () => symbol({})) })],
  ])('refuses %s', async (_what, output) => {
    await expect(read(llvmSymbolizer, output, [1n])).rejects.toMatchObject(refused);
  });
});

test('whatever comes is an answer, the end, or refused', async () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('0x1', '0x2', 'f', 'a.c:1', '??:0', '{"Symbol":[]}', '{"Symbol":[{}]}', 'a.c:1 (discriminator 2)'),
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 40 }),
      fc.constantFrom(addr2line, llvmSymbolizer),
      async (lines, tool) => {
        try {
          expect(await read(tool, lines.join('\n'), [1n, 2n])).toHaveLength(2);
        } catch (error) {
          expect(error instanceof KtriageError || error instanceof Ended).toBe(true);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
