import type { TextRange } from '../../model/position.ts';
import type { Frame } from '../../model/report.ts';
import { parseSymbol, skipBlanks } from './symbol.ts';

/** An instruction pointer, or return address, as printed with its symbol. */
export interface PointerLine {
  readonly which: 'ip' | 'lr';
  /** Canonical name of the register. */
  readonly register: string;
  readonly codeSegment?: number;
  readonly address?: bigint;
  /** Absent if nothing but a number is printed. */
  readonly symbol?: Omit<Frame, 'range'>;
  /** Where other registers may follow on the line. */
  readonly end: number;
}

interface PointerForm {
  readonly prefix: RegExp;
  readonly which: 'ip' | 'lr';
  readonly register: string;
}

// The forms of all architectures and times; group 1 is a code segment.
const forms: readonly PointerForm[] = [
  { prefix: /^\s{0,8}RIP: {1,2}(?:([0-9a-f]{4}):)?/, which: 'ip', register: 'rip' },
  { prefix: /^\s{0,8}RIP {2}(?=\[<)/, which: 'ip', register: 'rip' },
  { prefix: /^\s{0,8}EIP: {1,2}(?:([0-9a-f]{4}):)?/, which: 'ip', register: 'eip' },
  { prefix: /^\s{0,8}EIP is at /, which: 'ip', register: 'eip' },
  { prefix: /^\s{0,8}PC is at /, which: 'ip', register: 'pc' },
  { prefix: /^\s{0,8}LR is at /, which: 'lr', register: 'lr' },
  { prefix: /^\s{0,8}pc : /, which: 'ip', register: 'pc' },
  { prefix: /^\s{0,8}lr : /, which: 'lr', register: 'lr' },
  { prefix: /^\s{0,8}NIP (?=\[)/, which: 'ip', register: 'nip' },
  { prefix: /^\s{0,8}LR (?=\[)/, which: 'lr', register: 'lr' },
  { prefix: /^\s{0,8}s?epc {0,3}: /, which: 'ip', register: 'epc' },
  { prefix: /^\s{0,8}ra {0,4}: /, which: 'lr', register: 'ra' },
  { prefix: /^\s{0,8}(?:ERA|era) {0,3}: /, which: 'ip', register: 'era' },
  { prefix: /^\s{0,8}(?:Krnl|User) PSW : [0-9a-f]{16} /, which: 'ip', register: 'pswa' },
];

const bracketed = /\[<?(?:0x)?([0-9a-f]{8,16})>?\]/y;
const raw = /(?:0x)?([0-9a-f]{8,16})(?![\w+])/y;

/** Reads an IP or LR line: `RIP: 0010:foo+0x1/0x2`, `pc : [<ffff...>] lr : [<ffff...>]`, `epc   : 80123456 foo+0x..`. */
export function parsePointerLine(text: string): PointerLine | undefined {
  for (const { prefix, which, register } of forms) {
    const match = prefix.exec(text);
    if (match === null) continue;
    const segment = match[1];
    let i = skipBlanks(text, match[0].length);
    let address: bigint | undefined;
    for (let n = 0; n < 2; n++) {
      bracketed.lastIndex = i;
      const found = bracketed.exec(text);
      if (found === null) break;
      address = BigInt(`0x${found[1] ?? '0'}`);
      i = skipBlanks(text, bracketed.lastIndex);
    }
    if (address === undefined) {
      raw.lastIndex = i;
      const found = raw.exec(text);
      if (found !== null) {
        address = BigInt(`0x${found[1] ?? '0'}`);
        i = skipBlanks(text, raw.lastIndex);
      }
    }
    if (text[i] === '(' && !text.startsWith('(null)', i)) i++;
    const symbol = parseSymbol(text, i);
    if (symbol === undefined && address === undefined) return undefined;
    const { end: _end, inline: _inline, unreliable: _unreliable, address: own, ...rest } = symbol ?? { end: i };
    const where = address ?? own;
    return {
      which,
      register,
      end: symbol?.end ?? i,
      ...(segment !== undefined && { codeSegment: Number.parseInt(segment, 16) }),
      ...(where !== undefined && { address: where }),
      ...(symbol?.function !== undefined && {
        symbol: { ...rest, reliable: true, ...(where !== undefined && { address: where }) },
      }),
    };
  }
  return undefined;
}

// What the kernel itself said of the IP before it printed registers on 4.10 to 4.18 ("IP: foo+0x1/0x2") and older.
const oldIp = /^\s{0,8}IP: {1,2}/;

/** x86's `IP: [<addr>] foo+0x1/0x2` line under a page fault's headline, up to 4.18. */
export function parseOldIpLine(text: string, range: TextRange): Frame | undefined {
  const match = oldIp.exec(text);
  if (match === null) return undefined;
  const line = parsePointerLine(`RIP: ${text.slice(match[0].length)}`);
  return line?.symbol === undefined ? undefined : { ...line.symbol, range };
}
