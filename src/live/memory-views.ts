import { decodePageTable } from '../arch/page-table.ts';
import { decodeRegisters } from '../arch/register-words.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isUserMode, readPtRegs } from '../kernel/pt-regs.ts';
import type { DecodedPtRegs, DecodedTranslation, MemoryDump } from '../model/live-memory.ts';
import { KtriageError } from '../util/errors.ts';
import { hex } from '../util/words.ts';
import { pageInfo } from './page-flags.ts';

/** Bytes that can be shown at once. */
export const mostDumpBytes = 1_048_576;

/**
 * An address as people write it: hex with or without `0x`, `SYMBOL`, `SYMBOL+0x20`.
 * @throws KtriageError KT-LIVE-ADDRESS.
 */
export function addressOf({ symbols }: Kernel, text: string): bigint {
  const isHex = /^(?:0x)?[0-9a-f]{1,16}$/i.test(text);
  // A function may be called as a number is: `add`.
  if (isHex && (/^0x/i.test(text) || symbols.address(text) === undefined))
    return BigInt(`0x${text.replace(/^0x/i, '')}`);
  const [name = '', offset = '0', ...more] = text.split('+');
  const address = symbols.address(name);
  const isOffset = /^(?:0x[0-9a-f]{1,16}|\d{1,18})$/i.test(offset) && more.length === 0;
  if (address !== undefined && isOffset) return BigInt.asUintN(64, address + BigInt(offset));
  throw new KtriageError(
    'KT-LIVE-ADDRESS',
    `${text} is no address`,
    address === undefined ? `the kernel has no symbol ${name}` : `${offset} is no offset`,
    'give it in hex (0xffffffff81234567), or as SYMBOL, or SYMBOL+0x20',
  );
}

/** `symbol+0x20 [module]`, where there is one. */
function nameAt({ symbols }: Kernel, address: bigint): string | undefined {
  const symbol = symbols.at(address);
  if (symbol === undefined) return undefined;
  const offset = symbol.offset === 0 ? '' : `+0x${symbol.offset.toString(16)}`;
  return `${symbol.name}${offset}${symbol.module === undefined ? '' : ` [${symbol.module}]`}`;
}

async function unmapped({ memory }: Kernel, address: bigint): Promise<KtriageError> {
  const { why = 'a part of it is not there' } = await memory.translate(address);
  const hint = `ktriage live translate ${hex(address)} shows how it is translated`;
  return new KtriageError('KT-LIVE-UNMAPPED', `cannot read at ${hex(address)}`, why, hint);
}

/** Memory at a virtual address. @throws KtriageError KT-LIVE-UNMAPPED. */
export async function dumpAt(kernel: Kernel, address: bigint, length: number): Promise<MemoryDump> {
  const bytes = await kernel.memory.read(address, length);
  if (bytes === undefined) throw await unmapped(kernel, address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names: Record<number, string> = {};
  for (let at = 0; at + 8 <= length; at += 8) {
    const word = view.getBigUint64(at, true);
    const name = kernel.memory.isKernelAddress(word) ? nameAt(kernel, word) : undefined;
    if (name !== undefined) names[at] = name;
  }
  const symbol = nameAt(kernel, address);
  return { address, bytes: Buffer.from(bytes).toString('hex'), names, ...(symbol !== undefined && { symbol }) };
}

/** Saved registers at an address. @throws KtriageError KT-LIVE-UNMAPPED. */
export async function ptRegsAt(kernel: Kernel, address: bigint): Promise<DecodedPtRegs> {
  const registers = await readPtRegs(kernel, address);
  if (registers === undefined) throw await unmapped(kernel, address);
  const decoded = decodeRegisters(kernel.architecture, registers);
  const names: Record<string, string> = {};
  for (const [register, value] of Object.entries(registers)) {
    const name = kernel.memory.isKernelAddress(value) ? nameAt(kernel, value) : undefined;
    if (name !== undefined) names[register] = name;
  }
  const isUser = isUserMode(kernel.architecture, registers);
  return { address, isUser, registers, names, ...(decoded !== undefined && { decoded }) };
}

/** How a virtual address is translated, each entry in words, and what the kernel knows of the page. */
export async function translateAt(kernel: Kernel, address: bigint): Promise<DecodedTranslation> {
  const { steps, physical, pageBytes, why } = await kernel.memory.translate(address);
  const { release } = kernel.identity;
  const read = steps.flatMap(({ level, entry }) =>
    entry === undefined ? [] : [{ level: level.toLowerCase(), value: entry }],
  );
  const walk = decodePageTable(read, { architecture: kernel.architecture, ...(release !== undefined && { release }) });
  const page = physical === undefined ? undefined : await pageInfo(kernel, physical);
  const symbol = nameAt(kernel, address);
  return {
    address,
    ...(symbol !== undefined && { symbol }),
    steps: steps.map(({ level, at, entry }, nth) => ({
      level,
      at,
      value: entry ?? 0n,
      isRead: entry !== undefined,
      ...(walk.entries[nth]?.fields !== undefined && entry !== undefined && { fields: walk.entries[nth].fields }),
    })),
    ...(walk.mapping !== undefined && { words: walk.mapping.words }),
    ...(physical !== undefined && { physical }),
    ...(pageBytes !== undefined && { pageBytes }),
    ...(why !== undefined && { why }),
    ...(page !== undefined && { page }),
  };
}
