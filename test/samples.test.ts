import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFile } from '../src/analyze/analyze.ts';
import { openSources } from '../src/analyze/sources.ts';
import type { CrashReport, Frame } from '../src/model/report.ts';
import { projectRoot } from './helpers/built.ts';
import { readCSource } from './helpers/c-source.ts';

const samples = join(projectRoot, 'samples');
const sourceFolder = join(samples, 'ktsample');

const sources = new Map(
  readdirSync(sourceFolder)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => [name, readCSource(join(sourceFolder, name))]),
);

/** The first report of a sample, with nothing but what lies in samples/. */
async function reportOf(log: string): Promise<CrashReport | undefined> {
  const opened = await openSources({ modules: [samples], debugDir: join(projectRoot, 'test', 'cases') });
  try {
    return (await analyzeFile(join(samples, log), { sources: opened })).reports[0];
  } finally {
    opened.close();
  }
}

/** A frame with what is inlined in it, innermost first, each with its text in the source. */
function chain(frame: Frame | undefined): { function: string | undefined; within: string | undefined; text: string }[] {
  if (frame === undefined) return [];
  return [...(frame.inlined ?? []), frame].flatMap(({ function: name, source: position }) => {
    if (position === undefined) return [{ function: name, within: undefined, text: 'no position' }];
    const file = sources.get(basename(position.file));
    // Functions of the kernel's headers, inlined into the module.
    if (file === undefined) return [];
    return [{ function: name, within: file.functionAt(position.line), text: file.line(position.line) }];
  });
}

/** What breaks in each log, innermost first: the function and its text, written down from reading the source. */
const faults: Readonly<Record<string, readonly (readonly [function: string, text: string])[]>> = {
  null: [
    ['letter_postage', 'return letter->grams > 20 ? 160 : 95;'],
    ['mailbox_first_postage', 'return letter_postage(mailbox_first(box));'],
    ['ktsample_postage', 'u32 cents = mailbox_first_postage(box);'],
    ['ktsample_write', 'commands[i].run(&box);'],
  ],
  poison: [
    ['mailbox_take', 'list_del(&letter->node);'],
    ['ktsample_clear', 'mailbox_take(box, letter);'],
    ['ktsample_write', 'commands[i].run(&box);'],
  ],
  list: [
    ['mailbox_take', 'list_del(&letter->node);'],
    ['ktsample_recall', 'mailbox_take(box, letter);'],
    ['ktsample_write', 'commands[i].run(&box);'],
  ],
  warn: [
    ['mailbox_count', 'WARN(box->count > box->most,'],
    ['mailbox_put', 'mailbox_count(box);'],
    ['ktsample_overfill', 'while (box->count <= box->most && mailbox_put(box, 20))'],
    ['ktsample_write', 'commands[i].run(&box);'],
  ],
  bug: [
    ['mailbox_check', 'BUG_ON(counted != box->count);'],
    ['audit_work', 'mailbox_check(audited);'],
  ],
};

const logs = readdirSync(samples).filter((name) => name.startsWith('ktsample-'));

describe('logs of the sample module', () => {
  test('are there, of both architectures', () => {
    expect(logs.filter((name) => name.endsWith('-x86-64.log'))).toHaveLength(5);
    expect(logs.filter((name) => name.endsWith('-arm64.log'))).toHaveLength(2);
  });

  test.each(logs)('%s: each frame of the module has the line that broke or called', async (log) => {
    const expected = faults[/^ktsample-(\w+)-/.exec(log)?.[1] ?? ''];
    const report = await reportOf(log);
    const own = report?.frames.filter((frame) => frame.module === 'ktsample' && frame.reliable) ?? [];
    const found = own.flatMap(chain);
    expect(found.map(({ function: name, text }) => [name, text])).toEqual(expected);
    for (const { function: name, within } of found) expect(within).toBe(name);
    expect(report?.symbols?.modules?.map(({ module, match }) => [module, match])).toEqual([['ktsample', 'likely']]);
  });

  test.each(logs)('%s: the culprit is in the module', async (log) => {
    const report = await reportOf(log);
    expect(report?.culprit?.function).toMatch(/^(?:ktsample|mailbox)_|^audit_work$/);
  });
});
