import { createRequire } from 'node:module';

/** One instruction of capstone's. Its `detail` is empty for arm64 in 5.0.9: only the text is of use. */
interface CapstoneInstruction {
  readonly mnemonic: string;
  readonly op_str: string;
}

/** What is used of a decoder of capstone-js. */
interface CapstoneDecoder {
  /** Throws a string where the first word is no instruction. */
  disasm(code: Uint8Array, address: bigint, count: number): readonly CapstoneInstruction[];
}

/** What is used of capstone-js, which comes without type declarations. */
interface CapstoneModule {
  readonly ARCH_ARM64: number;
  readonly MODE_ARM: number;
  readonly Capstone: new (architecture: number, mode: number) => CapstoneDecoder;
}

/** The text of a word as capstone has it. */
export interface CapstoneText {
  readonly mnemonic: string;
  readonly operands: string;
}

/** Gives the text of one instruction; undefined where capstone knows none. */
export type CapstoneReader = (bytes: Uint8Array, address: bigint) => CapstoneText | undefined;

let loaded: Promise<CapstoneReader> | undefined;

async function load(): Promise<CapstoneReader> {
  // By require() as x86/iced.ts does: a CommonJS module that would take import() longer to look through than to run.
  const start: () => Promise<CapstoneModule> = createRequire(import.meta.url)('@alexaltea/capstone-js');
  const module = await start();
  const decoder = new module.Capstone(module.ARCH_ARM64, module.MODE_ARM);
  return (bytes, address) => {
    try {
      const [first] = decoder.disasm(bytes, BigInt.asIntN(64, address), 1);
      return first && { mnemonic: first.mnemonic, operands: first.op_str };
    } catch {
      return undefined;
    }
  };
}

/** Loads capstone, which is WebAssembly of 3 MB, once. */
export function loadCapstone(): Promise<CapstoneReader> {
  loaded ??= load();
  return loaded;
}
