import { architectureByName } from '../../arch/architectures.ts';
import type { CrashReport, RegisterSet } from '../../model/report.ts';
import { type NamedAddress, type StackBounds, type ValueContext, wordBits } from './context.ts';
import { showsKasan } from './kasan.ts';
import { stackAround, threadSize } from './stack.ts';

/** Names what is at an address of the kernel that printed a report. */
export type NameAddress = (address: bigint) => NamedAddress | undefined;

/** The registers that a report is about: the first set of the kernel. */
export function kernelRegisters(report: CrashReport): RegisterSet | undefined {
  return report.registers?.find((set) => set.mode === 'kernel');
}

/** `user pgtable: 4k pages, 48-bit VAs, pgdp=0000000041853000` (arch/arm64/mm/fault.c, show_pte()). */
function translation(report: CrashReport): Pick<ValueContext, 'vaBits' | 'pageSize'> {
  const line = report.fault?.fields?.find((field) => field.name === 'pgtable')?.meaning ?? '';
  const match = /^(\d{1,2})k pages, (\d{1,2})-bit VAs/.exec(line);
  if (match === null) return {};
  const vaBits = Number(match[2]);
  return { pageSize: Number(match[1]) * 1024, ...(vaBits >= 36 && vaBits <= 52 && { vaBits }) };
}

/** `Task stack:     [0xffff800008280000..0xffff800008284000]` (arch/arm64/kernel/traps.c, panic_bad_stack()). */
const stackLine = /^(Task|IRQ|Overflow) stack: {1,8}\[0x([0-9a-f]{8,16})\.\.0x([0-9a-f]{8,16})\]/gm;
const mostStacks = 8;

function printedStacks(text: string): StackBounds[] {
  const stacks: StackBounds[] = [];
  for (const match of text.matchAll(stackLine)) {
    if (stacks.length === mostStacks) break;
    const name = match[1] === 'IRQ' ? 'IRQ' : (match[1] ?? '').toLowerCase();
    const [from, to] = [BigInt(`0x${match[2] ?? '0'}`), BigInt(`0x${match[3] ?? '0'}`)];
    if (to > from && to - from <= 0x10_0000n) stacks.push({ from, to, name, printed: true });
  }
  return stacks;
}

/** The kernel says that it has KASAN behind `[#1]`, and in reports of KASAN; a tag shows in these only. */
function kasanOf({ fault, kind, details, headline }: CrashReport): ValueContext['kasan'] {
  const reports = kind.startsWith('kasan/') || details?.of === 'kasan' || /\bKASAN\b/.test(headline);
  if (!reports && fault?.oopsFlags?.includes('KASAN') !== true) return undefined;
  return details?.of === 'kasan' && details.pointerTag !== undefined ? 'tags' : 'generic';
}

/** Five levels of page tables: CR4.LA57, or pointers that exist with them only. */
function fiveLevels(values: Readonly<Record<string, bigint>>): boolean | undefined {
  if (values.cr4 !== undefined) return (values.cr4 & 0x1000n) !== 0n;
  const pointers = [values.rsp, values.gs_base].filter((value) => value !== undefined && value >> 56n === 0xffn);
  return pointers.some((value) => value !== undefined && value < 0xffff_8000_0000_0000n) || undefined;
}

/** Registers whose value is no pointer or number of a program. */
const systemRegister =
  /^([cdefgs]s|cr\d|dr\d|eflags|pstate|psr|cpsr|status|cause|pkru|orig_\w+|pswm|cr|xer|msr|fred_\w+|syscall|pmr_save)$/;

/** Whether a register holds values of the program that was running. */
export const isGeneral = (name: string): boolean => !systemRegister.test(name);

function pointersOf(set: RegisterSet | undefined): bigint[] {
  return Object.entries(set?.values ?? {})
    .filter(([name]) => isGeneral(name))
    .map(([, value]) => value);
}

const stackGone = /stack guard page was hit|kernel stack overflow|stack-overflow|Insufficient stack space/;

/** All that a report tells of the machine that its values are of. `nameAddress` takes addresses as they were at run time. */
export function valueContextOf(report: CrashReport, nameAddress?: NameAddress): ValueContext {
  const { architecture, kernel, modules, fault } = report;
  const set = kernelRegisters(report);
  const values = set?.values ?? {};
  const stackPointer = values[architectureByName(architecture)?.stackPointer ?? 'sp'];
  const sizes = translation(report);
  const la57 = architecture === 'x86_64' ? fiveLevels(values) : undefined;
  const general = pointersOf(set);
  const shown = showsKasan(general, {
    architecture,
    ...sizes,
    ...(kernel?.release !== undefined && { release: kernel.release }),
  });
  const kasan = kasanOf(report) ?? (shown ? 'generic' : undefined);
  const stacks = printedStacks(report.reportText);
  const size = threadSize(architecture, { ...sizes, ...(kasan !== undefined && { kasan }) });
  const isKernel = stackPointer !== undefined && stackPointer >> BigInt(wordBits(architecture) - 1) === 1n;
  if (stacks.length === 0 && isKernel && size !== undefined) {
    const gone = stackGone.test(report.headline) || stackGone.test(report.title);
    stacks.push(stackAround(stackPointer, size, gone && fault?.access !== 'execute'));
  }
  const { gs_base: gs, kernel_gs_base: kernelGs } = values;
  // Until `swapgs` the kernel's base is the other one.
  const gsBase = [gs, kernelGs].find((base) => base !== undefined && base >> 63n === 1n);
  return {
    architecture,
    ...(kernel?.release !== undefined && { release: kernel.release }),
    ...(la57 !== undefined && { la57 }),
    ...sizes,
    ...(kernel?.kaslrOffset !== undefined && { kaslrOffset: kernel.kaslrOffset }),
    ...(kasan !== undefined && { kasan }),
    ...(stackPointer !== undefined && { stackPointer }),
    ...(stacks.length > 0 && { stacks }),
    ...(gsBase !== undefined && { gsBase }),
    ...(modules !== undefined && { moduleNames: modules }),
    neighbours: general,
    userNeighbours: pointersOf(report.registers?.find(({ mode }) => mode === 'user')),
    ...(nameAddress !== undefined && { nameAddress }),
  };
}
