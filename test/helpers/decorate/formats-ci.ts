import type { Format } from './formats.ts';
import { bootSeconds, clockTime, consoleLine, isoTime, type Message, stamp, syslogTime } from './message.ts';

function lines(messages: readonly Message[], line: (m: Message, i: number) => string, end = '\n'): string {
  return messages.map((m, i) => line(m, i) + end).join('');
}

const android = ['F', 'E', 'E', 'E', 'W', 'I', 'I', 'D'];

/** Test farms, containers, Android. */
export const ciFormats: readonly Format[] = [
  {
    name: 'GitHub',
    keeps: 'all',
    told: ['iso'],
    make: (ms) => `\xef\xbb\xbf${lines(ms, (m) => `${isoTime(m, 7)}Z ${consoleLine(m)}`)}`,
  },
  {
    name: 'GitHub over docker compose',
    keeps: 'all',
    make: (ms) =>
      lines(
        ms,
        (m, i) =>
          `${isoTime(m, 7)}Z ${i % 9 === 4 ? 'tftpd-1  | in.tftpd[12]: RRQ from 172.18.0.3\n2026-11-20T05:20:12.0000000Z ' : ''}guest-1  | ${consoleLine(m)}`,
      ),
  },
  {
    name: 'GitLab with stamps, continued lines',
    keeps: 'all',
    make: (ms) =>
      lines(ms, (m, i) => {
        const line = consoleLine(m);
        const at = `${isoTime(m, 6)}Z`;
        return i % 6 === 3 ? `${at} 01O ${line.slice(0, 20)}\n${at} 01O+${line.slice(20)}` : `${at} 01O ${line}`;
      }),
  },
  { name: 'Jenkins, ISO', keeps: 'all', make: (ms) => lines(ms, (m) => `[${isoTime(m, 3)}Z] ${consoleLine(m)}`) },
  {
    name: 'Jenkins, clock',
    keeps: 'all',
    make: (ms) => `05:20:01  Started by user tester\n${lines(ms, (m) => `${clockTime(m)}  ${consoleLine(m)}`)}`,
  },
  {
    name: 'Jenkins, clock, lines without stamps',
    keeps: 'text',
    make: (ms) => lines(ms, (m) => `${clockTime(m)}  ${m.text}`),
  },
  {
    name: 'Buildkite',
    keeps: 'all',
    make: (ms) =>
      lines(ms, (m) => `\x1b_bk;t=${Math.round((bootSeconds + m.seconds) * 1000)}\x07${consoleLine(m)}`, '\r\n'),
  },
  {
    name: 'TeamCity',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `[${clockTime(m)}] :\t [Step 1/2] ${consoleLine(m)}`),
  },
  {
    name: 'TeamCity, lines without stamps',
    keeps: 'text',
    make: (ms) => lines(ms, (m) => `[${clockTime(m)}]W:\t [Step 1/2] ${m.text}`),
  },
  {
    name: 'Travis',
    keeps: 'all',
    make: (ms) =>
      `travis_fold:start:boot\r\x1b[0K${lines(ms, (m) => consoleLine(m), '\r\n')}travis_fold:end:boot\r\x1b[0K\n`,
  },
  {
    name: 'LAVA',
    keeps: 'all',
    told: ['lava'],
    make: (ms) =>
      lines(
        ms,
        (m, i) =>
          `${i % 8 === 5 ? `- {"dt": "${isoTime(m, 6)}", "lvl": "debug", "msg": "WARNING: pdu"}\n` : ''}- {"dt": "${isoTime(m, 6)}", "lvl": "target", "msg": ${JSON.stringify(consoleLine(m))}}`,
      ),
  },
  {
    name: 'LAVA, single quotes',
    keeps: 'all',
    make: (ms) =>
      lines(ms, (m) => `- {dt: '${isoTime(m, 6)}', lvl: target, msg: '${consoleLine(m).replaceAll("'", "''")}'}`),
  },
  {
    name: 'LAVA, blocks',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `- dt: '${isoTime(m, 6)}'\n  lvl: target\n  msg: ${JSON.stringify(consoleLine(m))}`),
  },
  {
    name: 'KernelCI text of an HTML log',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `${isoTime(m, 6).slice(11)}  <${m.level}>${consoleLine(m)}`),
  },
  { name: 'docker logs -t', keeps: 'all', make: (ms) => lines(ms, (m) => `${isoTime(m, 9)}Z ${consoleLine(m)}`) },
  {
    name: 'docker json-file, partial lines',
    keeps: 'all',
    told: ['docker'],
    make: (ms) =>
      lines(ms, (m, i) => {
        const line = `${consoleLine(m)}\r\n`;
        const entry = (log: string): string => JSON.stringify({ log, stream: 'stdout', time: `${isoTime(m, 9)}Z` });
        return i % 5 === 1 ? `${entry(line.slice(0, 30))}\n${entry(line.slice(30))}` : entry(line);
      }),
  },
  {
    name: 'kubernetes CRI, partial lines',
    keeps: 'all',
    told: ['cri'],
    make: (ms) =>
      lines(ms, (m, i) => {
        const line = consoleLine(m);
        const at = `${isoTime(m, 9)}Z stdout`;
        return i % 5 === 1
          ? `${at} P ${line.slice(0, 7)}\n${isoTime(m, 9)}Z stderr F qemu: warning\n${at} F ${line.slice(7)}`
          : `${at} F ${line}`;
      }),
  },
  {
    name: 'docker compose, lines without stamps',
    keeps: 'text',
    make: (ms) => `Attaching to guest-1\n${lines(ms, (m) => `guest-1  | ${m.text}`)}`,
  },
  {
    name: 'logcat brief',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${android[m.level]}/kernel  (    0): ${m.text}`),
  },
  {
    name: 'logcat threadtime',
    keeps: 'all',
    make: (ms) =>
      `--------- beginning of kernel\n11-20 05:20:12.001  1402  1402 E System  : WARNING: late\n${lines(ms, (m) => `11-20 ${isoTime(m, 3).slice(11)}     0     0 ${android[m.level]} kernel  : ${consoleLine(m)}`)}`,
  },
  {
    name: 'logcat threadtime with users and years',
    keeps: 'callers-lost',
    make: (ms) =>
      lines(
        ms,
        (m) => `2026-11-20 ${isoTime(m, 3).slice(11)}  root     0     0 ${android[m.level]} kernel  : ${m.text}`,
      ),
  },
  {
    name: 'logcat tag',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${android[m.level]}/kernel  : ${m.text}`),
  },
  {
    name: 'logcat process',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${android[m.level]}(    0) ${m.text}  (kernel)`),
  },
  {
    name: 'logcat monotonic',
    keeps: 'callers-lost',
    make: (ms) =>
      lines(ms, (m) => `${m.seconds.toFixed(3).padStart(9)}     0     0 ${android[m.level]} kernel  : ${m.text}`),
  },
  {
    name: 'logcat with a zone',
    keeps: 'callers-lost',
    make: (ms) =>
      lines(
        ms,
        (m) => `2026-11-20 ${isoTime(m, 3).slice(11)} +0000     0     0 ${android[m.level]} kernel  : ${m.text}`,
      ),
  },
  {
    name: 'a prefix that nobody knows',
    keeps: 'all',
    make: (ms) => lines(ms, (m, i) => `node${i % 3}/ttyS0 #${1000 + i} => ${consoleLine(m)}`),
  },
  {
    name: 'conserver under syslog',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} conhost guest7[812]: ${consoleLine(m)}`),
  },
  {
    name: 'file names and levels',
    keeps: 'all',
    make: (ms) => lines(ms, (m) => `boot/serial.log:<${m.level}>${consoleLine(m)}`),
  },
  {
    name: 'a wall clock before the stamp',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${syslogTime(m)} testbox kernel: ${stamp(m)} ${m.text}`),
  },
];
