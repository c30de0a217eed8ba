import { printable } from '../../report/escape.ts';
import type { SymbolizeOptions } from '../../symbols/symbolize.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import type { SymbolFlags } from '../symbol-flags.ts';

/** A path that was looked at for debug information, for a user who wants to know. */
function triedNote(path: string, refused: string | undefined): string {
  return `note: ${printable(path)}: ${refused === undefined ? 'used' : printable(refused)}\n`;
}

/** What flags, settings and the session say about where source positions come from. */
export function sourceOptions(symbols: SymbolFlags, settings: Settings, session: Session): SymbolizeOptions {
  return {
    ...symbols,
    home: session.home,
    ...(settings.verbose && { onTried: (path, refused) => session.stderr.write(triedNote(path, refused)) }),
  };
}
