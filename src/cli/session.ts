import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export interface TerminalOutput extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Everything of the process that commands may touch, so that tests can hand in their own. */
export interface Session {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** What the process ends with. */
  exitCode: number;
  /** What a command left to do once all its output is out. */
  afterwards?: () => Promise<void>;
}
