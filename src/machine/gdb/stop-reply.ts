/** Why the target stands still, as its stub says (gdb's manual, E.3 "Stop Reply Packets"). */
export type StopReply =
  | {
      readonly kind: 'signal';
      /** In gdb's numbering: 2 an interrupt, 5 a trap. */
      readonly signal: number;
      /** As the stub writes it. */
      readonly thread?: string;
      /** `watch`, `rwatch`, `awatch`, `swbreak`, `hwbreak`, `library` ... */
      readonly reason?: string;
      /** The data address that a watchpoint hit. */
      readonly address?: bigint;
    }
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'terminated'; readonly signal: number }
  /** `N`: nothing that was resumed is left. */
  | { readonly kind: 'none' };

const reasons: ReadonlySet<string> = new Set(['watch', 'rwatch', 'awatch', 'swbreak', 'hwbreak', 'library', 'fork']);
const watches: ReadonlySet<string> = new Set(['watch', 'rwatch', 'awatch']);

/** Pairs of a `T` packet that are looked at. */
const mostPairs = 512;

/** A stop reply; undefined if the packet is none. */
export function parseStopReply(packet: Buffer): StopReply | undefined {
  const first = packet[0];
  // T 0x54, S 0x53, W 0x57, X 0x58, N 0x4e. Memory, of which most packets are, has small letters.
  if (first === undefined || first < 0x4e || first > 0x58) return undefined;
  const text = packet.toString('latin1', 0, 8192);
  if (first === 0x4e) return text === 'N' ? { kind: 'none' } : undefined;
  if (first === 0x57 || first === 0x58) {
    const status = /^.([0-9a-fA-F]{1,8})(?:;process:[^;]*)?$/.exec(text)?.[1];
    if (status === undefined) return undefined;
    const value = Number.parseInt(status, 16);
    return first === 0x57 ? { kind: 'exited', status: value } : { kind: 'terminated', signal: value };
  }
  if (first !== 0x53 && first !== 0x54) return undefined;
  const digits = /^.([0-9a-fA-F]{2})/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const signal = Number.parseInt(digits, 16);
  if (first === 0x53) return text.length === 3 ? { kind: 'signal', signal } : undefined;
  return { kind: 'signal', signal, ...pairsOf(text.slice(3)) };
}

function pairsOf(text: string): { thread?: string; reason?: string; address?: bigint } {
  const found: { thread?: string; reason?: string; address?: bigint } = {};
  for (const pair of text.split(';', mostPairs)) {
    const colon = pair.indexOf(':');
    if (colon < 0) continue;
    const name = pair.slice(0, colon);
    const value = pair.slice(colon + 1);
    if (name === 'thread') found.thread = value;
    else if (reasons.has(name)) {
      found.reason = name;
      if (watches.has(name) && /^[0-9a-fA-F]{1,16}$/.test(value)) found.address = BigInt(`0x${value}`);
    }
  }
  return found;
}
