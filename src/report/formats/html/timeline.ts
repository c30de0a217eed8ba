import { count } from '../../text/words.ts';
import type { RunEvent, RunInput } from '../run.ts';
import { consequenceWords } from '../words.ts';
import { html, lineId } from './parts.ts';

/** Rows shown; more would be no picture any more. */
const mostRows = 60;

const bootWords = {
  'log-start': 'the log begins',
  reboot: 'reboot',
  'power-off': 'power off, and on again',
  'panic-reboot': 'reboot after the panic',
  kexec: 'a crash kernel takes over',
  watchdog: 'reset by the watchdog',
  reset: 'the log begins again without a word why',
} as const;

const time = (seconds: number | undefined): string => (seconds === undefined ? '' : `${seconds.toFixed(3)} s`);

/** Where on its boot's time an event was, as a strip; nothing if there is no time to show. */
function strip(events: readonly RunEvent[]): string {
  const timed = events.flatMap(({ seconds, severity }) => (seconds === undefined ? [] : [{ seconds, severity }]));
  const last = timed.reduce((most, { seconds }) => Math.max(most, seconds), 0);
  if (timed.length < 2 || !(last > 0)) return '';
  const marks = timed.map(
    ({ seconds, severity }) =>
      `<rect class="${severity}" x="${Math.max((seconds / last) * 990, 0).toFixed(1)}" y="2" width="6" height="14" rx="2" fill="currentColor"/>`,
  );
  const words = `${timed.length} events between 0 and ${time(last)}`;
  return `<svg class="strip" viewBox="0 0 1000 18" preserveAspectRatio="none" role="img" aria-label="${words}"><rect x="0" y="8" width="1000" height="2" fill="currentColor" opacity=".4"/>${marks.join('')}</svg>\n`;
}

function row(event: RunEvent, nth: number): string {
  const { severity, title, line, why } = event;
  const before = why === undefined ? '' : `<span class="quiet">${consequenceWords[why]}:</span> `;
  return `<li class="${severity}"><span class="when">${time(event.seconds)}</span><span>${before}<span class="${severity} word">${severity}</span> ${html(title)} <a href="#${lineId(nth, line)}">line ${line}</a></span></li>\n`;
}

/** What happened in one input, in the order of time, boot by boot. */
export function timeline(input: RunInput, nth: number): string {
  const { boots, events } = input;
  if (events.length === 0) return '';
  let left = mostRows;
  let out = '';
  for (const [index, boot] of boots.entries()) {
    const own = events.filter((event) => event.boot === index);
    if (own.length === 0 && boots.length > mostRows) continue;
    if (boots.length > 1 || boot.release !== undefined) {
      const release = boot.release === undefined ? '' : ` (${html(boot.release)})`;
      out += `<li><span class="when"></span><span><span class="quiet">${bootWords[boot.reason]}${release}, lines ${boot.firstLine} to ${boot.lastLine}</span>${strip(own)}</span></li>\n`;
    }
    out += own
      .slice(0, left)
      .map((event) => row(event, nth))
      .join('');
    left = Math.max(left - own.length, 0);
  }
  if (boots.length === 0)
    out += events
      .slice(0, left)
      .map((event) => row(event, nth))
      .join('');
  const beyond = events.length - mostRows + input.moreEvents;
  if (beyond > 0)
    out += `<li><span class="when"></span><span class="quiet">and ${count(beyond, 'more report')}</span></li>\n`;
  return `<ol class="time">\n${out}</ol>\n`;
}
