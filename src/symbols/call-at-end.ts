import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { Image } from './image.ts';

const instructionBytes = 4;

/** `bl` and `blr` (with `blraa` and the like) of the A64 instruction set. */
function isCall(word: number): boolean {
  return (word & 0xfc000000) >>> 0 === 0x94000000 || (word & 0xfefff000) >>> 0 === 0xd63f0000;
}

/**
 * The function before a symbol, if its last instruction is a call: of a function that does not return, so that nothing
 * is behind it. arm64 prints the address behind the call as it is (`%pS` in arch/arm64/kernel/stacktrace.c, where x86
 * has `%pB`), which is then the next function's start.
 */
export function callerBefore(image: Image, symbol: KernelSymbol): KernelSymbol | undefined {
  if (image.elf.machine !== 'arm64') return undefined;
  const { section, address } = symbol;
  const offset = address - section.address - instructionBytes;
  if (offset < 0 || !image.elf.hasContents(section)) return undefined;
  const bytes = image.elf.data(section).read(offset, instructionBytes);
  if (bytes.length < instructionBytes) return undefined;
  const word = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
  const before = isCall(word) ? image.symbolAt(address - instructionBytes) : undefined;
  return before?.section === section && before.address + before.size === address ? before : undefined;
}
