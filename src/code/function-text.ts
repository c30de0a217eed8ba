import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import { callingConvention, specialCall } from './calling-convention.ts';
import { type CodeRange, CodeReferences } from './code-references.ts';
import type { CallFacts } from './follow-definitions.ts';
import { decodeAll, type FunctionCode, functionCode, type PlacedInstruction } from './function-code.ts';
import type { Disassembler } from './instruction.ts';

/** A function with all that is needed to follow values in it. */
export interface FunctionText {
  readonly code: FunctionCode;
  readonly calls: CallFacts;
  /** Missing where only the bytes of the log are there. */
  readonly references?: CodeReferences;
  /** The symbol's name. */
  readonly name?: string;
  /** The index of the first instruction of the second part, which lies elsewhere; missing where there is none. */
  readonly secondPart?: number;
  /** The index of the instruction at an address of the file. */
  indexOf(address: bigint): number | undefined;
}

/** Functions of more bytes are taken up to there. */
const mostBytes = 65_536;

/** Functions that do not return (tools/objtool/noreturns.h has them all; these are the ones that C calls a lot). */
const noReturn =
  /^(?:__stack_chk_fail|panic|do_exit|do_group_exit|make_task_dead|__?fortify_panic|usercopy_abort|rewind_stack_and_make_dead|kthread_exit|kthread_complete_and_exit|__?module_put_and_kthread_exit|die|machine_real_restart|__ubsan_handle_builtin_unreachable)$/;

/**
 * The function around an address of a file, decoded, with what it has in `.cold`. Undefined if there is no code.
 * @throws KtriageError KT-ELF-*
 */
export function readFunction(elf: ElfFile, address: number, disassembler: Disassembler): FunctionText | undefined {
  const symbol = elf.symbols().at(address);
  if (symbol === undefined) return undefined;
  const [main, cold] = bothParts(elf, symbol);
  const parts = [main, cold].filter((part) => part !== undefined);
  const ranges: CodeRange[] = [];
  const instructions: PlacedInstruction[] = [];
  let isWhole = !isCold(main);
  for (const part of parts) {
    const { section } = part;
    if ((section.flags & sectionFlag.execute) === 0 || !elf.hasContents(section)) return undefined;
    const size = Math.min(part.sizeInSection, mostBytes);
    isWhole &&= part.sizeInSection <= mostBytes;
    const bytes = elf.data(section).read(part.address - section.address, size);
    const decoded = decodeAll(disassembler, bytes, toBigAddress(part.address));
    const last = decoded.at(-1);
    const end = part.address + size;
    if (last === undefined || fromBigAddress(last.address, elf.is64) + last.instruction.length < end) isWhole = false;
    ranges.push({ section, start: part.address, end });
    instructions.push(...decoded);
  }
  const references = new CodeReferences(elf, ranges);
  const { architecture } = disassembler;
  const code = functionCode(architecture, instructions, {
    fromEntry: !isCold(main),
    isWhole,
    endsAt: (placed) => placed.instruction.flow === 'call' && noReturn.test(references.of(placed)?.name ?? ''),
  });
  const byAddress = new Map(instructions.map((placed, nth) => [placed.address, nth]));
  const secondPart = cold && byAddress.get(toBigAddress(cold.address));
  return {
    code,
    references,
    ...(secondPart !== undefined && { secondPart }),
    name: symbol.name,
    indexOf: (at) => byAddress.get(at),
    calls: {
      convention: callingConvention(architecture),
      changedBy(nth) {
        const placed = instructions[nth];
        const called = placed === undefined ? undefined : references.of(placed);
        return called === undefined ? undefined : specialCall(called.name)?.changes;
      },
    },
  };
}

const isCold = ({ name }: KernelSymbol): boolean => /\.cold(?:\.\d+)?$/.test(name);

/** A function and its part for what hardly ever happens, which the compiler puts elsewhere. */
function bothParts(elf: ElfFile, symbol: KernelSymbol): readonly [KernelSymbol, KernelSymbol | undefined] {
  const otherName = isCold(symbol) ? symbol.name.replace(/\.cold(?:\.\d+)?$/, '') : `${symbol.name}.cold`;
  const others = elf.symbols().named(otherName);
  const [other] = others;
  // Of several functions of one name nothing tells which it belongs to.
  if (other === undefined || others.length > 1) return [symbol, undefined];
  return isCold(symbol) ? [other, symbol] : [symbol, other];
}

/** What there is of a function in a log alone. */
export function textOfDump(
  architecture: Disassembler['architecture'],
  instructions: readonly PlacedInstruction[],
  fromEntry: boolean,
): FunctionText {
  const byAddress = new Map(instructions.map((placed, nth) => [placed.address, nth]));
  return {
    code: functionCode(architecture, instructions, { fromEntry, isWhole: false }),
    indexOf: (at) => byAddress.get(at),
    calls: { convention: callingConvention(architecture), changedBy: () => undefined },
  };
}
