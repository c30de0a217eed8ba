import type { KernelIdentity } from '../kernel/kernel.ts';
import { isBeforeKernel } from '../kernel/slide/before-kernel.ts';
import type { CpuState } from '../kernel/slide/lead.ts';
import type { LiveOutcome, Verdict } from '../model/live.ts';
import type { Image } from '../symbols/image.ts';
import { runStateWords } from './run-state.ts';
import { listWords } from './verdict/words.ts';

/** The image of a kernel that lies in memory and does not run. */
export interface RestingImage {
  readonly image: Image;
  /** Address of its start in the file, and in physical memory. */
  readonly text: bigint;
  readonly physicalBase: bigint;
}

/** What is known of a machine in which no kernel was found that runs. */
export interface WithoutKernel {
  readonly cpus: readonly CpuState[];
  readonly identity: KernelIdentity | undefined;
  readonly resting: RestingImage | undefined;
  readonly runState: string | undefined;
  readonly problems: readonly string[];
}

/** What can be said of it. */
export interface WithoutKernelVerdict {
  readonly verdict: Verdict;
  readonly outcome: LiveOutcome;
  /** Of all CPUs. */
  readonly state: 'firmware' | 'unknown';
}

/** CPUs that are told. */
const mostTold = 16;
/** Bytes of a kernel's image. */
const mostImageBytes = 0x1000_0000n;

/**
 * Where the kernel stays for ever if it finds that it cannot run on a CPU (arch/arm64/kernel/head.S), with the page tables
 * still off.
 */
const refusals: Readonly<Record<string, string>> = {
  __no_granule_support: 'it has no pages of the size that the kernel was built for',
  __cpu_secondary_check52bitva: 'it has no addresses of 52 bits as the first CPU has',
};

/** Why a machine hangs that has no kernel, or none that is understood. */
export function verdictWithoutKernel(facts: WithoutKernel): WithoutKernelVerdict {
  const { cpus, problems, runState } = facts;
  const state = isBeforeKernel(cpus) ? 'firmware' : 'unknown';
  const evidence = problems.map((words) => ({ words }));
  const stands = runStateWords(runState);
  if (stands !== undefined) {
    return {
      verdict: {
        ...{ rule: 'not-running', confidence: 'certain', sentence: `The guest does not run: ${stands.words}.` },
        evidence: [{ words: `QEMU calls its state "${runState}"` }, ...evidence],
        ...(!stands.isTrouble && { circumstance: true }),
      },
      ...{ outcome: stands.isTrouble ? 'broken' : 'unclear', state },
    };
  }
  if (state === 'firmware') return { ...inFirmware(facts), state };
  return {
    verdict: {
      ...{ rule: 'unclear', confidence: 'possible' },
      sentence: `Nothing can be said of why it hangs: ${problems[0] ?? 'no kernel was found in the machine'}.`,
      evidence,
      circumstance: true,
    },
    ...{ outcome: 'unclear', state },
  };
}

function inFirmware({ cpus, identity, resting, problems }: WithoutKernel): Omit<WithoutKernelVerdict, 'state'> {
  const kernel = identity?.release === undefined ? 'The kernel' : `The kernel ${identity.release}`;
  const told = cpus.slice(0, mostTold);
  const evidence = [
    ...told.map((cpu) => ({ words: `CPU ${cpu.id} is ${placeOf(cpu, resting)}` })),
    ...problems.map((words) => ({ words })),
  ];
  for (const cpu of told) {
    const why = refusals[functionAt(cpu, resting)?.name ?? ''];
    if (why === undefined) continue;
    const sentence = `${kernel} cannot start: CPU ${cpu.id} stays in ${functionAt(cpu, resting)?.name}, as ${why}.`;
    return {
      verdict: { ...{ rule: 'not-running', confidence: 'certain', sentence }, evidence },
      outcome: 'broken',
    };
  }
  const places = listWords(cpus.map((cpu) => `CPU ${cpu.id} is ${placeOf(cpu, resting)}`));
  const isOwn = cpus.some((cpu) => functionAt(cpu, resting) !== undefined);
  const where = isOwn ? '' : ', in firmware or in what boots it';
  const start =
    identity === undefined && resting === undefined ? 'No kernel runs' : `${kernel} does not run, or has not begun`;
  return {
    verdict: {
      ...{ rule: 'not-running', confidence: 'likely', sentence: `${start}: ${places}${where}.` },
      ...{ evidence, circumstance: true },
    },
    outcome: 'unclear',
  };
}

/** `in real mode at f000:fff0`, `at 0x40201234 in __enable_mmu`. */
function placeOf(cpu: CpuState, resting: RestingImage | undefined): string {
  const { registers } = cpu;
  const at = registers.rip ?? registers.pc;
  if (at === undefined) return 'at an unknown place';
  const name = functionAt(cpu, resting)?.name;
  return `in ${modeOf(cpu)} at ${registers.cs !== undefined && isReal(cpu) ? `${registers.cs.toString(16)}:${at.toString(16)}` : `0x${at.toString(16)}`}${name === undefined ? '' : ` (${name})`}`;
}

const isReal = ({ registers: { cr0 } }: CpuState): boolean => cr0 !== undefined && (cr0 & 1n) === 0n;

/** By CR0.PE and EFER.LMA (Intel SDM 3A, 2.2); of arm64 the exception level (PSTATE.M). */
function modeOf(cpu: CpuState): string {
  const { cr0, efer, pstate, cpsr } = cpu.registers;
  if (cr0 !== undefined) {
    if (isReal(cpu)) return 'real mode';
    return ((efer ?? 0n) & 0x400n) === 0n ? 'protected mode' : '64-bit mode';
  }
  const mode = pstate ?? cpsr;
  return mode === undefined ? 'an unknown mode' : `EL${(mode >> 2n) & 3n}`;
}

/** The function of a kernel that executes at its physical address, as all do before they have page tables. */
function functionAt({ registers }: CpuState, resting: RestingImage | undefined): { readonly name: string } | undefined {
  const at = registers.rip ?? registers.pc;
  if (resting === undefined || at === undefined) return undefined;
  const { image, text, physicalBase } = resting;
  if (at < physicalBase || at - physicalBase >= mostImageBytes) return undefined;
  const symbol = image.symbolAt(Number(BigInt.asIntN(64, at - physicalBase + text)));
  return symbol === undefined ? undefined : { name: symbol.name };
}
