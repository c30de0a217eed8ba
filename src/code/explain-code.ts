import { toBigAddress } from '../elf/address.ts';
import type { Disassembly } from '../model/explanation.ts';
import type { CodeDump, CrashReport, Frame } from '../model/report.ts';
import type { CodeLocation, CodeLocations } from '../symbols/code-locations.ts';
import { callersOf } from './caller-code.ts';
import { type DecodedCode, disassembleDump } from './code-dump.ts';
import { compareWithFile, type FileComparison } from './code-file.ts';
import { trapCode } from './explain-instruction.ts';
import { type FaultCode, faultIn } from './fault-code.ts';
import { textOfDump } from './function-text.ts';
import type { Disassembler } from './instruction.ts';

/** What is known of the code of a report. */
export interface ExplainedCode {
  readonly disassembly: readonly Disassembly[];
  /** The code that the registers belong to. */
  readonly decoded?: DecodedCode;
  readonly fault?: FaultCode;
  /** Where the trap's instruction is in a file. */
  readonly location?: CodeLocation;
}

/** More lines of code of one report are not disassembled. */
const mostDumps = 8;

/**
 * Disassembles the code of a report, and finds the function around the instruction that it is about.
 * @throws KtriageError KT-ELF-*
 */
export function explainCode(
  report: CrashReport,
  disassembler: Disassembler,
  locations: CodeLocations | undefined,
): ExplainedCode {
  const trap = trapCode(report);
  const disassembly: Disassembly[] = [];
  let trapped: { readonly decoded: DecodedCode; readonly comparison: FileComparison | undefined } | undefined;
  const ip = trapFrame(report);
  const location = locations && trapLocation(report, locations, disassembler);
  for (const [code, dump] of (report.code ?? []).slice(0, mostDumps).entries()) {
    const comparison =
      dump === trap && location !== undefined ? compare(dump, location, locations, disassembler) : undefined;
    const same = comparison?.isSameCode === true ? comparison : undefined;
    const boundary = same?.boundary ?? (dump === trap && ip?.offset !== undefined ? -ip.offset : undefined);
    const decoded = disassembleDump(dump, disassembler, boundary === undefined ? {} : { boundary });
    if (decoded === undefined) continue;
    if (dump === trap) trapped = { decoded, comparison };
    disassembly.push({
      code,
      lines: decoded.lines.map(({ line }) => line),
      skippedBytes: decoded.skippedBytes,
      ...(same !== undefined && { differences: same.differences }),
    });
  }
  const isOther = trapped?.comparison?.isSameCode === false;
  const inFile =
    location === undefined || isOther || !(location.isSure || trapped?.comparison?.isSameCode === true)
      ? undefined
      : faultIn(location, disassembler);
  const fault =
    inFile ??
    (trapped &&
      faultInDump(trapped.decoded, disassembler, ip, isOther || location?.isSure !== true ? undefined : location));
  return {
    disassembly,
    ...(trapped && { decoded: trapped.decoded }),
    ...(fault && { fault }),
    ...(location && { location }),
  };
}

/** The frame of the instruction that the registers belong to. */
export function trapFrame(report: CrashReport): Frame | undefined {
  const set = report.registers?.find(({ mode }) => mode === 'kernel');
  return set?.ip;
}

/** Where the trap's instruction is. Of functions that cannot be told apart it is the one that the caller calls. */
export function trapLocation(
  report: CrashReport,
  locations: CodeLocations,
  disassembler: Disassembler,
): CodeLocation | undefined {
  const ip = trapFrame(report);
  const places = ip === undefined ? [] : locations.locate(ip);
  if (places.length < 2) return places[0];
  const [caller] = callersOf(report, locations, disassembler, ip);
  const { target, location: from } = caller?.call ?? {};
  const start = (place: CodeLocation): number => place.address - (ip?.offset ?? 0);
  return target === undefined
    ? undefined
    : places.find((place) => place.image === from?.image && start(place) === target);
}

function compare(
  dump: CodeDump,
  { image, address }: CodeLocation,
  locations: CodeLocations | undefined,
  disassembler: Disassembler,
): FileComparison | undefined {
  const kaslrOffset = locations?.kaslrOffset;
  const place = { file: image, address, ...(kaslrOffset !== undefined && { kaslrOffset }) };
  return compareWithFile(dump, place, disassembler);
}

/**
 * What the log has of the function.
 * @param location where the marked instruction is in a file that has the debug information, but not the code: then
 * addresses are those of the file, else they count from the dump's first byte.
 */
function faultInDump(
  { lines, marked, skippedBytes, markedByte }: DecodedCode,
  { architecture }: Disassembler,
  ip: Frame | undefined,
  location: CodeLocation | undefined,
): FaultCode | undefined {
  // Where instructions begin may be a guess, but just before the marked one it is right nearly always.
  if (marked === undefined) return undefined;
  const { offset, function: name } = ip ?? {};
  const from = offset === undefined ? 0 : lines.findIndex(({ line }) => line.offset === -offset);
  let address = BigInt(skippedBytes);
  if (location !== undefined) address += toBigAddress(location.address) - BigInt(markedByte);
  const instructions = lines.map(({ instruction }) => {
    const placed = { address, instruction };
    address += BigInt(instruction.length);
    return placed;
  });
  const start = Math.max(from, 0);
  return {
    text: textOfDump(architecture, instructions.slice(start), from >= 0 && offset !== undefined, name),
    fault: marked - start,
    ...(location !== undefined && { location }),
  };
}
