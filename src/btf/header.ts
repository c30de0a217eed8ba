import { btfError } from './errors.ts';
import { headerWithLayout, magic, shortestHeader, version } from './format.ts';

/** BTF of more bytes is not read: that of a kernel has 4 to 7 MiB, and the kernel itself takes 16 MiB at most. */
export const mostBytes = 67_108_864;

/** A part of BTF, in bytes from its start. */
export interface BtfRange {
  readonly start: number;
  readonly end: number;
}

/** Where the parts of BTF are, each within the bytes that there are. */
export interface BtfHeader {
  readonly littleEndian: boolean;
  readonly types: BtfRange;
  readonly strings: BtfRange;
  /** Missing before 7.1. */
  readonly layout?: BtfRange;
}

/** The parts of BTF. */
export interface BtfParts {
  readonly littleEndian: boolean;
  readonly types: Uint8Array;
  readonly strings: Uint8Array;
  /** What elements the kinds have that the one who wrote it knew; empty before 7.1. */
  readonly layout: Uint8Array;
}

/** @throws KtriageError KT-BTF-DAMAGED, KT-BTF-UNSUPPORTED */
export function readParts(file: string, bytes: Uint8Array): BtfParts {
  const { littleEndian, types, strings, layout } = readHeader(file, bytes, bytes.length);
  const part = ({ start, end }: BtfRange): Uint8Array => bytes.subarray(start, end);
  return {
    littleEndian,
    types: part(types),
    strings: part(strings),
    layout: layout === undefined ? new Uint8Array(0) : part(layout),
  };
}

/**
 * Reads the header, `struct btf_header`.
 * @param bytes the first ones: as many as the longest header has, or all
 * @param all how many there are
 * @throws KtriageError KT-BTF-DAMAGED, KT-BTF-UNSUPPORTED
 */
export function readHeader(file: string, bytes: Uint8Array, all: number): BtfHeader {
  if (all > mostBytes) throw btfError('DAMAGED', file, `it has ${all} bytes, more than is believed`);
  if (bytes.length < shortestHeader)
    throw btfError('DAMAGED', file, `it has ${bytes.length} bytes, and its header alone has ${shortestHeader}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const littleEndian = view.getUint16(0, true) === magic;
  if (!littleEndian && view.getUint16(0, false) !== magic)
    throw btfError(
      'DAMAGED',
      file,
      `it begins with 0x${view.getUint16(0, false).toString(16)}, and should with 0xeb9f`,
    );
  const found = view.getUint8(2);
  if (found !== version) throw btfError('UNSUPPORTED', file, `it is of version ${found}`);
  const flags = view.getUint8(3);
  // The kernel refuses them as well (btf_check_all_metas() and those before it, kernel/bpf/btf.c).
  if (flags !== 0) throw btfError('UNSUPPORTED', file, `its flags are 0x${flags.toString(16)}, of which none is known`);
  const length = view.getUint32(4, littleEndian);
  if (length < shortestHeader || length > all)
    throw btfError('DAMAGED', file, `its header is said to have ${length} bytes`);

  const part = (what: string, at: number): BtfRange => {
    const offset = view.getUint32(at, littleEndian);
    const size = view.getUint32(at + 4, littleEndian);
    const end = length + offset + size;
    if (end > all) throw btfError('DAMAGED', file, `its ${what} reach to byte ${end}, and it has ${all}`);
    return { start: length + offset, end };
  };
  return {
    littleEndian,
    types: part('types', 8),
    strings: part('strings', 16),
    ...(length >= headerWithLayout && { layout: part('layouts of kinds', 24) }),
  };
}
