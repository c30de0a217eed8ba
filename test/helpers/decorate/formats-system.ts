import type { Format } from './formats.ts';
import { bootSeconds, callerId, consoleLine, isoTime, type Message, stamp, syslogTime } from './message.ts';

const words = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

function lines(messages: readonly Message[], line: (m: Message, i: number) => string, end = '\n'): string {
  return messages.map((m, i) => line(m, i) + end).join('');
}

function hex(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\xff\\]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function delta(messages: readonly Message[], i: number): number {
  return i === 0 ? 0 : (messages[i]?.seconds ?? 0) - (messages[i - 1]?.seconds ?? 0);
}

/** Newest part first, each with the levels. */
function pstore(messages: readonly Message[], why: string, header: string): string {
  const parts: string[] = [];
  for (let end = messages.length, n = 1; end > 0; end -= 14, n++) {
    const part = messages.slice(Math.max(0, end - 14), end);
    parts.push(`${header}${why} Part${n}\n${lines(part, (m) => `<${m.level}>${consoleLine(m)}`)}`);
  }
  return parts.join('');
}

/** Extended netconsole: a message over 33 bytes goes in fragments. */
function fragments(m: Message, i: number): string {
  const head = `${m.level},${400 + i},${Math.round(m.seconds * 1e6)},-${m.caller === undefined ? '' : `,caller=${m.caller}`}`;
  if (m.text.length <= 33) return `${head};${m.text}\n`;
  let out = '';
  for (let at = 0; at < m.text.length; at += 33) {
    out += `${head},ncfrag=${at}/${m.text.length};${m.text.slice(at, at + 33)}\n`;
  }
  return out;
}

