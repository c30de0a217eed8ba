import type { CommandFacts, CommandStop, GuestState, LastWords } from '../../model/command.ts';
import type { FileResult } from '../../model/document.ts';
import { printable } from '../escape.ts';
import type { TextOptions } from './options.ts';
import { type Section, sectionLines } from './section.ts';
import type { Paragraph } from './spans.ts';

const stopWords: Readonly<Record<CommandStop, string>> = {
  crash: 'was stopped because the kernel had crashed',
  timeout: 'had not ended in time and was stopped (--timeout)',
  quiet: 'printed nothing for too long and was stopped (--quiet-timeout)',
  interrupted: 'was interrupted',
  unread: 'was stopped because nobody takes its output any more',
};

const stateWords: Readonly<Record<GuestState, string>> = {
  unseen:
    'No kernel has printed anything: it may never have been started, or its console is not in the output of the command.',
  booting: 'The kernel was booting; it had started no program yet, or none that printed.',
  prompt: 'It waits at a prompt, where nobody types.',
  down: 'The guest was halted or powered off, and what runs it did not end (QEMU: -no-reboot, and a machine that can power off).',
  testing: 'A test had begun and not ended.',
  running: 'Programs were running; no test that is known had begun.',
};

/** What of an input is asked beside its command. */
type Judged = Pick<FileResult, 'reports'>;

/** Silence of so many milliseconds is no pause between two lines. */
const longSilence = 5000;

/** A time in seconds, with as many digits as matter. */
function seconds(milliseconds: number): string {
  const value = milliseconds / 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}

/** How a command ended, in a sentence. */
export function commandSentence(command: CommandFacts): string {
  const { program, milliseconds, exitCode, signal, stopped } = command;
  const name = printable(program);
  if (stopped !== undefined) return `${name} ${stopWords[stopped]}, after ${seconds(milliseconds)}.`;
  const how =
    signal === undefined
      ? exitCode === undefined
        ? 'is gone, nobody knows how'
        : `ended with exit status ${exitCode}`
      : `was ended by ${printable(signal)}`;
  return `${name} ${how}, after ${seconds(milliseconds)}.`;
}

/** Reports of the kernel's own detectors: kernel/watchdog.c, hung_task.c, rcu/tree_stall.h. */
const ownWords = /^(?:hang|rcu)\//;

/** Whether a machine that was not waited for hangs, as far as its console tells. */
function judgement({ silentMilliseconds = 0 }: CommandFacts, last: LastWords, file: Judged): string[] {
  const { state, test, harness } = last;
  const what = test === undefined ? stateWords[state] : `${harness ?? ''} ${printable(test)} had begun and not ended.`;
  const words = [what.trimStart()];
  const own = file.reports.find(({ kind }) => ownWords.test(kind));
  if (file.reports.some(({ severity }) => severity === 'fatal'))
    return [...words, 'The kernel had crashed; see below.'];
  if (own !== undefined) return [...words, `The kernel itself says that it hangs: ${printable(own.title)}.`];
  if (state === 'prompt' || state === 'down' || state === 'unseen') return words;
  const silent = seconds(silentMilliseconds);
  return [
    ...words,
    silentMilliseconds >= longSilence
      ? `It looks like a hang: nothing was printed for the last ${silent}.`
      : `It printed something ${silent} before: it may be slow, or do the same again and again, and need not hang.`,
  ];
}

function lastSections(command: CommandFacts, last: LastWords, file: Judged): Section[] {
  const guest: Paragraph[] = judgement(command, last, file);
  if (last.kernelSeconds !== undefined) {
    guest.push(`The kernel's last time stamp is ${last.kernelSeconds.toFixed(6)} s.`);
  }
  const lines = last.lines.map((line): Paragraph => [{ text: printable(line), whole: true }]);
  return [{ label: 'Guest', paragraphs: guest }, ...(lines.length > 0 ? [{ label: 'Last', paragraphs: lines }] : [])];
}

/** What became of the command that printed an input. */
export function* commandLines(command: CommandFacts, file: Judged, options: TextOptions): Generator<string> {
  const { width, painter } = options;
  const sections: Section[] = [{ label: 'Command', paragraphs: [commandSentence(command)] }];
  if (command.last !== undefined) sections.push(...lastSections(command, command.last, file));
  for (const section of sections) yield* sectionLines(section, width, painter);
}
