import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { Answerer, type AnswerOptions } from '../../symbols/answer.ts';
import { debuginfodCachePath } from '../../symbols/places.ts';
import { joinWords } from '../../symbols/query.ts';
import { cacheOption } from '../cache-folder.ts';
import { noteText } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { StreamOutput } from '../output.ts';
import { releaseOption } from '../release.ts';
import type { Session } from '../session.ts';
import type { SymbolFlags } from '../symbol-flags.ts';
import type { DebuginfodFileOptions } from './debuginfod-options.ts';
import { answerJson, answerText } from './symbolize-text.ts';

export interface SymbolizeFlags extends SymbolFlags {
  /** The file of the module that is asked about. */
  readonly module?: string;
  readonly moduleBase?: bigint;
  /** What addresses are offsets in. */
  readonly section?: string;
  /** The kernel whose files are sought where none is named; the running one by default. */
  readonly release?: string;
  readonly returnAddresses: boolean;
  readonly verbose?: boolean;
  readonly format: 'text' | 'jsonl';
}

/** What gives answers: files with debug information, or a System.map. */
type Answering = Pick<Answerer, 'answer' | 'problems' | 'close'> & Partial<Pick<Answerer, 'answers'>>;

/** Answers from a System.map, if that is all that was named. */
async function mapOnly({ systemMap, module }: SymbolizeFlags, options: AnswerOptions): Promise<Answering | undefined> {
  if (systemMap === undefined || module !== undefined || options.vmlinux !== undefined) return undefined;
  const { MapAnswerer } = await import('../../symbols/map-answer.ts');
  return new MapAnswerer({ ...options, systemMap });
}

/** More of what is wrong with files is not told. */
const maxNotes = 8;

/** `ktriage symbolize`: symbols and addresses of the command line, or of standard input. Returns the exit code. */
export async function runSymbolize(words: readonly string[], flags: SymbolizeFlags, session: Session): Promise<number> {
  const { format, verbose = false, ...given } = flags;
  const named = releaseOption(given.release);
  const { file, rest } = takeFile(words, flags);
  const interrupt = watchInterrupts();
  const { signal } = interrupt;
  let answerer: Answering | undefined;
  try {
    const options: AnswerOptions = {
      ...given,
      ...(file !== undefined && { vmlinux: file }),
      ...(await servers(given, session)),
      ...cacheOption(given, session),
      home: session.home,
      release: named.release ?? release(),
      signal,
      ...(verbose && { onTried: (await import('./source-options.ts')).tellTried(session) }),
    };
    answerer = (await mapOnly(flags, options)) ?? new Answerer(options);
    const complete = await answerAll(answerer, inputsOf(rest, session, signal), format, session);
    for (const problem of answerer.problems.slice(0, maxNotes)) session.stderr.write(noteText(problem));
    if (signal.aborted) return exitCodes.interrupted;
    return complete ? exitCodes.clean : exitCodes.unvouched;
  } catch (error) {
    // Somebody had enough of it.
    if (signal.aborted || (error instanceof DOMException && error.name === 'AbortError')) return exitCodes.interrupted;
    throw error;
  } finally {
    answerer?.close();
    interrupt.dispose();
  }
}

/** What knows of servers and of progress is loaded only if there are servers: scripts call this for each address. */
async function servers(flags: SymbolFlags, session: Session): Promise<DebuginfodFileOptions> {
  if (flags.debuginfodServers === undefined) return { debuginfodCache: debuginfodCachePath(session.env, session.home) };
  const { debuginfodOptions } = await import('./debuginfod-options.ts');
  return debuginfodOptions(flags, session);
}

/** Prints the answers to all inputs; true if there is one to each. */
async function answerAll(
  answerer: Answering,
  batches: AsyncIterable<readonly string[]>,
  format: SymbolizeFlags['format'],
  session: Session,
): Promise<boolean> {
  const output = new StreamOutput(session.stdout);
  let complete = true;
  for await (const inputs of batches) {
    for await (const answers of answerer.answers?.(inputs) ?? [answerer.answer(inputs)]) {
      if (answers.some((answer) => answer.problem !== undefined)) complete = false;
      const lines: string[] = [];
      for (const each of answers) lines.push(format === 'jsonl' ? answerJson(each) : await answerText(each));
      await output.write(lines.join(''));
      if (output.closed) break;
    }
    if (output.closed) break;
  }
  await output.end();
  return complete;
}

/** The inputs of a call: the words, and the lines of standard input where there is `-`, or no word. */
async function* inputsOf(
  words: readonly string[],
  session: Session,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const dash = words.indexOf('-');
  if (words.length > 0 && dash < 0) {
    yield joinWords(words);
    return;
  }
  if (dash > 0) yield joinWords(words.slice(0, dash));
  const { stdin } = session;
  if (stdin.isTTY === true)
    session.stderr.write('note: symbols and addresses are read from the terminal, one a line; Ctrl-D ends it\n');
  const stop = (): void => void stdin.destroy();
  signal.addEventListener('abort', stop);
  try {
    const { batchesOf } = await import('./line-batches.ts');
    yield* batchesOf(stdin);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const rest = words.slice(dash + 1).filter((word) => word !== '-');
  if (dash >= 0 && rest.length > 0) yield joinWords(rest);
}

/** The first word, where that is the file to ask about: `faddr2line vmlinux vfs_write+0xc7`. */
function takeFile(
  words: readonly string[],
  { vmlinux, module }: SymbolizeFlags,
): { readonly file?: string; readonly rest: readonly string[] } {
  const [first, ...rest] = words;
  if (first === undefined || vmlinux !== undefined || module !== undefined || !isElf(first)) return { rest: words };
  return { file: first, rest };
}

function isElf(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    const start = Buffer.alloc(4);
    const file = openSync(path, 'r');
    try {
      return readSync(file, start) === start.length && start.toString('latin1') === '\x7fELF';
    } finally {
      closeSync(file);
    }
  } catch {
    // Then it is none.
    return false;
  }
}