/** The kernel's own interfaces, dmesg, syslog daemons, serial lines. */
export const systemFormats: readonly Format[] = [
  { name: 'console', keeps: 'all', make: (ms) => lines(ms, consoleLine) },
  {
    name: 'console CR CR LF, NULs, BOM',
    keeps: 'all',
    make: (ms) => `\xef\xbb\xbf${lines(ms, consoleLine, '\r\r\n')}\0\0\0`,
  },
  { name: 'no stamps', keeps: 'text', make: (ms) => lines(ms, (m) => m.text) },
  { name: 'level without stamps', keeps: 'callers-lost', make: (ms) => lines(ms, (m) => `<${m.level}>${m.text}`) },
  {
    name: 'dmesg -d',
    keeps: 'all',
    make: (ms) =>
      lines(
        ms,
        (m, i) =>
          `${stamp(m).slice(0, -1)} <${delta(ms, i).toFixed(6).padStart(12)}>] ${callerId(m, 8)}${m.caller ? ' ' : ''}${m.text}`,
      ),
  },
  {
    name: 'dmesg -T',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `[Fri ${syslogTime(m)} 2026] ${callerId(m, 8)}${m.caller ? ' ' : ''}${m.text}`),
  },
  {
    name: 'dmesg -x -e',
    keeps: 'all',
    make: (ms) =>
      lines(ms, (m, i) => {
        const time = i % 9 === 0 ? `[Nov20 05:20] ` : `[  +${delta(ms, i).toFixed(6)}] `;
        return `kern  :${(words[m.level] ?? '').padEnd(6)}: ${time}${callerId(m, 8)}${m.caller ? ' ' : ''}${m.text}`;
      }),
  },
  {
    name: 'dmesg --time-format=iso',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `${isoTime(m, 6, ',')}+00:00 ${callerId(m, 8)}${m.caller ? ' ' : ''}${m.text}`),
  },
  {
    name: 'dmesg --json',
    keeps: 'all',
    told: ['dmesg-json'],
    make: (ms) =>
      `{\n   "dmesg": [\n      ${ms
        .map(
          (m) =>
            `{\n         "pri": ${m.level},\n         "time": ${m.seconds.toFixed(6).padStart(12)},\n${
              m.caller === undefined ? '' : `         "caller": "${m.caller}",\n`
            }         "msg": ${JSON.stringify(m.text)}\n      }`,
        )
        .join(',')}\n   ]\n}\n`,
  },
  {
    name: '/dev/kmsg with dictionaries and continued lines',
    keeps: 'all',
    told: ['kmsg'],
    make: (ms) =>
      lines(ms, (m, i) => {
        const head = `${m.level},${300 + i},${Math.round(m.seconds * 1e6)}`;
        const caller = m.caller === undefined ? '' : `,caller=${m.caller}`;
        const text = hex(m.text);
        if (i % 7 === 3 && m.text.length > 4)
          return `${head},c${caller};${hex(m.text.slice(0, 3))}\n${head},+${caller};${hex(m.text.slice(3))}`;
        return `${head},-${caller};${text}${i % 5 === 2 ? '\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:1f.2' : ''}`;
      }),
  },
  { name: 'netconsole, extended, in fragments', keeps: 'all', make: (ms) => ms.map(fragments).join('') },
  { name: 'pstore', keeps: 'all', make: (ms) => pstore(ms, 'Panic#1', '') },
  {
    name: 'ramoops, two dumps',
    keeps: 'all',
    make: (ms) =>
      pstore(ms.slice(0, 40), 'Oops#1', '====1795152012.345678-D\n') +
      pstore(ms.slice(40), 'Oops#2', '====1795152019.345678-D\n'),
  },
  {
    name: 'RFC 5424',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `<${m.level}>1 ${isoTime(m, 6)}Z testbox kernel - - - ${m.text}`),
  },
  {
    name: 'RFC 5424 with stamps',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `<${m.level}>1 ${isoTime(m, 6)}Z testbox kernel - - [meta x="1"] ${consoleLine(m)}`),
  },
  {
    name: 'RFC 5424 with several elements',
    keeps: 'callers-lost',
    make: (ms) =>
      lines(
        ms,
        (m) =>
          `<${m.level}>1 ${isoTime(m, 6)}Z testbox kernel - - [timeQuality tzKnown="1"][x@123 a="b\\]c"] ${m.text}`,
      ),
  },
  { name: 'klogd', keeps: 'callers-lost', make: (ms) => lines(ms, (m) => `${syslogTime(m)} testbox klogd: ${m.text}`) },
  {
    name: 'a program that passes on a console',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} conhost qemu-system-x86_64[2143]: ${consoleLine(m)}`),
  },
  {
    name: 'a program that passes on a console without stamps',
    keeps: 'text',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} conhost qemu-system-x86_64[2143]: ${m.text}`),
  },
  {
    name: 'Common Event Expression',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} testbox kernel: @cee: ${JSON.stringify({ msg: m.text })}`),
  },
  {
    name: 'extended netconsole under syslog',
    keeps: 'all',
    make: (ms) =>
      lines(
        ms,
        (m, i) =>
          `${syslogTime(m)} 192.0.2.31 ${m.level},${i},${Math.round(m.seconds * 1e6)},-${m.caller === undefined ? '' : `,caller=${m.caller}`};${m.text}`,
      ),
  },
  {
    name: 'dmesg, two times on a line',
    keeps: 'all',
    make: (ms) =>
      lines(ms, (m) => `[Fri ${syslogTime(m)} 2026] ${stamp(m)} ${callerId(m, 8)}${m.caller ? ' ' : ''}${m.text}`),
  },
  {
    name: 'dmesg -x -t',
    keeps: 'all',
    make: (ms) =>
      lines(ms, (m) => `kern  :${(words[m.level] ?? '').padEnd(6)}: ${callerId(m, 8)}${m.caller ? ' ' : ''}${m.text}`),
  },
  {
    name: 'crash log -T',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `[Fri ${syslogTime(m)} UTC 2026] ${m.text}`),
  },
  {
    name: 'RFC 3164',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `<${m.level}>${syslogTime(m)} testbox kernel: ${consoleLine(m)}`),
  },
  {
    name: 'rsyslog, high precision',
    keeps: 'all',
    make: (ms) =>
      lines(
        ms,
        (m, i) =>
          `${i % 11 === 5 ? `${isoTime(m, 6)}+00:00 testbox sshd[812]: Accepted publickey for tester\n` : ''}${isoTime(m, 6)}+00:00 testbox kernel: ${consoleLine(m)}`,
      ),
  },
  {
    name: 'syslog, no stamps, #011',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} testbox kernel: ${m.text.replaceAll('\t', '#011')}`),
  },
  {
    name: 'busybox syslogd',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} testbox kern.${words[m.level]} kernel: ${m.text}`),
  },
  {
    name: 'OpenWrt logread',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `Fri ${syslogTime(m)} 2026 kern.${words[m.level]} kernel: ${consoleLine(m)}`),
  },
  {
    name: 'ChromeOS',
    keeps: 'all',
    make: (ms) =>
      lines(ms, (m) => `${isoTime(m, 6)}Z ${(words[m.level] ?? '').toUpperCase()} kernel: ${consoleLine(m)}`),
  },
  { name: 'ts', keeps: 'all', make: (ms) => lines(ms, (m) => `${syslogTime(m)} ${consoleLine(m)}`) },
  { name: 'ts over lines without stamps', keeps: 'text', make: (ms) => lines(ms, (m) => `${syslogTime(m)} ${m.text}`) },
  {
    name: 'ts -s',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `00:00:0${Math.floor(m.seconds) % 10} ${consoleLine(m)}`),
  },
  {
    name: "ts '%.s'",
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `${(bootSeconds + m.seconds).toFixed(6)} ${consoleLine(m)}`),
  },
  {
    name: "ts '[%.s]'",
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `[${(bootSeconds + m.seconds).toFixed(6)}] ${consoleLine(m)}`),
  },
  {
    name: 'tio',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `[${isoTime(m, 3).slice(11)}] ${consoleLine(m)}`, '\r\n'),
  },
  {
    name: 'minicom',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `[${isoTime(m, 0).replace('T', ' ')}] ${consoleLine(m)}`, '\r\n'),
  },
  {
    name: 'minicom over lines without stamps',
    keeps: 'text',
    make: (ms) => lines(ms, (m) => `[${isoTime(m, 0).replace('T', ' ')}] ${m.text}`, '\r\n'),
  },
  {
    name: 'conman',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `${isoTime(m, 0).replace('T', ' ')} ${consoleLine(m)}`),
  },
  {
    name: 'grabserial',
    keeps: 'all',
    make: (ms) => lines(ms, (m, i) => `[${m.seconds.toFixed(6)} ${delta(ms, i).toFixed(6)}] ${consoleLine(m)}`),
  },
  {
    name: 'shell prompts and escape sequences',
    keeps: 'all',
    make: (ms) =>
      lines(
        ms,
        (m, i) =>
          (i % 8 === 4 ? `\x1b]0;root@testbox\x07\x1b[01;32mroot@testbox\x1b[00m:~# \x1b[?2004l\r` : '\x1b(B\x1b[m') +
          consoleLine(m),
        '\r\n',
      ),
  },
  {
    name: "a line editor's backspaces",
    keeps: 'all',
    make: (ms) => lines(ms, (m, i) => (i % 6 === 1 ? `ab\b\b${consoleLine(m)}` : consoleLine(m))),
  },
];
