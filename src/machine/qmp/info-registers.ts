/** Names of `info registers` of x86 (target/i386/cpu-dump.c), as reports have them. */
const x86Names: Readonly<Record<string, string>> = { RFL: 'eflags', EFL: 'eflags', RIP: 'rip', EIP: 'eip' };

/** Segments and tables: a selector where there is one, base, limit, and flags. */
const x86Segments: ReadonlySet<string> = new Set(['ES', 'CS', 'SS', 'DS', 'FS', 'GS', 'LDT', 'TR']);
const x86Tables: ReadonlySet<string> = new Set(['GDT', 'IDT']);

const mostLines = 200_000;
const mostCpus = 4096;

/**
 * What the monitor prints for `info registers -a`, by CPU. Of x86 it has what a gdbstub has not: bases and limits of the
 * descriptor tables (`idt_base`, `idt_limit`, `gdt_base`, `gdt_limit`, `tr_base`), debug registers, `cpl`, `hlt`, `smm`.
 * Of arm64 it has the general registers only.
 */
export function parseInfoRegisters(text: string): Map<number, Map<string, bigint>> {
  const cpus = new Map<number, Map<string, bigint>>();
  let current: Map<string, bigint> | undefined;
  for (const line of text.split('\n', mostLines)) {
    const cpu = /^CPU#(\d{1,5})\s*$/.exec(line)?.[1];
    if (cpu !== undefined) {
      if (cpus.size >= mostCpus) break;
      current = new Map();
      cpus.set(Number(cpu), current);
    } else if (current !== undefined) {
      if (!x86Line(line.slice(0, 200), current)) plainLine(line.slice(0, 200), current);
    }
  }
  return cpus;
}

/** `GS =0000 ffff8f4adf400000 00000000 00000000`, `IDT=     fffffe0000000000 00000fff`. */
function x86Line(line: string, values: Map<string, bigint>): boolean {
  const match = /^([A-Z]{2,3}) {0,2}=(.*)$/.exec(line);
  const name = match?.[1] ?? '';
  const isTable = x86Tables.has(name);
  if (!isTable && !x86Segments.has(name)) return false;
  const words = (match?.[2] ?? '').trim().split(/ +/, 4);
  const numbers = words.map((word) => (/^[0-9a-f]{1,16}$/.test(word) ? BigInt(`0x${word}`) : undefined));
  const [selector, base, limit] = isTable ? [undefined, ...numbers] : numbers;
  const lower = name.toLowerCase();
  if (selector !== undefined) values.set(lower, selector);
  if (base !== undefined) values.set(`${lower}_base`, base);
  if (limit !== undefined) values.set(`${lower}_limit`, limit);
  return true;
}

/** `RAX=000000000001ad40 RBX=...`, `R8 =...`, `RIP=... RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1`, `X00=...`. */
function plainLine(line: string, values: Map<string, bigint>): void {
  for (const match of line.matchAll(/\b([A-Z][A-Z0-9]{1,6}) ?=([0-9a-f]{1,16})(?![0-9a-f:])/g)) {
    const [, name = '', digits = '0'] = match;
    if (/^(?:FPR|[XYZ]MM|Q)\d/.test(name)) continue;
    const arm = /^X(\d\d)$/.exec(name)?.[1];
    values.set(arm === undefined ? (x86Names[name] ?? name.toLowerCase()) : `x${Number(arm)}`, BigInt(`0x${digits}`));
  }
}
