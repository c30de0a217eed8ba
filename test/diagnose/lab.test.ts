import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiveAnalysis } from '../../src/analyze/analyze.ts';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import { diagnoseFile } from '../../src/diagnose/diagnose-file.ts';
import type { FileResult } from '../../src/model/document.ts';
import type { Finding } from '../../src/model/explanation.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { projectRoot } from '../helpers/built.ts';
import { crashReport } from '../report/make.ts';

const cases = join(projectRoot, 'test', 'cases');

/** The log of a case of the lab; the first that is there of those that hold it. */
function analyzed(folder: string): FileResult {
  const log = readdirSync(join(cases, folder)).find((name) => name.endsWith('.log'));
  const analysis = new LiveAnalysis(folder);
  analysis.push(readFileSync(join(cases, folder, log ?? 'no log')));
  return diagnoseFile(analysis.end());
}

function rootFindings({ reports, incidents }: FileResult): readonly Finding[] {
  return reports[incidents[0]?.root ?? -1]?.findings ?? [];
}

/**
 * What each scenario is, by the source of the module that made it (`ktlab_null_read()` reads `ring->head` of a ring that
 * is NULL, and so on), and which rule must lead with which words. Logs only: no debug information.
 */
const truth: Readonly<Record<string, readonly [rule: string, words: RegExp]>> = {
  bug: ['bug-check', /^ktlab_bug\(\) of module ktlab ran into a BUG\(\) at \S*oops\.c:103\.$/],
  'cut-irq-fault': ['null-member', / read address 0x20: NULL plus 0x20, /],
  divide: ['divide-by-zero', /^ktlab_quotient\(\) of module ktlab divided by zero/],
  'fault-wait': ['hung-task', /^ktpoke \(PID \d+\) .* for a completion in ktlab_wait_fault\(\)/],
  'null-exec': ['null-call', /^ktlab_null_exec\(\) of module ktlab called a function pointer that is NULL\.$/],
  'null-in-core': [
    'null-member',
    /spin_lock\w*\(\), called through complete\(\) from ktlab_null_in_core\(\) .* address 0x8: NULL plus 0x8/,
  ],
  'null-read': ['null-member', /^ktlab_null_read\(\) of module ktlab read address 0x20: NULL plus 0x20/],
  'null-write': ['null-member', /^ktlab_null_write\(\) of module ktlab wrote to address 0x38: NULL plus 0x38/],
  'nx-exec': ['execute-data', /^ktlab_nx_exec\(\) of module ktlab jumped to address 0x\S+.*, which is not executable/],
  panic: ['panic', /panicked: ktlab: giving up\.$/],
  'rcu-stall': [
    'rcu-stall',
    /keeps rcu_\w+ waiting for 5,25\d jiffies: .*ktlab_(?:read|spin)_forever\(\) of module ktlab/,
  ],
  'rodata-write': ['read-only-write', /^ktlab_rodata_write\(\) .* which is mapped read-only/],
  'slab-uaf': ['use-after-free', /wrote 4 bytes at offset 0x20 of an object of cache kmalloc-128 after it was freed/],
  'spin-self': ['rcu-stall', /ktlab_lock_twice\(\) of module ktlab spins for a spinlock that does not come free/],
  'stack-overflow': ['stack-overflow', /^The kernel stack overflowed: ktlab_recurse\(\) calls itself without end\.$/],
  'sysrq-c': ['requested-crash', /^init \(PID \d+\) asked for this crash by writing c to \/proc\/sysrq-trigger/],
  undef: ['undefined-instruction', /^ktlab_undef\(\) of module ktlab executed an instruction/],
  'user-read': ['user-access', /^ktlab_user_read\(\) of module ktlab read address 0x\S+ of user space, outside/],
  'vfree-read': [
    'unmapped',
    /^ktlab_vfree_read\(\) .* in vmalloc memory, where nothing is mapped: perhaps freed by vfree/,
  ],
  warn: ['warning-check', /^ktlab_warn\(\) of module ktlab warned at \S*oops\.c:108: ktlab: level 7 is odd\.$/],
  'abba-mutex': ['deadlock', /^A deadlock: ktlab-ab .* waits for ktlab-ba .*, which waits for ktlab-ab/],
  'hard-lockup': ['hard-lockup', /^CPU 1 takes no interrupts/],
  'hung-task': ['hung-task', /^init \(PID \d+\) has waited more than 10 seconds for a mutex in ktlab_hung_task\(\)/],
  'list-corruption': ['list-corruption', /^ktlab_list_corruption\(\) of module ktlab deletes an entry of a list/],
  'sched-atomic': ['sleep-in-atomic', /^ktlab_sched_atomic\(\) .* may sleep, with preemption off\.$/],
};

