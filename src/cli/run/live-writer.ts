import type { LiveDocument } from '../../model/live.ts';
import { toJson } from '../../report/json.ts';
import { liveText } from '../../report/live.ts';
import type { TextOptions } from '../../report/text/options.ts';
import type { Output } from '../output.ts';
import type { Format } from '../settings.ts';

/** Writes what was found in a machine, and of one that goes on what is found later. */
export interface LiveWriter {
  document(document: LiveDocument): Promise<void>;
}

/** True for formats that a machine can be told in. */
export function isLiveFormat(format: Format): boolean {
  return format === 'text' || format === 'json' || format === 'jsonl';
}

/** Several as one. */
export function liveWriters(writers: readonly LiveWriter[]): LiveWriter {
  return {
    async document(document) {
      for (const writer of writers) await writer.document(document);
    },
  };
}

/** The writer for a format. */
export function liveWriter(format: Format, output: Output, options: TextOptions): LiveWriter {
  let written = 0;
  return {
    async document(document) {
      const isFirst = written++ === 0;
      switch (format) {
        case 'json':
          await output.write(`${toJson(document, 2)}\n`);
          break;
        case 'jsonl':
          await output.write(`${toJson(document)}\n`);
          break;
        // What only analyze prints does not get here.
        default:
          for (const piece of [isFirst ? '' : '\n', ...liveText(document, options)]) await output.write(piece);
          break;
      }
    },
  };
}
