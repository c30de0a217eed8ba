import type { LiveDocument } from '../../model/live.ts';
import type { ArchitectureName, CrashReport, FaultInfo, Frame, KernelInfo, RegisterSet } from '../../model/report.ts';
import { accessOf } from './name.ts';
import type { HangSubject } from './subject.ts';

/** The registers and the fault that the subject's stack has. */
export function machineOf(
  { kernel: { architecture }, pageFaults }: LiveDocument,
  subject: HangSubject | undefined,
  frames: readonly Frame[],
): Pick<CrashReport, 'registers' | 'fault' | 'explanation'> {
  const [ip] = frames;
  if (subject === undefined || ip === undefined) return {};
  const { range } = ip;
  const { thread, fault } = subject;
  if (fault === undefined) {
    if (thread.cpu === undefined) return {};
    const { registers, decoded } = thread.cpu;
    // Nothing trapped there: these are of no frame.
    const set: RegisterSet = { mode: 'kernel', values: registers, ranges: {}, ...(decoded && { decoded }), range };
    return { registers: [set] };
  }
  const { entry } = fault;
  const explanation = pageFaults.find(({ ptRegsAddress }) => ptRegsAddress === entry.ptRegs)?.explanation;
  return {
    registers: [{ mode: 'kernel', values: entry.registers, ranges: {}, ip, range }],
    fault: faultInfo(fault, architecture),
    ...(explanation !== undefined && { explanation }),
  };
}

function faultInfo({ entry }: NonNullable<HangSubject['fault']>, architecture: string): FaultInfo {
  const { faultAddress: address, errorCode } = entry;
  const { access, fields } = accessOf(entry, architecture) ?? {};
  return {
    ...(address !== undefined && { address }),
    ...(access !== undefined && { access }),
    mode: 'kernel',
    ...(errorCode !== undefined && (architecture === 'arm64' ? { esr: errorCode } : { errorCode })),
    ...(fields !== undefined && { fields }),
  };
}

/** What kernel it is. */
export function kernelOf({ kernel }: Pick<LiveDocument, 'kernel'>): KernelInfo {
  const { release, banner = '', buildId, slide } = kernel;
  const at = banner.indexOf(' #');
  return {
    ...(release !== undefined && { release }),
    ...(at !== -1 && { version: banner.slice(at + 1).trim() }),
    ...(buildId !== undefined && { buildId }),
    ...(slide !== undefined && { kaslrOffset: slide }),
  };
}

/** The architecture by its name in reports. */
export const architectureOf = ({ kernel: { architecture } }: Pick<LiveDocument, 'kernel'>): ArchitectureName =>
  architecture === 'x86_64' || architecture === 'arm64' ? architecture : 'unknown';
