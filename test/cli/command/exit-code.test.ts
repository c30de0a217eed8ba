import { expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/cli/command/exit-code.ts';
import type { ExitCode } from '../../../src/cli/exit-codes.ts';
import type { CommandFacts } from '../../../src/model/command.ts';

type Ended = Partial<CommandFacts>;

test.each<[string, ExitCode, Ended, number]>([
  ['all is well', 0, { exitCode: 0 }, 0],
  ['the command failed', 0, { exitCode: 7 }, 7],
  ['it failed, and nobody can vouch for its log', 3, { exitCode: 7 }, 7],
  ['nobody can vouch for its log', 3, { exitCode: 0 }, 3],
  ['a signal ended it', 0, { signal: 'SIGKILL' }, 137],
  ['the kernel crashed', 1, { exitCode: 0 }, 1],
  ['the kernel crashed, and the command failed', 1, { exitCode: 255 }, 1],
  ['it was stopped for the crash', 1, { signal: 'SIGTERM', stopped: 'crash' }, 1],
  ['it was stopped for a crash that does not count', 0, { signal: 'SIGTERM', stopped: 'crash' }, 0],
  ['it took too long', 0, { signal: 'SIGTERM', stopped: 'timeout' }, 124],
  ['it was quiet, with no line of a kernel', 3, { signal: 'SIGKILL', stopped: 'quiet' }, 124],
  ['it took too long, and the kernel had crashed', 1, { signal: 'SIGTERM', stopped: 'timeout' }, 1],
  ['nobody reads it', 0, { signal: 'SIGTERM', stopped: 'unread' }, 141],
  ['interrupted', 130, { exitCode: 0, stopped: 'interrupted' }, 130],
  ['an output could not be written', 2, { exitCode: 0 }, 2],
])('%s', (_name, judged, ended, code) => {
  expect(exitCodeOf(judged, { program: 'qemu', milliseconds: 1, ...ended })).toBe(code);
});
