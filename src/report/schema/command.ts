import { count, list, number, object, oneOf, text } from './parts.ts';

/** The key `command` of an input. */
export const commandSchema = object('The command that printed it (`ktriage run`).', {
  program: text('Its first word.'),
  milliseconds: count('From its start to its end.'),
  'exitCode?': count('What it ended with.'),
  'signal?': text('The signal that ended it.'),
  'stopped?': oneOf(
    ['crash', 'timeout', 'quiet', 'interrupted', 'unread'],
    'Why it was not left to end by itself; absent if it was.',
  ),
  'silentMilliseconds?': count('Since the last byte of its output, when it was stopped.'),
  'last?': object('What its output ended with, if it was stopped before its end.', {
    state: oneOf(
      ['unseen', 'booting', 'prompt', 'down', 'testing', 'running'],
      'What the guest was last seen to be: no kernel printed; none of its programs did; at a prompt; halted; in a test.',
    ),
    lines: list(text('A line.'), 'The last lines, oldest first.'),
    'kernelSeconds?': number('The last time stamp of the kernel.'),
    'harness?': text('Of the test that had begun and not ended.'),
    'test?': text('Its name.'),
  }),
  'guest?': object('What `ktriage live` found in the guest.', {
    outcome: oneOf(['broken', 'healthy', 'unclear'], 'Whether something is wrong.'),
    rule: text('The rule of the verdict.'),
    sentence: text('The verdict.'),
  }),
});
