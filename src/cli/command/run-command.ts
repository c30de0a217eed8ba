import type { CommandFacts, CommandStop } from '../../model/command.ts';
import type { FileResult } from '../../model/document.ts';
import type { LiveDocument } from '../../model/live.ts';
import type { CrashReport } from '../../model/report.ts';
import type { EngineOptions } from '../engine.ts';
import { errorText, noteText, systemCode } from '../errors.ts';
import { unwritable } from '../output.ts';
import type { Session } from '../session.ts';
import { OutputAnalysis } from './analysis.ts';
import type { CommandFlags } from './command-flags.ts';
import { commandFacts } from './describe-end.ts';
import { type EndsLine, freshLine } from './fresh-line.ts';
import type { CommandGuard } from './signals.ts';
import { type CommandEnd, type Patience, Supervisor } from './supervisor.ts';
import { TailKeeper } from './tail-keeper.ts';

/** Bytes of output in which it is sought what the guest did last: the line that says which test began is in them. */
const tailBytes = 4 << 20;
const second = 1000;

const leftWords: Readonly<Record<NonNullable<CommandEnd['leftBehind']>, string>> = {
  ended: 'the command has ended, but what it started had not, and was stopped',
  lost: 'the command has ended, but what it started has its output open, in a session of its own, and may still run',
};

/** What a command that is run for its output is given beside it. */
export interface RunSurroundings {
  readonly path: string;
  readonly flags: CommandFlags;
  readonly session: Session;
  readonly guard: CommandGuard;
  readonly verbose: boolean;
  readonly hasInput: boolean;
  readonly patience?: Partial<Patience> | undefined;
  /** Its output has a use even if nobody reads ours. */
  readonly isWanted: boolean;
  /** True for a report after which the command is not waited for. */
  readonly isCrash: (report: CrashReport) => boolean;
  /** Takes each piece of its output. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Looks at the guest of a command that does not end; absent if nobody said where it is. */
  readonly look: ((signal: AbortSignal) => Promise<LiveDocument>) | undefined;
}

/** What became of a command. */
export interface EndedCommand {
  readonly result: FileResult;
  readonly facts: CommandFacts;
  /** What was found in its guest. */
  readonly live?: LiveDocument;
  readonly endsLine: EndsLine;
}

/**
 * Runs a command to its end, or to that of its time, and analyses what it prints.
 * @throws StartError if it cannot be started.
 */
export async function superviseCommand(
  words: readonly string[],
  options: EngineOptions,
  around: RunSurroundings,
): Promise<EndedCommand> {
  const { path, flags, session, guard, look } = around;
  const tail = new TailKeeper(tailBytes);
  let live: LiveDocument | undefined;
  const say = (text: string): void => {
    session.stderr.write(`${freshLine(session, supervisor.endsLine)}${noteText(text)}`);
  };
  const analysis = new OutputAnalysis(path, options, (report) => {
    if (around.isCrash(report)) {
      if (supervisor.crashed()) say(`${report.title}; the command is given ${flags.afterCrash} s more (--after-crash)`);
    } else if (around.verbose) say(`line ${report.startLine}: ${report.title}`);
  });
  let last: Uint8Array = new Uint8Array(0);
  const beforeStop = async (why: CommandStop): Promise<void> => {
    // What is printed when it is told to end is not what the guest did last.
    last = tail.bytes();
    if (look === undefined || (why !== 'timeout' && why !== 'quiet')) return;
    say(`${why === 'quiet' ? 'it is quiet' : 'the time is up'}; looking at the guest before the command is stopped`);
    try {
      live = await look(guard.signal);
    } catch (error) {
      if (!guard.signal.aborted) session.stderr.write(errorText(error));
    }
  };
  const { timeout, quietTimeout, afterCrash } = flags;
  const supervisor = new Supervisor({
    session,
    limits: {
      ...(timeout !== undefined && { timeout: timeout * second }),
      ...(quietTimeout !== undefined && { quiet: quietTimeout * second }),
      afterCrash: afterCrash * second,
    },
    hasInput: around.hasInput,
    patience: around.patience,
    isWanted: around.isWanted,
    onBytes: (bytes) => {
      around.onBytes(bytes);
      tail.push(bytes);
      analysis.push(bytes);
    },
    onQuiet: () => analysis.quiet(),
    onLost: (stream, error) => {
      // A reader that went away is no error.
      if (stream === 'stderr' || error === undefined || systemCode(error) === 'EPIPE') return;
      session.stderr.write(errorText(unwritable('standard output', error, 'make room, or send it somewhere else')));
    },
    beforeStop,
  });
  guard.watch(supervisor);
  try {
    const end = await supervisor.run(words);
    guard.unwatch();
    if (end.leftBehind !== undefined) say(leftWords[end.leftBehind]);
    const facts = commandFacts(words, end, last, live);
    return { result: await analysis.end(), facts, ...(live !== undefined && { live }), endsLine: supervisor.endsLine };
  } finally {
    guard.unwatch();
  }
}
