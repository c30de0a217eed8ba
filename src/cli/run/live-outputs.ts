import type { LiveDocument } from '../../model/live.ts';
import type { TextOptions } from '../../report/text/options.ts';
import { plainPainter } from '../../report/text/style.ts';
import { ciOf } from '../ci.ts';
import type { Output } from '../output.ts';
import type { ReportFlags } from '../report-flags.ts';
import { isRunFormat, type Settings } from '../settings.ts';
import { liveWriter } from './live-writer.ts';
import type { OutputsSurroundings } from './outputs.ts';
import type { SharedRun } from './report-files.ts';

/** Where what is found in a machine goes, all of it. */
export interface LiveOutputs {
  /** Writes what one look has shown, where that is written at once. */
  document(document: LiveDocument): Promise<void>;
  /** Writes what is made of all looks. */
  end(): Promise<void>;
}

/**
 * Opens everything that is written, before any machine is stopped.
 * @throws KtriageError KT-OUTPUT-UNWRITABLE.
 */
export async function openLiveOutputs(around: OutputsSurroundings, flags: ReportFlags): Promise<LiveOutputs> {
  const { output, toFile, look, inputs, settings, session } = around;
  const isRead = settings.format === 'text' && !toFile && ciOf(session.env) !== undefined;
  const read = isRead ? (await import('./safe-in-ci.ts')).withoutCiCommands(output) : output;
  const all = [outputOf(settings.format, read, look, around.shared)];
  const files: Output[] = [];
  const plain: TextOptions = { ...look, width: 80, painter: plainPainter };
  for (const target of flags.reports) {
    const { openReportFile } = await import('./report-files.ts');
    const { output: file, budget } = await openReportFile(target, inputs, session);
    files.push(file);
    all.push(outputOf(target.format, file, plain, around.shared, budget));
  }
  return {
    async document(document) {
      for (const each of all) await each.document(document);
    },
    async end() {
      for (const each of all) await each.end();
      if (flags.isAnnotated) await (await import('./outputs.ts')).annotated(around, flags);
      await output.end();
      for (const file of files) await file.end();
    },
  };
}

function outputOf(
  format: Settings['format'],
  output: Output,
  look: TextOptions,
  shared: SharedRun | undefined,
  budget?: number,
): LiveOutputs {
  if (!isRunFormat(format)) return { ...liveWriter(format, output, look), end: async () => {} };
  if (shared === undefined) throw new Error(`nothing was collected for ${format}`);
  return {
    document: async () => {},
    async end() {
      const { writeAll } = await import('./formats.ts');
      await writeAll(output, await shared.render(format, budget));
    },
  };
}
