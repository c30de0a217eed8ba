import { describe, expect, test } from 'vitest';
import { loadDisassembler } from '../../../src/code/load-disassembler.ts';
import { fromBigAddress } from '../../../src/elf/address.ts';
import { sectionFlag, sectionType } from '../../../src/elf/constants.ts';
import { ElfFile } from '../../../src/elf/elf-file.ts';
import { memoryAccess } from '../../../src/io/random-access.ts';
import { buildElf } from '../../../src/kernel/kallsyms/build-elf.ts';
import type { Kernel, KernelArchitecture } from '../../../src/kernel/kernel.ts';
import { GuestSymbols } from '../../../src/kernel/kernel-symbols.ts';
import type { Thread } from '../../../src/live/thread.ts';
import { CodeReader } from '../../../src/live/waits/code-values.ts';
import { lockByCode } from '../../../src/live/waits/lock-by-code.ts';
import { lockFunctionsOf } from '../../../src/live/waits/lock-functions.ts';
import { savedRegister } from '../../../src/live/waits/saved-by-code.ts';
import { Image } from '../../../src/symbols/image.ts';
import type { RawFrame } from '../../../src/unwind/frame.ts';
import { StructureKernel } from '../../kernel/structure-kernel.ts';

const text = 0xffff_ffff_8100_0000n;
const functionBytes = 0x40;
const stack = 0xffff_c900_0000_8000n;

/** A kernel with functions of 64 bytes, in this order. */
function kernelOf(architecture: KernelArchitecture, functions: Readonly<Record<string, string>>): Kernel {
  const entries = Object.entries(functions);
  const code = Buffer.alloc(entries.length * functionBytes, architecture === 'arm64' ? '1f2003d5' : '90', 'hex');
  for (const [nth, [, bytes]] of entries.entries()) code.set(Buffer.from(bytes, 'hex'), nth * functionBytes);
  const names = ['_text', ...entries.map(([name]) => name), '_end'];
  const places: number[] = [];
  let joined = '\0';
  for (const name of names) {
    places.push(joined.length);
    joined += `${name}\0`;
  }
  const addresses = names.map((_, nth) => text + BigInt(Math.max(0, nth - 1) * functionBytes));
  const size = code.length;
  const section = { name: '.text', type: sectionType.progbits, flags: sectionFlag.alloc | sectionFlag.execute };
  const elf = buildElf(architecture, code, [{ ...section, address: fromBigAddress(text), size, offset: 0 }], {
    count: names.length,
    text: Buffer.from(joined, 'latin1'),
    places: Uint32Array.from(places),
    addresses: Float64Array.from(addresses, (address) => fromBigAddress(address)),
    types: new Uint8Array(names.length).fill(0x54),
  });
  const image = Image.of(ElfFile.open(memoryAccess(elf), 'made'));
  const made = new StructureKernel({}, architecture).kernel;
  return { ...made, symbols: new GuestSymbols(image, { slide: 0n, hasInitCode: false }) };
}

async function readerOf(kernel: Kernel): Promise<CodeReader> {
  const disassembler = await loadDisassembler(kernel.architecture);
  if (disassembler === undefined) throw new Error('no disassembler');
  return new CodeReader(kernel, disassembler);
}

/** Frames from within, and words of the stack by their addresses. */
function threadOf(
  frames: readonly (Pick<RawFrame, 'pc' | 'sp'> & Partial<RawFrame>)[],
  words: Readonly<Record<string, bigint>> = {},
): Thread {
  const all = frames.map((frame, nth) => ({
    ...{ isReturn: nth > 0, stack: 'task', reliable: true, registers: {} },
    ...frame,
  }));
  return { raw: { frames: all, memory: (address) => words[String(address)] }, frames: [] };
}

