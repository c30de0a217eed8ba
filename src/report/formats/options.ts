/** What is known of a kind, for formats that explain their rules. */
export interface KindWords {
  readonly summary: string;
  readonly explanation: string;
  /** An URL, if there is one. */
  readonly url?: string;
}

/** Who and what a KCIDB submission is about: nothing of it can be made up. */
export interface KcidbIdentity {
  /** The submitting system, of `[a-z0-9_]+`. */
  readonly origin: string;
  /** With the origin before it: `myci:test-4711`. */
  readonly testId?: string;
  readonly buildId?: string;
  readonly logUrl?: string;
}

/** What a sender of a mail knows and no log says: nothing of it can be made up. */
export interface MailFacts {
  /** Between which revisions it began: `v6.11..v6.12-rc1`, or the commit that brought it. */
  readonly introduced?: string;
  readonly configUrl?: string;
  readonly logUrl?: string;
  readonly reproducerUrl?: string;
  /** `Name <address>`. */
  readonly reportedBy?: string;
  /** An earlier report, or a thread about it. */
  readonly link?: string;
}

/** Lines of an input, for output that shows the log itself. */
export interface LogPart {
  /** Number of the first line. */
  readonly firstLine: number;
  /** As they are in the input, a char per byte, without line ends. */
  readonly lines: readonly string[];
}

/** What outputs know beside what was found. */
export interface FormatOptions {
  /** Of this program. */
  readonly version: string;
  /** A file of this machine as the CI names it: relative to the folder where the job works, if it is in there. */
  readonly relative: (path: string) => string;
  readonly kindWords: (kind: string) => KindWords | undefined;
  /** Where people can see a line of source. */
  readonly sourceUrl?: (file: string, line: number) => string | undefined;
  /** The folder of `--source` below the working folder (`linux/`), that files of the kernel's tree lie in. */
  readonly kcidb?: KcidbIdentity;
  readonly mail?: MailFacts;
  /** JUnit: `file` attributes, which GitLab and CircleCI read and a strict schema does not have. */
  readonly junitFileAttribute?: boolean;
  /** JUnit: the file of the tests that ran, as a text, in which crashes are to be failures of these. */
  readonly tests?: string;
  /** The lines of an input around its reports; absent where they cannot be read again. */
  readonly log?: (path: string) => readonly LogPart[] | undefined;
  /** Bytes that the output may have at most, where its reader's limit is shared with others. */
  readonly budget?: number;
}