/** Logs that say other things than their scenario: another CPU is stuck silently, or its stack was not printed. */
const others: Readonly<Record<string, readonly [rule: string, words: RegExp]>> = {
  'lab-6.1-amd64-spin-self-irq': ['rcu-stall', /ktlab_lock_twice_irq\(\) of module ktlab spins for a spinlock/],
  'lab-6.1-arm64-spin-self-irq': ['rcu-stall', /^CPU 1 keeps .*: what it does there was not printed\.$/],
};

const folders = readdirSync(cases).filter((name) => /^lab-\d/.test(name));
const scenarioOf = (folder: string): string =>
  folder.replace(/^lab-[\d.]+-(?:amd64|arm64)-/, '').replace(/-with-[\w-]+$/, '');

describe('findings of the lab', () => {
  const expected = folders.flatMap((folder) => {
    const known = others[folder] ?? truth[scenarioOf(folder)];
    return known === undefined ? [] : [[folder, ...known] as const];
  });

  test('are known for nearly all of its logs', () => {
    const unknown = folders.filter((folder) => !expected.some(([name]) => name === folder));
    // Healthy boots, dumps that somebody asked for, and kernels that die without a word.
    expect(unknown.filter((name) => !/silent|sysrq-[lt]|user-spin/.test(name))).toEqual([]);
    expect(expected.length).toBeGreaterThan(40);
  });

  test.each(expected)('%s', (folder, rule, words) => {
    const [lead] = rootFindings(analyzed(folder));
    expect(lead?.rule).toBe(rule);
    expect(lead?.sentence).toMatch(words);
  });

  test('a deadlock is drawn as two columns', () => {
    const [lead] = rootFindings(analyzed('lab-7.2-amd64-abba-mutex'));
    expect(lead?.drawing).toEqual([
      expect.stringMatching(/^ktlab-ab \(PID \d+\) {4,}ktlab-ba \(PID \d+\)$/),
      expect.stringMatching(/^in ktlab_take_ab\(\) {4,}in ktlab_take_ba\(\)$/),
      expect.stringMatching(/^holds the mutex that ktlab-ba wants +holds the mutex that ktlab-ab wants$/),
      expect.stringMatching(/^wants the mutex that ktlab-ba holds +wants the mutex that ktlab-ab holds$/),
    ]);
  });
});

const reports: readonly CrashReport[] = folders.flatMap((folder) => analyzed(folder).reports);
const pick = (index: number): CrashReport => reports[index] ?? crashReport();

/** What every finding must be, whatever it is of. */
function expectSound(findings: readonly Finding[]): void {
  for (const { sentence, evidence, against = [], confidence } of findings) {
    expect(sentence).toMatch(/\.$/);
    for (const text of [sentence, ...evidence.map(({ words }) => words), ...against]) {
      expect(text).not.toMatch(/undefined|(?<!\w)null\b|NaN|\[object|\s{2}|\s[.,;:]| $|\(\)\(\)|\.\.$/);
      expect(text.length).toBeGreaterThan(3);
    }
    // What is not certain says why.
    if (confidence === 'likely') expect([sentence, ...against].length).toBeGreaterThan(0);
  }
  const rules = findings.map(({ rule }) => rule);
  expect(new Set(rules).size).toBe(rules.length);
}

describe('findings', () => {
  test('of every report of the lab are sound', () => {
    expect(reports.length).toBeGreaterThan(60);
    for (const report of reports) expectSound(report.findings ?? []);
  });

  test('are sound and never throw where parts of a report are missing, or of another one', () => {
    const keys = ['culprit', 'registers', 'fault', 'details', 'frame', 'task', 'kernel', 'panic', 'code'] as const;
    const index = fc.integer({ min: 0, max: reports.length - 1 });
    fc.assert(
      fc.property(index, index, fc.subarray([...keys]), fc.boolean(), (one, two, missing, other) => {
        const parts = missing.map((key) => [key, other && key !== 'culprit' ? pick(two)[key] : undefined]);
        const report = { ...pick(one), ...Object.fromEntries(parts), ...(missing.length > 4 && { frames: [] }) };
        expectSound(diagnose(report, { others: [pick(two)] }));
      }),
      { numRuns: 400 },
    );
  });
});
