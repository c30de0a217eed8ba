import type { Attachment } from '../../live/attach.ts';
import { usageError } from '../errors.ts';
import { type LiveRun, surveyOnce, tell } from './live-survey.ts';

/** `ktriage live --wait`: lets the machine run until it is in trouble, and says what that is. */
export async function runWait(run: LiveRun, { live, machine }: Attachment): Promise<void> {
  if (live === undefined)
    throw usageError('cannot wait for trouble', `${machine.name} is no gdbstub`, 'name a gdbstub, or qmp:SOCKET');
  const { flags, guard, files, output } = run;
  const { openWaiter } = await import('../../live/wait-for.ts');
  const deadline = flags.timeoutSeconds === undefined ? undefined : performance.now() + flags.timeoutSeconds * 1000;
  const waiter = await openWaiter(live, {
    files,
    signal: guard.signal,
    breaks: flags.breaks,
    deadline,
    onNote: (note) => tell(run, note),
  });
  if (waiter === undefined) return tell(run, 'the time is up, and no kernel was found yet');
  do {
    const trigger = await waiter.wait();
    if (trigger === undefined) return tell(run, 'the time is up, and nothing happened');
    await surveyOnce(run, { machine, live, notes: [], close: noClose, abandon: noAbandon }, waiter.letGo, trigger);
  } while (flags.goesOn && !output.closed);
}

const noClose = async (): Promise<void> => undefined;
const noAbandon = (): void => undefined;
