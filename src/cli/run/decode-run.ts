import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LogDecoder } from '../../decode/log-decoder.ts';
import type { DecodeProblem } from '../../decode/problem.ts';
import { streamChunks } from '../../io/byte-source.ts';
import { openInput } from '../../io/input.ts';
import { printable } from '../../report/escape.ts';
import { assertNever, KtriageError } from '../../util/errors.ts';
import { cacheOption } from '../cache-folder.ts';
import { errorText, noteText, usageError, warningText } from '../errors.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { type ByteOutput, openOutputFile, StreamOutput } from '../output.ts';
import { releaseOption } from '../release.ts';
import type { Session } from '../session.ts';
import type { SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { tellTried } from './source-options.ts';

/** The arguments of decode_stacktrace.sh. */
export interface DecodeArguments {
  readonly vmlinux: string | undefined;
  readonly basePath: string | undefined;
  readonly modulesPath: string | undefined;
}

export interface DecodeFlags extends SymbolFlags {
  readonly release?: string;
  /** Look up return addresses as they are. */
  readonly asPrinted: boolean;
  /** Logs; standard input if there are none. */
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly verbose: boolean;
}

/** `ktriage decode`: a log with source positions in place of symbols. Returns the exit code. */
export async function runDecode(given: DecodeArguments, flags: DecodeFlags, session: Session): Promise<number> {
  const { asPrinted, inputs, output: outputFile, verbose, release, ...symbols } = flags;
  const files = namedFiles(given, flags);
  const named = releaseOption(release);
  let code: ExitCode = exitCodes.clean;
  const interrupt = watchInterrupts();
  const { signal } = interrupt;
  let decoder: LogDecoder | undefined;
  let output: ByteOutput | undefined;
  try {
    decoder = await openDecoder(given, {
      ...symbols,
      ...(await debuginfodOptions(flags, session)),
      ...cacheOption(flags, session),
      ...files,
      ...named,
      ...(given.basePath !== undefined && given.basePath !== 'auto' && { basePath: given.basePath.replace(/\/$/, '') }),
      home: session.home,
      asPrinted,
      signal,
      decodeCode: async (line, machine) => (await import('./decodecode-listing.ts')).decodedInPlace(line, machine),
      ...(verbose && { onTried: tellTried(session) }),
      onProblem: (problem) => {
        if (isUnvouched(problem)) code = exitCodes.unvouched;
        session.stderr.write(problemText(problem));
      },
    });
    output = await openOutput(outputFile, inputs, session);
    for (const input of inputs.length === 0 ? ['-'] : inputs) {
      for await (const chunk of await source(input, session, signal)) {
        await output.write(await decoder.push(chunk));
        if (output.closed) break;
      }
      await output.write(await decoder.end());
      if (output.closed) break;
    }
    await output.end();
  } catch (error) {
    if (!signal.aborted) throw error;
    // Nothing of a line that had no end yet is lost.
    if (decoder !== undefined) await output?.write(decoder.rest());
    return exitCodes.interrupted;
  } finally {
    interrupt.dispose();
    decoder?.close();
  }
  return code;
}

/** Where the vmlinux and the modules are. */
function namedFiles(
  { vmlinux, modulesPath }: DecodeArguments,
  flags: DecodeFlags,
): Pick<SymbolFlags, 'vmlinux' | 'modules'> {
  const help = 'see ktriage decode --help';
  if (vmlinux === '') throw usageError('the name of the vmlinux is empty', 'it was given as an empty argument', help);
  if (vmlinux !== undefined && flags.release !== undefined)
    throw usageError(`both ${vmlinux} and --release name a kernel`, 'one of them is the one to use', help);
  if (vmlinux !== undefined && flags.vmlinux !== undefined)
    throw usageError(`both ${vmlinux} and --vmlinux name a kernel`, 'one of them is the one to use', help);
  const named = vmlinux ?? flags.vmlinux;
  const modules = [
    ...(modulesPath === undefined || modulesPath === '' ? [] : [modulesPath]),
    ...(flags.modules ?? []),
    // As the script: those of a kernel that was built here lie below its vmlinux.
    ...(named === undefined ? [] : [dirname(named)]),
  ];
  return { ...(named !== undefined && { vmlinux: named }), ...(modules.length > 0 && { modules }) };
}

async function openDecoder(
  given: DecodeArguments,
  options: Parameters<typeof LogDecoder.open>[0],
): Promise<LogDecoder> {
  try {
    return await LogDecoder.open(options);
  } catch (error) {
    // Whoever comes from other commands names a log first.
    const { vmlinux } = given;
    if (!(error instanceof KtriageError) || error.code !== 'KT-ELF-NOT-ELF' || vmlinux === undefined) throw error;
    if (statSync(vmlinux, { throwIfNoEntry: false })?.size === 0) throw error;
    throw usageError(
      `${vmlinux} is no vmlinux`,
      'the first argument is the kernel with debug information, and the log comes from standard input',
      `if it is the log: ktriage decode -i ${vmlinux}`,
    );
  }
}

/** Standard input is passed on byte by byte, as soon as it comes; files may be compressed. */
async function source(input: string, session: Session, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  return input === '-' ? streamChunks(session.stdin, signal) : openInput(input, { signal });
}

async function openOutput(file: string | undefined, inputs: readonly string[], session: Session): Promise<ByteOutput> {
  if (file !== undefined && file !== '-') return openOutputFile(file, inputs);
  const output = new StreamOutput(session.stdout);
  return session.stdout.isTTY === true ? new TerminalSafe(output) : output;
}

/** What a log has in it must not act on a terminal; pipes and files get all bytes as they are. */
class TerminalSafe implements ByteOutput {
  readonly #output: ByteOutput;

  constructor(output: ByteOutput) {
    this.#output = output;
  }

  get closed(): boolean {
    return this.#output.closed;
  }

  async write(text: string | Uint8Array): Promise<void> {
    const lines = (typeof text === 'string' ? text : Buffer.from(text).toString('utf8')).split('\n');
    await this.#output.write(
      lines.map((line) => line.replace(/\r$/, '').split('\t').map(printable).join('\t')).join('\n'),
    );
  }

  end(): Promise<void> {
    return this.#output.end();
  }
}