describe('registers that a called function saved, of x86-64', () => {
  // push %r12; push %rbx; sub $0x10,%rsp; mov %rdi,%r12; nop
  const callee = '41545348 83ec10 4989fc 90'.replaceAll(' ', '');
  const at = (nth: number, offset: number): bigint => text + BigInt(nth * functionBytes + offset);

  test('it is on the stack, or still in the register', async () => {
    const kernel = kernelOf('x86_64', { callee, caller: '90' });
    const reader = await readerOf(kernel);
    const thread = threadOf(
      [
        { pc: at(0, 12), sp: stack, registers: { rbx: 7n, rbp: 8n, r12: 9n } },
        { pc: at(1, 0x20), sp: stack + 0x28n },
      ],
      { [String(stack + 0x18n)]: 0x1212n, [String(stack + 0x10n)]: 0xbbn },
    );
    expect(savedRegister(reader, thread, 1, 'r12')).toBe(0x1212n);
    // Nothing was written to it, though it was saved.
    expect(savedRegister(reader, thread, 1, 'rbx')).toBe(7n);
    expect(savedRegister(reader, thread, 1, 'rbp')).toBe(8n);
    expect(savedRegister(reader, thread, 1, 'r13')).toBe(undefined);
    expect(savedRegister(reader, thread, 0, 'r12')).toBe(undefined);
  });

  test('not beyond an entry, a guess, or what is no code', async () => {
    const kernel = kernelOf('x86_64', { callee, caller: '90' });
    const reader = await readerOf(kernel);
    const frames = [
      { pc: at(0, 12), sp: stack, registers: { rbp: 8n } },
      { pc: at(1, 0x20), sp: stack + 0x28n },
    ] as const;
    const [inner, outer] = frames;
    expect(savedRegister(reader, threadOf([inner, { ...outer, isReturn: false }]), 1, 'rbp')).toBe(undefined);
    expect(savedRegister(reader, threadOf([{ ...inner, reliable: false }, outer]), 1, 'rbp')).toBe(undefined);
    expect(savedRegister(reader, threadOf([{ ...inner, pc: 0x1234n }, outer]), 1, 'rbp')).toBe(undefined);
  });

  test('the lock that a function was called with', async () => {
    // nop; mov %r12,%rdi; call _raw_spin_lock; nop
    const kernel = kernelOf('x86_64', { _raw_spin_lock: callee, taker: '90 4c89e7 e8b7ffffff 90'.replaceAll(' ', '') });
    const reader = await readerOf(kernel);
    const lock = 0xffff_ffff_8200_1000n;
    const thread = threadOf(
      [
        { pc: at(0, 12), sp: stack },
        { pc: at(1, 9), sp: stack + 0x28n },
      ],
      { [String(stack + 0x18n)]: lock },
    );
    const functions = lockFunctionsOf('_raw_spin_lock');
    if (functions === undefined) throw new Error('no such lock');
    const place = {
      ...{ kind: functions.kind, functions, lockFrames: [0] },
      site: { thread, nth: 1, at: { function: 'taker' }, inlinedInto: [] },
    };
    const state = {
      register: (name: string) => savedRegister(reader, thread, 1, name),
      memory: async () => undefined,
    };
    expect(await lockByCode(kernel, reader, place, state)).toEqual({
      address: lock,
      how: 'what _raw_spin_lock was called with',
    });
    const unknown = { ...state, register: () => undefined };
    expect(await lockByCode(kernel, reader, place, unknown)).toBe(undefined);
  });
});

test('registers that a called function saved, of arm64', async () => {
  // stp x29, x30, [sp, #-48]!; mov x29, sp; stp x19, x20, [sp, #16]; str x21, [sp, #32]; mov x20, x0; mov x21, x1; nop
  const callee = 'fd7bbda9 fd030091 f35301a9 f51300f9 f40300aa f50301aa 1f2003d5'.replaceAll(' ', '');
  const kernel = kernelOf('arm64', { callee, caller: '1f2003d5' });
  const reader = await readerOf(kernel);
  const thread = threadOf(
    [
      { pc: text + 24n, sp: stack, registers: { x29: stack, x19: 1n, x20: 2n, x21: 3n, x22: 4n } },
      { pc: text + BigInt(functionBytes) + 8n, sp: stack + 0x80n },
    ],
    { [String(stack + 0x18n)]: 0x2020n, [String(stack + 0x20n)]: 0x2121n },
  );
  expect(['x19', 'x20', 'x21', 'x22'].map((name) => savedRegister(reader, thread, 1, name))).toEqual([
    1n,
    0x2020n,
    0x2121n,
    4n,
  ]);
});
