import type { Kernel } from './kernel.ts';
import { type KernelCpu, perCpuAddress, perCpuWord } from './per-cpu.ts';
import type { Task } from './task.ts';
import { stackAreaSize, threadSize } from './thread-size.ts';
import { memberPlace } from './view.ts';

/** Memory that is used as a stack. */
export interface StackRange {
  /** `task`, `IRQ`, `NMI`, `#DF`, `#DB`, `#MC`, `#VC`, `#VC2`, `ENTRY`, `overflow`, `SDEI`, `EFI`. */
  readonly name: string;
  readonly start: bigint;
  /** One past its last byte: it grows down from there. */
  readonly end: bigint;
}

/**
 * The stack of a task; undefined of one that has none any more. Where stacks are mapped page by page, its size is that of
 * the mapping.
 */
export async function stackOfTask(kernel: Kernel, task: Task): Promise<StackRange | undefined> {
  const { stack, stackArea } = task;
  if (stack === undefined || !kernel.memory.isKernelAddress(stack)) return undefined;
  const known = knownSizes.get(kernel) ?? (await sizeOfStack(kernel, stackArea));
  return { name: 'task', start: stack, end: stack + BigInt(known) };
}

/** All of a kernel have the same. */
const knownSizes = new WeakMap<Kernel, number>();

async function sizeOfStack(kernel: Kernel, stackArea: bigint | undefined): Promise<number> {
  const mapped = stackArea === undefined ? undefined : await stackAreaSize(kernel, stackArea);
  const size = mapped ?? threadSize(kernel);
  knownSizes.set(kernel, size);
  return size;
}

/** All stacks that a CPU uses besides that of its task, as far as the kernel has set them up. */
export async function stacksOfCpu(kernel: Kernel, cpu: KernelCpu): Promise<StackRange[]> {
  const found = await (kernel.architecture === 'x86_64' ? x86Stacks(kernel, cpu) : arm64Stacks(kernel, cpu));
  return found.flatMap((range) =>
    range !== undefined && range.start < range.end && kernel.memory.isKernelAddress(range.start) ? [range] : [],
  );
}

type Ranges = (StackRange | undefined)[];

async function x86Stacks(kernel: Kernel, cpu: KernelCpu): Promise<Ranges> {
  const [irq, exceptions, entry] = await Promise.all([
    x86IrqStack(kernel, cpu),
    x86ExceptionStacks(kernel, cpu),
    x86EntryStack(kernel, cpu),
  ]);
  return [irq, ...exceptions, entry];
}

/** 16 KiB unless KASAN doubles it: IRQ_STACK_SIZE, arch/x86/include/asm/page_64_types.h. */
const usualIrqStack = 16_384;

/**
 * The pointer is to the end of the stack, since 5.8 to its last word (arch/x86/kernel/irq_64.c). It was `irq_stack_ptr`
 * before 5.2, and in `pcpu_hot` from 6.2 to 6.14.
 */
async function x86IrqStack(kernel: Kernel, cpu: KernelCpu): Promise<StackRange | undefined> {
  const pointer = await perCpuWord(kernel, cpu, 'pcpu_hot.hardirq_stack_ptr', 'hardirq_stack_ptr', 'irq_stack_ptr');
  if (pointer === undefined || pointer === 0n) return undefined;
  const end = (pointer + 15n) & ~15n;
  const size = kernel.types.sizeof('struct irq_stack') ?? kernel.types.sizeof('union irq_stack_union') ?? usualIrqStack;
  return { name: 'IRQ', start: end - BigInt(size), end };
}

/** Names of `struct cea_exception_stacks` (arch/x86/include/asm/cpu_entry_area.h), and as stack dumps have them. */
const exceptionStacks = [
  ['DF_stack', '#DF'],
  ['NMI_stack', 'NMI'],
  ['DB_stack', '#DB'],
  ['MCE_stack', '#MC'],
  // Of guests whose memory is encrypted (5.10).
  ['VC_stack', '#VC'],
  ['VC2_stack', '#VC2'],
] as const;

async function x86ExceptionStacks(kernel: Kernel, cpu: KernelCpu): Promise<Ranges> {
  const base = await perCpuWord(kernel, cpu, 'cea_exception_stacks');
  if (base === undefined || base === 0n) return [];
  return Promise.all(
    exceptionStacks.map(async ([member, name]) => {
      const place = memberPlace(kernel.types, 'cea_exception_stacks', member);
      if (place?.size === undefined) return undefined;
      const start = base + BigInt(place.offset);
      const end = start + BigInt(place.size);
      // Those of #VC are mapped in such guests only.
      const isMapped = !name.startsWith('#VC') || (await kernel.memory.u64(end - 8n)) !== undefined;
      return isMapped ? { name, start, end } : undefined;
    }),
  );
}

/**
 * The stack that an entry from user space begins on: its end is SP0 of the TSS (`cpu_init`). Of a page since 5.7; as a
 * guest of Xen, SP0 is the task's.
 */
async function x86EntryStack(kernel: Kernel, cpu: KernelCpu): Promise<StackRange | undefined> {
  const task = perCpuAddress(kernel, 'cpu_tss_rw', cpu);
  const sp0 = memberPlace(kernel.types, 'tss_struct', 'x86_tss.sp0');
  const size = kernel.types.sizeof('struct entry_stack') ?? kernel.types.sizeof('struct SYSENTER_stack');
  if (task === undefined || sp0 === undefined || size === undefined) return undefined;
  const end = await kernel.memory.u64(task + BigInt(sp0.offset));
  return end === undefined || end < BigInt(size) ? undefined : { name: 'ENTRY', start: end - BigInt(size), end };
}

/** OVERFLOW_STACK_SIZE (arch/arm64/include/asm/memory.h): since 4.14, in all versions. */
const overflowStack = 4096;

/** Stacks of arm64 are as large as those of tasks: IRQ_STACK_SIZE, SDEI_STACK_SIZE; softirqs have that of interrupts. */
async function arm64Stacks(kernel: Kernel, cpu: KernelCpu): Promise<Ranges> {
  const size = BigInt(threadSize(kernel));
  const upFrom = async (name: string, symbol: string): Promise<StackRange | undefined> => {
    const start = await perCpuWord(kernel, cpu, symbol);
    return start === undefined || start === 0n ? undefined : { name, start, end: start + size };
  };
  const overflow = perCpuAddress(kernel, 'overflow_stack', cpu);
  const efi = kernel.symbols.address('efi_rt_stack_top');
  const [irq, normal, critical, efiTop] = await Promise.all([
    upFrom('IRQ', 'irq_stack_ptr'),
    upFrom('SDEI', 'sdei_stack_normal_ptr'),
    upFrom('SDEI', 'sdei_stack_critical_ptr'),
    efi === undefined ? undefined : kernel.memory.u64(efi),
  ]);
  return [
    irq,
    overflow === undefined
      ? undefined
      : { name: 'overflow', start: overflow, end: overflow + BigInt(sizeOfVariable(kernel, 'overflow_stack')) },
    normal,
    critical,
    efiTop === undefined || efiTop < size ? undefined : { name: 'EFI', start: efiTop - size, end: efiTop },
  ];
}

function sizeOfVariable(kernel: Kernel, name: string): number {
  const [variable] = kernel.types.variables(name);
  return (variable === undefined ? undefined : kernel.types.sizeof(variable.type)) ?? overflowStack;
}
