import { lastWords } from '../../analyze/last-words.ts';
import type { CommandFacts, CommandStop, GuestVerdict } from '../../model/command.ts';
import type { LiveDocument } from '../../model/live.ts';
import type { CommandEnd } from './supervisor.ts';

/** Stops after which it is asked what the guest did last. */
const tellsLast: Readonly<Record<CommandStop, boolean>> = {
  crash: false,
  timeout: true,
  quiet: true,
  interrupted: true,
  unread: false,
};

/** What is told of a command. */
export function commandFacts(
  words: readonly string[],
  end: CommandEnd,
  tail: Uint8Array,
  live: LiveDocument | undefined,
): CommandFacts {
  const { exitCode, signal, stopped, silentMilliseconds, milliseconds } = end;
  const isAsked = stopped !== undefined && tellsLast[stopped];
  return {
    program: words[0] ?? '',
    milliseconds,
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    ...(stopped !== undefined && { stopped }),
    ...(silentMilliseconds !== undefined && { silentMilliseconds }),
    ...(isAsked && { last: lastWords(tail) }),
    ...(live !== undefined && { guest: verdictOf(live) }),
  };
}

function verdictOf({ outcome, verdict }: LiveDocument): GuestVerdict {
  return { outcome, rule: verdict.rule, sentence: verdict.sentence };
}
