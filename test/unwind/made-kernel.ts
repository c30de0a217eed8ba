import type { Kernel, KernelArchitecture } from '../../src/kernel/kernel.ts';
import type { RuntimeSymbol } from '../../src/kernel/symbols.ts';
import { Image } from '../../src/symbols/image.ts';
import { openBytes } from '../elf/make.ts';
import { flag, writeElf } from '../helpers/elf-writer.ts';
import { StructureKernel, type Structures, type Values } from '../kernel/structure-kernel.ts';

/** How a made function is unwound: bytes from the stack pointer to behind the return address, and where `rbp` is. */
export interface MadeOrc {
  readonly base?: keyof typeof bases;
  readonly offset?: number;
  /** From the call frame address. */
  readonly bp?: number;
  readonly type?: 'undefined' | 'end' | 'call' | 'registers' | 'partial-registers';
}

const bases = { undefined: 0, bp: 4, sp: 5, r10: 6, 'sp-indirect': 9, 'bp-indirect': 8 } as const;
const types = ['undefined', 'end', 'call', 'registers', 'partial-registers'];

/** As of 6.4. */
export function writeOrc({ base, offset = 8, bp, type = 'call' }: MadeOrc): Uint8Array {
  const bytes = Buffer.alloc(6);
  bytes.writeInt16LE(offset, 0);
  bytes.writeInt16LE(bp ?? 0, 2);
  const number = bases[base ?? (type === 'undefined' || type === 'end' ? 'undefined' : 'sp')];
  const isSignal = type === 'registers' || type === 'partial-registers' ? 0x800 : 0;
  bytes.writeUInt16LE(number | (bp === undefined ? 0 : 0x10) | (types.indexOf(type) << 8) | isSignal, 4);
  return bytes;
}

const x86Words = ['r15', 'r14', 'r13', 'r12', 'bp', 'bx', 'r11', 'r10', 'r9', 'r8', 'ax', 'cx', 'dx', 'si', 'di'];

const x86Structures: Structures = {
  pt_regs: [...x86Words, 'orig_ax', 'ip', 'cs', 'flags', 'sp', 'ss'].map((name) => [name, 'u64']),
  inactive_task_frame: ['r15', 'r14', 'r13', 'r12', 'bx', 'bp', 'ret_addr'].map((name) => [name, 'u64']),
};

const arm64Structures = (hasMeta: boolean): Structures => ({
  ...(hasMeta && {
    frame_record_meta: [
      ['fp', 'u64'],
      ['lr', 'u64'],
      ['type', 'u64'],
    ],
  }),
  pt_regs: [
    ['regs', 'u64[31]'],
    ['sp', 'u64'],
    ['pc', 'u64'],
    ['pstate', 'u64'],
    ['orig_x0', 'u64'],
    ['stackframe', hasMeta ? 'frame_record_meta' : 'u64[2]'],
  ],
});

const texts: Readonly<Record<KernelArchitecture, bigint>> = {
  x86_64: 0xffff_ffff_8100_0000n,
  arm64: 0xffff_8000_8000_0000n,
};
const functionBytes = 0x100;

/** A kernel with functions of 256 bytes, one behind the other, moved by a slide, and with stacks that tests write. */
export class MadeStacks {
  readonly made: StructureKernel;
  readonly architecture: KernelArchitecture;
  readonly slide: bigint;
  readonly #functions: { readonly name: string; readonly orc: MadeOrc | undefined }[] = [];
  readonly #release: string;

  constructor(
    architecture: KernelArchitecture = 'x86_64',
    { hasMeta = false, slide = 0x1000_0000n, release = '6.9.0' } = {},
  ) {
    this.architecture = architecture;
    this.slide = slide;
    this.#release = release;
    this.made = new StructureKernel(architecture === 'arm64' ? arm64Structures(hasMeta) : x86Structures, architecture);
  }

  /** Adds a function, whose code is all calls. */
  code(name: string, orc?: MadeOrc): this {
    this.#functions.push({ name, orc });
    const start = this.at(name);
    const call = this.architecture === 'arm64' ? [0, 0, 0, 0x94] : [0xe8, 0, 0, 0, 0];
    const bytes = new Uint8Array(functionBytes);
    for (let at = 0; at + call.length <= functionBytes; at += call.length) bytes.set(call, at);
    this.made.bytes(start, bytes);
    return this;
  }

