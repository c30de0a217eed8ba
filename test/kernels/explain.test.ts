import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources } from '../../src/analyze/sources.ts';
import type { Explanation } from '../../src/model/explanation.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { projectRoot } from '../helpers/built.ts';

/** Logs of the lab beside the project and of the project itself, and the kernels that the lab has set up. */
const logFolder = join(projectRoot, '..', 'shared', 'lab-logs');
const caseFolder = join(projectRoot, 'test/cases');
const lab = process.env.KTLAB_DIR ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ktlab');

const say = (text: string): void => void process.stderr.write(`test:kernels: ${text}\n`);

/** What the lab's source says of a scenario. */
interface Truth {
  /** What the faulting instruction accesses. */
  readonly accessed?: string;
  /** What held the wrong value. */
  readonly wrong: string;
  /** Where that came from, the last step of the way. */
  readonly from: RegExp;
}

const ringIs = (from: RegExp): Truth => ({ accessed: 'ring->head', wrong: 'ring', from });
const isNull = /^(?:in \w+\(\): )?the constant 0$/;
const jump = (from: RegExp): Truth => ({ wrong: 'fn', from });

const truths: Readonly<Record<string, Truth>> = {
  'null-read': ringIs(isNull),
  'irq-null': ringIs(isNull),
  'null-write': { accessed: 'ring->slot[2]', wrong: 'ring', from: isNull },
  'null-exec': jump(isNull),
  // complete(NULL), whose lock is behind what is waited with.
  'null-in-core': {
    accessed: 'lock->raw_lock.val.counter',
    wrong: 'lock',
    from: /^in ktlab_null_in_core\(\): the constant 0$/,
  },
  'vfree-read': ringIs(/^returned by vmalloc(?:_noprof)?\(\)$/),
  'rodata-write': { accessed: '*p', wrong: 'p', from: /^the address of ktlab_constant$/ },
  gpf: ringIs(/^the constant 0xdead000000000100$/),
  // The compiler made a function of it that has only the divisor left.
  divide: { wrong: 'b', from: /^(?:argument b of ktlab_quotient\S*|in ktlab_divide\(\): the constant 0)$/ },
  'user-read': ringIs(/^returned by vm_mmap\(\)$/),
  'user-exec': jump(/^returned by vm_mmap\(\)$/),
  'nx-exec': jump(/^the address of ktlab_data$/),
  'cut-irq-fault': { accessed: 'ktlab_port.rx->head', wrong: 'ktlab_port.rx', from: /^loaded from ktlab_port\.rx$/ },
  'silent-irq-fault': { accessed: 'ktlab_port.rx->head', wrong: 'ktlab_port.rx', from: /^loaded from ktlab_port\.rx$/ },
};

/** Locks that are waited for, and where the code took them before. */
const lockTruths: Readonly<Record<string, { readonly name: string; readonly taken?: string }>> = {
  'spin-self': { name: 'ktlab_spin', taken: 'ktlab_lock_twice' },
  'spin-self-irq': { name: 'ktlab_raw_a', taken: 'ktlab_lock_twice_irq' },
  'hung-task': { name: 'ktlab_mutex_a' },
};

interface LabLog {
  readonly path: string;
  readonly kernel: string;
  readonly scenario: string;
}

/** `6.1-amd64-null-read+la57.log`, `lab-6.1-amd64-null-read-with-la57` */
const logName = /^(?:lab-)?(\d+\.\d+-(?:amd64|arm64))-([a-z-]+?)(?:(?:\+|-with-).*)?(?:\.log)?$/;

function labLogs(): LabLog[] {
  const paths = existsSync(logFolder) ? readdirSync(logFolder).map((name) => [name, join(logFolder, name)]) : [];
  if (paths.length === 0)
    say('explain: there is no lab-logs in a folder beside the project, only the cases of its own');
  for (const name of readdirSync(caseFolder)) {
    const log = name.startsWith('lab-')
      ? readdirSync(join(caseFolder, name)).find((file) => file.endsWith('.log'))
      : undefined;
    if (log !== undefined) paths.push([name, join(caseFolder, name, log)]);
  }
  const found: LabLog[] = [];
  const missing = new Set<string>();
  for (const [name = '', path = ''] of paths) {
    const [, kernel = '', scenario = ''] = logName.exec(name) ?? [];
    if (truths[scenario] === undefined && lockTruths[scenario] === undefined) continue;
    if (existsSync(join(lab, kernel, 'vmlinux'))) found.push({ path, kernel, scenario });
    else missing.add(kernel);
  }
  for (const kernel of missing) say(`explain: SKIPPED, ${lab} has no ${kernel}`);
  return found;
}

/** @param isIt tells the report that the question is about. */
async function explained(
  { path, kernel }: LabLog,
  isIt: (report: CrashReport) => boolean,
): Promise<{ readonly explanation?: Explanation; readonly isSure: boolean }> {
  const folder = join(lab, kernel);
  const sources = await openSources({ vmlinux: join(folder, 'vmlinux'), modules: [folder] });
  try {
    const { reports } = await analyzeFile(path, { sources });
    const report = reports.find(isIt);
    const files = [report?.symbols?.vmlinux, ...(report?.symbols?.modules ?? [])];
    const isSure = files.every((file) => file?.match === 'certain' || file?.match === 'likely');
    return { ...(report?.explanation && { explanation: report.explanation }), isSure };
  } finally {
    sources.close();
  }
}

const all = labLogs();
const logs = all.filter(({ scenario }) => truths[scenario] !== undefined);
const lockLogs = all.filter(({ scenario }) => lockTruths[scenario] !== undefined);

describe('what was wrong, and where it came from', () => {
  test.runIf(logs.length === 0)('is told of kernels broken on purpose: SKIPPED, there are none', () => {});

  test.each(logs)('$kernel $scenario', async (log) => {
    const truth = truths[log.scenario];
    const { explanation, isSure } = await explained(log, ({ registers }) => registers !== undefined);
    if (explanation === undefined || !isSure) {
      say(`explain: SKIPPED, ${log.path} has no registers, or is of another build`);
      return;
    }
    expect(explanation.missing).toBeUndefined();
    expect(explanation.accessed?.name).toBe(truth?.accessed);
    expect(explanation.wrong?.name).toBe(truth?.wrong);
    expect(explanation.origins?.at(-1)?.words).toMatch(truth?.from ?? /^$/);
    expect(explanation.origins?.every(({ certain }) => certain)).toBe(true);
  });
});

describe('which lock is waited for, and who took it', () => {
  test.runIf(lockLogs.length === 0)('is told of kernels that hang on purpose: SKIPPED, there are none', () => {});

  test.each(lockLogs)('$kernel $scenario', async (log) => {
    const truth = lockTruths[log.scenario];
    const { explanation, isSure } = await explained(log, ({ kind }) => /^(?:rcu|hang)\//.test(kind));
    // Without an NMI nobody prints the stack of a CPU that spins with interrupts off.
    const hasStack = !(log.kernel.endsWith('arm64') && log.scenario === 'spin-self-irq');
    if (!isSure || !hasStack) {
      say(`explain: SKIPPED, ${log.path} is of another build, or has no stack of who waits`);
      return;
    }
    expect(explanation?.lock?.name).toBe(truth?.name);
    expect(explanation?.lock?.taken?.function).toBe(truth?.taken);
    if (truth?.taken !== undefined) expect(explanation?.lock?.taken).toMatchObject({ calls: 0, certain: true });
  });
});
