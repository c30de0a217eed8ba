import type { RegisterValues } from '../machine/machine.ts';
import type { Kernel } from './kernel.ts';
import { memberPlace } from './view.ts';

/** CPUs that are looked at; NR_CPUS of every architecture is at most that. */
const mostCpus = 8192;

const addressBits = 64;

/** A CPU as the kernel counts them. */
export interface KernelCpu {
  /** The kernel's number of it. */
  readonly id: number;
  /** What is added to the address of a per-CPU variable, modulo 2^64. */
  readonly offset: bigint;
  readonly isPresent: boolean;
  readonly isOnline: boolean;
  /** The number that the machine has for it; missing if none of the machine's CPUs is known to be this one. */
  readonly machineCpu?: number;
  /** `machineCpu` is a guess: its registers do not tell which one it is. */
  readonly isGuess?: boolean;
}

/** The possible CPUs of a kernel. */
export interface KernelCpus {
  /** In the order of their numbers. */
  readonly all: readonly KernelCpu[];
  /** As the kernel has it. */
  readonly nrCpuIds?: number;
}

/** Address of a per-CPU variable of vmlinux, of one CPU; undefined if the kernel has no such variable. */
export function perCpuAddress(kernel: Kernel, symbol: string, cpu: Pick<KernelCpu, 'offset'>): bigint | undefined {
  const address = kernel.symbols.address(symbol);
  return address === undefined ? undefined : BigInt.asUintN(addressBits, address + cpu.offset);
}

/**
 * A pointer or long in a per-CPU variable: the first of these that the kernel has. `pcpu_hot.current_task` is a member of
 * a structure, of 6.2 to 6.14 (arch/x86/include/asm/current.h).
 */
export async function perCpuWord(
  kernel: Kernel,
  cpu: Pick<KernelCpu, 'offset'>,
  ...names: readonly string[]
): Promise<bigint | undefined> {
  for (const name of names) {
    const [symbol = '', ...path] = name.split('.');
    // A name that is not there costs a search through all names: the structure is asked for first.
    const offset = path.length === 0 ? 0 : memberPlace(kernel.types, symbol, path.join('.'))?.offset;
    const address = offset === undefined ? undefined : perCpuAddress(kernel, symbol, cpu);
    if (offset !== undefined && address !== undefined) return kernel.memory.u64(address + BigInt(offset));
  }
  return undefined;
}

/** Which CPUs there are, where their per-CPU variables lie, and which of the machine's each one is. */
export async function readCpus(kernel: Kernel): Promise<KernelCpus> {
  const { memory, symbols, machine } = kernel;
  const number = async (name: string): Promise<number | undefined> => {
    const address = symbols.address(name);
    return address === undefined ? undefined : await memory.u32(address);
  };
  const [ids, registers] = await Promise.all([
    number('nr_cpu_ids'),
    Promise.all(machine.cpus.map(async ({ id }) => ({ id, values: await machine.registers(id) }))),
  ]);
  // Without an own symbol it is a constant: of kernels for one CPU, and of those with FORCE_NR_CPUS (6.1).
  const bound = ids !== undefined && ids > 0 && ids <= mostCpus ? ids : undefined;
  const looked = bound ?? Math.min(mostCpus, Math.max(64, machine.cpus.length));
  const [offsets, possible, present, online] = await Promise.all([
    readOffsets(kernel, looked),
    readMask(kernel, '__cpu_possible_mask', looked),
    readMask(kernel, '__cpu_present_mask', looked),
    readMask(kernel, '__cpu_online_mask', looked),
  ]);
  const places: { readonly id: number; readonly offset: bigint }[] = [];
  if (offsets === undefined) places.push({ id: 0, offset: 0n });
  else
    for (let id = 0; id < looked; id++) {
      const offset = offsets[id];
      // Before the areas are set up, all are 0 or what the linker put there: only the first CPU runs.
      if (id > 0 && offset === offsets[0]) continue;
      if (offset !== undefined && (possible?.has(id) ?? (id < machine.cpus.length || bound !== undefined)))
        places.push({ id, offset });
    }
  const machineCpus = matchCpus(places, registers);
  return {
    all: places.map(({ id, offset }) => ({
      ...{ id, offset, isPresent: present?.has(id) ?? true, isOnline: online?.has(id) ?? true },
      ...machineCpus.get(id),
    })),
    ...(bound !== undefined && { nrCpuIds: bound }),
  };
}

/** `__per_cpu_offset`, which kernels for one CPU do not have. */
async function readOffsets(kernel: Kernel, count: number): Promise<readonly bigint[] | undefined> {
  const address = kernel.symbols.address('__per_cpu_offset');
  if (address === undefined) return undefined;
  const bytes = await kernel.memory.read(address, count * 8);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => view.getBigUint64(index * 8, true));
}

/** Numbers of the CPUs in a `struct cpumask`. */
async function readMask(kernel: Kernel, symbol: string, count: number): Promise<ReadonlySet<number> | undefined> {
  const address = kernel.symbols.address(symbol);
  const bytes =
    address === undefined ? undefined : await kernel.memory.read(address, Math.ceil(count / addressBits) * 8);
  if (bytes === undefined) return undefined;
  const found = new Set<number>();
  for (let id = 0; id < count; id++) if ((((bytes[id >> 3] ?? 0) >> (id & 7)) & 1) === 1) found.add(id);
  // The CPU that runs is always in it: if there is none, it is too early for it to mean anything.
  return found.size === 0 ? undefined : found;
}

type Match = Pick<KernelCpu, 'machineCpu' | 'isGuess'>;

/** Which CPU of the machine each is: those that have the offset of its per-CPU variables in a register. */
function matchCpus(
  places: readonly { readonly id: number; readonly offset: bigint }[],
  machine: readonly { readonly id: number; readonly values: RegisterValues }[],
): ReadonlyMap<number, Match> {
  const ids = new Map<bigint, number>();
  for (const { id, offset } of places) if (!ids.has(offset)) ids.set(offset, id);
  const found = new Map<number, Match>();
  const rest: number[] = [];
  for (const { id, values } of machine) {
    const kernelId = perCpuBases(values)
      .map((base) => ids.get(base))
      .find((each) => each !== undefined && !found.has(each));
    if (kernelId === undefined) rest.push(id);
    else found.set(kernelId, { machineCpu: id });
  }
  const known = new Set(places.map(({ id }) => id));
  for (const id of rest) if (known.has(id) && !found.has(id)) found.set(id, { machineCpu: id, isGuess: true });
  return found;
}

/**
 * Registers that hold the offset of per-CPU variables, the likeliest first: GS_BASE in the kernel, the other one in user
 * space and for some instructions at an entry; TPIDR_EL1, or TPIDR_EL2 where the kernel runs as the hypervisor
 * (arch/arm64/include/asm/percpu.h).
 */
function perCpuBases(values: RegisterValues): bigint[] {
  const isUser = ((values.cs ?? 0n) & 3n) === 3n;
  const { gs_base: gs, TPIDR_EL1: el1, TPIDR_EL2: el2 } = values;
  const kernelGs = values.kernel_gs_base ?? values.k_gs_base;
  const gsBases = isUser ? [kernelGs, gs] : [gs, kernelGs];
  return [...gsBases, el1, el2].flatMap((each) => (each === undefined || each === 0n ? [] : [each]));
}
