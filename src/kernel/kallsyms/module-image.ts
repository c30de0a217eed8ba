import { fromBigAddress, toBigAddress } from '../../elf/address.ts';
import { sectionFlag, sectionType } from '../../elf/constants.ts';
import { ElfFile } from '../../elf/elf-file.ts';
import { memoryAccess } from '../../io/random-access.ts';
import { Image } from '../../symbols/image.ts';
import { KtriageError } from '../../util/errors.ts';
import type { Kernel } from '../kernel.ts';
import type { KernelModule } from '../module.ts';
import { type ModuleSymbol, readModuleSymbols } from '../module-kallsyms.ts';
import type { LoadedSection } from '../symbols.ts';
import { readWindow } from '../window.ts';
import { buildElf, type NewSection, type NewSymbols } from './build-elf.ts';
import { callTargets, veneerTarget } from './call-targets.ts';

/** Code of one module that is read. */
const mostCode = 0x80_0000;
const { alloc, execute, write } = sectionFlag;
/** `T`, as good as any: it says only that the symbol is not weak. */
const letter = 'T'.charCodeAt(0);

/**
 * A module as it lies in memory, as if it were a file linked for where it is: its symbols and code. Undefined where the
 * kernel keeps no symbols of it.
 */
export async function readModuleImage(
  kernel: Kernel,
  module: KernelModule,
  sections: readonly LoadedSection[],
): Promise<Image | undefined> {
  const symbols = await readModuleSymbols(kernel, module);
  if (symbols === undefined || symbols.length === 0) return undefined;
  const parts = await Promise.all(
    partsOf(module, sections).map(async (part): Promise<NewSection> => {
      const header = { name: part.name, address: fromBigAddress(part.start), size: part.bytes };
      if (!part.isCode) return { ...header, type: sectionType.nobits, flags: alloc | write };
      const flags = alloc | execute;
      const contents = (await readWindow(kernel.memory, part.start, part.bytes)).whole;
      return {
        ...header,
        flags,
        ...(contents ? { type: sectionType.progbits, contents } : { type: sectionType.nobits }),
      };
    }),
  );
  try {
    const called = calledSymbols(kernel, parts);
    const sections = called.length === 0 ? parts : [...parts, kernelCode(kernel)];
    const bytes = buildElf(kernel.architecture, new Uint8Array(0), sections, listOf([...symbols, ...called]));
    return Image.of(ElfFile.open(memoryAccess(bytes), `${module.name} in memory`));
  } catch (error) {
    if (error instanceof KtriageError) return undefined;
    throw error;
  }
}

interface Part {
  readonly name: string;
  readonly start: bigint;
  readonly bytes: number;
  readonly isCode: boolean;
}

/** Its sections, each up to the next, or its ranges where they are not told. What was freed after init is in neither. */
function partsOf(module: KernelModule, sections: readonly LoadedSection[]): Part[] {
  let left = mostCode;
  const parts: Part[] = [];
  for (const { start, bytes, isText, isInit } of module.ranges) {
    if (bytes <= 0 || (isInit && module.state === 'live')) continue;
    const end = start + BigInt(bytes);
    const inside = sections
      .filter(({ address }) => address >= start && address < end)
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    if (inside.length === 0) inside.push({ name: isText ? '.text' : '.data', address: start });
    for (const [nth, { name, address }] of inside.entries()) {
      const size = Number((inside[nth + 1]?.address ?? end) - address);
      const isCode = isText && /text|plt/.test(name) && size <= left;
      if (isCode) left -= size;
      if (size > 0) parts.push({ name, start: address, bytes: size, isCode });
    }
  }
  return parts;
}

/**
 * What the code calls in the kernel, which a module's own table does not have: by name at its own address, and where the
 * call goes through a veneer, at that one's.
 */
function calledSymbols(kernel: Kernel, parts: readonly NewSection[]): ModuleSymbol[] {
  const found: ModuleSymbol[] = [];
  const name = (address: bigint, at: bigint): void => {
    const symbol = kernel.symbols.at(at);
    if (symbol?.offset === 0 && symbol.module === undefined) found.push({ name: symbol.name, address });
  };
  const code = parts.flatMap(({ contents, address }) =>
    contents === undefined ? [] : [{ contents, start: toBigAddress(address) }],
  );
  for (const target of new Set(
    code.flatMap(({ contents, start }) => [...callTargets(kernel.architecture, contents, start)]),
  )) {
    const own = code.find(({ contents, start }) => target >= start && target < start + BigInt(contents.length));
    if (own === undefined) name(target, target);
    else if (kernel.architecture === 'arm64') {
      const veneer = veneerTarget(own.contents, Number(target - own.start), target);
      if (veneer !== undefined) name(target, veneer);
    }
  }
  return found;
}

/** All of the kernel's code, so that symbols can be in it. As no module has a section of that name, it is placed nowhere. */
function kernelCode({ symbols }: Kernel): NewSection {
  const address = fromBigAddress(symbols.address('_text') ?? 0n);
  const size = fromBigAddress(symbols.address('_end') ?? 0n) - address;
  return { name: '.init.kernel', type: sectionType.nobits, flags: alloc | execute, address, size: Math.max(size, 0) };
}

function listOf(symbols: readonly ModuleSymbol[]): NewSymbols {
  const places = new Uint32Array(symbols.length);
  let at = 1;
  for (const [nth, { name }] of symbols.entries()) {
    places[nth] = at;
    at += name.length + 1;
  }
  return {
    count: symbols.length,
    text: Buffer.from(`\0${symbols.map(({ name }) => `${name}\0`).join('')}`, 'latin1'),
    places,
    addresses: Float64Array.from(symbols, ({ address }) => fromBigAddress(address)),
    types: new Uint8Array(symbols.length).fill(letter),
  };
}
