import { release } from 'node:os';
import type { Readable } from 'node:stream';
import { toJson } from '../../report/json.ts';
import { Answerer, type AnswerOptions } from '../../symbols/answer.ts';
import { joinWords } from '../../symbols/query.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Output, StreamOutput } from '../output.ts';
import type { Session } from '../session.ts';
import type { SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { answerText } from './symbolize-text.ts';

export interface SymbolizeFlags extends SymbolFlags {
  readonly returnAddresses: boolean;
  readonly format: 'text' | 'jsonl';
}

/** Lines of standard input that are looked up together: all addresses of a part of the kernel cost as much as one. */
const batch = 16_384;
/** Milliseconds without more input after which what has come is answered: somebody may be waiting at the other end. */
const patience = 20;
/** No symbol is as long as that; the rest of such a line is nothing to be kept. */
const maxLine = 4096;

/** The lines of an input, as many at a time as came at once. Whoever wants no more of them closes it. */
async function* batchesOf(input: Readable): AsyncGenerator<string[]> {
  const chunks: AsyncIterator<unknown> = input[Symbol.asyncIterator]();
  let rest = '';
  let lines: string[] = [];
  const read = (): Promise<IteratorResult<unknown>> => {
    const chunk = chunks.next();
    // It may fail while nobody waits for it; whoever does hears of it all the same.
    chunk.catch(() => {});
    return chunk;
  };
  try {
    let next = read();
    for (;;) {
      if (lines.length >= batch || (lines.length > 0 && !(await isSoon(next)))) {
        yield lines;
        lines = [];
      }
      const { value, done } = await next;
      if (done === true) break;
      next = read();
      const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
      const pieces = `${rest}${text}`.split('\n');
      rest = (pieces.pop() ?? '').slice(0, maxLine);
      for (const piece of pieces) if (piece.trim() !== '') lines.push(piece.trim());
    }
    if (rest.trim() !== '') lines.push(rest.trim());
    if (lines.length > 0) yield lines;
  } finally {
    input.destroy();
  }
}

/** Whether something is there before patience ends. */
async function isSoon(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patience, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `ktriage symbolize`: symbols and addresses of the command line, or of standard input. Returns the exit code. */
export async function runSymbolize(words: readonly string[], flags: SymbolizeFlags, session: Session): Promise<number> {
  const { format, ...given } = flags;
  const servers = await debuginfodOptions(given, session);
  const options: AnswerOptions = { ...given, ...servers, home: session.home, release: release() };
  const output = new StreamOutput(session.stdout);
  const answerer = new Answerer(options);
  let complete = true;
  const tell = async (inputs: readonly string[], to: Output): Promise<void> => {
    const answers = await answerer.answer(inputs);
    if (answers.some((answer) => answer.problem !== undefined)) complete = false;
    await to.write(answers.map((answer) => (format === 'jsonl' ? `${toJson(answer)}\n` : answerText(answer))).join(''));
  };
  try {
    if (words.length > 0) await tell(joinWords(words), output);
    else {
      for await (const inputs of batchesOf(session.stdin)) {
        await tell(inputs, output);
        if (output.closed) break;
      }
    }
    await output.end();
  } catch (error) {
    // Somebody had enough of a file that was being fetched.
    if (error instanceof DOMException && error.name === 'AbortError') return exitCodes.interrupted;
    throw error;
  } finally {
    answerer.close();
  }
  return complete ? exitCodes.clean : exitCodes.unvouched;
}
