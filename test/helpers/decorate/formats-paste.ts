import type { Format } from './formats.ts';
import { consoleLine, type Message, stamp } from './message.ts';

function lines(messages: readonly Message[], line: (m: Message, i: number) => string, end = '\n'): string {
  return messages.map((m, i) => line(m, i) + end).join('');
}

function wrap(line: string, width: number): string {
  let out = '';
  for (let at = 0; at === 0 || at < line.length; at += width) out += `${line.slice(at, at + width)}\n`;
  return out;
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&#39;')
    .replaceAll('"', '&quot;');
}

function quotedPrintable(text: string): string {
  const encoded = text.replaceAll('=', '=3D').replace(/ $/, '=20');
  let out = '';
  let at = 0;
  while (encoded.length - at > 76) {
    let end = at + 75;
    const broken = encoded.lastIndexOf('=', end);
    if (broken > end - 3) end = broken;
    out += `${encoded.slice(at, end)}=\n`;
    at = end;
  }
  return `${out}${encoded.slice(at)}\n`;
}

/** Windows, mails, web pages, editors. */
export const pasteFormats: readonly Format[] = [
  {
    name: 'wrapped at 80',
    keeps: 'all',
    told: ['wrapped'],
    make: (ms) => ms.map((m) => wrap(consoleLine(m), 80)).join(''),
  },
  { name: 'wrapped at 67', keeps: 'all', make: (ms) => ms.map((m) => wrap(consoleLine(m), 67)).join('') },
  { name: 'wrapped at 64, no stamps', keeps: 'text', make: (ms) => ms.map((m) => wrap(m.text, 64)).join('') },
  {
    name: 'mail quote',
    keeps: 'all',
    told: ['quoted'],
    make: (ms) => `Hi,\n\nOn Friday, B. Reporter wrote:\n${lines(ms, (m) => `> ${consoleLine(m)}`)}\nSame here.\n`,
  },
  { name: 'mail quote, twice', keeps: 'all', make: (ms) => lines(ms, (m) => `> > ${consoleLine(m)}`) },
  {
    name: 'mail quote without stamps',
    keeps: 'text',
    make: (ms) => `On Friday, B. Reporter wrote:\n${lines(ms, (m) => `>> ${m.text}`)}`,
  },
  {
    name: 'mail, half of it quoted',
    keeps: 'all',
    make: (ms) => lines(ms, (m, i) => (i >= 30 && i < 60 ? '> ' : '') + consoleLine(m)),
  },
  { name: 'bars', keeps: 'all', make: (ms) => lines(ms, (m) => `| ${consoleLine(m)}`) },
  { name: 'indented by a tab', keeps: 'all', make: (ms) => lines(ms, (m) => `\t${consoleLine(m)}`) },
  {
    name: 'indented, no stamps',
    keeps: 'text',
    make: (ms) => `It crashed:\n\n${lines(ms, (m) => `    ${m.text}`)}\nHelp!\n`,
  },
  {
    name: 'HTML, escaped',
    keeps: 'all',
    make: (ms) => `<html><body><pre class="log">\n${lines(ms, (m) => html(consoleLine(m)))}</pre></body></html>\n`,
  },
  {
    name: 'HTML, spans and breaks',
    keeps: 'all',
    make: (ms) =>
      lines(
        ms,
        (m) =>
          `<span class="t">${html(stamp(m))}</span>${m.caller === undefined ? '' : `[${m.caller.padStart(6)}]`} ${html(m.text)}<br />`,
      ),
  },
  {
    name: 'quoted-printable',
    keeps: 'all',
    make: (ms) =>
      `Content-Type: text/plain; charset="utf-8"\n\n${ms.map((m) => quotedPrintable(consoleLine(m))).join('')}`,
  },
  {
    name: 'cat -n',
    keeps: 'all',
    make: (ms) => lines(ms, (m, i) => `${String(i + 1).padStart(6)}\t${consoleLine(m)}`),
  },
  {
    name: 'cat -n, no stamps',
    keeps: 'text',
    make: (ms) => lines(ms, (m, i) => `${String(i + 1).padStart(6)}\t${m.text}`),
  },
  {
    name: 'grep -n',
    keeps: 'all',
    make: (ms) => lines(ms, (m, i) => `${i + 97}${i % 4 === 0 ? ':' : '-'}${consoleLine(m)}`),
  },
  {
    name: 'grep -Hn',
    keeps: 'all',
    make: (ms) =>
      lines(
        ms,
        (m, i) => `log/dmesg.txt${i % 4 === 0 ? ':' : '-'}${i + 97}${i % 4 === 0 ? ':' : '-'}${consoleLine(m)}`,
      ),
  },
  {
    name: 'diff',
    keeps: 'all',
    make: (ms) => `--- /dev/null\n+++ b/dmesg\n@@ -0,0 +1,${ms.length} @@\n${lines(ms, (m) => `+${consoleLine(m)}`)}`,
  },
  { name: 'Markdown list', keeps: 'all', make: (ms) => lines(ms, (m) => `* ${consoleLine(m)}`) },
  {
    name: 'no-break blanks',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => consoleLine(m).replace(/ {2}/g, '\xc2\xa0 ').replace(/^\[/, '\xe2\x80\x8b[')),
  },
];
