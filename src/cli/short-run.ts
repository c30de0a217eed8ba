import { setFlagsFromString } from 'node:v8';

/** V8 complains of flags that it does not know; it has this one in all Node.js versions of these numbers. */
const known = { from: 20, to: 24 } as const;

/** What a function of WebAssembly runs, in bytes of its code, before V8 compiles it again to make it fast. */
const budget = 1_000_000_000;

/**
 * Keeps V8 from compiling WebAssembly again that ran for some milliseconds. It does so after 1.8 MB by default
 * (Node 20), which is what iced-x86 takes to fill its tables: 40 ms of processor time for functions that never run
 * again. What decompresses a big file still gets there. It holds for the process, so it is the program's to do and no
 * library's.
 */
export function expectShortRun(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= known.from && major <= known.to) setFlagsFromString(`--wasm-tiering-budget=${budget}`);
}
