import type { FilePlace } from '../../kernel/symbols.ts';
import type { LockKind } from '../../model/live.ts';
import type { Image } from '../../symbols/image.ts';

/** Functions that take a lock, of kinds for which the stacks of all tasks are gone through. */
const takers: Partial<Readonly<Record<LockKind, readonly string[]>>> = {
  rwsem: ['', '_trylock', '_interruptible', '_killable', '_nested', '_killable_nested', '_non_owner'].flatMap((end) => [
    `down_read${end}`,
    `down_write${end}`,
  ]),
  'percpu-rwsem': ['percpu_down_write', '__percpu_down_read'],
  semaphore: ['', '_trylock', '_interruptible', '_killable', '_timeout'].map((end) => `down${end}`),
};

/** Addresses of such functions in a file. */
const known = new WeakMap<Image, Map<LockKind, ReadonlySet<number>>>();
const mostBytes = 65_536;

/**
 * Whether the function at a place may take a lock of a kind, judged quickly: by any bytes of it that would be such a call.
 * Saves taking most functions apart. True where it cannot be told: in modules calls are yet to be relocated.
 */
export function mayTake(kind: LockKind, { image, address }: FilePlace, isArm: boolean): boolean {
  const names = takers[kind];
  if (names === undefined || image.isModule) return true;
  const symbol = image.symbolAt(address);
  if (symbol === undefined || !image.elf.hasContents(symbol.section)) return true;
  const { section, sizeInSection: size } = symbol;
  if (size > mostBytes) return true;
  const bytes = image.elf.data(section).read(symbol.address - section.address, size);
  const targets = targetsOf(image, kind, names);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isArm) {
    // bl: 26 bits, in words.
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = view.getUint32(at, true);
      if (word >>> 26 === 0x25 && targets.has(symbol.address + at + ((word << 6) >> 4))) return true;
    }
    return false;
  }
  // call: 32 bits, from its end.
  for (let at = 0; at + 5 <= bytes.length; at++)
    if (bytes[at] === 0xe8 && targets.has(symbol.address + at + 5 + view.getInt32(at + 1, true))) return true;
  return false;
}

function targetsOf(image: Image, kind: LockKind, names: readonly string[]): ReadonlySet<number> {
  const ofImage = known.get(image) ?? new Map<LockKind, ReadonlySet<number>>();
  known.set(image, ofImage);
  const found =
    ofImage.get(kind) ?? new Set(names.flatMap((name) => image.symbolsNamed(name).map((each) => each.address)));
  ofImage.set(kind, found);
  return found;
}
