import { createRequire } from 'node:module';
import { versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';

/** The decoder and formatter of iced-x86, which is WebAssembly. */
export type Iced = typeof import('iced-x86');

/** How long V8 11 (Node 20) watches a function before it optimizes it, its own number and one that is never reached. */
const watched = '--wasm-tiering-budget=1800000';
const never = '--wasm-tiering-budget=1000000000';

let loaded: Iced | undefined;

/**
 * Loads iced-x86, once. By require() and not by import(): it is a CommonJS module of 900 KB, and what import() does to
 * find its exports takes three times as long as all the rest (85 ms of processor time against 25).
 */
export function loadIced(): Iced {
  loaded ??= withoutOptimizing(() => {
    const module: Iced = createRequire(import.meta.url)('iced-x86');
    return module;
  });
  return loaded;
}

/**
 * Calls what makes a WebAssembly module, whose functions will not be optimized. What unpacks iced's tables runs once,
 * but long enough for V8 to optimize it: that took half of all the time (142 ms of processor time for one `Code:` line,
 * 97 without, Node itself included); 500,000 instructions take 4.8 seconds instead of 4.5. Flags are set only where it
 * is known that they exist: V8 would complain to the user.
 */
function withoutOptimizing<T>(make: () => T): T {
  if (!versions.v8.startsWith('11.')) return make();
  setFlagsFromString(never);
  try {
    return make();
  } finally {
    setFlagsFromString(watched);
  }
}
