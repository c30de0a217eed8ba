import type { TextOptions } from '../../report/text/options.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { logLink, painterFor, terminalWidth } from '../terminal.ts';

/** How text is to look on this run's output; a file is neither a terminal nor coloured unless asked for. */
export function textOptions(
  session: Session,
  settings: Settings,
  toFile: boolean,
  given: TextOptions['given'] = [],
): TextOptions {
  const stream = toFile ? { isTTY: false } : session.stdout;
  return {
    width: toFile ? 80 : terminalWidth(session, session.stdout),
    painter: painterFor(settings.color, stream, session.env),
    all: settings.all,
    limit: settings.limit,
    program: 'ktriage',
    given,
    logLink: logLink(session.cwd),
  };
}
