import type { LiveDocument } from '../../model/live.ts';
import { toJson } from '../../report/json.ts';
import { liveText } from '../../report/live.ts';
import type { TextOptions } from '../../report/text/options.ts';
import { assertNever } from '../../util/errors.ts';
import type { Output } from '../output.ts';

/** Writes what was found in a machine, and of one that goes on what is found later. */
export interface LiveWriter {
  document(document: LiveDocument): Promise<void>;
}

/** The writer for a format that is written while machines are looked at. */
export function liveWriter(format: 'text' | 'json' | 'jsonl', output: Output, options: TextOptions): LiveWriter {
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
        case 'text':
          for (const piece of [isFirst ? '' : '\n', ...liveText(document, options)]) await output.write(piece);
          break;
        default:
          assertNever(format);
      }
    },
  };
}
