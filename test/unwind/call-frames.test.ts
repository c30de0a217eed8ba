import { describe, expect, test } from 'vitest';
import { dwarfRegisters } from '../../src/arch/dwarf-registers.ts';
import type { RegisterRule } from '../../src/dwarf/call-frame-program.ts';
import { callerRegisters, frameAddress, preservedRegisters } from '../../src/unwind/call-frames.ts';

const numbering = dwarfRegisters('x86_64') ?? { names: [], stackPointer: 0, returnAddress: 0, preserved: [] };
const bx = 3;
const r12 = 12;
const r13 = 13;
const r14 = 14;

describe('registers of a caller', () => {
  test('are where the call frame says, or as they are', () => {
    const rules = new Map<number, RegisterRule>([
      [bx, { kind: 'offset', offset: -24n }],
      [r12, { kind: 'undefined' }],
      [r13, { kind: 'value-offset', offset: 8n }],
      [r14, { kind: 'register', register: 0 }],
    ]);
    const row = {
      ...{ frame: { kind: 'register', register: 7, offset: 32n } as const, registers: rules },
      ...{ isSigned: false, returnAddress: 16 },
    };
    const registers = { rsp: 0x1000n, rax: 9n, rbx: 1n, r12: 12n, r13: 13n, r15: 15n };
    expect(frameAddress(row, numbering, registers)).toBe(0x1020n);
    expect(frameAddress(row, numbering, {})).toBeUndefined();
    const asked: bigint[] = [];
    const word = (address: bigint): bigint => {
      asked.push(address);
      return 0xbbn;
    };
    expect(callerRegisters(row, numbering, registers, 0x1020n, word)).toEqual({
      ...{ rbx: 0xbbn, r13: 0x1028n, r14: 9n, r15: 15n },
    });
    expect(asked).toEqual([0x1008n]);
    expect(preservedRegisters('x86_64', registers)).toEqual({ rbx: 1n, r12: 12n, r13: 13n, r15: 15n });
  });
});
