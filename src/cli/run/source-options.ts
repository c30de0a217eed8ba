import { release } from 'node:os';
import type { SourcesOptions } from '../../analyze/sources.ts';
import { cacheOption } from '../cache-folder.ts';
import { noteText } from '../errors.ts';
import type { Session } from '../session.ts';
import type { Format, Settings } from '../settings.ts';
import type { SymbolFlags } from '../symbol-flags.ts';

/** A path that was looked at for debug information, for a user who wants to know. */
export function triedNote(path: string, refused: string | undefined): string {
  return noteText(`${path}: ${refused ?? 'used'}`);
}

/** Tells each path with what came of it once: reports of one kernel look for the same files. */
export function tellTried(session: Session): (path: string, refused?: string) => void {
  const told = new Set<string>();
  return (path, refused) => {
    const note = triedNote(path, refused);
    if (told.has(note)) return;
    told.add(note);
    session.stderr.write(note);
  };
}

/** Formats that show the variables of all frames, as text does with `--all`. */
const withVariables: ReadonlySet<Format> = new Set(['json', 'jsonl', 'html']);

/** Whether some output shows the variables of frames, which take some milliseconds to read. */
export function showsVariables(
  settings: Pick<Settings, 'all' | 'format'>,
  reports: readonly { readonly format: Format }[] = [],
): boolean {
  return settings.all || [settings, ...reports].some(({ format }) => withVariables.has(format));
}

/** What flags, settings and the session say about where source positions come from, for formats of outputs. */
export function sourceOptions(
  symbols: SymbolFlags,
  settings: Settings,
  session: Session,
  reports: readonly { readonly format: Format }[] = [],
): SourcesOptions {
  return {
    ...(!showsVariables(settings, reports) && { noVariables: true }),
    ...symbols,
    ...cacheOption(symbols, session),
    allSource: settings.all,
    home: session.home,
    runningRelease: release(),
    ...(settings.verbose && { onTried: tellTried(session) }),
  };
}
