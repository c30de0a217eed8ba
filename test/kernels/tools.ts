import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldPath } from '../../src/dwarf/source-tree.ts';
import { projectRoot } from '../helpers/built.ts';
import type { Kernel } from './table.ts';

/** A function at an address, as a tool has it. */
export interface ToolFrame {
  /** Absent where the tool knows none. */
  readonly function?: string;
  readonly file?: string;
  readonly line?: number;
}

const maxOutput = 1 << 30;

function run(command: string, args: readonly string[], input: string): string {
  const env = { ...process.env, LC_ALL: 'C', DEBUGINFOD_URLS: '', KTRIAGE_CACHE: 'off' };
  const { stdout, stderr, error } = spawnSync(command, args, { input, env, encoding: 'utf8', maxBuffer: maxOutput });
  if (error !== undefined) throw error;
  if (stdout === '') throw new Error(`${command}: ${stderr}`);
  return stdout;
}

/** True if a program can be run. */
export function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** A position, or nothing: line 0 says that there is no line (Rust), or the file is the STT_FILE symbol before (asm). */
function frame(name: string, file: string, line: number): ToolFrame {
  const folded = foldPath(file);
  const isPosition = folded !== '' && folded !== '??' && line > 0;
  return {
    ...(name !== '' && name !== '??' && { function: name }),
    ...(isPosition && { file: folded, line }),
  };
}

interface LlvmSymbol {
  readonly FunctionName: string;
  readonly FileName: string;
  readonly Line: number;
}

/** llvm-symbolizer on a vmlinux or a linked file. */
export function askLlvm(path: string, addresses: readonly bigint[]): ToolFrame[][] {
  const flags = ['--functions=linkage', '--inlines', '--no-demangle', '--output-style=JSON'];
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
  const answers: { Symbol?: LlvmSymbol[] }[] = run('llvm-symbolizer', [`--obj=${path}`, ...flags], input)
    .trim()
    .split('\n')
    // Version 14 answers with an object for each address, later ones with a list of one.
    .flatMap((line) => JSON.parse(line));
  return answers.map((answer) =>
    (answer.Symbol ?? []).map((symbol) => frame(symbol.FunctionName, symbol.FileName, symbol.Line)),
  );
}

/** eu-addr2line on any file; offsets count from `section` if it is given. */
export function askElfutils(path: string, addresses: readonly bigint[], section?: string): ToolFrame[][] {
  const place = section === undefined ? [] : ['-j', section];
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
  const answers: ToolFrame[][] = [];
  let name: string | undefined;
  for (const line of run('eu-addr2line', ['-a', '-f', '-i', ...place, '-e', path], input).split('\n')) {
    if (name === undefined && /^0x[0-9a-f]+$/.test(line)) answers.push([]);
    // `inner inlined at FILE:LINE in outer`, though -i prints the others anyway.
    else if (name === undefined) name = line.replace(/ inlined at .*$/, '');
    else {
      const [, file = '', number = '0'] = /^(.*?):(\d+)(?::\d+)?(?: \(.*\))?$/.exec(line) ?? [];
      answers.at(-1)?.push(frame(name, file, Number(number)));
      name = undefined;
    }
  }
  return answers;
}

/** The linker for a kernel's architecture. */
export const linkerOf = (kernel: Kernel): string => (kernel.architecture === 'arm64' ? 'aarch64-linux-gnu-ld' : 'ld');

/**
 * llvm-symbolizer on a module. All sections of a module start at 0, and it has no way to name one (asked anyway, it
 * gets one in five wrong): it is asked about a copy that is linked with each section at an address of its own.
 */
export function askLlvmAboutModule(
  linker: string,
  path: string,
  places: readonly { readonly section: string; readonly address: bigint }[],
): ToolFrame[][] {
  const sections = [...new Set(places.map(({ section }) => section))];
  const base = new Map(sections.map((section, nth) => [section, BigInt(nth + 1) << 28n]));
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-linked-'));
  try {
    const script = join(folder, 'script');
    const linked = join(folder, 'linked');
    const lines = [...base].map(([section, start]) => `  ${section} 0x${start.toString(16)} : { *(${section}) }`);
    writeFileSync(script, `SECTIONS {\n${lines.join('\n')}\n}\n`);
    const flags = ['-e', '0', '--unresolved-symbols=ignore-all', '--noinhibit-exec', '-nostdlib', '-T', script];
    const { stderr } = spawnSync(linker, [...flags, '-o', linked, path], { encoding: 'utf8' });
    // Relocations that do not reach so far are errors, and of no matter here.
    if (!existsSync(linked)) throw new Error(`${linker}: ${stderr}`);
    return askLlvm(
      linked,
      places.map(({ section, address }) => (base.get(section) ?? 0n) + address),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `ktriage symbolize` says to each line of its standard input. */
export function askKtriage(flags: readonly string[], inputs: readonly string[]): ToolFrame[][] {
  const program = join(projectRoot, 'bin', 'ktriage.js');
  const args = [program, 'symbolize', '--format', 'jsonl', ...flags];
  const answers: { frames: ToolFrame[] }[] = run(process.execPath, args, inputs.map((each) => `${each}\n`).join(''))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return answers.map(({ frames }) => frames);
}
