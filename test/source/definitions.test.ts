import { describe, expect, test } from 'vitest';
import { DefinitionFinder, nameInSource } from '../../src/source/definitions.ts';

function find(name: string, source: string, rust = false): (readonly [number, number])[] {
  const finder = new DefinitionFinder(name, rust);
  for (const line of source.split('\n')) finder.push(line);
  return finder.end().map(({ first, last }) => [first, last] as const);
}

describe('DefinitionFinder', () => {
  test('a function from its head to what follows', () => {
    expect(find('b', 'int a(void)\n{\n\tb();\n}\n\nint b(int x,\n      int y)\n{\n}\n\n/* c */\nint c;')).toEqual([
      [6, 11],
    ]);
  });

  test('declarations, calls and longer names are none', () => {
    expect(find('b', 'int b(void);\nint ab(void)\n{\n\tb();\n}\nint b2(void)\n{\n}\nEXPORT_SYMBOL(b);')).toEqual([]);
  });

  test('a type on a line of its own, a definition on one line, several between #ifdef', () => {
    expect(find('b', 'static int\nb(void)\n{\n}')).toEqual([[2, 4]]);
    expect(find('b', 'int b(void) { return 1; }\nint c(void)\n{\n}')).toEqual([[1, 1]]);
    expect(find('b', '#ifdef A\nint b(void)\n{\n}\n#else\nint b(void) { return 0; }\n#endif')).toEqual([
      [2, 5],
      [6, 7],
    ]);
  });

  test('a body whose end stands twice, for two configurations', () => {
    const source = 'int b(void)\n{\n#ifdef A\n\treturn 1;\n}\n#else\n\treturn 2;\n}\n#endif\nint c(void)\n{\n}';
    expect(find('b', source)).toEqual([[1, 9]]);
  });

  test('system calls', () => {
    expect(find('__do_sys_write', 'SYSCALL_DEFINE3(write, int, fd)\n{\n\treturn 1;\n}')).toEqual([[1, 4]]);
    expect(find('__do_sys_read', 'SYSCALL_DEFINE3(write, int, fd)\n{\n\treturn 1;\n}')).toEqual([]);
  });

  test('Rust', () => {
    const source = 'impl X {\n    pub fn get(&self) -> u32 {\n        self.0\n    }\n\n    fn set(&self) {\n    }\n}';
    expect(find('<kernel::X>::get', source, true)).toEqual([[2, 5]]);
  });

  test('a head without end is none', () => {
    expect(find('b', `b(\n${'x,\n'.repeat(200)})\n{\n}`)).toEqual([]);
  });
});

test.each([
  ['foo.isra.0', 'foo'],
  ['foo.cold', 'foo'],
  ['foo.llvm.123', 'foo'],
  ['foo.part.0.isra.0', 'foo'],
  ['kernel::sync::Lock<T>', 'Lock'],
  ['core::panicking::panic', 'panic'],
  ['<a::B as c::D>::run', 'run'],
  ['foo', 'foo'],
])('%s is %s in its source', (name, expected) => {
  expect(nameInSource(name)).toBe(expected);
});
