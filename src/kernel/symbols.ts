import type { Image } from '../symbols/image.ts';

/** What lies at an address of the running kernel. */
export interface RuntimeSymbol {
  readonly name: string;
  /** Where it begins. */
  readonly start: bigint;
  /** Bytes from there to the address that was asked for. */
  readonly offset: number;
  /** Bytes to the next symbol, as kallsyms has it. */
  readonly size: number;
  /** Of a module: its name. */
  readonly module?: string;
  /** The file that it is in, and the address in that file; missing where only a name is known. */
  readonly place?: FilePlace;
}

/** Where an address of the running kernel is in a file. */
export interface FilePlace {
  readonly image: Image;
  /** As the image's own functions take it (of modules as `layOutSections` lays them out). */
  readonly address: number;
}

/** A module's section, or a range of its memory, as it lies in the running kernel. */
export interface LoadedSection {
  readonly name: string;
  readonly address: bigint;
}

/** A module whose symbols are to be known. */
export interface LoadedModule {
  readonly name: string;
  /** Address of its `struct module`. */
  readonly structure?: bigint;
  /** Memory that it takes; the first is its code. */
  readonly ranges: readonly { readonly start: bigint; readonly bytes: number }[];
  readonly sections: readonly LoadedSection[];
  /** Its file, if there is one that fits. */
  readonly image?: Image;
  /** Its own symbols from the guest's memory (`core_kallsyms`), where there is no file. */
  readonly symbols?: readonly { readonly name: string; readonly address: bigint }[];
}

/** Names and addresses of the running kernel: vmlinux moved by the slide, and modules as they are added. */
export interface KernelSymbols {
  /** The address of a symbol of vmlinux now; of several of the name the first. Per-CPU symbols are not moved if they are offsets (x86 before 6.15). */
  address(name: string): bigint | undefined;
  /** All addresses of that name in vmlinux. */
  addresses(name: string): readonly bigint[];
  /** What an address belongs to; code and data of the kernel and its modules. */
  at(address: bigint): RuntimeSymbol | undefined;
  /** Whether an address is in code: of the kernel, its init code (while that is there), or a module. */
  isText(address: bigint): boolean;
  /** Where an address is in a file, for source lines and variables. */
  place(address: bigint): FilePlace | undefined;
  /** Where a place in a file lies now: the other way round. Undefined for a section that is not loaded. */
  addressOf(place: FilePlace): bigint | undefined;
  /** Adds a module, or more of what is known of one. */
  addModule(module: LoadedModule): void;
  readonly modules: readonly LoadedModule[];
  /** vmlinux itself. */
  readonly vmlinux: Image;
}
