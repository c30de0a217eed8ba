import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';

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

/** V8's own (flag-definitions.h): Node 20 has 11.3, 22 and later 12.4 and later. */
const usualBudget = Number.parseInt(process.versions.v8, 10) < 12 ? 1_800_000 : 13_000_000;
const largestBudget = 2_147_483_647;

/**
 * How much a function of WebAssembly may run before V8 compiles it anew, to be faster. Of capstone those would be some
 * functions of thousands of lines: the compiler takes 30 MB and 0.1 s for them, more than a run can win. A module keeps
 * what is set when it is made. What is set back must be V8's own: code that was kept under other flags is refused.
 */
function setTieringBudget(budget: number): void {
  setFlagsFromString(`--wasm-tiering-budget=${budget}`);
}

async function load(): Promise<CapstoneReader> {
  // By require() as x86/iced.ts does: a CommonJS module that would take import() longer to look through than to run.
  const start: () => Promise<CapstoneModule> = createRequire(import.meta.url)('@alexaltea/capstone-js');
  setTieringBudget(largestBudget);
  const module = await start().finally(() => setTieringBudget(usualBudget));
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
