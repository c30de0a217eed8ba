import { stat } from 'node:fs/promises';
import { byRunName } from '../../compare/compare.ts';
import { documentForm, readDocument } from '../../compare/read-document.ts';
import { type ComparableFile, RunBuilder } from '../../compare/run.ts';
import type { ComparedRun } from '../../model/comparison.ts';
import { KtriageError } from '../../util/errors.ts';
import type { Engine } from '../engine.ts';
import { readStart, readWhole } from './read-whole.ts';

/** Bytes of a document: a run of some ten thousand reports. */
const maxDocument = 256 * 1024 * 1024;

export interface LoadOptions {
  readonly engine: Engine;
  readonly signal?: AbortSignal;
  /** Told of documents that were passed over, and if `verbose` of all that was. */
  readonly note: (text: string) => void;
  readonly verbose: boolean;
  /** What `-` stands for. */
  readonly stdin?: NodeJS.ReadableStream;
}

/**
 * The runs that arguments stand for: each file is one, the document of a run or a log; a folder, or a pattern, as many as
 * it has, in the order of their names. What is named and is none is an error, what lies in a folder beside them is not.
 * @throws KtriageError KT-INPUT-*, KT-BASELINE.
 */
export async function loadRuns(args: readonly string[], options: LoadOptions): Promise<ComparedRun[]> {
  const runs: ComparedRun[] = [];
  for (const argument of args) {
    const paths = [...(await options.engine.expandInputs([argument]))].sort(byRunName);
    const named = paths.length === 1 && !(await isFolder(argument));
    const found: ComparedRun[] = [];
    for (const path of paths) {
      const builder = new RunBuilder(path);
      const held = await addInput(builder, path, options, named);
      if (isRun(held)) found.push(builder.build());
      // A baseline that is none would make all new, or nothing gone.
      else if (named) throw nothingIn(path, held);
    }
    if (found.length === 0) throw nothingIn(argument);
    runs.push(...found);
  }
  return runs;
}

/** All that arguments stand for as one run. */
export async function loadRun(args: readonly string[], options: LoadOptions): Promise<ComparedRun> {
  const builder = new RunBuilder(args.join(' '));
  for (const argument of args) {
    const paths = await options.engine.expandInputs([argument]);
    const named = paths.length === 1 && !(await isFolder(argument));
    let found = false;
    for (const path of paths) {
      const held = await addInput(builder, path, options, named);
      if (isRun(held)) found = true;
      if (held === 'a run') continue;
      if (held === 'a run of no input') builder.doubt(`${path} is of no input`);
      // As analyze has it: what no kernel wrote says nothing of one.
      else builder.doubt(held === 'nothing' ? `${path} is empty` : `nothing in ${path} was printed by a kernel`);
    }
    if (!found && !named) throw nothingIn(argument);
  }
  return builder.build();
}

async function isFolder(path: string): Promise<boolean> {
  const facts = path === '-' ? undefined : await stat(path).catch(() => undefined);
  return facts?.isDirectory() === true;
}

function refuse(path: string, why: string): KtriageError {
  return new KtriageError(
    'KT-BASELINE',
    `cannot compare with ${path}`,
    why,
    'name a log, or what ktriage analyze --format json printed; of a first run leave --baseline out',
  );
}

/** What an input turned out to hold. */
type Held = 'a run' | 'a run of no input' | 'nothing' | 'something else';

/** A first run begins with a document that has no inputs. */
const isRun = (held: Held): boolean => held === 'a run' || held === 'a run of no input';

const nothingIn = (argument: string, held: Held = 'something else'): KtriageError =>
  refuse(
    argument,
    held === 'nothing' ? 'it is empty' : 'nothing in it is a log of a kernel, or a document of ktriage analyze',
  );

/** Adds a log or a document; what was not named may be neither. */
async function addInput(builder: RunBuilder, path: string, options: LoadOptions, named: boolean): Promise<Held> {
  const { engine, signal, note, verbose, stdin } = options;
  const form = path === '-' ? undefined : documentForm(await readStart(path, 512, signal));
  if (form === undefined) {
    const result = await engine.analyzeFile(path, {
      findings: false,
      ...(signal && { signal }),
      ...(path === '-' && stdin && { stdin }),
    });
    if (!result.input.kernelLines) {
      if (!named && verbose)
        note(`${path} is no document of ktriage's, and nothing in it was printed by a kernel: passed over`);
      return result.input.bytes === 0 ? 'nothing' : 'something else';
    }
    builder.add(result);
    return 'a run';
  }
  const files = await readFiles(path, form, signal).catch((error: unknown) => {
    if (named || !(error instanceof KtriageError)) throw error;
    note(`${error.message}: ${error.why}: passed over`);
    return undefined;
  });
  for (const file of files ?? []) builder.add(file);
  if (files === undefined) return 'something else';
  return files.length === 0 ? 'a run of no input' : 'a run';
}

async function readFiles(path: string, form: string, signal: AbortSignal | undefined): Promise<ComparableFile[]> {
  if (form !== 'ktriage/report/v1') throw refuse(path, `it is a ${form}, and no ktriage/report/v1`);
  const source = await readWhole(path, maxDocument, signal);
  try {
    const files = readDocument(source);
    if (files !== undefined) return files;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refuse(path, `it is no valid JSON, or was not written to its end: ${error.message}`);
  }
  throw refuse(path, 'it says that it is a ktriage/report/v1, and has no files');
}
