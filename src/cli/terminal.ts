import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { styleText } from 'node:util';
import { isStream } from '../model/document.ts';
import type { Painter, Tone } from '../report/text/style.ts';
import { plainPainter } from '../report/text/style.ts';
import type { Session, TerminalOutput } from './session.ts';
import type { ColorChoice } from './settings.ts';

type Format = Parameters<typeof styleText>[0];

const looks: Readonly<Record<Tone, Format | undefined>> = {
  plain: undefined,
  strong: 'bold',
  quiet: 'dim',
  good: ['bold', 'green'],
  fatal: ['bold', 'red'],
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  notice: 'cyan',
};

/** The columns to fill: the terminal's, or 80 where there is none to ask. */
export function terminalWidth(session: Session, stream: TerminalOutput): number {
  const told = stream.columns ?? Number(session.env.COLUMNS);
  return Number.isInteger(told) && told >= 20 ? Math.min(told, 160) : 80;
}

/**
 * Whether to colour: what the user chose, else FORCE_COLOR (force-color.org), NO_COLOR (no-color.org), TERM=dumb,
 * and whether anybody looks.
 */
export function wantsColor(choice: ColorChoice, stream: Pick<TerminalOutput, 'isTTY'>, env: Session['env']): boolean {
  if (choice !== 'auto') return choice === 'always';
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR) return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** OSC 8: text that terminals make a link. */
function hyperlink(text: string, target: string): string {
  return `\x1b]8;;${target}\x1b\\${text}\x1b]8;;\x1b\\`;
}

/** The escape sequences of `hyperlink`, to take them off for a pager that does not know them. */
export function withoutLinks(text: string): string {
  return text.replace(/\x1b\]8;;[^\x1b]*\x1b\\/g, '');
}

/** A painter with colours, and with links where a terminal is looking. */
export function painterFor(choice: ColorChoice, stream: Pick<TerminalOutput, 'isTTY'>, env: Session['env']): Painter {
  if (!wantsColor(choice, stream, env)) return plainPainter;
  const links = stream.isTTY === true && env.TERM !== 'dumb';
  return {
    paint: (tone, text) => {
      const look = looks[tone];
      return look === undefined ? text : styleText(look, text, { validateStream: false });
    },
    link: (text, target) => (links ? hyperlink(text, target) : text),
  };
}

/** The URL of an input, for links to its lines; terminals and editors that know `#L` jump there. */
export function logLink(cwd: string): (path: string, line: number) => string | undefined {
  return (path, line) => (isStream(path) ? undefined : `${pathToFileURL(resolve(cwd, path)).href}#L${line}`);
}
