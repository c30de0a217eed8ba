/** Longer lines are cut: what is behind is nothing that is looked for. */
const maxLine = 65_536;

/** The lines of an input, a char per byte, without their ends. Holds one line at a time. */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input) {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const pieces = text.split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      yield cut(rest + piece);
      rest = '';
    }
    rest = (rest + last).slice(0, maxLine);
  }
  if (rest !== '') yield cut(rest);
}

function cut(line: string): string {
  return line.slice(0, maxLine).replace(/\r+$/, '');
}
