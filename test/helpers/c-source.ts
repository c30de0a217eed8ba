import { readFileSync } from 'node:fs';

/** A file of C in the kernel's style: braces of functions in the first column. */
export interface CSource {
  /** The text of a line, without blanks around it; counted from 1. */
  line(number: number): string;
  /** The function that a line lies in, from the line of its name to its closing brace. */
  functionAt(line: number): string | undefined;
}

export function readCSource(path: string): CSource {
  const lines = readFileSync(path, 'utf8').split('\n');
  const functions: { readonly name: string; readonly first: number; readonly last: number }[] = [];
  let named: { readonly name: string; readonly first: number } | undefined;
  let isOpen = false;
  for (const [index, text] of lines.entries()) {
    const name = /^[A-Za-z][^=;]*?(\w+)\(/.exec(text)?.[1];
    if (!isOpen && name !== undefined) named = { name, first: index + 1 };
    if (text.startsWith('{')) isOpen = true;
    if (!text.startsWith('}')) continue;
    if (isOpen && named !== undefined) functions.push({ ...named, last: index + 1 });
    isOpen = false;
    named = undefined;
  }
  return {
    line: (number) => (lines[number - 1] ?? '').trim(),
    functionAt: (line) => functions.find(({ first, last }) => first <= line && line <= last)?.name,
  };
}
