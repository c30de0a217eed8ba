import { architectureByName } from '../../arch/architectures.ts';
import type { RegisterMeaning, ValueClass, ValueMeaning } from '../../model/explanation.ts';
import type { CrashReport } from '../../model/report.ts';
import type { ValueContext } from './context.ts';
import { meaningOf } from './meaning.ts';
import { isGeneral, kernelRegisters, type NameAddress, valueContextOf } from './report-context.ts';

/** Nobody needs to be told these. */
const dull: ReadonlySet<ValueClass> = new Set(['zero', 'small', 'number']);

/** Nor these of a register that points to code, or repeats the address that faulted: there they are as they should be. */
const dullPointer: ReadonlySet<ValueClass> = new Set([
  'kernel-pointer',
  'kernel-text',
  'module',
  'vmalloc',
  'direct-map',
]);
const faultRegister = /^(badaddr|badva|badv|dar|cr2)$/;

/** How far above a register's value the address that it led to may be: members of one structure. */
const memberReach = 0x1_0000n;

/** The value led to the fault: it is the address that could not be accessed, or a little below it. */
function ledToFault(value: bigint, address: bigint | undefined): boolean {
  return address !== undefined && value <= address && address - value < memberReach;
}

/** A report's context for its values, and for those that were used as an address. */
interface Contexts {
  readonly plain: ValueContext;
  readonly asAddress: ValueContext;
}

function registerMeaning(
  name: string,
  value: bigint,
  report: CrashReport,
  { plain, asAddress }: Contexts,
): ValueMeaning | undefined {
  const architecture = architectureByName(report.architecture);
  if (name === architecture?.stackPointer) {
    const meaning = meaningOf(value, plain);
    return meaning?.class === 'stack' ? undefined : meaning;
  }
  const address = report.fault?.address;
  const suspect = ledToFault(value, address) && (value !== 0n || (address ?? 1n) === 0n) && value >= 0x1000n;
  // A general protection fault comes of an address that is none; registers that are none are worth a word then.
  const wild = address === undefined && /general protection|non-canonical/i.test(report.headline);
  const meaning = meaningOf(value, suspect || (wild && value >= 1n << 47n) ? asAddress : plain);
  if (meaning === undefined || dull.has(meaning.class)) return undefined;
  // KASAN's checks keep the offset of the shadow in a register.
  if (meaning.class === 'kasan-shadow' && meaning.address === 0n && value !== address) return undefined;
  const isCode = name === architecture?.instructionPointer || name === architecture?.linkRegister;
  return isCode && dullPointer.has(meaning.class) ? undefined : meaning;
}

/**
 * What the registers of the report's first kernel register set mean, in the order of the architecture; those that there
 * is nothing to say about are left out. `nameAddress` takes addresses as they were at run time.
 */
export function explainRegisters(report: CrashReport, nameAddress?: NameAddress): RegisterMeaning[] {
  const set = kernelRegisters(report);
  const architecture = architectureByName(report.architecture);
  if (set === undefined || architecture === undefined) return [];
  const plain = valueContextOf(report, nameAddress);
  const contexts: Contexts = { plain, asAddress: { ...plain, asAddress: true } };
  const meanings: RegisterMeaning[] = [];
  for (const register of [...architecture.registers, ...architecture.otherRegisters]) {
    const value = set.values[register];
    if (value === undefined || !isGeneral(register) || register.endsWith('_base') || faultRegister.test(register))
      continue;
    const meaning = registerMeaning(register, value, report, contexts);
    if (meaning !== undefined) meanings.push({ register, ...meaning });
  }
  return meanings;
}

// CR4.SMEP and CR4.SMAP (arch/x86/include/uapi/asm/processor-flags.h).
const smep = 1n << 20n;
const smap = 1n << 21n;

/** What keeps the kernel from touching user space, where the fault is one of these. */
function userGuard(report: CrashReport): string | undefined {
  const { fault, architecture } = report;
  const values = kernelRegisters(report)?.values ?? {};
  if (fault?.mode === 'user') return undefined;
  if (architecture === 'x86_64' || architecture === 'i386') {
    const present = ((fault?.errorCode ?? 0n) & 1n) === 1n;
    if (!present || values.cr4 === undefined) return undefined;
    if (fault?.access === 'execute')
      return (values.cr4 & smep) === 0n ? undefined : 'which SMEP does not let the kernel execute';
    return (values.cr4 & smap) === 0n
      ? undefined
      : 'which SMAP does not let the kernel touch outside of copy functions';
  }
  if (architecture === 'arm64') {
    // The fault status of ESR_EL1: level n permission fault.
    const permission = fault?.esr !== undefined && ((fault.esr >> 2n) & 0xfn) === 3n;
    if (!permission) return undefined;
    return fault.access === 'execute'
      ? 'which PXN does not let the kernel execute'
      : 'which PAN does not let the kernel touch outside of copy functions';
  }
  return undefined;
}

/** What the address is that could not be accessed. For one of user space also what forbade it, where that is known. */
export function explainFaultAddress(report: CrashReport, nameAddress?: NameAddress): ValueMeaning | undefined {
  const address = report.fault?.address;
  if (address === undefined) return undefined;
  const meaning = meaningOf(address, { ...valueContextOf(report, nameAddress), asAddress: true });
  if (meaning?.class !== 'user') return meaning;
  const guard = userGuard(report);
  return guard === undefined ? meaning : { ...meaning, words: `${meaning.words}, ${guard}` };
}
