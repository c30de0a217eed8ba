import { describe, expect, test } from 'vitest';
import type { CommandFacts, LastWords } from '../../src/model/command.ts';
import { textFile } from '../../src/report/text.ts';
import { crashReport, fileResult, plainOptions } from './make.ts';

const command: CommandFacts = { program: 'qemu', milliseconds: 61_300, exitCode: 0 };
const stopped = (last: Partial<LastWords>, more: Partial<CommandFacts> = {}): CommandFacts => ({
  ...{ program: 'qemu', milliseconds: 61_300, signal: 'SIGTERM', stopped: 'timeout', silentMilliseconds: 42_000 },
  last: { state: 'running', lines: [], ...last },
  ...more,
});

const screen = (facts: CommandFacts, reports: Parameters<typeof fileResult>[0] = []): string =>
  [...textFile(fileResult(reports, { command: facts }), plainOptions())].join('');

describe('the command that printed an input', () => {
  test('comes last if it came to its end', () => {
    expect(screen(command)).toMatch(/^No crash.*\n\nCommand: {2}qemu ended with exit status 0, after 61 s\.\n$/);
    expect(screen({ ...command, signal: 'SIGSEGV' })).toContain('qemu was ended by SIGSEGV');
  });

  test('comes first if it had to be stopped', () => {
    expect(screen(stopped({}))).toMatch(/^Command: {2}qemu had not ended in time and was stopped \(--timeout\)/);
  });

  test.each<[string, CommandFacts, string]>([
    ['silence', stopped({}), 'It looks like a hang: nothing was printed for the last 42 s.'],
    ['a guest that prints', stopped({}, { silentMilliseconds: 300 }), 'need not hang'],
    ['a prompt', stopped({ state: 'prompt' }), 'It waits at a prompt'],
    ['a machine that is off', stopped({ state: 'down' }), 'halted or powered off'],
    ['no kernel', stopped({ state: 'unseen' }), 'No kernel has printed anything'],
    ['a test', stopped({ state: 'testing', harness: 'kunit', test: 'list: add' }), 'kunit list: add had begun'],
  ])('says what is known of %s', (_name, facts, words) => {
    expect(screen(facts).replace(/\s+/g, ' ')).toContain(words);
  });

  test('leaves the word to the kernel where that has spoken', () => {
    const hung = crashReport({ kind: 'hang/hung-task', title: 'INFO: task hung in f' });
    expect(screen(stopped({}), [hung])).toContain('The kernel itself says that it hangs: INFO: task hung in f.');
    expect(screen(stopped({}), [crashReport({ severity: 'fatal' })])).toContain('The kernel had crashed');
  });

  test('shows nothing that a terminal would obey', () => {
    const facts = stopped({ lines: ['\x1b[2Jgone'], test: '\x1b[31m', harness: 'kunit' }, { program: '\x1b]0;x\x07' });
    expect(screen(facts)).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });
});
