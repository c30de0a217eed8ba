import type { Format } from './formats.ts';
import { bootSeconds, clockTime, consoleLine, isoTime, type Message, stamp } from './message.ts';

type Prefix = (m: Message, i: number) => string;

function slashes(m: Message): string {
  return `${isoTime(m, 0).replaceAll('-', '/').replace('T', ' ')} `;
}

/** What loggers nobody listed put before a line: learnt from the lines themselves. */
const prefixes: Readonly<Record<string, Prefix>> = {
  'a date with slashes': slashes,
  'a date with points': (m) => `20.11.2026 ${clockTime(m)} `,
  'a day before the month': (m) => `20 Nov 2026 ${clockTime(m)} `,
  'twelve hours': (m) => `11/20/2026 ${clockTime(m)} AM `,
  'a compact date': (m) => `20261120-${clockTime(m).replaceAll(':', '')} `,
  'mail date': (m) => `Fri, 20 Nov 2026 ${clockTime(m)} +0000 `,
  'a clock in brackets of any sort': (m) => `(${clockTime(m)}) `,
  'milliseconds of the epoch': (m) => `${Math.round((bootSeconds + m.seconds) * 1000)}: `,
  'Python logging': (m) => `${isoTime(m, 3, ',').replace('T', ' ')} - console - INFO - `,
  Avocado: (m) => `${isoTime(m, 3, ',').replace('T', ' ')} protocol         L0481 DEBUG| `,
  labgrid: (m) => `${isoTime(m, 3, ',').replace('T', ' ')} [INFO] serial: `,
  glog: (m, i) => `I1120 ${isoTime(m, 6).slice(11)} ${1000 + i} console.cc:57] `,
  Apache: (m) => `[20/Nov/2026:${clockTime(m)} +0000] `,
  'kubectl logs --prefix': () => '[pod/guest-0/console] ',
  stern: () => 'guest-0 console ',
  'logger -s': (m) => `<13>Nov 20 ${clockTime(m)} root: `,
  'CloudWatch with a stream': (m) => `${isoTime(m, 3)}Z i-0123456789abcdef0 `,
  'logcli labels': (m) => `${isoTime(m, 0)}Z {host="guest", job="console"} `,
  TAP: () => '# ',
  pytest: () => 'E       ',
  'comment block': () => ' * ',
  'quote with initials': () => 'JD> ',
  'box drawing': () => '\xe2\x94\x82 ',
  'bat numbers': (_, i) => `${String(i + 1).padStart(4)}   \xe2\x94\x82 `,
  'numbers of a web page': (_, i) => `L${i + 1}  `,
  'tab-separated': (m) => `${isoTime(m, 3)}Z\tguest\tkernel\t`,
};

function lines(messages: readonly Message[], line: (m: Message, i: number) => string): string {
  return messages.map((m, i) => `${line(m, i)}\n`).join('');
}

function withLevel(m: Message): string {
  return `<${m.level}>${m.text}`;
}

/** Before the line, on consoles and where the kernel prints no stamps, and behind the stamp. */
export const prefixFormats: readonly Format[] = [
  ...Object.entries(prefixes).flatMap(([name, prefix]): Format[] => [
    { name, keeps: 'all', make: (ms) => lines(ms, (m, i) => prefix(m, i) + consoleLine(m)) },
    { name: `${name}, no stamps`, keeps: 'text', make: (ms) => lines(ms, (m, i) => prefix(m, i) + m.text) },
  ]),
  { name: 'crash log -m', keeps: 'callers-lost', make: (ms) => lines(ms, (m) => `${stamp(m)} ${withLevel(m)}`) },
  { name: 'a CPU behind the stamp', keeps: 'callers-lost', make: (ms) => lines(ms, (m) => `${stamp(m)} c0 ${m.text}`) },
  {
    name: 'a wall clock behind the stamp',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => consoleLine({ ...m, text: `[${isoTime(m, 3).replace('T', ' ')}] ${m.text}` })),
  },
  {
    name: 'a table',
    keeps: 'all',
    told: ['suffix'],
    make: (ms) => lines(ms, (m) => `\xe2\x94\x82 ${consoleLine(m).padEnd(100)} \xe2\x94\x82`),
  },
  {
    name: 'a table of plain bars, no stamps',
    keeps: 'text',
    make: (ms) => lines(ms, (m) => `| ${m.text.padEnd(90)} |`),
  },
];
