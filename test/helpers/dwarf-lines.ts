import { ByteWriter } from './dwarf-writer.ts';

/** An opcode of a line program, by what it does. */
export type LineStep =
  | readonly ['address', number | bigint]
  | readonly ['advance', number]
  | readonly ['line', number]
  | readonly ['file', number]
  | readonly ['column', number]
  | readonly ['copy']
  | readonly ['special', advance: number, lines: number]
  | readonly ['const']
  | readonly ['fixed', number]
  | readonly ['discriminator', number]
  | readonly ['raw', readonly number[]]
  | readonly ['end'];

export interface WrittenLines {
  readonly version?: number;
  readonly is64?: boolean;
  readonly littleEndian?: boolean;
  readonly addressSize?: 4 | 8;
  readonly minimumInstructionLength?: number;
  readonly maximumOperations?: number;
  readonly opcodeBase?: number;
  readonly lineRange?: number;
  readonly directories?: readonly string[];
  readonly files?: readonly (readonly [name: string, directory: number])[];
  readonly steps: readonly LineStep[];
}

const lineBase = -5;
const stringForm = 0x08;
const udataForm = 0x0f;

/** Writes a line program with its header and its names in place. */
export function writeLines(lines: WrittenLines): number[] {
  const { version = 5, is64 = false, littleEndian = true, addressSize = 8 } = lines;
  const header = new ByteWriter(littleEndian);
  header.u8(lines.minimumInstructionLength ?? 1);
  if (version >= 4) header.u8(lines.maximumOperations ?? 1);
  const opcodeBase = lines.opcodeBase ?? 13;
  const lineRange = lines.lineRange ?? 14;
  header.u8(1).u8(lineBase).u8(lineRange).u8(opcodeBase);
  const counts = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
  for (let opcode = 1; opcode < opcodeBase; opcode++) header.u8(counts[opcode - 1] ?? 2);
  writeNames(header, lines, version);
  return new ByteWriter(littleEndian).withLength(is64, (to) => {
    to.number(version, 2);
    if (version >= 5) to.u8(addressSize).u8(0);
    to.number(header.length, is64 ? 8 : 4).raw(header.bytes);
    for (const step of lines.steps) writeStep(to, step, addressSize, opcodeBase, lineRange);
  }).bytes;
}

function writeNames(to: ByteWriter, { directories = [], files = [] }: WrittenLines, version: number): void {
  if (version >= 5) {
    to.u8(1).uleb(1).uleb(stringForm).uleb(directories.length);
    for (const directory of directories) to.string(directory);
    to.u8(2).uleb(1).uleb(stringForm).uleb(2).uleb(udataForm).uleb(files.length);
    for (const [name, directory] of files) to.string(name).uleb(directory);
    return;
  }
  for (const directory of directories) to.string(directory);
  to.u8(0);
  for (const [name, directory] of files) to.string(name).uleb(directory).uleb(0).uleb(0);
  to.u8(0);
}

function writeStep(to: ByteWriter, step: LineStep, addressSize: number, opcodeBase: number, lineRange: number): void {
  switch (step[0]) {
    case 'address':
      to.u8(0)
        .uleb(1 + addressSize)
        .u8(2)
        .number(step[1], addressSize);
      return;
    case 'advance':
      to.u8(2).uleb(step[1]);
      return;
    case 'line':
      to.u8(3).sleb(step[1]);
      return;
    case 'file':
      to.u8(4).uleb(step[1]);
      return;
    case 'column':
      to.u8(5).uleb(step[1]);
      return;
    case 'copy':
      to.u8(1);
      return;
    case 'special':
      to.u8(opcodeBase + step[1] * lineRange + (step[2] - lineBase));
      return;
    case 'const':
      to.u8(8);
      return;
    case 'fixed':
      to.u8(9).number(step[1], 2);
      return;
    case 'discriminator':
      to.u8(0).uleb(2).u8(4).uleb(step[1]);
      return;
    case 'raw':
      to.raw(step[1]);
      return;
    case 'end':
      to.u8(0).uleb(1).u8(1);
      return;
  }
}
