/** A register of a stub. */
export interface StubRegister {
  /** As the stub names it. */
  readonly name: string;
  /** For `p`; the order of the `g` packet too. */
  readonly number: number;
  /** Bits; a multiple of 8. */
  readonly bits: number;
  /** Byte in the `g` packet, which may end before it. */
  readonly offset: number;
  /** Floating point, vectors and the like, which say nothing about where the kernel stands. */
  readonly isWide: boolean;
}

/** The registers of a stub, by number. */
export interface RegisterLayout {
  /** The description's own word: `i386:x86-64`, `i386`, `aarch64`. */
  readonly architecture: string;
  readonly registers: readonly StubRegister[];
  /** Bytes of a `g` packet with all of them. */
  readonly bytes: number;
}

/** A register as it is described: where it stands in the packet follows from those before it. */
export interface RegisterLiteral {
  readonly name: string;
  readonly number: number;
  readonly bits: number;
  readonly isWide: boolean;
}

/** Registers of one stub at most; QEMU's for arm64 have about 500. */
export const mostRegisters = 8192;

/** Sorts by number, which is the order of the packet, and adds up the places. The first of equal numbers stays. */
export function layOut(architecture: string, literals: readonly RegisterLiteral[]): RegisterLayout {
  const sorted = [...literals].sort((a, b) => a.number - b.number);
  const registers: StubRegister[] = [];
  let offset = 0;
  for (const literal of sorted) {
    if (registers.at(-1)?.number === literal.number) continue;
    registers.push({ ...literal, offset });
    offset += literal.bits / 8;
  }
  return { architecture, registers, bytes: offset };
}

function run(names: readonly string[], bits: number, isWide = false): Omit<RegisterLiteral, 'number'>[] {
  return names.map((name) => ({ name, bits, isWide }));
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

function fixed(architecture: string, parts: readonly (readonly Omit<RegisterLiteral, 'number'>[])[]): RegisterLayout {
  return layOut(
    architecture,
    parts.flat().map((literal, number) => ({ ...literal, number })),
  );
}

const segments = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'];
const x87 = [...run(numbered('st', 8), 80, true)];
const x87Control = run(['fctrl', 'fstat', 'ftag', 'fiseg', 'fioff', 'foseg', 'fooff', 'fop'], 32, true);

/** gdb's own order (gdb/features/i386/64bit-core.xml), which the kernel's stub has too (arch/x86/kernel/kgdb.c). */
const x8664 = fixed('i386:x86-64', [
  run(['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp', ...numbered('r', 16).slice(8), 'rip'], 64),
  run(['eflags', ...segments], 32),
  x87,
  x87Control,
  run(numbered('xmm', 16), 128, true),
  run(['mxcsr'], 32, true),
  run(['fs_base', 'gs_base'], 64),
]);

/** gdb/features/i386/32bit-core.xml. */
const i386 = fixed('i386', [
  run(['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', 'eip', 'eflags', ...segments], 32),
  x87,
  x87Control,
  run(numbered('xmm', 8), 128, true),
  run(['mxcsr'], 32, true),
]);

/** gdb/features/aarch64-core.xml, aarch64-fpu.xml. */
const aarch64 = fixed('aarch64', [
  run([...numbered('x', 31), 'sp', 'pc'], 64),
  run(['cpsr'], 32),
  run(numbered('v', 32), 128, true),
  run(['fpsr', 'fpcr'], 32, true),
]);

/** Layouts of stubs that describe nothing. */
export const fixedLayouts: readonly RegisterLayout[] = [x8664, i386, aarch64];

/**
 * Bytes of `g` packets of stubs that describe nothing: without and with the x87, SSE and base registers (amd64, i386),
 * without and with the vector registers (aarch64). gdb itself adds orig_rax on Linux, in which kernels have no part.
 */
const packetBytes: ReadonlyMap<number, RegisterLayout> = new Map([
  // The kernel's own stub leaves the last two selectors out (NUMREGBYTES of arch/x86/include/asm/kgdb.h).
  [156, x8664],
  [164, x8664],
  [x8664.bytes - 16, x8664],
  [x8664.bytes, x8664],
  [64, i386],
  [176, i386],
  [i386.bytes, i386],
  [i386.bytes + 4, i386],
  [268, aarch64],
  [aarch64.bytes, aarch64],
]);

/**
 * The layout that a `g` packet of so many bytes has, undefined if there is none. A described one is taken, of which stubs
 * may send the beginning, unless the packet has the size that another architecture's has: the target has gone to another
 * mode, in which gdb says "Remote 'g' packet reply is too long".
 */
export function layoutOfPacket(bytes: number, described: RegisterLayout | undefined): RegisterLayout | undefined {
  const known = packetBytes.get(bytes);
  if (described === undefined || bytes === described.bytes) return described ?? known;
  return known !== undefined && known.architecture !== described.architecture ? known : described;
}
