import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/task.ts';
import type { LiveKernel, LiveLock, LivePageFault, LiveTask, LockParty } from '../model/live.ts';
import { cpuState, interruptsOff } from './cpu-state.ts';
import type { ReadCpu } from './read-threads.ts';
import type { Thread } from './thread.ts';
import type { CpuFacts, ExplainedFault } from './verdict/facts.ts';
import type { Contention, Holder, Wait } from './waits/wait.ts';

export function kernelOf({ architecture, identity, place }: Kernel): LiveKernel {
  const { slide, isSlideUnknown, physicalBase, how } = place;
  return { architecture, ...identity, ...(isSlideUnknown !== true && { slide }), physicalBase, how };
}

export function cpusOf(
  kernel: Kernel,
  cpus: readonly { readonly read: ReadCpu; readonly thread: Thread }[],
): readonly CpuFacts[] {
  return cpus.map(({ read, thread }): CpuFacts => {
    const { registers, cpu, current, raw } = read;
    const off = interruptsOff(registers);
    return {
      id: cpu.id,
      state: cpu.isOnline ? cpuState(kernel.symbols, registers, thread.frames) : 'offline',
      ...(current !== undefined && { pid: current.pid, comm: current.comm }),
      ...(off !== undefined && { interruptsOff: off }),
      registers,
      frames: thread.frames,
      ...(raw.endsBecause !== undefined && { endsBecause: raw.endsBecause }),
      thread,
    };
  });
}

export function tasksOf(tasks: readonly Task[], sleeping: readonly Thread[]): readonly LiveTask[] {
  const stacks = new Map(sleeping.map((thread) => [thread.task, thread]));
  return tasks.map(({ pid, tgid, comm, address, state, stateBits, cpu, onCpu, stack, isKernelThread }): LiveTask => {
    const thread = stacks.get(address);
    const endsBecause = thread?.raw.endsBecause;
    return {
      ...{ pid, tgid, comm, address, state, stateBits, onCpu, isKernelThread },
      ...(cpu !== undefined && { cpu }),
      ...(stack !== undefined && { stack }),
      frames: thread?.frames ?? [],
      ...(endsBecause !== undefined && { endsBecause }),
    };
  });
}

export function faultsOf(faults: readonly ExplainedFault[]): readonly LivePageFault[] {
  return faults
    .filter(({ entry }) => entry.kind === 'page-fault')
    .map(({ thread, nth, entry, judgement, described }): LivePageFault => {
      const { cpu, pid, comm } = thread;
      const { ptRegs, registers, isUser, faultAddress, errorCode } = entry;
      return {
        ...(cpu !== undefined && { cpu }),
        ...(pid !== undefined && { pid }),
        ...(comm !== undefined && { comm }),
        ptRegsAddress: ptRegs,
        registers,
        isUser,
        ...(faultAddress !== undefined && { faultAddress }),
        ...(errorCode !== undefined && { errorCode }),
        frames: thread.frames.slice(nth + 1),
        fatal: judgement.fatal,
        why: judgement.why,
        ...described,
      };
    });
}

export function locksOf(contentions: readonly Contention[]): readonly LiveLock[] {
  return contentions.map(
    ({ kind, address, name, value, waits, holders }): LiveLock => ({
      kind,
      ...(address !== undefined && { address }),
      ...(name !== undefined && { name }),
      ...(value !== undefined && { value }),
      holders: holders.map(holderOf),
      waiters: waits.map(waiterOf),
    }),
  );
}

function partyOf(thread: Thread | undefined): Pick<LockParty, 'cpu' | 'pid' | 'comm'> {
  return {
    ...(thread?.cpu !== undefined && { cpu: thread.cpu }),
    ...(thread?.pid !== undefined && { pid: thread.pid }),
    ...(thread?.comm !== undefined && { comm: thread.comm }),
  };
}

function holderOf({ thread, site, how }: Holder): LockParty {
  return {
    ...partyOf(thread),
    ...(site !== undefined && { function: site.at.function, ...(site.at.source && { source: site.at.source }) }),
    how,
  };
}

function waiterOf({ site, how }: Wait): LockParty {
  return {
    ...partyOf(site.thread),
    function: site.at.function,
    ...(site.at.source && { source: site.at.source }),
    ...(how !== undefined && { how }),
  };
}
