import type { Format } from './formats.ts';
import { bootSeconds, isoTime, type Message, stamp, syslogTime } from './message.ts';

function microseconds(m: Message): number {
  return Math.round(m.seconds * 1e6);
}

function fields(m: Message): Record<string, string> {
  return {
    __CURSOR: `s=f426;i=${microseconds(m).toString(16)}`,
    __REALTIME_TIMESTAMP: String(bootSeconds * 1e6 + microseconds(m)),
    _TRANSPORT: 'kernel',
    SYSLOG_IDENTIFIER: 'kernel',
    PRIORITY: String(m.level),
    _SOURCE_MONOTONIC_TIMESTAMP: String(microseconds(m)),
    MESSAGE: m.text,
  };
}

const service = {
  _TRANSPORT: 'stdout',
  SYSLOG_IDENTIFIER: 'sshd',
  SYSLOG_PID: '812',
  PRIORITY: '6',
  MESSAGE: 'WARNING: no moduli',
};

function lines(messages: readonly Message[], line: (m: Message) => string): string {
  return messages.map((m) => `${line(m)}\n`).join('');
}

function uint64(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
}

/** Every third message as a field with odd bytes, which may hold anything. */
function exported(m: Message, i: number): string {
  return Object.entries(fields(m))
    .map(([key, value]) =>
      key === 'MESSAGE' && i % 3 === 1 ? `${key}\n${uint64(value.length)}${value}\n` : `${key}=${value}\n`,
    )
    .join('');
}

/** What journalctl makes of the same messages: caller ids are not in the journal. */
export const journalFormats: readonly Format[] = [
  {
    name: 'journal short-iso',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${isoTime(m, 0)}+0000 testbox kernel: ${m.text}`),
  },
  {
    name: 'journal short-iso-precise',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${isoTime(m, 6)}+00:00 testbox kernel: ${m.text}`),
  },
  {
    name: 'journal short-full',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `Fri ${isoTime(m, 0).replace('T', ' ')} UTC testbox kernel: ${m.text}`),
  },
  {
    name: 'journal with-unit',
    keeps: 'callers-lost',
    make: (ms) =>
      `${lines(ms, (m) => `Fri ${isoTime(m, 0).replace('T', ' ')} UTC testbox kernel: ${m.text}`)}Fri 2026-11-20 05:20:19 UTC testbox ssh.service/sshd[812]: done\n`,
  },
  {
    name: 'journal short-unix',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${(bootSeconds + m.seconds).toFixed(6)} testbox kernel: ${m.text}`),
  },
  {
    name: 'journal short-monotonic',
    keeps: 'callers-lost',
    make: (ms) =>
      `${lines(ms, (m) => `${stamp(m)} testbox kernel: ${m.text}`)}[    9.000000] testbox sshd[812]: WARNING: no moduli\n`,
  },
  {
    name: 'journal short, messages of several lines',
    keeps: 'callers-lost',
    make(ms) {
      let out = '';
      for (let i = 0; i < ms.length; i++) {
        const m = ms[i];
        if (m === undefined) continue;
        out += `${syslogTime(m)} testbox kernel: ${m.text}\n`;
        const next = ms[i + 1];
        if (i % 4 === 2 && next !== undefined) {
          out += `${' '.repeat(32)}${next.text}\n`;
          i++;
        }
      }
      return out;
    },
  },
  {
    name: 'journal verbose',
    keeps: 'callers-lost',
    make: (ms) =>
      lines(ms, (m) => {
        const { __CURSOR: cursor, ...rest } = fields(m);
        return `Fri ${isoTime(m, 6).replace('T', ' ')} UTC [${cursor}]\n${Object.entries(rest)
          .map(([key, value]) => `    ${key}=${value}`)
          .join('\n')}`;
      }),
  },
  {
    name: 'journal short-delta',
    keeps: 'callers-lost',
    make: (ms) =>
      ms
        .map(
          (m, i) =>
            `${stamp(m).slice(0, -1)}${i === 0 ? ' '.repeat(16) : ` <    0.00012${i % 10}${i % 7 === 3 ? '*' : ' '}>`}] testbox kernel: ${m.text}\n`,
        )
        .join(''),
  },
  {
    name: 'journal short-monotonic without hosts',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${stamp(m)} kernel: ${m.text}`),
  },
  {
    name: 'journal short without hosts',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} kernel: ${m.text}`),
  },
  {
    name: 'journal json-seq',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `\x1e${JSON.stringify(fields(m))}`),
  },
  { name: 'journal cat', keeps: 'text', make: (ms) => lines(ms, (m) => m.text) },
  {
    name: 'journal json',
    keeps: 'callers-lost',
    make: (ms) => `${lines(ms, (m) => JSON.stringify(fields(m)))}${JSON.stringify(service)}\n`,
  },
  {
    name: 'journal json with byte arrays',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => JSON.stringify({ ...fields(m), MESSAGE: [...Buffer.from(m.text, 'latin1')] })),
  },
  {
    name: 'journal json-pretty',
    keeps: 'callers-lost',
    make: (ms) => lines([...ms], (m) => JSON.stringify(fields(m), undefined, '\t').replaceAll('": ', '" : ')),
  },
  {
    name: 'journal json-sse',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `data: ${JSON.stringify(fields(m))}\n`),
  },
  {
    name: 'journal json, messages with line feeds',
    keeps: 'callers-lost',
    make: (ms) =>
      pairs(ms)
        .map((text) => `${JSON.stringify({ _TRANSPORT: 'kernel', MESSAGE: text })}\n`)
        .join(''),
  },
  { name: 'journal export', keeps: 'callers-lost', make: (ms) => ms.map((m, i) => `${exported(m, i)}\n`).join('') },
];

function pairs(ms: readonly Message[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < ms.length; i += 2)
    out.push(
      ms
        .slice(i, i + 2)
        .map((m) => m.text)
        .join('\n'),
    );
  return out;
}
