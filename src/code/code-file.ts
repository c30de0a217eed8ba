import { sectionFlag } from '../elf/constants.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import type { CodeDifference } from '../model/explanation.ts';
import type { CodeDump } from '../model/report.ts';
import type { PatchSite } from '../symbols/patch-tables.ts';
import { codeBytes, hexBytes } from './code-bytes.ts';
import type { CodeFile } from './code-references.ts';
import type { Disassembler } from './instruction.ts';
import { type CodePiece, shapeOf } from './patch-shapes.ts';
import { PatchSites } from './patch-sites.ts';
import { relocatedBytes } from './relocated-bytes.ts';

/** Where the code of a dump is in a file. */
export interface CodePlace {
  /** A vmlinux or module. */
  readonly file: CodeFile;
  /** Of the marked instruction, as `elf/address.ts` has addresses. */
  readonly address: number;
  /** How far the kernel was moved, if it is known. */
  readonly kaslrOffset?: bigint;
}

/** A dump against the file that its code was loaded from. */
export interface FileComparison {
  /** Bytes from the marked instruction to the first of the dump's instructions, by the file: 0 or less. */
  readonly boundary?: number;
  readonly differences: readonly CodeDifference[];
  /** False if most of it differs: then it is other code, and differences say nothing. */
  readonly isSameCode: boolean;
}

/** Functions are rarely longer; farther from a symbol, boundaries are not sought. */
const maxFunctionBytes = 262_144;
/** KASLR moves x86 kernels by multiples of this (CONFIG_PHYSICAL_ALIGN), and by less than 1 GiB. */
const moveStep = 0x20_0000;
const maxMove = 0x4000_0000;

/**
 * Compares the bytes of a dump with the file's. What the kernel's move and a module's relocations change is no
 * difference. Undefined if nothing is marked, or the file has no code there.
 * @throws KtriageError KT-ELF-*
 */
export function compareWithFile(
  dump: CodeDump,
  place: CodePlace,
  disassembler: Disassembler,
): FileComparison | undefined {
  const code = codeBytes(dump);
  if (code?.marked === undefined) return undefined;
  const { file: codeFile, address } = place;
  const { elf } = codeFile;
  const section = elf.sectionAt(address);
  if (section === undefined || !elf.hasContents(section) || (section.flags & sectionFlag.execute) === 0)
    return undefined;
  const start = Math.max(address - code.marked, section.address);
  const end = Math.min(address - code.marked + code.bytes.length, section.address + section.size);
  const log = code.bytes.subarray(start - (address - code.marked), end - (address - code.marked));
  const pieces = codePieces(codeFile, section, start, end, disassembler);
  if (pieces === undefined) return undefined;
  const file = elf.data(section).read(start - section.address, end - start);
  const mask = relocatedBytes(elf, section, start - section.address, file.length);
  const changed: CodePiece[] = [];
  for (const piece of pieces) {
    const [from, to] = [piece.start - start, piece.end - start];
    const each: CodePiece = { ...piece, log: log.subarray(from, to), file: file.subarray(from, to) };
    if (!differs(each, mask.subarray(from, to)) || isMoved(each, place, disassembler)) continue;
    changed.push(each);
  }
  const first = pieces.find((piece) => piece.start <= address);
  const isBoundary = pieces.some((piece) => piece.start === address);
  const sites = new PatchSites(codeFile, start, end);
  const differences = grouped(changed, sites, disassembler, address);
  const unknown = differences.filter(({ cause }) => cause === 'unknown').reduce((sum, each) => sum + size(each), 0);
  return {
    ...(isBoundary && first !== undefined && { boundary: first.start - address }),
    differences,
    isSameCode: unknown * 2 <= log.length,
  };
}

const size = ({ log }: CodeDifference): number => log.split(' ').length;

/**
 * The file's instructions that begin in a range, the last one cut where the range ends; undefined if where they begin
 * is not known.
 */
