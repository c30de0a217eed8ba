import { readFileSync } from 'node:fs';

/** A message as the kernel has it in its buffer. */
export interface Message {
  readonly seconds: number;
  readonly caller?: string;
  readonly level: number;
  readonly text: string;
}

/** Wall-clock time of boot: 2026-11-20 05:20:09 UTC. */
export const bootSeconds = 1_795_152_009;

const stamped = /^\[ *(\d+\.\d+)\] (.*)$/;

/** The kernel's messages of a lab log; its user-space lines left out. Callers are made up: the log has none. */
export function labMessages(name: string, callers = false): Message[] {
  const log = readFileSync(new URL(`../../fixtures/lab/${name}`, import.meta.url), 'latin1');
  const out: Message[] = [];
  for (const line of log.split(/\r?\n/)) {
    const m = stamped.exec(line);
    if (m === null) continue;
    const text = m[2] ?? '';
    const caller = out.length % 17 === 11 ? 'C0' : out.length < 20 ? 'T1' : 'T143';
    const level = /BUG:|Unable to handle|Oops/.test(text) ? 1 : /^(?: |RIP|CPU|Call|R..: )/.test(text) ? 4 : 6;
    out.push({ seconds: Number(m[1]), level, text, ...(callers ? { caller } : {}) });
  }
  return out;
}

/** `[    2.370889]` */
export function stamp(m: Message): string {
  return `[${m.seconds.toFixed(6).padStart(12)}]`;
}

/** `[  T143]`, or nothing. */
export function callerId(m: Message, width = 6): string {
  return m.caller === undefined ? '' : `[${m.caller.padStart(width)}]`;
}

/** The line on the console. */
export function consoleLine(m: Message): string {
  return `${stamp(m)}${callerId(m)} ${m.text}`;
}

/** `2026-11-20T05:20:12.370` with `digits` digits of fraction. */
export function isoTime(m: Message, digits: number, separator = '.'): string {
  const at = new Date((bootSeconds + Math.floor(m.seconds)) * 1000).toISOString().slice(0, 19);
  const fraction = (m.seconds % 1).toFixed(6).slice(2).padEnd(9, '0').slice(0, digits);
  return digits === 0 ? at : `${at}${separator}${fraction}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 20 05:20:12` */
export function syslogTime(m: Message): string {
  const iso = isoTime(m, 0);
  return `${months[Number(iso.slice(5, 7)) - 1]} ${String(Number(iso.slice(8, 10))).padStart(2)} ${iso.slice(11)}`;
}

/** `05:20:12` */
export function clockTime(m: Message): string {
  return isoTime(m, 0).slice(11);
}
