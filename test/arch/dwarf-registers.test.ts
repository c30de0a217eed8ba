import { describe, expect, test } from 'vitest';
import { architectures } from '../../src/arch/architectures.ts';
import { dwarfRegisters } from '../../src/arch/dwarf-registers.ts';

describe.each(
  architectures.flatMap((each) => (dwarfRegisters(each.name) === undefined ? [] : [[each.name, each] as const])),
)('DWARF registers of %s', (name, architecture) => {
  const registers = dwarfRegisters(name);

  test('have the names of the report', () => {
    const known = [...architecture.registers, ...architecture.otherRegisters, ''];
    expect(registers?.names.filter((each) => !known.includes(each))).toEqual([]);
    expect(new Set(registers?.names).size).toBe(registers?.names.length);
  });

  test('include the stack pointer, which calls leave as it was', () => {
    expect(registers?.names[registers.stackPointer]).toBe(architecture.stackPointer);
    expect(registers?.preserved).not.toContain(registers?.returnAddress);
    expect(registers?.preserved.every((each) => registers.names[each] !== undefined)).toBe(true);
  });
});

test('DWARF registers are numbered as the ABIs do', () => {
  expect(dwarfRegisters('x86_64')?.names.slice(0, 8)).toEqual(['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp']);
  expect(dwarfRegisters('arm64')?.names.slice(28, 33)).toEqual(['x28', 'x29', 'lr', 'sp', 'pc']);
  expect(dwarfRegisters('riscv64')?.names[31]).toBe('t6');
  expect(dwarfRegisters('mips')).toBeUndefined();
});
