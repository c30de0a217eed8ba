/** A call in a pipeline script, with the strings among its arguments. */
export interface GroovyCall {
  readonly name: string;
  readonly strings: readonly string[];
}

const closing: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

/**
 * Reads as much of Groovy as pipeline scripts are made of: names, strings, brackets. There is no parser of the language
 * outside of it; this one refuses what is not closed, and knows what a string comes to.
 */
export function readGroovy(source: string): GroovyCall[] {
  const calls: { name: string; strings: string[]; depth: number }[] = [];
  const open: string[] = [];
  const token = /'''([\s\S]*?)'''|'((?:[^'\\\n]|\\.)*)'|([A-Za-z]\w*)(:?)|([{([])|([})\]])|[\s,.:]|(.)/g;
  for (const [whole, long, short, name, colon, opened, closed, other] of source.matchAll(token)) {
    if (other !== undefined) throw new Error(`unexpected in a pipeline: ${other}`);
    const string = long ?? short;
    if (string !== undefined) {
      // A backslash joins lines, in Groovy before the shell sees it.
      const text = string.replace(/\\\n/g, '').replace(/\\(['\\])/g, '$1');
      for (const call of calls.filter(({ depth }) => depth <= open.length).slice(-1)) call.strings.push(text);
    } else if (name !== undefined) {
      if (colon === '') calls.push({ name, strings: [], depth: open.length });
    } else if (opened !== undefined) open.push(closing[opened] ?? '');
    else if (closed !== undefined && open.pop() !== whole) throw new Error(`a ${whole} closes nothing`);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`);
  return calls;
}
