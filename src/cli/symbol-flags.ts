import { InvalidArgumentError, Option } from 'commander';
import { type OwnersChoice, ownersChoices } from '../model/owners.ts';
import type { SymbolizerChoice } from '../symbols/backends/choice.ts';

/** What flags say about debug information. */
export interface SymbolFlags {
  readonly vmlinux?: string;
  readonly modules?: readonly string[];
  readonly debugDir?: string;
  readonly systemMap?: string;
  readonly kaslrOffset?: bigint;
  readonly force?: boolean;
  /** Neither use nor keep what was looked up before. */
  readonly noCache?: boolean;
  /** Servers are asked for what is not found: these, or if there are none those of the environment. */
  readonly debuginfodServers?: readonly string[];
  readonly source?: readonly string[];
  readonly owners?: OwnersChoice;
  readonly symbolizer?: SymbolizerChoice;
  /** What broke and where is all that is wanted. */
  readonly noExplain?: boolean;
}

/** The options that say where debug information is, worded once. */
export const symbolOptions = {
  vmlinux: () => new Option('--vmlinux <file>', 'the kernel with debug information (default: the usual places)'),
  release: () => new Option('-r, --release <release>', 'the kernel of this release, from the usual places'),
  modules: () =>
    new Option(
      '--modules <folder>',
      'a folder to search for modules with debug information; can be repeated',
    ).argParser((folder: string, before: string[] = []) => [...before, folder]),
  debugDir: () =>
    new Option('--debug-dir <folder>', 'a folder in place of / for the usual places (default: KTRIAGE_DEBUG_DIR)'),
  systemMap: () =>
    new Option('--system-map <file>', 'a System.map or /proc/kallsyms: functions of bare addresses, without vmlinux'),
  kaslr: () =>
    new Option('--kaslr <offset>', 'how far the kernel was moved, where the log does not say it').argParser(offset),
  source: () =>
    new Option(
      '--source <folder>',
      'a folder with source (a kernel tree, a module): shows the lines it broke in; can be repeated',
    ).argParser((folder: string, before: string[] = []) => [...before, folder]),
  owners: () =>
    new Option(
      '--owners <who>',
      'who says whose code it is, with --source: script (its get_maintainer.pl; the default), builtin or none',
    ).choices(ownersChoices),
  debuginfod: () => new Option('--debuginfod', 'fetch debug information that is not found from DEBUGINFOD_URLS'),
  debuginfodUrl: () =>
    new Option('--debuginfod-url <url>', 'a server to ask instead of these; can be repeated').argParser(
      (url: string, before: string[] = []) => [...before, url],
    ),
  symbolizer: () =>
    new Option(
      '--symbolizer <tool>',
      'what looks addresses up: builtin (the default), addr2line, llvm-symbolizer, or the path of one of these',
    ),
  noCache: () => new Option('--no-cache', 'neither use nor make indexes of kernels (also KTRIAGE_CACHE=off)'),
  noExplain: () =>
    new Option('--no-explain', 'what broke and where, but not why: no disassembly, values, variables and findings'),
  force: () => new Option('--force', 'use debug information that does not fit; its positions are then unverified'),
};

/** The options of commands that give reports their source positions, in the order of their help. */
export const reportOptions = (): Option[] => [
  symbolOptions.vmlinux(),
  symbolOptions.modules(),
  symbolOptions.debugDir(),
  symbolOptions.systemMap(),
  symbolOptions.debuginfod(),
  symbolOptions.debuginfodUrl(),
  symbolOptions.kaslr(),
  symbolOptions.force(),
  symbolOptions.noCache(),
  symbolOptions.symbolizer(),
  symbolOptions.source(),
  symbolOptions.owners(),
  symbolOptions.noExplain(),
];

function offset(text: string): bigint {
  if (!/^(?:0x)?[0-9a-f]{1,16}$/i.test(text))
    throw new InvalidArgumentError('It must be a number in hex (0x1c000000).');
  return BigInt(`0x${text.replace(/^0x/i, '')}`);
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** What was given on the command line; `environment` is for the tools that are to be found in it. */
export function symbolFlags(
  given: Readonly<Record<string, unknown>>,
  environment: SymbolizerChoice['environment'],
): SymbolFlags {
  const { vmlinux, modules, systemMap, kaslr, force, source, debuginfod, debuginfodUrl, symbolizer, cache } = given;
  const owners = ownersChoices.find((choice) => choice === given.owners);
  const debugDir = given.debugDir ?? (environment.KTRIAGE_DEBUG_DIR || undefined);
  const urls = Array.isArray(debuginfodUrl) ? debuginfodUrl.filter(isText) : [];
  return {
    ...(isText(vmlinux) && { vmlinux }),
    ...(Array.isArray(modules) && { modules: modules.filter(isText) }),
    ...(isText(debugDir) && { debugDir }),
    ...(isText(systemMap) && { systemMap }),
    ...(typeof kaslr === 'bigint' && { kaslrOffset: kaslr }),
    ...(force === true && { force }),
    ...(cache === false && { noCache: true }),
    ...((debuginfod === true || urls.length > 0) && { debuginfodServers: urls }),
    ...(Array.isArray(source) && { source: source.filter(isText) }),
    ...(owners !== undefined && { owners }),
    ...(given.explain === false && { noExplain: true }),
    ...(isText(symbolizer) && symbolizer !== 'builtin' && { symbolizer: { program: symbolizer, environment } }),
  };
}

/** The same words again, as far as they name files. */
export function givenFiles({ vmlinux, modules = [], systemMap, source = [] }: SymbolFlags): [string, string][] {
  return [
    ...(vmlinux === undefined ? [] : [['--vmlinux', vmlinux] satisfies [string, string]]),
    ...modules.map((folder): [string, string] => ['--modules', folder]),
    ...(systemMap === undefined ? [] : [['--system-map', systemMap] satisfies [string, string]]),
    ...source.map((folder): [string, string] => ['--source', folder]),
  ];
}
