import { readdirSync } from 'node:fs';
import { runProcess } from '../io/process.ts';
import type { ToolCheckup } from '../model/doctor.ts';
import { whereIs } from '../symbols/backends/choice.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that hangs is not waited for any longer. */
const usualTimeout = 3000;
/** Versions stand in the first lines. */
const maxOutputBytes = 65_536;
/** More emulators than QEMU has. */
const maxEmulators = 40;
const maxEntries = 20_000;
/** Programs that are asked at the same time. */
const atOnce = 6;

export interface ToolOptions {
  readonly signal?: AbortSignal;
  /** For each program. */
  readonly timeoutMilliseconds?: number;
}

interface Tool {
  readonly name: string;
  readonly use: string;
}

/** Programs of others, and what they would do. None is needed. */
const tools: readonly Tool[] = [
  { name: 'addr2line', use: '--symbolizer addr2line' },
  { name: 'llvm-symbolizer', use: '--symbolizer llvm-symbolizer' },
  { name: 'eu-addr2line', use: 'to compare with' },
  { name: 'objdump', use: 'to disassemble' },
  { name: 'gdb', use: 'to look into a vmlinux by hand' },
  { name: 'debuginfod-find', use: 'to fetch debug information by hand' },
  { name: 'perl', use: 'scripts/get_maintainer.pl of the kernel' },
  { name: 'git', use: 'to hold a source tree against a release' },
];

/** Which of the programs there are, with their versions. Programs that do not answer in time are told as such. */
export async function checkTools(environment: Environment, options: ToolOptions = {}): Promise<ToolCheckup[]> {
  const emulators = emulatorsIn(environment).map((name) => ({ name, use: 'to boot a kernel' }));
  const wanted = [...tools, ...emulators];
  const found: ToolCheckup[] = [];
  for (let from = 0; from < wanted.length && options.signal?.aborted !== true; from += atOnce)
    found.push(
      ...(await Promise.all(wanted.slice(from, from + atOnce).map((tool) => checkTool(tool, environment, options)))),
    );
  return found;
}

async function checkTool(
  { name, use }: Tool,
  environment: Environment,
  { signal, timeoutMilliseconds = usualTimeout }: ToolOptions,
): Promise<ToolCheckup> {
  const path = whereIs(name, environment);
  if (path === undefined) return { name, use };
  const { stdout, stderr, failure } = await runProcess(path, ['--version'], {
    timeoutMilliseconds,
    maxOutputBytes,
    signal,
  });
  const version = versionIn(`${stdout}\n${stderr}`);
  if (version !== undefined) return { name, use, path, version };
  return { name, use, path, problem: failure === 'timeout' ? 'it does not answer' : 'it tells no version' };
}

/** The first thing in a text that looks like a version, of a line that speaks of one if any does. */
export function versionIn(text: string): string | undefined {
  const lines = text.slice(0, maxOutputBytes).split('\n').slice(0, 20);
  const telling = [...lines.filter((line) => /version/i.test(line)), ...lines];
  for (const line of telling) {
    const found = /(?:^|[\s(v])(\d{1,4}\.\d{1,6}(?:[.\d]{0,20}\d)?)/.exec(line.slice(0, 300))?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `qemu-system-x86_64` and the like, in the folders of PATH. */
function emulatorsIn({ PATH = '' }: Environment): string[] {
  const found = new Set<string>();
  for (const folder of new Set(PATH.split(':').filter((path) => path !== ''))) {
    try {
      for (const name of readdirSync(folder).slice(0, maxEntries))
        if (/^qemu-system-[a-z0-9_]{1,30}$/.test(name)) found.add(name);
    } catch {
      // Folders of PATH need not be there.
    }
  }
  return [...found].sort().slice(0, maxEmulators);
}
