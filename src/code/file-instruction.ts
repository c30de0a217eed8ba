import type { InstructionLine } from '../model/explanation.ts';
import { hexBytes, hexWord } from './code-bytes.ts';
import type { DecodedLine } from './code-dump.ts';
import type { FaultCode } from './fault-code.ts';
import { PatchSites } from './patch-sites.ts';
import { relocatedBytes } from './relocated-bytes.ts';

/**
 * The instruction of a fault as its file has it, for logs whose own code could not be read: x86 prints the code from 42
 * bytes before the instruction on (PROLOGUE_SIZE in arch/x86/kernel/dumpstack.c), and none of it where these are on a
 * page that is not mapped, as at the beginning of a module. Undefined where the running kernel may have another one
 * there: in places that it patches, and in what is filled in when a module is loaded.
 * @throws KtriageError KT-ELF-*
 */
export function instructionOfFile({ text, fault, location }: FaultCode): DecodedLine | undefined {
  const placed = text.code.instructions[fault];
  const elf = location?.image.elf;
  const section = elf?.sectionAt(location?.address ?? 0);
  if (placed === undefined || location === undefined || elf === undefined || section === undefined) return undefined;
  const { instruction } = placed;
  const [start, offset] = [location.address, location.address - section.address];
  const end = start + instruction.length;
  if (!instruction.valid || new PatchSites(location.image, start, end).within(start, end) !== undefined)
    return undefined;
  if (relocatedBytes(elf, section, offset, instruction.length).includes(1)) return undefined;
  const bytes = elf.data(section).read(offset, instruction.length);
  const line: InstructionLine = {
    offset: 0,
    bytes: text.code.architecture === 'arm64' ? hexWord(bytes) : hexBytes(bytes),
    text: instruction.text,
    marked: true,
  };
  return { line, instruction };
}
