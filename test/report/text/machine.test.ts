import { describe, expect, test } from 'vitest';
import type { CrashReport } from '../../../src/model/report.ts';
import { disassemblySections, registerWords, variablesSection } from '../../../src/report/text/machine.ts';
import { crashReport } from '../make.ts';

const explained = (explanation: NonNullable<CrashReport['explanation']>): CrashReport => crashReport({ explanation });

const texts = (section: ReturnType<typeof variablesSection>): unknown[] =>
  (section?.paragraphs ?? []).map((paragraph) =>
    typeof paragraph === 'string'
      ? paragraph
      : paragraph.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join(''),
  );

describe('what a machine held', () => {
  test('registers in words', () => {
    const meaning = { value: 8n, class: 'null-offset', certain: true } as const;
    expect(registerWords({ ...meaning, register: 'rdi', words: 'NULL plus 0x8' })).toBe('rdi is NULL plus 0x8');
    expect(registerWords({ ...meaning, register: 'rax', words: 'code', target: 'kfree+0x1', certain: false })).toBe(
      'rax is perhaps code: kfree+0x1',
    );
  });

  test('variables by function, with why they have no value', () => {
    const list = { class: 'list-poison', words: 'LIST_POISON1', certain: true } as const;
    const value = 0xdead000000000100n;
    const section = variablesSection(
      explained({
        variables: [
          {
            name: 'next',
            type: 'struct list_head *',
            function: 'list_del',
            kind: 'parameter',
            location: 'rdx',
            value,
            meaning: { ...list, value },
          },
          { name: 'i', type: 'int', function: 'walk', kind: 'local', missing: 'optimized-out' },
          {
            name: 'n\u001b[2J',
            function: 'walk',
            kind: 'local',
            value: 3n,
            meaning: { value: 3n, class: 'small', words: 'the number 3', certain: true },
            certain: false,
          },
        ],
      }),
    );
    expect(texts(section)).toEqual([
      'list_del():',
      '  next = 0xdead000000000100, LIST_POISON1 (struct list_head *, parameter, in rdx)',
      'walk():',
      '  i = optimized out (int)',
      expect.stringMatching(/^ {2}n[^\u001b]+ = 0x3 \(not certain\)$/),
    ]);
    expect(variablesSection(explained({}))).toBe(undefined);
  });

  test('code, with the instruction that it was at', () => {
    const lines = [
      { offset: -2, bytes: '31 c0', text: 'xor    %eax,%eax' },
      { offset: 0, bytes: '8b 00', text: 'mov    (%rax),%eax', marked: true },
    ] as const;
    const [section] = disassemblySections(explained({ disassembly: [{ code: 0, lines, skippedBytes: 1 }] }));
    expect(texts(section)).toEqual([
      '1 bytes before it begin no instruction.',
      '    -0x2  31 c0                 xor    %eax,%eax',
      '>   +0x0  8b 00                 mov    (%rax),%eax',
    ]);
  });
});
