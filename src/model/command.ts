/** Why a command was not left to end by itself. */
export type CommandStop =
  | 'crash' // the kernel cannot go on
  | 'timeout' // it took too long
  | 'quiet' // it printed nothing for too long
  | 'interrupted' // the user or the system wanted an end
  | 'unread'; // nobody takes its output any more

/** What a guest was last seen to be. */
export type GuestState =
  | 'unseen' // no kernel printed anything
  | 'booting' // a kernel printed, and no program did that it started
  | 'prompt' // it waits at a prompt
  | 'down' // it was halted or powered off
  | 'testing' // a test had begun and not ended
  | 'running'; // none of these

/** What a console said last. */
export interface LastWords {
  readonly state: GuestState;
  /** The last lines that are not empty, oldest first. */
  readonly lines: readonly string[];
  /** The last time stamp of the kernel: seconds since it booted. */
  readonly kernelSeconds?: number;
  /** The harness of the test that had begun and not ended: `kselftest`, `kunit`, `ltp`, `xfstests`, `blktests`. */
  readonly harness?: string;
  readonly test?: string;
}

/** What was found in the guest of a command that did not end: the verdict of `ktriage live`. */
export interface GuestVerdict {
  readonly outcome: 'broken' | 'healthy' | 'unclear';
  readonly rule: string;
  readonly sentence: string;
}

/** A command that was run for its output. */
export interface CommandFacts {
  /** Its first word: arguments may hold what is nobody's business. */
  readonly program: string;
  /** From its start to its end. */
  readonly milliseconds: number;
  /** What it ended with; absent if a signal ended it. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** Absent if it ended by itself. */
  readonly stopped?: CommandStop;
  /** Milliseconds since the last byte of its output, when it was stopped. */
  readonly silentMilliseconds?: number;
  /** Of a command that was stopped before its end. */
  readonly last?: LastWords;
  readonly guest?: GuestVerdict;
}
