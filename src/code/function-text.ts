import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { PatchSite } from '../symbols/patch-tables.ts';
import { callingConvention, specialCall } from './calling-convention.ts';
import { type CodeFile, type CodeRange, CodeReferences } from './code-references.ts';
import type { CallFacts } from './follow-definitions.ts';
import { decodeAll, type FunctionCode, functionCode, type PlacedInstruction } from './function-code.ts';
import type { Disassembler } from './instruction.ts';
import { PatchSites } from './patch-sites.ts';

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

/** What may put something else in place of a jump. */
const patchesOfJumps: ReadonlySet<PatchSite['cause']> = new Set(['alternative', 'static-key']);

/** What jumps to these stands for `ret` and `jmp *register` (arch/x86/lib/retpoline.S). */
const thunks = /^(?:__x86_(?:return|indirect)_(?:its_)?thunk\w*|(?:srso|retbleed|its|call_depth)\w*_return_thunk)$/;

/** Functions that do not return (tools/objtool/noreturns.h has them all; these are the ones that C calls a lot). */
const noReturn =
  /^(?:__stack_chk_fail|panic|do_exit|do_group_exit|make_task_dead|__?fortify_panic|usercopy_abort|rewind_stack_and_make_dead|kthread_exit|kthread_complete_and_exit|__?module_put_and_kthread_exit|die|machine_real_restart|__ubsan_handle_builtin_unreachable)$/;

/** Functions of a file that were read last: the stacks of a log go through the same ones. */
class KnownFunctions {
  readonly #texts = new Map<number, FunctionText | undefined>();
  #held = 0;

