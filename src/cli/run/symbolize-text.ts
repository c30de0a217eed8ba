import { printable } from '../../report/escape.ts';
import { toJson } from '../../report/json.ts';
import type { Answer, AnswerFrame, Candidate } from '../../symbols/answer.ts';

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

function frameLine({ function: name, file, line, column, inlined }: AnswerFrame): string {
  const place = file === undefined ? '' : ` at ${file}:${line}${column === undefined ? '' : `:${column}`}`;
  return `${name}${place}${inlined ? ' (inlined into the next)' : ''}`;
}

/** A position with the file as the compiler recorded it: what other symbolizers print, and tools compare with. */
function recorded<Position extends Pick<AnswerFrame, 'file' | 'path'>>({ path, ...position }: Position): object {
  return path === undefined ? position : { ...position, file: path };
}

/** An answer as a line of JSON. */
export function answerJson({ frames, candidates, ...answer }: Answer): string {
  return `${toJson({
    ...answer,
    frames: frames.map(recorded),
    candidates: candidates.map((each) => ({ ...recorded(each), frames: each.frames.map(recorded) })),
  })}\n`;
}

/** What the input is, where that is not what it says itself. */
function headline({ input, symbol, offset = 0, size, candidates }: Answer): string {
  if (symbol === undefined || size === undefined || candidates.length > 0 || input.startsWith(symbol)) return input;
  return `${input} is ${symbol}+${hex(offset)}/${hex(size)}`;
}

/** With what can be asked for instead: the symbol with its size, or where it is. */
function candidateLines({ symbol, address, place, size, frames }: Candidate, offset: number): string[] {
  const where = address === undefined ? (place ?? '') : hex(address);
  const head = `  one of ${symbol}+${hex(offset)}/${hex(size)}${where === '' ? '' : ` at ${where}`}`;
  return [head, ...frames.map((frame) => `    ${frameLine(frame)}`)];
}

const isMangled = ({ function: name }: AnswerFrame): boolean => /^_[RZ]/.test(name);

/** An answer with the names of Rust and C++ as in the source. What demangles is loaded only if there is such a name. */
async function demangled(answer: Answer): Promise<Answer> {
  if (!answer.frames.some(isMangled)) return answer;
  const { demangle } = await import('../../util/demangle/demangle.ts');
  return { ...answer, frames: answer.frames.map((frame) => ({ ...frame, function: demangle(frame.function) })) };
}

/** An answer as a stack is printed: the innermost function first. */
export async function answerText(given: Answer): Promise<string> {
  const answer = await demangled(given);
  const { frames, candidates, notes = [], problem } = answer;
  // That several functions are inlined alike is no news to who looks for a line.
  const several = frames.length > 0 ? [] : candidates.flatMap((each) => candidateLines(each, answer.offset ?? 0));
  const lines = [
    headline(answer),
    ...frames.map((frame) => `  ${frameLine(frame)}`),
    ...several,
    ...notes.map((note) => `  (${note})`),
    ...(problem === undefined ? [] : [`  ?? ${problem}`]),
  ];
  return `${lines.map((line) => printable(line)).join('\n')}\n`;
}
