import type { FileResult } from '../../model/document.ts';
import type { CrashReport } from '../../model/report.ts';
import { JsonDocumentWriter } from '../../report/json.ts';
import { jsonLine } from '../../report/jsonl.ts';
import type { TextOptions } from '../../report/text/options.ts';
import { textFile, textSummary } from '../../report/text.ts';
import { assertNever } from '../../util/errors.ts';
import type { Output } from '../output.ts';

/** Writes results in one format, as they come. */
export interface ResultWriter {
  begin(): Promise<void>;
  /** A report, as soon as it is found. */
  report?(report: CrashReport, path: string): void;
  file(result: FileResult): Promise<void>;
  end(): Promise<void>;
}

/** Writes pieces, some at a time. */
export async function writeAll(output: Output, pieces: Iterable<string>): Promise<void> {
  // Small pieces are joined: a system call each would cost more than making them.
  let joined = '';
  for (const piece of pieces) {
    joined += piece;
    if (joined.length < 65_536) continue;
    await output.write(joined);
    joined = '';
    if (output.closed) return;
  }
  await output.write(joined);
}

function textWriter(output: Output, options: TextOptions): ResultWriter {
  const summaries: FileResult['input'][] = [];
  let files = 0;
  let withCrash = 0;
  return {
    begin: async () => {},
    async file(result) {
      if (files > 0) await output.write('\n');
      files += 1;
      if (result.reports.length > 0) withCrash += 1;
      summaries.push(result.input);
      await writeAll(output, textFile(result, options));
    },
    async end() {
      if (files < 2) return;
      const unclear = summaries.filter((input) => !input.kernelLines).length;
      await writeAll(output, textSummary({ files, withCrash, unclear }, options));
    },
  };
}

function jsonWriter(output: Output): ResultWriter {
  const writer = new JsonDocumentWriter();
  return {
    begin: () => writeAll(output, writer.begin()),
    file: (result) => writeAll(output, writer.file(result)),
    end: () => writeAll(output, writer.end()),
  };
}

function jsonlWriter(output: Output): ResultWriter {
  // Reports come faster than they can be written: each waits for the one before.
  let queue: Promise<void> = Promise.resolve();
  return {
    begin: async () => {},
    report(report, path) {
      const line = jsonLine(report, path);
      queue = queue.then(() => output.write(line));
      // Its failure is met by whoever waits for the queue; here it must only not go unhandled.
      queue.catch(() => {});
    },
    file: () => queue,
    end: () => queue,
  };
}

/** The writer for a format that is written while results come. */
export function writerFor(format: 'text' | 'json' | 'jsonl', output: Output, options: TextOptions): ResultWriter {
  switch (format) {
    case 'text':
      return textWriter(output, options);
    case 'json':
      return jsonWriter(output);
    case 'jsonl':
      return jsonlWriter(output);
    default:
      return assertNever(format);
  }
}
