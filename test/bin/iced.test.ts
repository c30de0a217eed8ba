import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import type { Instruction } from 'iced-x86';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, projectRoot } from '../helpers/built.ts';

type Iced = typeof import('iced-x86');

const require = createRequire(import.meta.url);
const whole: Iced = require('iced-x86');
const folder = join(projectRoot, 'dist', 'program');

beforeAll(() => ensureBuilt(), 120_000);

function loadCut(): Iced {
  const { load }: { load: (name: string) => Iced } = require(join(projectRoot, 'bin', 'load.js'));
  return load('iced-x86.cjs');
}

/** All that the program reads of an instruction, but for what a formatter says. */
const read = (instruction: Instruction) => ({
  length: instruction.length,
  code: instruction.code,
  mnemonic: instruction.mnemonic,
  flow: instruction.flowControl,
  next: instruction.nextIP,
  operands: Array.from({ length: instruction.opCount }, (_, nth) => instruction.opKind(nth)),
  memory: [instruction.memoryBase, instruction.memoryIndex, instruction.memoryDisplacement, instruction.memorySize],
  isStack: instruction.isStackInstruction,
});

function all(iced: Iced, bytes: Uint8Array, bits: 32 | 64) {
  const decoder = new iced.Decoder(bits, bytes, iced.DecoderOptions.None);
  decoder.ip = 0x1000n;
  const instruction = decoder.decode();
  const formatter = new iced.Formatter(iced.FormatterSyntax.Gas);
  const factory = new iced.InstructionInfoFactory();
  const info = factory.info(instruction);
  const used: { register: number; access: number }[] = info.usedRegisters();
  const found = {
    ...read(instruction),
    text: formatter.format(instruction),
    used: used.map(({ register, access }) => `${iced.Register[register]} ${access}`),
    name: iced.Mnemonic[instruction.mnemonic],
  };
  for (const each of [info, factory, formatter, instruction, decoder]) each.free();
  return found;
}

describe('the iced-x86 of the built program', () => {
  test('says of all bytes what the package says', () => {
    const cut = loadCut();
    expect(cut).not.toBe(whole);
    const arbitrary = [fc.uint8Array({ minLength: 1, maxLength: 15 }), fc.constantFrom<32 | 64>(32, 64)] as const;
    fc.assert(
      fc.property(...arbitrary, (bytes, bits) => {
        expect(all(cut, bytes, bits)).toEqual(all(whole, bytes, bits));
      }),
      { numRuns: 2000 },
    );
  });

  test('is a fifth of its script, and has a seventh of its exports', () => {
    const path = require.resolve('iced-x86');
    expect(statSync(join(folder, 'iced-x86.cjs')).size).toBeLessThan(statSync(path).size / 5);
    // TypeScript knows no WebAssembly outside of browsers.
    const count: (bytes: Uint8Array) => number = runInThisContext(
      'bytes => WebAssembly.Module.exports(new WebAssembly.Module(bytes)).length',
    );
    const exports = (file: string) => count(readFileSync(file));
    const wasm = join(folder, 'iced-x86.wasm');
    expect(exports(wasm)).toBeLessThan(exports(join(path, '..', 'iced_x86_bg.wasm')) / 6);
  });
});