function codePieces(
  codeFile: CodeFile,
  section: SectionHeader,
  start: number,
  end: number,
  disassembler: Disassembler,
): CodePiece[] | undefined {
  const { elf } = codeFile;
  let symbol = codeFile.symbolAt(start);
  let base = symbol === undefined ? section.address : Math.max(symbol.address, section.address);
  if (start - base > maxFunctionBytes) return undefined;
  const first = base;
  const bytes = elf.data(section).read(first - section.address, end - first + disassembler.maxLength);
  const pieces: CodePiece[] = [];
  for (let at = 0; first + at < end; ) {
    // What fills the space between functions may look like an instruction that reaches into the next one.
    const limit = symbol === undefined || symbol.size <= 0 ? Number.POSITIVE_INFINITY : symbol.address + symbol.size;
    const length = disassembler.lengthAt?.(bytes, at) ?? disassembler.decode(bytes, at, 0n)?.length ?? 1;
    const place = first + at;
    const next = Math.max(place + 1, Math.min(limit, place + Math.max(1, length)));
    if (place >= start)
      pieces.push({
        start: place,
        end: Math.min(end, next),
        function: base,
        isCut: next > end,
        log: noBytes,
        file: noBytes,
      });
    at = next - first;
    if (next < limit) continue;
    symbol = codeFile.symbolAt(next);
    base = symbol?.address ?? next;
  }
  return pieces;
}

const noBytes = new Uint8Array(0);

function differs({ log, file }: CodePiece, mask: Uint8Array): boolean {
  return file.some((byte, at) => byte !== log[at] && mask[at] !== 1);
}

/**
 * True if all that differs is an address in the instruction, by as much as the kernel was moved. Offsets of per-cpu
 * variables from the instruction differ by as much the other way.
 */
function isMoved(
  { log, file }: CodePiece,
  { file: { elf }, kaslrOffset }: CodePlace,
  { architecture }: Disassembler,
): boolean {
  if (architecture === 'arm64' || elf.type === 'rel' || log.length < 4) return false;
  const differing = Array.from(file.keys()).filter((at) => file[at] !== log[at]);
  const [first = 0] = differing;
  const last = differing.at(-1) ?? 0;
  const before = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const after = new DataView(log.buffer, log.byteOffset, log.byteLength);
  for (let at = Math.max(0, last - 3); at <= Math.min(first, log.length - 4); at++) {
    const move = (after.getUint32(at, true) - before.getUint32(at, true)) | 0;
    const distance = Math.abs(move);
    if (kaslrOffset !== undefined ? BigInt(distance) === kaslrOffset : distance % moveStep === 0 && distance < maxMove)
      return true;
  }
  return false;
}

/** Differences with their causes: one for what lies together and has one cause. */
function grouped(
  changed: readonly CodePiece[],
  sites: PatchSites,
  disassembler: Disassembler,
  marked: number,
): CodeDifference[] {
  const found: {
    pieces: CodePiece[];
    readonly cause: CodeDifference['cause'];
    readonly site: PatchSite | undefined;
  }[] = [];
  for (const piece of changed) {
    // Every function begins with ftrace's place, which its bytes tell: to find it in the kernel's tables all are gone
    // through.
    const byShape = shapeOf(piece, undefined, disassembler);
    const site = byShape === 'ftrace' ? undefined : sites.within(piece.start, piece.end);
    const cause = byShape === 'ftrace' ? byShape : shapeOf(piece, site?.cause, disassembler);
    // What of it would tell is not in the log.
    if (piece.isCut && cause === 'unknown') continue;
    const last = found.at(-1);
    const joins = last?.cause === cause && last.site === site && last.pieces.at(-1)?.end === piece.start;
    if (last !== undefined && joins) last.pieces.push(piece);
    else found.push({ pieces: [piece], cause, site });
  }
  return found.map(({ pieces, cause }) => ({
    offset: (pieces[0]?.start ?? marked) - marked,
    log: pieces.map(({ log }) => hexBytes(log)).join(' '),
    file: pieces.map(({ file }) => hexBytes(file)).join(' '),
    cause,
  }));
}
