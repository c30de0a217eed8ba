import { release } from 'node:os';
import { printable } from '../../report/escape.ts';
import { toJson } from '../../report/json.ts';
import { type Answer, Answerer, type AnswerOptions } from '../../symbols/answer.ts';
import { joinWords } from '../../symbols/query.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Output, StreamOutput } from '../output.ts';
import type { Session } from '../session.ts';
import type { SymbolFlags } from '../symbol-flags.ts';

export interface SymbolizeFlags extends SymbolFlags {
  readonly returnAddresses: boolean;
  readonly format: 'text' | 'jsonl';
}

/** Lines of standard input that are looked up together. */
const batch = 4096;
/** No symbol is as long as that; the rest of such a line is nothing to be kept. */
const maxLine = 4096;

/** As a stack is printed: the innermost function first. */
function text(answer: Answer): string {
  const lines = [printable(answer.input)];
  for (const { function: name, file, line, column, inlined } of answer.frames) {
    const place = file === undefined ? '' : ` at ${file}:${line}${column === undefined ? '' : `:${column}`}`;
    lines.push(printable(`  ${name}${place}${inlined ? ' (inlined into the next)' : ''}`));
  }
  for (const { file, line } of answer.candidates) lines.push(printable(`  one of ${file}:${line}`));
  if (answer.problem !== undefined) lines.push(printable(`  ?? ${answer.problem}`));
  return `${lines.join('\n')}\n`;
}

async function* linesOf(input: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input) {
    const pieces =
      `${rest}${chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1') : String(chunk)}`.split('\n');
    rest = (pieces.pop() ?? '').slice(0, maxLine);
    yield* pieces;
  }
  if (rest !== '') yield rest;
}

/** `ktriage symbolize`: symbols and addresses of the command line, or of standard input. Returns the exit code. */
export async function runSymbolize(words: readonly string[], flags: SymbolizeFlags, session: Session): Promise<number> {
  const { format, ...given } = flags;
  const options: AnswerOptions = { ...given, home: session.home, release: release() };
  const output = new StreamOutput(session.stdout);
  const answerer = new Answerer(options);
  let complete = true;
  const tell = async (inputs: readonly string[], to: Output): Promise<void> => {
    const answers = await answerer.answer(inputs);
    if (answers.some((answer) => answer.problem !== undefined)) complete = false;
    await to.write(answers.map((answer) => (format === 'jsonl' ? `${toJson(answer)}\n` : text(answer))).join(''));
  };
  try {
    if (words.length > 0) await tell(joinWords(words), output);
    else {
      let inputs: string[] = [];
      for await (const line of linesOf(session.stdin)) {
        if (line.trim() !== '') inputs.push(line.trim());
        if (inputs.length < batch) continue;
        await tell(inputs, output);
        inputs = [];
        if (output.closed) break;
      }
      await tell(inputs, output);
    }
    await output.end();
  } finally {
    answerer.close();
  }
  return complete ? exitCodes.clean : exitCodes.unvouched;
}
