import type { Machine } from '../machine/machine.ts';
import type { FindResult, FoundKernel } from './find-kernel.ts';
import { finderOf } from './identify-machine.ts';
import { GuestMemory } from './kernel-memory.ts';
import { TableEntries } from './page-tables/table-entries.ts';
import { CpuReach } from './reach.ts';
import { cpuStates } from './slide/cpu-states.ts';
import type { KernelFile } from './slide/kernel-file.ts';
import { hex, type Scene, wrap } from './slide/lead.ts';
import { verifyImage } from './slide/verify.ts';
import { fixedIdt, handlerOfGate, kernelMap, pageFaultGate, pageFaultHandler, slideOfHandler } from './slide/x86.ts';

/** Functions that a CPU stands in whose kernel stopped for its own debugger (kernel/debug/debug_core.c). */
const stoppedIn = ['arch_kgdb_breakpoint', 'kgdb_breakpoint', 'kgdb_roundup_cpu', 'kgdb_cpu_enter'];
/** Bytes of such a function, at most. */
const mostFunctionBytes = 0x1000n;

interface Guess {
  readonly how: string;
  readonly slide: bigint;
}

/**
 * Finds a kernel through virtual addresses alone, where physical memory cannot be read (KGDB). Memory is what the CPUs
 * see.
 */
export async function findVirtually(machine: Machine, file: KernelFile): Promise<FindResult> {
  const cpus = await cpuStates(machine);
  const order = machine.cpus.map(({ id }) => id);
  const reach = new CpuReach(machine, order);
  const entries = new TableEntries(machine);
  const formats = finderOf(machine)?.formats({ machine, file, cpus, entries });
  const reasons: string[] = [];
  const scene: Scene = { machine, file, cpus, entries };
  for await (const { how, slide } of guesses(scene, reach)) {
    const verified = await verifyImage((address, length) => reach.read(wrap(address + slide), length), file);
    if (verified.isThere && formats !== undefined) {
      const memory = new GuestMemory({ machine, reach, entries, formats });
      const physicalBase = await physicalBaseOf(memory, file, slide);
      const place = { slide, physicalBase: physicalBase ?? 0n, pageTable: 0n, how };
      const problems = ['physical memory cannot be read: only what the CPUs see now is known'];
      return { kind: 'found', place, identity: verified.identity, memory, problems };
    }
    if (!verified.isThere) reasons.push(`${how}: ${verified.why} (if the kernel was moved by ${hex(slide)})`);
  }
  if (reasons.length === 0) reasons.push('no register tells where the kernel is, and physical memory cannot be read');
  return { kind: 'not-found', reasons: [...new Set(reasons)].slice(0, 32) };
}

async function* guesses(scene: Scene, reach: CpuReach): AsyncIterable<Guess> {
  const { machine, file, cpus } = scene;
  if (machine.architecture === 'x86_64') {
    const linked = pageFaultHandler(file.address);
    for (const base of new Set(cpus.map(({ registers }) => registers.idt_base ?? fixedIdt))) {
      const at = base + pageFaultGate.vector * BigInt(pageFaultGate.bytes);
      const gate = await reach.read(at, pageFaultGate.bytes);
      const slide = gate && linked !== undefined ? slideOfHandler(handlerOfGate(gate), linked) : undefined;
      if (slide !== undefined) yield { how: 'the interrupt descriptor table', slide };
    }
  }
  const vectors = file.address('vectors');
  for (const { id, registers } of cpus) {
    const base = registers.VBAR_EL1 ?? registers.VBAR_EL2;
    if (base !== undefined && vectors !== undefined) yield { how: `VBAR of CPU ${id}`, slide: wrap(base - vectors) };
    const pc = registers.rip ?? registers.pc;
    if (pc !== undefined) for (const slide of slidesOfCode(file, pc)) yield { how: `where CPU ${id} stands`, slide };
  }
  yield { how: 'no slide', slide: 0n };
}

/** Slides with which an instruction pointer would be in one of the functions that stop for a debugger. */
function slidesOfCode(file: KernelFile, pc: bigint): bigint[] {
  const step = file.architecture === 'x86_64' ? 0x20_0000n : 0x1_0000n;
  return stoppedIn.flatMap((name) => {
    const symbol = file.address(name);
    if (symbol === undefined) return [];
    const above = wrap(pc - symbol);
    return above % step < mostFunctionBytes ? [above - (above % step)] : [];
  });
}

/** As the kernel itself says it. */
async function physicalBaseOf(
  memory: FoundKernel['memory'],
  file: KernelFile,
  slide: bigint,
): Promise<bigint | undefined> {
  const isX86 = file.architecture === 'x86_64';
  const symbol = file.address(isX86 ? 'phys_base' : 'kimage_voffset');
  const value = symbol === undefined ? undefined : await memory.u64(wrap(symbol + slide));
  if (value === undefined) return undefined;
  const text = wrap(file.text + slide);
  return isX86 ? wrap(text - kernelMap + value) : wrap(text - value);
}
