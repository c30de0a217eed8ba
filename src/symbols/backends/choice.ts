import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ElfMachine } from '../../elf/constants.ts';
import { KtriageError } from '../../util/errors.ts';

/** The ways in which tools are asked, and answer. */
export type DialectName = 'addr2line' | 'llvm-symbolizer';

/** A tool to be used in place of the built-in reader. */
export interface SymbolizerChoice {
  /** Its name, with or without a version or the prefix of a cross compiler, or a path. */
  readonly program: string;
  /** Where `PATH`, `CROSS_COMPILE` and `LLVM` are taken from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A tool that is there. */
export interface Tool {
  readonly path: string;
  readonly dialect: DialectName;
}

/** `llvm-symbolizer-19`, `aarch64-linux-gnu-addr2line`, a path of one: what a tool is called, and so how it is asked. */
const programName = /(?:^|[/-])(llvm-symbolizer|llvm-addr2line|addr2line)(?:-[0-9.]{1,8})?$/;

/** How a program is asked, by its name; undefined for one that is not known. `llvm-addr2line` is llvm-symbolizer. */
export function dialectOf(program: string): DialectName | undefined {
  if (program.length > 4096) return undefined;
  const name = programName.exec(program)?.[1];
  if (name === undefined) return undefined;
  return name === 'addr2line' ? 'addr2line' : 'llvm-symbolizer';
}

/** Prefixes of the tools for another machine's files, as Debian and Fedora package them. */
const crossPrefixes: Readonly<Partial<Record<ElfMachine, readonly string[]>>> = {
  x86_64: ['x86_64-linux-gnu-'],
  i386: ['i686-linux-gnu-', 'x86_64-linux-gnu-'],
  arm64: ['aarch64-linux-gnu-'],
  arm: ['arm-linux-gnueabihf-', 'arm-linux-gnueabi-', 'arm-linux-gnu-'],
  riscv64: ['riscv64-linux-gnu-'],
  ppc64: ['powerpc64le-linux-gnu-', 'powerpc64-linux-gnu-', 'ppc64le-linux-gnu-'],
  s390x: ['s390x-linux-gnu-'],
  mips: ['mips64el-linux-gnuabi64-', 'mipsel-linux-gnu-', 'mips-linux-gnu-'],
  loongarch64: ['loongarch64-linux-gnu-'],
};

/** Versions that distributions put behind the names of LLVM's tools. JSON is written since 13. */
const llvmVersions = { newest: 40, oldest: 13 };

/**
 * Names under which a tool of binutils or LLVM is sought. `LLVM=1`, `LLVM=-19`, `LLVM=/folder/` and `CROSS_COMPILE` say
 * what they say to the kernel's build and to its scripts/decode_stacktrace.sh.
 */
export function toolNames(
  tool: 'addr2line' | 'llvm-symbolizer' | 'ld',
  environment: SymbolizerChoice['environment'],
  machine: ElfMachine | undefined,
): string[] {
  const { LLVM: llvm = '', CROSS_COMPILE: cross = '' } = environment;
  const folder = llvm.endsWith('/') ? llvm : '';
  const suffix = llvm.startsWith('-') ? llvm : '';
  if (tool === 'llvm-symbolizer') {
    const { newest, oldest } = llvmVersions;
    const versions = Array.from({ length: newest - oldest + 1 }, (_, nth) => `${tool}-${newest - nth}`);
    return [`${folder}${tool}${suffix}`, ...(llvm === '' ? versions : [])];
  }
  const ofLlvm = tool === 'ld' ? 'ld.lld' : `llvm-${tool}`;
  if (llvm !== '') return [`${folder}${ofLlvm}${suffix}`];
  if (cross !== '') return [`${cross}${tool}`];
  const prefixed = (machine === undefined ? undefined : crossPrefixes[machine])?.map((prefix) => `${prefix}${tool}`);
  return [...(prefixed ?? []), tool, ...(tool === 'ld' ? [ofLlvm] : [])];
}

/** Where a program is: in the folders of `PATH`, unless it is a path. */
export function whereIs(program: string, environment: SymbolizerChoice['environment']): string | undefined {
  if (program.includes('/')) return isFile(program) ? program : undefined;
  // An empty entry is the working folder, where anything may lie.
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isFile);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** What to install for a tool. */
const packages: Readonly<Record<DialectName, string>> = {
  addr2line: 'install binutils (of another machine: binutils-aarch64-linux-gnu or the like)',
  'llvm-symbolizer': 'install llvm',
};

/** As `dialectOf`. @throws KtriageError KT-SYMBOLIZER-UNKNOWN */
export function knownDialect(program: string): DialectName {
  const dialect = dialectOf(program);
  if (dialect !== undefined) return dialect;
  throw new KtriageError(
    'KT-SYMBOLIZER-UNKNOWN',
    `cannot use ${program}`,
    'it is neither an addr2line nor an llvm-symbolizer, by its name',
    'choose builtin, addr2line or llvm-symbolizer',
  );
}

/**
 * Finds the tool that was chosen, for files of a machine.
 * @throws KtriageError KT-SYMBOLIZER-UNKNOWN, KT-SYMBOLIZER-MISSING
 */
export function findTool({ program, environment }: SymbolizerChoice, machine?: ElfMachine): Tool {
  const dialect = knownDialect(program);
  const generic = program === 'addr2line' || program === 'llvm-symbolizer' ? program : undefined;
  const names = generic === undefined ? [program] : toolNames(generic, environment, machine);
  for (const name of names) {
    const path = whereIs(name, environment);
    // What the name became may be LLVM's.
    if (path !== undefined) return { path, dialect: dialectOf(name) ?? dialect };
  }
  const some = names.length > 4 ? [...names.slice(0, 3), '...'] : names;
  throw new KtriageError(
    'KT-SYMBOLIZER-MISSING',
    `cannot find ${program}`,
    program.includes('/') ? 'there is no such file' : `no folder of PATH has ${some.join(', ')}`,
    `${packages[dialect]}, or leave out --symbolizer: the built-in one needs nothing`,
  );
}
