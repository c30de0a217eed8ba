import type { Attachment } from '../../live/attach.ts';
import type { LiveDocument } from '../../model/live.ts';
import { toJson } from '../../report/json.ts';
import { type DocumentView, liveViewText, liveViewValue } from '../../report/live-views.ts';
import { KtriageError } from '../../util/errors.ts';
import type { LiveView } from '../commands/live-views.ts';
import { usageError } from '../errors.ts';
import { type LiveRun, surveyDocument, tell } from './live-survey.ts';
import { textOptions } from './text-options.ts';

/** `ktriage live VIEW`: one thing of a machine. */
export async function runView(run: LiveRun, view: LiveView, attachment: Attachment): Promise<void> {
  const { name } = view;
  if (name === 'regs' || name === 'read' || name === 'translate') {
    const { runMemoryView } = await import('./live-memory-run.ts');
    await runMemoryView(run, name, attachment);
    return;
  }
  const cpu = name === 'cpu' ? cpuOf(run.words.args[0] ?? '', attachment) : undefined;
  const document = await surveyDocument(run, attachment, () => attachment.close(), { isEverything: true });
  if (isEmpty(document, name)) for (const problem of document.problems) tell(run, problem);
  if (document.outcome === 'unclear' && isEmpty(document, name)) run.status.unvouched();
  await print(run, document, name, cpu);
}

function isEmpty(document: LiveDocument, view: DocumentView): boolean {
  const value = liveViewValue(document, view, document.cpus[0]?.id);
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

async function print(
  { settings, output, session, flags }: LiveRun,
  document: LiveDocument,
  view: DocumentView,
  cpu: number | undefined,
): Promise<void> {
  if (settings.format !== 'text') {
    await output.write(`${toJson(liveViewValue(document, view, cpu), settings.format === 'json' ? 2 : 0)}\n`);
    return;
  }
  const look = textOptions(session, settings, flags.output !== undefined && flags.output !== '-');
  for (const piece of liveViewText(document, view, cpu, look)) {
    if (output.closed) return;
    await output.write(piece);
  }
}

/** @throws KtriageError KT-USAGE, KT-LIVE-CPU. */
function cpuOf(word: string, { machine }: Attachment): number {
  if (!/^\d{1,5}$/.test(word))
    throw usageError(`${word} is no CPU`, 'a CPU is a number from 0 on', 'ktriage live cpu 0');
  const cpu = Number(word);
  if (machine.cpus.some(({ id }) => id === cpu)) return cpu;
  const ids = machine.cpus.map(({ id }) => id);
  throw new KtriageError(
    'KT-LIVE-CPU',
    `there is no CPU ${cpu}`,
    `the machine has ${ids.length === 1 ? 'CPU' : 'CPUs'} ${ids.slice(0, 64).join(', ')}`,
    'name one of them',
  );
}
