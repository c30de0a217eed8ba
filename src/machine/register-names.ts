import type { MachineArchitecture, RegisterValues } from './machine.ts';

/** What target descriptions call an architecture (gdb's `set architecture`, QEMU's `gdb_arch_name`). */
const architectures: ReadonlyMap<string, MachineArchitecture> = new Map([
  ['i386:x86-64', 'x86_64'],
  ['i386:x86-64:intel', 'x86_64'],
  ['i386:x64-32', 'x86_64'],
  ['i386', 'i386'],
  ['i386:intel', 'i386'],
  ['aarch64', 'arm64'],
  // QEMU's own words, in query-cpus-fast, and the kernel's.
  ['x86_64', 'x86_64'],
  ['arm64', 'arm64'],
]);

/** The architecture of that name; undefined if it is not one that can be looked into. */
export function machineArchitecture(name: string): MachineArchitecture | undefined {
  return architectures.get(name);
}

/**
 * Registers that arm64 shares with 32-bit Arm have the name of both in QEMU (target/arm/helper.c, ARM_CP_STATE_BOTH),
 * without the exception level.
 */
const arm64Names: ReadonlyMap<string, string> = new Map(
  Object.entries({
    VBAR: 'VBAR_EL1',
    SCTLR: 'SCTLR_EL1',
    CPACR: 'CPACR_EL1',
    CNTKCTL: 'CNTKCTL_EL1',
    AMAIR0: 'AMAIR_EL1',
    CSSELR: 'CSSELR_EL1',
    CLIDR: 'CLIDR_EL1',
    AIDR: 'AIDR_EL1',
  }),
);

/** QEMU's monitor has the short names of a 64-bit CPU in a 32-bit mode (target/i386/cpu-dump.c). */
const x8664Names: ReadonlyMap<string, string> = new Map(
  ['ax', 'bx', 'cx', 'dx', 'si', 'di', 'bp', 'sp', 'ip'].map((name) => [`e${name}`, `r${name}`] as const),
);

const stubNames: Readonly<Record<MachineArchitecture, ReadonlyMap<string, string>>> = {
  x86_64: x8664Names,
  i386: new Map(),
  arm64: arm64Names,
};

/** Second names: of the stub, and of reports and debug information. */
const aliases: Readonly<Record<MachineArchitecture, readonly (readonly [from: string, to: string])[]>> = {
  x86_64: [['k_gs_base', 'kernel_gs_base']],
  i386: [],
  arm64: [
    ['x30', 'lr'],
    ['cpsr', 'pstate'],
  ],
};

/** Values by the stub's names as values by ours. */
export function reportNames(
  architecture: MachineArchitecture,
  values: Iterable<readonly [string, bigint]>,
): RegisterValues {
  const named: Record<string, bigint> = {};
  const names = stubNames[architecture];
  for (const [name, value] of values) {
    // A register called __proto__ would be none.
    if (name.startsWith('__')) continue;
    named[names.get(name) ?? name] = value;
  }
  for (const [from, to] of aliases[architecture]) {
    const value = named[from] ?? named[to];
    if (value === undefined) continue;
    named[from] = value;
    named[to] = value;
  }
  return named;
}

/**
 * System registers of arm64 that say something about a kernel: what it points to, translates with, has faulted at, or
 * what the CPU can. The others (breakpoints, counters, reserved ones) are not worth a request each.
 */
export function isTelling(name: string): boolean {
  return !/^(?:RES_|DBG[BW]|PM|L2|CPUMERRSR|CNTP|ID_(?:MMFR|ISAR|PFR|DFR|AFR)|MVFR|.*_RESERVED$|SPSR_(?:IRQ|ABT|UND|FIQ)$)/.test(
    name,
  );
}
