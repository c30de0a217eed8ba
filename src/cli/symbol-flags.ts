import { InvalidArgumentError, Option } from 'commander';

/** What flags say about debug information. */
export interface SymbolFlags {
  readonly vmlinux?: string;
  readonly modules?: readonly string[];
  readonly debugDir?: string;
  readonly kaslrOffset?: bigint;
  readonly force?: boolean;
}

/** The options that say where debug information is, worded once. */
export const symbolOptions = {
  vmlinux: () => new Option('--vmlinux <file>', 'the kernel with debug information (default: the usual places)'),
  modules: () =>
    new Option(
      '--modules <folder>',
      'a folder to search for modules with debug information; can be repeated',
    ).argParser((folder: string, before: string[] = []) => [...before, folder]),
  debugDir: () => new Option('--debug-dir <folder>', 'a folder in place of / for the usual places'),
  kaslr: () =>
    new Option('--kaslr <offset>', 'how far the kernel was moved, where the log does not say it').argParser(offset),
  force: () => new Option('--force', 'use debug information that does not fit; its positions are then unverified'),
};

function offset(text: string): bigint {
  if (!/^(?:0x)?[0-9a-f]{1,16}$/i.test(text))
    throw new InvalidArgumentError('It must be a number in hex (0x1c000000).');
  return BigInt(`0x${text.replace(/^0x/i, '')}`);
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** What was given on the command line. */
export function symbolFlags(given: Readonly<Record<string, unknown>>): SymbolFlags {
  const { vmlinux, modules, debugDir, kaslr, force } = given;
  return {
    ...(isText(vmlinux) && { vmlinux }),
    ...(Array.isArray(modules) && { modules: modules.filter(isText) }),
    ...(isText(debugDir) && { debugDir }),
    ...(typeof kaslr === 'bigint' && { kaslrOffset: kaslr }),
    ...(force === true && { force }),
  };
}
