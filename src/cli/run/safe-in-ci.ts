import { withoutCommands } from '../../report/formats/safe.ts';
import type { Output } from '../output.ts';

/** Whole lines of text in which a CI finds no command: the log that they show may come from anywhere. */
export const safeInCi = (text: string): string => text.split('\n').map(withoutCommands).join('\n');

/** An output whose text has no command of a CI. */
export function withoutCiCommands(output: Output): Output {
  return {
    get closed() {
      return output.closed;
    },
    end: () => output.end(),
    write: (text) => output.write(safeInCi(text)),
  };
}
