import { Image } from '../../src/symbols/image.ts';
import { kernelTypes } from '../btf/sample.ts';
import { openBytes } from '../elf/make.ts';
import { writeBtf } from '../helpers/btf-writer.ts';
import { flag, note, type SymbolLiteral, writeElf } from '../helpers/elf-writer.ts';
import type { MadeMachine } from './made-machine.ts';

/** What a made kernel has; addresses are distances from `_text`. */
export interface MadeKernel {
  readonly image: Image;
  readonly text: bigint;
  readonly banner: string;
  readonly buildId: string;
  /** Where a symbol is in the file. */
  linked(name: keyof typeof places): bigint;
  /** Puts the parts of the image that are looked at to where it is loaded. */
  load(machine: MadeMachine, physicalBase: bigint): void;
}

/** Symbols, by their distances from `_text`; all kernels here have those of both architectures. */
const places = {
  _text: 0,
  _stext: 0,
  asm_exc_page_fault: 0xbe0,
  vectors: 0x800,
  some_function: 0x1000,
  kgdb_breakpoint: 0x1800,
  __entry_tramp_text_start: 0x2000,
  __entry_tramp_text_end: 0x3000,
  _etext: 0x4000,
  linux_banner: 0x40_13e0,
  __start_notes: 0x40_2000,
  __stop_notes: 0x40_2024,
  __start_BTF: 0x41_0000,
  __stop_BTF: 0x41_1000,
  reserved_pg_dir: 0x50_0000,
  tramp_pg_dir: 0x51_0000,
  swapper_pg_dir: 0x52_0000,
  init_top_pgt: 0x53_0000,
  early_top_pgt: 0x54_0000,
  phys_base: 0x60_1010,
  kimage_voffset: 0x60_1018,
  system_state: 0x60_1020,
  some_data: 0x60_1030,
  _sinittext: 0x61_0000,
  _einittext: 0x61_1000,
  _end: 0x70_0000,
} as const;

const codeNames = /^(?:_text|_stext|_etext|asm_|vectors|some_function|kgdb_|__entry|_sinit|_einit)/;

export interface MadeKernelOptions {
  readonly architecture?: 'x86_64' | 'arm64';
  readonly build?: string;
  readonly buildId?: string;
  /** Whether the file has contents, and not only where they would be. */
  readonly hasContents?: boolean;
  readonly hasBtf?: boolean;
  readonly text?: bigint;
}

/** A vmlinux of a kernel that does not exist, and what it looks like in memory. */
export function makeKernel(options: MadeKernelOptions = {}): MadeKernel {
  const { architecture = 'x86_64', build = '#1', hasContents = true, hasBtf = true } = options;
  const { buildId = '00112233445566778899aabbccddeeff00112233' } = options;
  const text = options.text ?? (architecture === 'x86_64' ? 0xffff_ffff_8100_0000n : 0xffff_8000_8000_0000n);
  const banner = `Linux version 6.9.0-made (someone@example.org) (gcc) ${build} SMP Sat Jan  1 00:00:00 UTC 2028`;
  const at = (name: keyof typeof places): bigint => text + BigInt(places[name]);
  const notes = note('GNU', 3, Buffer.from(buildId, 'hex'));
  const btf = writeBtf(kernelTypes);
  const rodata = Buffer.alloc(0x1000);
  rodata.write(`${banner.replace(build, '#')}\n\0`, 0x1a0, 'latin1');
  rodata.write(`${banner}\n\0`, 0x3e0, 'latin1');
  const contents = (bytes: Uint8Array) => (hasContents ? { contents: bytes } : { size: BigInt(bytes.length) });
  const symbols = Object.entries(places).map(([name, offset]): SymbolLiteral => {
    const section = codeNames.test(name)
      ? offset < 0x60_0000
        ? '.text'
        : '.init.text'
      : offset < 0x60_0000
        ? '.rodata'
        : '.data';
    return { name, value: text + BigInt(offset), type: codeNames.test(name) ? 2 : 1, section };
  });
  const elf = writeElf({
    machine: architecture === 'x86_64' ? 62 : 183,
    sections: [
      { name: '.text', flags: flag.alloc | flag.execute, address: text, size: 0x4000n, type: 8 },
      { name: '.banner', flags: flag.alloc, address: text + 0x40_1000n, ...contents(rodata) },
      { name: '.notes', type: 7, flags: flag.alloc, address: at('__start_notes'), contents: notes },
      { name: '.rodata', flags: flag.alloc, address: text + 0x40_3000n, size: 0x1f_d000n, type: 8 },
      ...(hasBtf ? [{ name: '.BTF', flags: flag.alloc, address: at('__start_BTF'), contents: btf }] : []),
      { name: '.data', flags: flag.alloc | flag.write, address: text + 0x60_0000n, size: 0x1_0000n, type: 8 },
      { name: '.init.text', flags: flag.alloc | flag.execute, address: at('_sinittext'), size: 0x1000n, type: 8 },
      { name: '.data..percpu', flags: flag.alloc | flag.write, address: 0n, size: 0x2_0000n, type: 8 },
    ],
    symbols: [
      ...symbols.map((each) => (each.name === 'linux_banner' ? { ...each, section: '.banner' } : each)),
      { name: 'current_task', value: 0x1_fb80n, type: 1, section: '.data..percpu' },
    ],
  });
  return {
    image: Image.of(openBytes(elf, 'vmlinux')),
    text,
    banner,
    buildId,
    linked: at,
    load(machine, physicalBase) {
      machine.ensure(physicalBase, 0x5000).put(physicalBase + 0x40_1000n, rodata);
      machine.ensure(physicalBase + 0x40_2000n, 0x1000).put(physicalBase + BigInt(places.__start_notes), notes);
      machine.put(physicalBase + BigInt(places.__start_BTF), btf).ensure(physicalBase + 0x60_0000n, 0x2000);
    },
  };
}
