import { setFlagsFromString } from 'node:v8';

/** V8 complains of flags that it does not know; it has this one in all Node.js versions of these numbers. */
const known = { from: 20, to: 24 } as const;

/** What a function of WebAssembly runs, in bytes of its code, before V8 compiles it again to make it fast. */
const budget = 1_000_000_000;

/** The flag of V8 for it; undefined for versions of Node.js of which it is not known. */
export function shortRunFlag(node: string): string | undefined {
  const major = Number(node.split('.')[0]);
  return major >= known.from && major <= known.to ? `--wasm-tiering-budget=${budget}` : undefined;
}

/**
 * Keeps V8 from compiling WebAssembly again that ran for some milliseconds. It does so after 1.8 MB by default
 * (Node 20), which is what iced-x86 takes to fill its tables: 40 ms of processor time for functions that never run
 * again. What decompresses a big file still gets there. It holds for the process, so it is the program's to do and no
 * library's.
 */
export function expectShortRun(): void {
  const flag = shortRunFlag(process.versions.node);
  if (flag !== undefined) setFlagsFromString(flag);
}
