import type { Attachment } from '../../live/attach.ts';
import { requireKernel } from '../../live/guest-files.ts';
import { addressOf, dumpAt, mostDumpBytes, ptRegsAt, translateAt } from '../../live/memory-views.ts';
import { toJson } from '../../report/json.ts';
import { dumpText, ptRegsText, translationText } from '../../report/live-memory.ts';
import { assertNever } from '../../util/errors.ts';
import { usageError } from '../errors.ts';
import type { LiveRun } from './live-survey.ts';
import { textOptions } from './text-options.ts';

const usualLength = 128;

/** `ktriage live regs|read|translate ADDR`. */
export async function runMemoryView(
  run: LiveRun,
  view: 'regs' | 'read' | 'translate',
  attachment: Attachment,
): Promise<void> {
  const { words, settings, session, flags, output, parts, files } = run;
  const [place = '', length] = words.args;
  const most = length === undefined ? usualLength : lengthOf(length);
  const recording = flags.save === undefined ? undefined : parts.record(attachment.machine);
  const kernel = requireKernel(await files.openGuest(recording ?? attachment.machine));
  const address = addressOf(kernel, place);
  const look = textOptions(session, settings, flags.output !== undefined && flags.output !== '-');
  const show = async (value: unknown, text: Generator<string>): Promise<void> => {
    await attachment.close();
    if (recording !== undefined && flags.save !== undefined) parts.writeSnapshot(flags.save, recording.snapshot());
    if (settings.format !== 'text') return output.write(`${toJson(value, settings.format === 'json' ? 2 : 0)}\n`);
    await output.write([...text].join(''));
  };
  switch (view) {
    case 'regs': {
      const regs = await ptRegsAt(kernel, address);
      return show(regs, ptRegsText(regs, look));
    }
    case 'read': {
      const dump = await dumpAt(kernel, address, most);
      return show(dump, dumpText(dump, look));
    }
    case 'translate': {
      const translation = await translateAt(kernel, address);
      return show(translation, translationText(translation, look));
    }
    default:
      return assertNever(view);
  }
}

/** @throws KtriageError KT-USAGE. */
function lengthOf(text: string): number {
  const length = /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/i.test(text) ? Number(text) : 0;
  if (length >= 1 && length <= mostDumpBytes) return length;
  throw usageError(
    `${text} is no length`,
    `it is a number of bytes from 1 to ${mostDumpBytes}`,
    'ktriage live read ADDR 64',
  );
}