/** True if lines may have stayed as they are for want of the kernel's own file. */
function isUnvouched(problem: DecodeProblem): boolean {
  switch (problem.type) {
    case 'no module':
    case 'forced':
    case 'other used':
    case 'map only':
      return false;
    case 'other build':
    case 'no lines':
    case 'no vmlinux':
    case 'unknown kernel':
    case 'damaged':
      return true;
    default:
      return assertNever(problem);
  }
}

function problemText(problem: DecodeProblem): string {
  switch (problem.type) {
    case 'other build':
      return errorText(
        new KtriageError(
          'KT-SYMBOLS-OTHER-BUILD',
          `${problem.path} is of another build than the log`,
          problem.reasons.join('; '),
          'lines of this kernel stay as they are; name its own vmlinux, or use this one with --force',
        ),
      );
    case 'forced':
      return warningText(`positions of ${problem.path} are UNVERIFIED (--force): ${problem.reasons.join('; ')}`);
    case 'other used':
      return warningText(
        `${problem.path} is of another build than the log's ${problem.release} (${problem.reasons.join('; ')}); ${problem.used} is used for that`,
      );
    case 'map only':
      return noteText(
        `${problem.path} has functions only, for addresses without a symbol: source lines need a vmlinux`,
      );
    case 'no lines':
      return errorText(
        new KtriageError(
          'KT-SYMBOLS-NO-DEBUG-INFO',
          `${problem.path} has symbols and no debug information`,
          [
            ...(problem.notFetched === undefined ? [] : [`debuginfod: ${problem.notFetched}`]),
            'addresses without a symbol get their functions, and there are no source lines',
          ].join('; '),
          ['name a vmlinux that was not stripped', ...problem.how.commands.slice(0, 1)].join(', or get it: '),
        ),
      );
    case 'no vmlinux':
      return errorText(
        new KtriageError(
          'KT-SYMBOLS-NO-VMLINUX',
          `there is no vmlinux of ${problem.release} with debug information`,
          [
            'it is at none of the usual places',
            ...(problem.notFetched === undefined ? [] : [`debuginfod: ${problem.notFetched}`]),
            'lines of this kernel stay as they are',
          ].join('; '),
          ['name it with ktriage decode VMLINUX', ...problem.how.commands.slice(0, 1)].join(', or get it: '),
        ),
      );
    case 'unknown kernel':
      return errorText(
        new KtriageError(
          'KT-SYMBOLS-NO-VMLINUX',
          'there is no vmlinux to look symbols up in',
          'none was named, and no line of the log says which kernel it is of',
          'name one: ktriage decode VMLINUX',
        ),
      );
    case 'no module':
      return noteText(`module ${problem.module}: ${problem.why}; its functions stay as they are`);
    case 'damaged':
      return errorText(
        new KtriageError(
          'KT-SYMBOLS-DAMAGED',
          `cannot look symbols up in ${problem.path}`,
          problem.why,
          'what it was needed for stays as it is; get the file again',
        ),
      );
    default:
      return assertNever(problem);
  }
}
