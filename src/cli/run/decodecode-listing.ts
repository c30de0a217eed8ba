import { type DecodedCode, disassembleCode } from '../../code/code-dump.ts';
import { type CodeLine, codeLineOf } from '../../decode/code-lines.ts';
import { printable } from '../../report/escape.ts';
import { type CodeListing, decodecodeText, type ListedInstruction } from '../../report/text/decodecode.ts';

/** What is known of a `Code:` line's code from elsewhere. */
export interface ListingOptions {
  /** As reports name it; default: as the line looks. */
  readonly architecture?: string;
  /** Of the marked instruction. */
  readonly pc?: bigint;
}

/** A `Code:` line disassembled. */
export interface DecodedCodeLine {
  readonly architecture: string;
  readonly code: DecodedCode;
  readonly text: string;
}

/** Disassembles a `Code:` line; a string says why it cannot be done. */
export async function decodeCodeLine(line: CodeLine, options: ListingOptions = {}): Promise<DecodedCodeLine | string> {
  const { dump } = line;
  if (dump === undefined) return 'the kernel could not read the code';
  const architecture = options.architecture ?? line.architecture;
  if (architecture === undefined) return 'there is no disassembler for code that looks like this (--arch)';
  if ((dump.unitSize === 4) !== (architecture === 'arm64') || (dump.unitSize !== 4 && dump.unitSize !== 1))
    return `this is no code of ${architecture}`;
  const { pc } = options;
  const code = await disassembleCode(dump, architecture, pc === undefined ? {} : { address: pc });
  if (code === undefined) return `there is no disassembler for ${architecture}`;
  return { architecture, code, text: decodecodeText(await listingOf(line, code, architecture, pc)) };
}

/**
 * What a `Code:` line of a log becomes: itself with the disassembly below, as decode_stacktrace.sh has it from
 * decodecode; undefined where it stays as it is. `machine` is what the kernel is for, if that is known.
 */
export async function decodedInPlace(line: string, machine: string | undefined): Promise<string | undefined> {
  const code = codeLineOf(line);
  if (code === undefined) return undefined;
  const decoded = await decodeCodeLine(
    code,
    machine === undefined || machine === 'unknown' ? {} : { architecture: machine },
  );
  if (typeof decoded === 'string') return undefined;
  // The line itself keeps all its bytes, and its line end is that of the last line.
  const listing = decoded.text.slice(decoded.text.indexOf('\n') + 1).trimEnd();
  const end = line.endsWith('\r') ? '\r' : '';
  return [line.replace(/\r$/, ''), ...listing.split('\n')].join(`${end}\n`) + end;
}

async function listingOf(
  { text, dump }: CodeLine,
  code: DecodedCode,
  architecture: string,
  pc: bigint | undefined,
): Promise<CodeListing> {
  const head = printable(text.trim());
  const start = pc === undefined ? 0n : pc - BigInt(code.markedByte);
  const all = listed(code, start);
  if (dump === undefined || dump.marked === undefined) return { head, all, fromMark: [] };
  // The script disassembles this part once more, at address 0.
  const units = dump.units.slice(dump.marked);
  const part = await disassembleCode({ ...dump, units, marked: 0 }, architecture);
  const fromMark = part === undefined ? [] : listed(part, 0n).map(({ marked: _marked, ...each }) => each);
  return { head, all, fromMark };
}

function listed({ lines, markedByte }: DecodedCode, start: bigint): ListedInstruction[] {
  return lines.map(({ line: { offset, bytes, text, marked } }) => ({
    address: BigInt.asUintN(64, start + BigInt(offset + markedByte)),
    bytes,
    text,
    ...(marked && { marked }),
  }));
}
