import { createRequire } from 'node:module';

/** The decoder and formatter of iced-x86, which is WebAssembly. */
export type Iced = typeof import('iced-x86');

let loaded: Iced | undefined;

/**
 * Loads iced-x86, once. By require() and not by import(): it is a CommonJS module of 900 KB, and what import() does to
 * find its exports takes three times as long as all the rest (85 ms of processor time against 25). The built program has
 * only what this folder names of it (bin/build/iced-script.js): members are to be named, not computed.
 */
export function loadIced(): Iced {
  if (loaded !== undefined) return loaded;
  const module: Iced = createRequire(import.meta.url)('iced-x86');
  loaded = module;
  return module;
}
