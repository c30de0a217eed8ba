import { sectionFlag } from '../../elf/constants.ts';
import type { KernelSymbol } from '../../elf/symbol-table.ts';
import type { FilePlace } from '../../kernel/symbols.ts';
import type { LockKind } from '../../model/live.ts';
import type { Image } from '../../symbols/image.ts';
import { lockCall } from './lock-functions.ts';

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
/** Whether what is called at an address of a file takes some lock. */
const knownCalls = new WeakMap<Image, Map<number, boolean>>();
const mostBytes = 65_536;

/**
 * Whether a kernel was compiled by GCC 8, by its banner in both of its forms (scripts/mkcompile_h before 5.8, init/Makefile
 * and CC_VERSION_TEXT since): that one numbers the parts of functions that hardly ever run (`.cold.5`), so that they
 * cannot be found by name.
 */
export function hasNumberedParts(banner: string | undefined): boolean {
  return (
    banner !== undefined && /\(gcc version 8\.|\((?:[\w-]+-)?gcc(?:-8)?(?:\.\w+)? \([^()]{0,200}\) 8\./.test(banner)
  );
}

/**
 * Whether the function at a place may take a lock of a kind, judged quickly: by any bytes of it that would be such a call,
 * of spinlocks also by those that would be an atomic exchange, with which inlined code takes them. Saves taking most
 * functions apart. True where it cannot be told: in modules calls are yet to be relocated.
 */
export function mayTake(kind: LockKind, { image, address }: FilePlace, isArm: boolean): boolean {
  const symbol = image.isModule ? undefined : image.symbolAt(address);
  if (symbol === undefined) return true;
  const names = takers[kind];
  if (names !== undefined) {
    const targets = targetsOf(image, kind, names);
    return hasBytes(image, symbol, (code) => callsOf(code, isArm, (target) => targets.has(target)));
  }
  if (hasNumberedParts(image.banner)) return true;
  return partsOf(image, symbol).some((part) =>
    hasBytes(
      image,
      part,
      (code) => exchanges(code, isArm) || callsOf(code, isArm, (target) => takesLock(image, target)),
    ),
  );
}

/** Code with the address of its first byte. */
interface Code {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly address: number;
}

function hasBytes({ elf }: Image, { section, address, sizeInSection }: KernelSymbol, has: (code: Code) => boolean) {
  if (!elf.hasContents(section) || sizeInSection > mostBytes) return true;
  const bytes = elf.data(section).read(address - section.address, sizeInSection);
  return has({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), address });
}

/** The parts of a function: what hardly ever happens compilers put elsewhere. */
function partsOf(image: Image, symbol: KernelSymbol): readonly KernelSymbol[] {
  const plain = symbol.name.replace(/\.cold(?:\.\d+)?$/, '');
  const others = image.symbolsNamedEach([plain, `${plain}.cold`]).flat();
  return [symbol, ...others.filter(({ address }) => address !== symbol.address)];
}

/** Whether there are bytes that would be a direct call of what is wanted. */
function callsOf({ bytes, view, address }: Code, isArm: boolean, isWanted: (target: number) => boolean): boolean {
  if (isArm) {
    // bl: 26 bits, in words.
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = view.getUint32(at, true);
      if (word >>> 26 === 0x25 && isWanted(address + at + ((word << 6) >> 4))) return true;
    }
    return false;
  }
  // call: 32 bits, from its end.
  for (let at = bytes.indexOf(0xe8); at >= 0 && at + 5 <= bytes.length; at = bytes.indexOf(0xe8, at + 1))
    if (isWanted(address + at + 5 + view.getInt32(at + 1, true))) return true;
  return false;
}

/** Whether there are bytes that would be an atomic exchange with memory: more than those that `heldBy` looks at. */
function exchanges({ bytes, view }: Code, isArm: boolean): boolean {
  if (isArm) {
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = view.getUint32(at, true);
      // Atomic memory operations (swp, ldadd, ldset), compare and swap, load exclusive: Arm ARM, C4.1, loads and stores.
      if ((word & 0x3f20_0c00) === 0x3820_0000 || (word & 0x3fa0_7c00) === 0x08a0_7c00) return true;
      if ((word & 0x3fe0_0000) === 0x0840_0000) return true;
    }
    return false;
  }
  for (let at = 0; at + 1 < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x0f && byte !== 0x86 && byte !== 0x87) continue;
    const next = bytes[at + 1] ?? 0;
    // cmpxchg, bts; xchg with an operand in memory.
    if (byte === 0x0f ? next === 0xb0 || next === 0xb1 || next === 0xab || next === 0xba : next < 0xc0) return true;
  }
  return false;
}

/** Whether the function at an address takes a lock, of whatever kind. */
function takesLock(image: Image, target: number): boolean {
  const ofImage = knownCalls.get(image) ?? new Map<number, boolean>();
  knownCalls.set(image, ofImage);
  const found = ofImage.get(target) ?? findTaker(image, target);
  ofImage.set(target, found);
  return found;
}

function findTaker(image: Image, target: number): boolean {
  // Bytes that are no call lead anywhere.
  const section = image.elf.sectionAt(target);
  if (section === undefined || (section.flags & sectionFlag.execute) === 0) return false;
  return lockCall(image.symbolAt(target)?.name ?? '')?.does === 'take';
}

function targetsOf(image: Image, kind: LockKind, names: readonly string[]): ReadonlySet<number> {
  const ofImage = known.get(image) ?? new Map<LockKind, ReadonlySet<number>>();
  known.set(image, ofImage);
  const found =
    ofImage.get(kind) ?? new Set(names.flatMap((name) => image.symbolsNamed(name).map((each) => each.address)));
  ofImage.set(kind, found);
  return found;
}
