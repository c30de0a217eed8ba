import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { type Answer, Answerer, type AnswerOptions } from '../../../src/symbols/answer.ts';
import { toolNames, whereIs } from '../../../src/symbols/backends/choice.ts';
import { hasCompiler, makeKernel } from '../own-kernel.ts';
import { makeModule } from '../own-module.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-backends-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = process.env;
const isThere = (tool: 'addr2line' | 'llvm-symbolizer' | 'ld'): boolean =>
  toolNames(tool, environment, 'x86_64').some((name) => whereIs(name, environment) !== undefined);

interface Asked {
  readonly answers: Answer[];
  readonly problems: readonly string[];
}

async function ask(inputs: readonly string[], options: AnswerOptions): Promise<Asked> {
  const answerer = new Answerer(options);
  try {
    return { answers: await answerer.answer(inputs), problems: answerer.problems };
  } finally {
    answerer.close();
  }
}

/** binutils knows no columns. */
function withoutColumns(answers: readonly Answer[]): unknown {
  return answers.map(({ frames, ...answer }) => ({
    ...answer,
    frames: frames.map(({ column: _column, ...frame }) => frame),
  }));
}

const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('ktriage-linked-'));

describe.skipIf(!hasCompiler)('other tools say what the built-in reader says (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const { vmlinux } = makeKernel(folder);
  const module = makeModule(folder);
  const names = ['stop', 'outer', 'caller', 'last', 'calls_library', 'end', 'in_library'];
  const inKernel = names.flatMap((name) => Array.from({ length: 24 }, (_, offset) => `${name}+${offset}`));
  const inModule = ['.text', '.init.text'].flatMap((name) =>
    Array.from({ length: 16 }, (_, offset) => `${name}+${offset}`),
  );

  test.skipIf(!isThere('addr2line'))('addr2line, but for columns (skipped without it)', async () => {
    const symbolizer = { program: 'addr2line', environment };
    for (const [inputs, options] of [
      [inKernel, { vmlinux }],
      [inModule, { module }],
    ] as const) {
      // In the padding between functions it goes on with the function before, and says nothing of it.
      const known = (await ask(inputs, options)).answers.filter((answer) => answer.problem === undefined);
      const code = known.map((answer) => answer.input);
      const own = await ask(code, options);
      const its = await ask(code, { ...options, symbolizer });
      expect(code.length).toBeGreaterThan(8);
      expect(withoutColumns(its.answers)).toEqual(withoutColumns(own.answers));
      expect(its.problems).toEqual([]);
    }
  });

  test.skipIf(!isThere('llvm-symbolizer') || !isThere('ld'))(
    'llvm-symbolizer, of a module by a copy that is linked (skipped without it or ld)',
    async () => {
      const symbolizer = { program: 'llvm-symbolizer', environment };
      const before = leftovers();
      for (const [inputs, options] of [
        [inKernel, { vmlinux }],
        [inModule, { module }],
      ] as const) {
        const own = await ask(inputs, options);
        const its = await ask(inputs, { ...options, symbolizer });
        expect(its.answers).toEqual(own.answers);
        expect(its.problems).toEqual([]);
      }
      expect(leftovers()).toEqual(before);
    },
  );

  test.skipIf(!isThere('llvm-symbolizer'))(
    'what a tool cannot read is said (skipped without llvm-symbolizer)',
    async () => {
      const packed = join(folder, 'vmlinux.gz');
      writeFileSync(packed, gzipSync(readFileSync(vmlinux)));
      const symbolizer = { program: 'llvm-symbolizer', environment };
      const { answers, problems } = await ask(['caller'], { vmlinux: packed, symbolizer });
      expect(answers[0]?.frames).toMatchObject([{ function: 'caller' }]);
      expect(problems).toEqual([expect.stringMatching(/built-in symbolizer was used for .*compressed/)]);
      // Without a linker there is no copy of a module.
      const program = toolNames('llvm-symbolizer', environment, 'x86_64').flatMap(
        (name) => whereIs(name, environment) ?? [],
      );
      const poor = { program: program[0] ?? '', environment: {} };
      const { problems: ofModule } = await ask(['work'], { module, symbolizer: poor });
      expect(ofModule).toEqual([expect.stringMatching(/no ld/)]);
    },
  );

  test('a tool that is not there ends the run', async () => {
    const symbolizer = { program: 'addr2line', environment: {} };
    await expect(ask(['caller'], { vmlinux, symbolizer })).rejects.toMatchObject({ code: 'KT-SYMBOLIZER-MISSING' });
    expect(existsSync(vmlinux)).toBe(true);
  });
});
