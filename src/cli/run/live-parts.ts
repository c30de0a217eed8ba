import type { Attachment, AttachOptions } from '../../live/attach.ts';
import type { GuestFiles } from '../../live/guest-files.ts';
import type { withMachine } from '../../live/hold.ts';
import type { surveyMachine } from '../../live/live.ts';
import type { Target } from '../../live/targets/target.ts';
import type { quietConsole } from '../../live/watch-console.ts';
import type { Machine } from '../../machine/machine.ts';
import type { RecordingMachine } from '../../machine/snapshot/recording-machine.ts';
import type { Snapshot } from '../../machine/snapshot/snapshot.ts';
import type { FileOptions } from '../../symbols/symbol-files.ts';

/** What `live` is made of, so that tests can hand in other parts. */
export interface LiveParts {
  attach(target: Target, options: AttachOptions): Promise<Attachment>;
  readonly withMachine: typeof withMachine;
  readonly survey: typeof surveyMachine;
  /** Opens files that were named, before any machine is stopped. */
  openFiles(options: FileOptions): Promise<GuestFiles>;
  readonly quietConsole: typeof quietConsole;
  /** What was saved, in place of a machine. */
  openSnapshot(path: string): Promise<Attachment>;
  record(machine: Machine): RecordingMachine;
  writeSnapshot(path: string, snapshot: Snapshot): void;
}

/** Loads the real ones. */
export async function loadLiveParts(): Promise<LiveParts> {
  const [{ attach }, { withMachine }, { surveyMachine }, { quietConsole }, { GuestFiles }, files, recording, machines] =
    await Promise.all([
      import('../../live/attach.ts'),
      import('../../live/hold.ts'),
      import('../../live/live.ts'),
      import('../../live/watch-console.ts'),
      import('../../live/guest-files.ts'),
      import('../../machine/snapshot/file.ts'),
      import('../../machine/snapshot/recording-machine.ts'),
      import('../../machine/snapshot/snapshot-machine.ts'),
    ]);
  return {
    attach,
    withMachine,
    survey: surveyMachine,
    quietConsole,
    openFiles: (options) => GuestFiles.open(options),
    async openSnapshot(path) {
      const machine = new machines.SnapshotMachine(files.readSnapshot(path));
      return { machine, notes: [], close: () => machine.close(), abandon: () => undefined };
    },
    record: (machine) => new recording.RecordingMachine(machine),
    writeSnapshot: files.writeSnapshot,
  };
}
