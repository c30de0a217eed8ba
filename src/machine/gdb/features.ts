/** What a stub says it can do (`qSupported`). */
export interface StubFeatures {
  /** Characters of a packet's data. */
  readonly packetSize: number;
  readonly hasMultiprocess: boolean;
  readonly hasDescription: boolean;
  readonly hasNoAckMode: boolean;
  /** Memory as binary (`x`), as gdb has it since 16. */
  readonly hasBinaryUpload: boolean;
}

/** Where a stub does not say: gdb takes 400 characters too (gdb/remote.c). */
const defaultPacketSize = 400;
const smallestPacketSize = 64;
const largestPacketSize = 1_048_576;

/** What we say we understand. Without `multiprocess+`, QEMU refuses to be detached from once somebody else said it. */
export const ownFeatures = 'qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+;xmlRegisters=i386';

/**
 * The answer to `qSupported`; an empty one says nothing.
 * @param usualPacketSize where it does not say how long packets may be; 400 by default.
 */
export function parseFeatures(answer: string, usualPacketSize = defaultPacketSize): StubFeatures {
  const words = new Map<string, string>();
  for (const word of answer.split(';', 256)) {
    const equals = word.indexOf('=');
    if (equals > 0) words.set(word.slice(0, equals), word.slice(equals + 1));
    else words.set(word.slice(0, -1), word.slice(-1));
  }
  const has = (name: string): boolean => words.get(name) === '+';
  const size = words.get('PacketSize') ?? '';
  const packetSize = /^[0-9a-fA-F]{1,8}$/.test(size) ? Number.parseInt(size, 16) : usualPacketSize;
  return {
    packetSize: Math.min(Math.max(packetSize, smallestPacketSize), largestPacketSize),
    hasMultiprocess: has('multiprocess'),
    hasDescription: has('qXfer:features:read'),
    hasNoAckMode: has('QStartNoAckMode'),
    hasBinaryUpload: has('binary-upload'),
  };
}