  /** An address in a function; those that are multiples of 20 behind its start come after a call. */
  at(name: string, offset = 0): bigint {
    const nth = this.#functions.findIndex((each) => each.name === name);
    if (nth < 0) throw new RangeError(`no function ${name}`);
    return texts[this.architecture] + this.slide + BigInt(nth * functionBytes + offset);
  }

  /** Words from an address on. */
  words(address: bigint, ...values: readonly bigint[]): this {
    for (const [nth, value] of values.entries()) this.made.word(address + BigInt(8 * nth), BigInt.asUintN(64, value));
    return this;
  }

  /** A stack of zeros. */
  stack(start: bigint, bytes = 0x4000): this {
    this.made.bytes(start, new Uint8Array(bytes));
    return this;
  }

  ptRegs(address: bigint, values: Values): this {
    this.made.put('pt_regs', address, values);
    return this;
  }

  get kernel(): Kernel {
    const text = texts[this.architecture];
    const end = text + BigInt(this.#functions.length * functionBytes);
    const moved = (address: bigint): bigint => BigInt.asUintN(64, address - this.slide);
    const at = (address: bigint): RuntimeSymbol | undefined => {
      const distance = moved(address) - text;
      const found = distance < 0n ? undefined : this.#functions[(Number(distance) / functionBytes) | 0];
      if (found === undefined || moved(address) >= end) return undefined;
      const offset = Number(distance) % functionBytes;
      return { name: found.name, start: address - BigInt(offset), offset, size: functionBytes };
    };
    const address = (name: string): bigint | undefined =>
      this.#functions.some((each) => each.name === name) ? this.at(name) : undefined;
    const { kernel } = this.made;
    const vmlinux = this.#image(text);
    return {
      ...kernel,
      ...{ architecture: this.architecture, identity: { release: this.#release } },
      place: { ...kernel.place, slide: this.slide },
      symbols: {
        ...{ at, address, isText: (each) => at(each) !== undefined, modules: [], vmlinux },
        addresses: (name) => [address(name)].filter((each) => each !== undefined),
        ...{ addressOf: () => undefined, place: () => undefined, addModule: () => {} },
      },
    };
  }

  #image(text: bigint): Image {
    const places = Buffer.alloc(4 * (this.#functions.length + 1));
    const base = text + 0x10_0000n;
    const entries: Uint8Array[] = [];
    for (const [nth, { orc }] of [...this.#functions, { orc: undefined }].entries()) {
      places.writeInt32LE(Number(text - base) + nth * functionBytes - nth * 4, nth * 4);
      entries.push(writeOrc(orc ?? { type: 'undefined' }));
    }
    const hasOrc = this.#functions.some(({ orc }) => orc !== undefined);
    const elf = writeElf({
      machine: this.architecture === 'arm64' ? 183 : 62,
      sections: [
        { name: '.text', flags: flag.alloc | flag.execute, address: text, size: 0x1000n, type: 8 },
        ...(hasOrc
          ? [
              { name: '.orc_unwind_ip', flags: flag.alloc, address: base, contents: places },
              { name: '.orc_unwind', flags: flag.alloc, address: base + 0x1000n, contents: Buffer.concat(entries) },
            ]
          : []),
      ],
    });
    return Image.of(openBytes(elf, 'vmlinux'));
  }
}

/** What frames are, shortly: `?` in front of guesses, the entry's kind behind. */
export function shape(
  { symbols }: Kernel,
  frames: readonly {
    readonly pc: bigint;
    readonly isReturn: boolean;
    readonly stack: string;
    readonly reliable: boolean;
    readonly entry?: { readonly kind: string };
  }[],
): string[] {
  return frames.map(({ pc, isReturn, stack, reliable, entry }) => {
    const name = stack === 'user' ? 'user' : (symbols.at(isReturn ? pc - 1n : pc)?.name ?? '-');
    return `${reliable ? '' : '? '}${stack}: ${name}${entry === undefined ? '' : ` (${entry.kind})`}`;
  });
}