  /** @param start where the symbol begins. */
  get(start: number, read: () => FunctionText | undefined): FunctionText | undefined {
    if (this.#texts.has(start)) return this.#texts.get(start);
    const text = read();
    this.#held += 1 + (text?.code.instructions.length ?? 0);
    if (this.#held > mostHeld) {
      this.#texts.clear();
      this.#held = 0;
    }
    this.#texts.set(start, text);
    return text;
  }
}

/** Instructions of functions that are held of one file. */
const mostHeld = 16_384;

const known = new WeakMap<CodeFile, KnownFunctions>();

/**
 * The function around an address of a file, decoded, with what it has in `.cold`. Undefined if there is no code.
 * @throws KtriageError KT-ELF-*
 */
export function readFunction(file: CodeFile, address: number, disassembler: Disassembler): FunctionText | undefined {
  const symbol = file.symbolAt(address);
  if (symbol === undefined) return undefined;
  const ofFile = known.get(file) ?? new KnownFunctions();
  known.set(file, ofFile);
  return ofFile.get(symbol.address, () => readAround(file, symbol, disassembler));
}

function readAround(file: CodeFile, symbol: KernelSymbol, disassembler: Disassembler): FunctionText | undefined {
  const { elf } = file;
  const parentOf = isCold(symbol) ? coldParent(file, symbol) : undefined;
  const first = readPart(file, parentOf ?? symbol, disassembler);
  if (first === undefined) return undefined;
  const other = isCold(first.symbol) ? undefined : ((parentOf && symbol) ?? coldPart(file, first));
  const second = other && readPart(file, other, disassembler);
  const parts = second === undefined ? [first] : [first, second];
  const instructions = parts.flatMap((part) => part.instructions);
  const isWhole =
    !isCold(first.symbol) && parts.every((part) => part.isWhole) && (other === undefined) === (second === undefined);
  const references = new CodeReferences(
    file,
    parts.map(({ range }) => range),
  );
  const { architecture } = disassembler;
  const sites = parts.map(({ range }) => ({ range, sites: new PatchSites(file, range.start, range.end) }));
  const code = functionCode(architecture, instructions, {
    fromEntry: !isCold(first.symbol),
    isWhole,
    isPatched(nth) {
      const placed = instructions[nth];
      if (placed === undefined) return false;
      const start = fromBigAddress(placed.address, elf.is64);
      const part = sites.find(({ range }) => start >= range.start && start < range.end);
      if (part?.sites.within(start, start + placed.instruction.length, patchesOfJumps) === undefined) return false;
      // A return or an indirect jump in other words: it becomes that, and never what goes on behind it.
      return placed.instruction.flow !== 'jump' || !thunks.test(references.of(placed)?.name ?? '');
    },
    endsAt(nth) {
      const placed = instructions[nth];
      return placed?.instruction.flow === 'call' && noReturn.test(references.of(placed)?.name ?? '');
    },
  });
  const byAddress = new Map(instructions.map((placed, nth) => [placed.address, nth]));
  return {
    code,
    references,
    ...(second !== undefined && { secondPart: first.instructions.length }),
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

const cold = /\.cold(?:\.\d+)?$/;

const isCold = ({ name }: KernelSymbol): boolean => cold.test(name);

interface Part {
  readonly symbol: KernelSymbol;
  readonly instructions: readonly PlacedInstruction[];
  readonly range: CodeRange;
  readonly isWhole: boolean;
}

function readPart({ elf }: CodeFile, symbol: KernelSymbol, disassembler: Disassembler): Part | undefined {
  const { section, address, sizeInSection } = symbol;
  if ((section.flags & sectionFlag.execute) === 0 || !elf.hasContents(section)) return undefined;
  const size = Math.min(sizeInSection, mostBytes);
  const bytes = elf.data(section).read(address - section.address, size);
  const instructions = decodeAll(disassembler, bytes, toBigAddress(address));
  const last = instructions.at(-1);
  if (last === undefined) return undefined;
  const end = fromBigAddress(last.address, elf.is64) + last.instruction.length;
  const isWhole = sizeInSection <= mostBytes && end >= address + sizeInSection;
  return { symbol, instructions, range: { section, start: address, end: address + size }, isWhole };
}

/** The part for what hardly ever happens, which the compiler puts elsewhere: the function jumps there. */
function coldPart(file: CodeFile, { symbol, instructions, range }: Part): KernelSymbol | undefined {
  const references = new CodeReferences(file, [range]);
  for (const placed of instructions) {
    const { flow, target } = placed.instruction;
    if ((flow !== 'jump' && flow !== 'branch') || target === undefined) continue;
    // What stays in the part needs no looking up; where the file is relocated, targets elsewhere are not yet there.
    const at = fromBigAddress(target, file.elf.is64);
    if (at >= range.start && at < range.end && !references.isRelocated(placed)) continue;
    const to = references.of(placed);
    if (to?.address === undefined || !to.name.startsWith(`${symbol.name}.cold`)) continue;
    const cold = file.symbolAt(to.address);
    if (cold !== undefined && isCold(cold)) return cold;
  }
  return undefined;
}

/** The function that a part belongs to. Of several functions of one name nothing tells which that is. */
function coldParent(file: CodeFile, { name }: KernelSymbol): KernelSymbol | undefined {
  const [[parent, ...others] = []] = file.symbolsNamedEach([name.replace(cold, '')]);
  return others.length > 0 ? undefined : parent;
}

/**
 * What there is of a function in a log alone.
 * @param fromEntry the first instruction is the first of the symbol.
 */
export function textOfDump(
  architecture: Disassembler['architecture'],
  instructions: readonly PlacedInstruction[],
  fromEntry: boolean,
  name: string | undefined,
): FunctionText {
  const isEntry = fromEntry && name !== undefined && !cold.test(name);
  const byAddress = new Map(instructions.map((placed, nth) => [placed.address, nth]));
  return {
    code: functionCode(architecture, instructions, { fromEntry: isEntry, isWhole: false }),
    ...(name !== undefined && { name }),
    indexOf: (at) => byAddress.get(at),
    calls: { convention: callingConvention(architecture), changedBy: () => undefined },
  };
}
