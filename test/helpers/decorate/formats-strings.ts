import type { Format } from './formats.ts';
import { bootSeconds, consoleLine, isoTime, type Message } from './message.ts';

function lines(messages: readonly Message[], line: (m: Message, i: number) => string, end = '\n'): string {
  return messages.map((m, i) => line(m, i) + end).join('');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function csv(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function ruby(text: string): string {
  return quoted(text).replaceAll('#{', '\\#{');
}

function python(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\t', '\\t')}'`;
}

function teamcity(text: string): string {
  return text.replace(/[|'[\]]/g, '|$&').replaceAll('\n', '|n');
}

/** Each of them with the console's lines, and with the text alone. */
function both(name: string, make: (texts: readonly string[], messages: readonly Message[]) => string): Format[] {
  return [
    { name, keeps: 'all', told: ['string'], make: (ms) => make(ms.map(consoleLine), ms) },
    {
      name: `${name}, no stamps`,
      keeps: 'text',
      make: (ms) =>
        make(
          ms.map((m) => m.text),
          ms,
        ),
    },
  ];
}

function perLine(name: string, line: (text: string, m: Message) => string): Format[] {
  return both(name, (texts, ms) => lines(ms, (m, i) => line(texts[i] ?? '', m)));
}

/** Lines within quoted strings: collectors, test runners, tables. */
export const stringFormats: readonly Format[] = [
  ...perLine('Ansible stdout_lines', (text) => `        ${quoted(text)},`),
  ...perLine('a Python list', (text) => ` ${python(text)},`),
  ...perLine('a nested member', (text) =>
    JSON.stringify({ _source: { '@timestamp': 'x', event: { original: text } } }),
  ),
  ...perLine('an unknown member', (text) => JSON.stringify({ pos: 1, out: `${text}\n`, time: 0 })),
  ...perLine('fluentd', (text, m) => `${isoTime(m, 6)} +0000 kernel.console: ${JSON.stringify({ raw: text })}`),
  ...perLine(
    'fluent-bit',
    (text, m) => `[0] console.0: [[${bootSeconds + m.seconds}, {}], {"log"=>${ruby(text)}, "host"=>"x"}]`,
  ),
  ...perLine('logfmt', (text, m) => `ts=${isoTime(m, 3)}Z level=info host=x msg=${quoted(text)}`),
  ...perLine('CSV', (text) => `"2026-11-20T05:20:12.345+0000",${csv(text)},guest,"/dev/ttyS0"`),
  ...both(
    'one JSON string',
    (texts) => `{"id": "i-0123", "Output": ${quoted(`${texts.join('\r\n')}\r\n`)}, "at": "x"}\n`,
  ),
  ...both('one Python string', (texts) => `AssertionError: b${python(texts.join('\n')).replaceAll('\n', '\\n')}\n`),
  ...both(
    'Loki',
    (texts) => `{"result":[{"values":${JSON.stringify(texts.map((text, i) => [String(1795152012000 + i), text]))}}]}\n`,
  ),
  ...both(
    'TeamCity message',
    (texts) => `##teamcity[testStdOut name='boot' out='${teamcity(`${texts.join('\n')}\n`)}']\n`,
  ),
  ...both('JUnit attribute', (texts) => {
    const escaped = texts.map((text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`));
    return `<testcase name="boot"><failure message="${escaped.join('&#10;')}"/></testcase>\n`;
  }).map(({ told: _, ...format }) => format),
];
