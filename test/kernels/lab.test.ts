import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources } from '../../src/analyze/sources.ts';
import type { CrashReport, Frame } from '../../src/model/report.ts';
import { projectRoot } from '../helpers/built.ts';
import { type CSource, readCSource } from '../helpers/c-source.ts';

/** The lab beside the project: a module that breaks kernels, its logs, and the kernels that it has set up. */
const shared = join(projectRoot, '..', 'shared');
const logFolder = join(shared, 'lab-logs');
const sourceFolder = join(shared, 'lab', 'ktlab');
const lab = process.env.KTLAB_DIR ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ktlab');

const say = (text: string): void => void process.stderr.write(`test:kernels: ${text}\n`);

/** What each scenario breaks at: text of the line that must be the innermost one of the module in the report. */
const faults: Readonly<Record<string, string>> = {
  bug: 'BUG_ON(!ring);',
  divide: 'return a / b;',
  gpf: 'return ring->head - ring->tail;',
  'list-corruption': 'list_del(&a);',
  'null-exec': 'fn();',
  'null-in-core': 'complete(done);',
  'null-read': 'return ring->head - ring->tail;',
  'null-write': 'ring->slot[2] = ring;',
  'nx-exec': 'fn();',
  panic: 'panic("ktlab: giving up");',
  refcount: 'refcount_dec(&refs);',
  'rodata-write': '*p = 43;',
  undef: 'asm volatile(',
  'user-read': 'return ring->head - ring->tail;',
  'vfree-read': 'return ring->head - ring->tail;',
  warn: 'WARN(1, "ktlab: level %d is odd\\n", 7);',
};

/** `6.1-amd64-null-read+la57.log` */
const logName = /^(\d+\.\d+-(?:amd64|arm64))-([a-z-]+?)(?:\+.*)?\.log$/;

interface LabLog {
  readonly log: string;
  readonly kernel: string;
  readonly scenario: string;
}

function labLogs(): LabLog[] {
  if (!existsSync(logFolder) || !existsSync(sourceFolder)) {
    say(`lab: SKIPPED, there is no ${existsSync(logFolder) ? 'lab/ktlab' : 'lab-logs'} in a folder beside the project`);
    return [];
  }
  const found: LabLog[] = [];
  const missing = new Set<string>();
  for (const log of readdirSync(logFolder)) {
    const [, kernel, scenario] = logName.exec(log) ?? [];
    if (kernel === undefined || scenario === undefined) continue;
    const folder = join(lab, kernel);
    if (!existsSync(join(folder, 'vmlinux')) || !existsSync(join(folder, 'ktlab.ko'))) missing.add(kernel);
    else if (isOfKernel(log, folder)) found.push({ log, kernel, scenario });
    else missing.add(`${kernel} of the same version as ${log}`);
  }
  for (const kernel of missing) say(`lab: SKIPPED, ${lab} has no ${kernel}`);
  say(`lab: ${found.length} logs`);
  return found;
}

const readLog = (log: string): string => readFileSync(join(logFolder, log), 'latin1');

/** The lab takes the kernel that a suite has on the day of its set-up. */
function isOfKernel(log: string, folder: string): boolean {
  const abi = readFileSync(join(folder, 'abi'), 'utf8').trim();
  return readLog(log).includes(`Linux version ${abi} `);
}

async function reportsOf({ log, kernel }: LabLog): Promise<readonly CrashReport[]> {
  const folder = join(lab, kernel);
  const sources = await openSources({ vmlinux: join(folder, 'vmlinux'), modules: [folder] });
  try {
    return (await analyzeFile(join(logFolder, log), { sources })).reports;
  } finally {
    sources.close();
  }
}

interface Position {
  readonly function: string | undefined;
  readonly file: string;
  readonly line: number;
}

/** The positions of a frame, innermost first. */
const positionsOf = (frame: Frame): Position[] =>
  [...(frame.inlined ?? []), frame].flatMap(({ function: name, source }) =>
    source === undefined ? [] : [{ function: name, file: source.file, line: source.line }],
  );

const logs = labLogs();

describe.skipIf(logs.length === 0)('logs of the lab', () => {
  const sources = new Map<string, CSource>();
  if (logs.length > 0)
    for (const name of readdirSync(sourceFolder))
      if (/\.[ch]$/.test(name)) sources.set(name, readCSource(join(sourceFolder, name)));

  /** `.cold` and the like are parts of the function of that name. */
  const plain = (name: string | undefined): string | undefined => name?.replace(/\..*$/, '');

  test.skipIf(logs.length > 0)('SKIPPED, there is no log', () => {});

  test.each(logs)('$log', async (lab) => {
    const reports = await reportsOf(lab);
    // The silent ones stop before a report; arm64 divides by zero, and reads a user's memory without PAN, unharmed.
    if (reports.length === 0 && !lab.scenario.startsWith('silent-'))
      expect(readLog(lab.log)).toMatch(/ktlab: .* returned|user space alive/);
    const module = reports[0]?.symbols?.modules?.find((file) => file.module === 'ktlab');
    if (module?.match === 'refused') {
      say(`lab: ${lab.log}: SKIPPED, its ktlab.ko is not the one in the lab: ${module.reasons.join('; ')}`);
      return;
    }
    const frames = reports.flatMap((report) => [...report.frames, ...report.stacks.flatMap((stack) => stack.frames)]);
    const own = frames.filter((frame) => frame.module === 'ktlab');
    for (const frame of own) {
      // Data that was jumped to is printed as the symbol before it, with an offset beyond its end.
      const { function: name, offset = 0, size = 0, reliable } = frame;
      const isCode = offset < size && name !== 'ktlab_data';
      if (reliable && isCode) expect(frame.source, `${name}+${offset}`).toBeDefined();
    }
    const positions = own.flatMap(positionsOf).filter(({ file }) => sources.has(basename(file)));
    for (const { function: name, file, line } of positions)
      expect(sources.get(basename(file))?.functionAt(line), `${name} at ${file}:${line}`).toBe(plain(name));

    const expected = faults[lab.scenario];
    const [report] = reports;
    const registers = report?.registers?.flatMap(({ lr }) => lr ?? []) ?? [];
    const blamed = [...(report?.frames ?? []), ...registers].find(
      (frame) => frame.module === 'ktlab' && plain(frame.function) === report?.culprit?.function,
    );
    const innermost = blamed && positionsOf(blamed).find(({ file }) => sources.has(basename(file)));
    if (expected === undefined || reports.length === 0) return;
    expect(sources.get(basename(innermost?.file ?? ''))?.line(innermost?.line ?? 0)).toContain(expected);
  });
});
