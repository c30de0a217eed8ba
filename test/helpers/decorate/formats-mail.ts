import type { Format } from './formats.ts';
import { consoleLine, type Message } from './message.ts';

function head(encoding: string, more = ''): string {
  return `From: A. Tester <tester@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"${more}\nContent-Transfer-Encoding: ${encoding}\n\n`;
}

function base64(text: string): string {
  const encoded = Buffer.from(text, 'latin1').toString('base64');
  return `${(encoded.match(/.{1,76}/g) ?? []).join('\n')}\n`;
}

/** Breaks at blanks; the blank stays at the line's end in flowed text, and is lost else. */
function words(text: string, width: number, flowed: boolean): string[] {
  const out: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    // Two blanks in a row cannot be put back.
    if (at <= 16 || rest[at - 1] === ' ' || rest[at + 1] === ' ') break;
    out.push(rest.slice(0, at + (flowed ? 1 : 0)));
    rest = rest.slice(at + 1);
  }
  return [...out, flowed ? rest.trimEnd() : rest];
}

function stuffed(text: string): string {
  return /^(?:[ >]|From )/.test(text) ? ` ${text}` : text;
}

function all(ms: readonly Message[], line: (m: Message) => string): string {
  return ms.map((m) => `${line(m)}\n`).join('');
}

function flowed(ms: readonly Message[], line: (m: Message) => string): string {
  return all(ms, (m) => words(line(m), 72, true).map(stuffed).join('\n'));
}

/** public-inbox breaks lines within tags. */
function lore(texts: readonly string[], quote: string): string {
  const escaped = texts.map((text) => `${quote}${text}`.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`));
  return `<html><body><pre\nid=b>Hi,\n\n<span\nclass="q">${escaped.join('\n')}\n</span>\nthanks\n</pre></body></html>\n`;
}

/** Mails as they are stored, sent and archived; reports of test runners, which are as well marked up. */
export const mailFormats: readonly Format[] = [
  { name: 'base64', keeps: 'all', told: ['base64'], make: (ms) => head('base64') + base64(all(ms, consoleLine)) },
  { name: 'base64, no stamps', keeps: 'text', make: (ms) => head('base64') + base64(all(ms, (m) => m.text)) },
  {
    name: 'flowed',
    keeps: 'all',
    told: ['flowed'],
    make: (ms) => head('7bit', '; format=flowed') + flowed(ms, consoleLine),
  },
  {
    name: 'flowed, no stamps',
    keeps: 'text',
    make: (ms) => head('7bit', '; format=flowed') + flowed(ms, (m) => m.text),
  },
  {
    name: 'broken between words',
    keeps: 'all',
    told: ['wrapped'],
    make: (ms) => all(ms, (m) => words(consoleLine(m), 72, false).join('\n')),
  },
  {
    name: 'broken between words, then quoted',
    keeps: 'all',
    make: (ms) => all(ms, (m) => `> ${words(consoleLine(m), 72, false).join('\n> ')}`),
  },
  { name: 'public-inbox', keeps: 'all', told: ['html'], make: (ms) => lore(ms.map(consoleLine), '') },
  { name: 'public-inbox, quoted', keeps: 'all', make: (ms) => lore(ms.map(consoleLine), '> ') },
  {
    name: 'JUnit with CDATA',
    keeps: 'all',
    make: (ms) =>
      `<testsuite><testcase>\n<system-out><![CDATA[${all(ms, consoleLine)}]]></system-out>\n</testcase></testsuite>\n`,
  },
  {
    name: 'one pre element',
    keeps: 'all',
    make: (ms) =>
      `<pre class="bz_comment_text" id="c0">${all(ms, (m) => consoleLine(m).replaceAll('&', '&amp;').replaceAll('<', '&lt;'))}</pre>\n`,
  },
  { name: 'carriage returns only', keeps: 'all', make: (ms) => ms.map((m) => `${consoleLine(m)}\r`).join('') },
  {
    name: 'no-break blanks of CP1252',
    keeps: 'all',
    make: (ms) => all(ms, (m) => consoleLine(m).replace(/ {2}/g, '\xa0\xa0')),
  },
  {
    name: 'diff, taken away',
    keeps: 'text',
    make: (ms) => `--- a/dmesg\n+++ /dev/null\n@@ -1,${ms.length} +0,0 @@\n${all(ms, (m) => `-${m.text}`)}`,
  },
];
