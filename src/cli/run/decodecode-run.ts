import { type CodeLine, CodeLineFinder } from '../../decode/code-lines.ts';
import { openInput } from '../../io/input.ts';
import { printable } from '../../report/escape.ts';
import { noteText, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { type ByteOutput, openOutputFile, StreamOutput } from '../output.ts';
import type { Session } from '../session.ts';
import { type DecodedCodeLine, decodeCodeLine, type ListingOptions } from './decodecode-listing.ts';
import { linesOf } from './text-lines.ts';

export interface DecodecodeFlags extends ListingOptions {
  readonly format: 'text' | 'json';
  readonly output?: string;
}

/** Of so many `Code:` lines it is known that they were printed: oopses repeat theirs behind the trace's end. */
const maxKnown = 1024;
/** More of what cannot be disassembled is not told. */
const maxNotes = 16;

/**
 * `ktriage decodecode`: the `Code:` lines of logs, disassembled. Returns the exit code: 0 if there was one and all were
 * disassembled, 3 if not.
 */
export async function runDecodecode(
  files: readonly string[],
  flags: DecodecodeFlags,
  session: Session,
): Promise<number> {
  const { format, output: outputFile } = flags;
  const options = optionsOf(flags, session);
  const interrupt = watchInterrupts();
  const { signal } = interrupt;
  const inputs = files.length === 0 ? ['-'] : files;
  let output: ByteOutput | undefined;
  try {
    output = await (outputFile === undefined || outputFile === '-'
      ? new StreamOutput(session.stdout)
      : openOutputFile(outputFile, inputs));
    const printer = new Printer(format, output, session);
    for (const path of inputs) {
      const finder = new CodeLineFinder();
      const input = await openInput(path, { signal, stdin: session.stdin });
      try {
        for await (const line of linesOf(input)) {
          const found = finder.push(line);
          if (found !== undefined) await printer.print(found, await decodeCodeLine(found, options));
          if (output.closed) break;
        }
        const last = finder.end();
        if (last !== undefined) await printer.print(last, await decodeCodeLine(last, options));
      } finally {
        await input.close();
      }
      if (output.closed) break;
    }
    await printer.end();
    await output.end();
    return printer.complete ? exitCodes.clean : exitCodes.unvouched;
  } catch (error) {
    if (!signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    interrupt.dispose();
  }
}

/** The script takes these from the environment. */
function optionsOf({ architecture, pc }: DecodecodeFlags, { env }: Session): ListingOptions {
  const named = architecture ?? fromEnvironment(env.ARCH, env.AFLAGS);
  const address = pc ?? pcOf(env.PC);
  return { ...(named !== undefined && { architecture: named }), ...(address !== undefined && { pc: address }) };
}

/** ARCH as the kernel's Makefile has it: `x86` is of both widths, and AFLAGS=--32 tells which. */
function fromEnvironment(arch: string | undefined, flags: string | undefined): string | undefined {
  const is32 = flags?.split(/\s+/).includes('--32') === true;
  switch (arch) {
    case undefined:
    case '':
      return is32 ? 'i386' : undefined;
    case 'x86':
    case 'x86_64':
    case 'amd64':
      return is32 ? 'i386' : 'x86_64';
    case 'aarch64':
      return 'arm64';
    default:
      return arch;
  }
}

function pcOf(text: string | undefined): bigint | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^(?:0x)?[0-9a-f]{1,16}$/i.test(text)) return BigInt(`0x${text.replace(/^0x/i, '')}`);
  throw usageError(
    `PC=${text} is no address`,
    'the environment has it, as for scripts/decodecode',
    'give it in hex: PC=0xffffffff81234567, or --pc',
  );
}

/** Prints what was disassembled, and remembers how it went. */
class Printer {
  readonly #format: 'text' | 'json';
  readonly #output: ByteOutput;
  readonly #session: Session;
  readonly #known = new Set<string>();
  #printed = 0;
  #refused = 0;
  #notes = 0;

  constructor(format: 'text' | 'json', output: ByteOutput, session: Session) {
    this.#format = format;
    this.#output = output;
    this.#session = session;
  }

  get complete(): boolean {
    return this.#printed > 0 && this.#refused === 0;
  }

  async print(found: CodeLine, decoded: DecodedCodeLine | string): Promise<void> {
    const { dump } = found;
    if (typeof decoded === 'string') {
      // Where the kernel could not read it, there is nothing that is not done.
      if (dump !== undefined) this.#refused++;
      this.#note(found, decoded);
      return;
    }
    const key = `${dump?.marked} ${dump?.units.join('')}`;
    if (this.#known.has(key)) return;
    if (this.#known.size < maxKnown) this.#known.add(key);
    const isFirst = this.#printed === 0;
    this.#printed++;
    if (this.#format === 'text') await this.#output.write(`${isFirst ? '' : '\n'}${decoded.text}`);
    else await this.#output.write(`${isFirst ? '[\n' : ',\n'}${JSON.stringify(jsonOf(found, decoded))}`);
  }

  async end(): Promise<void> {
    if (this.#format === 'json') await this.#output.write(this.#printed === 0 ? '[]\n' : '\n]\n');
    if (this.#printed + this.#notes === 0) this.#session.stderr.write('note: there is no Code: line\n');
  }

  #note({ line, text }: CodeLine, why: string): void {
    this.#notes++;
    if (this.#notes > maxNotes) return;
    this.#session.stderr.write(noteText(`line ${line} is left out: ${why}: ${text.trim().slice(-60)}`));
  }
}

function jsonOf({ line, text, dump }: CodeLine, { architecture, code }: DecodedCodeLine): unknown {
  return {
    line,
    text: printable(text.trim()),
    architecture,
    units: dump?.units,
    skippedBytes: code.skippedBytes,
    instructions: code.lines.map((each) => each.line),
  };
}
