import type { TextRange } from './position.ts';
import type { Suspects } from './suspects.ts';

/** Why a report belongs to an incident whose root it is not. */
export type Consequence =
  | 'panic-after' // the panic that a report brought about
  | 'repeat' // the same report again
  | 'same-task-after' // a further oops of a task or CPU that was already broken
  | 'stuck-behind' // hang, stall, lockup reported after another hang or oops in the same boot
  | 'reporting-trouble' // lockdep or warnings about the printing of the report itself
  | 'tainted-after'; // any other report that the root's taint (`D`, `W`) marks as later

/** One event and what followed from it. Indexes are into the file's `reports`. */
export interface Incident {
  readonly root: number;
  readonly follow: readonly { readonly report: number; readonly why: Consequence }[];
  /** Lines that belong to it and are no reports: `Kernel panic`, `---[ end Kernel panic`, `Rebooting in`. */
  readonly ending: readonly { readonly text: string; readonly range: TextRange }[];
  readonly boot: number;
  /** The commits of a range that touch what is on the root's stacks; absent where nobody asked. */
  readonly suspects?: Suspects;
}

/** Why a boot began where it did. */
export type BootReason =
  | 'log-start'
  | 'reboot' // `reboot: Restarting system`
  | 'power-off'
  | 'panic-reboot' // `Rebooting in 10 seconds..`
  | 'kexec' // a crash kernel took over
  | 'watchdog'
  | 'reset'; // the log starts again with no word why

export interface Boot {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly reason: BootReason;
  /** The line that says so. */
  readonly evidenceLine?: number;
  readonly release?: string;
  /** The `Linux version` banner. */
  readonly banner?: string;
  readonly commandLine?: string;
}
