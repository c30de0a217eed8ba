import { anchorText, frameText, kernelText } from './anchors.ts';
import type { Item } from './item.ts';
import { isKmsg } from './kmsg.ts';
import { parsePrintkHead } from './printk.ts';
import { takeJsonLine } from './records.ts';

/** Words for printk and syslog levels, as syslogd, dmesg -x, logread and ChromeOS write them. */
const levelWords: Readonly<Record<string, number>> = {
  emerg: 0,
  emergency: 0,
  panic: 0,
  alert: 1,
  crit: 2,
  critical: 2,
  err: 3,
  error: 3,
  warn: 4,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** The level that a word stands for, upper or lower case. */
export function levelOf(word: string): number | undefined {
  const key = word.toLowerCase();
  return Object.hasOwn(levelWords, key) ? levelWords[key] : undefined;
}

const facilities =
  'kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|security|ftp|ntp|audit|console|local[0-7]';
const levels = 'emerg|panic|alert|crit|err|error|warn|warning|notice|info|debug';

/** `kern.warn`, with which busybox and OpenWrt's logread begin, before or after the host. */
const facilityLevel = new RegExp(`^(?:([\\w.:%-]{1,128}) )?(${facilities})\\.(${levels})(?: |: )`);
const hostToken = /^([A-Za-z0-9][\w.:%@/-]{0,127}) /;
const kernelTag = /^(?:kernel|klogd)(?:\[\d{1,10}\])?: ?/;
const programTag = /^[\w./@+:()-]{1,128}(?:\[[\d/]{1,20}\])?: /;

const register = /^[A-Z][A-Z0-9]{1,2}: {1,2}[0-9a-f]{4}/;

/** The tag of a program; `BUG: ` and `RDX: ` are none. */
function takesProgram(text: string): RegExpExecArray | null {
  return anchorText.test(text) || register.test(text) ? null : programTag.exec(text);
}

/** `qemu-system-x86_64[2143]: ` without its process id. */
function tagName(tag: string): string {
  return tag.replace(/\[.*$|: $/, '');
}

const maxHosts = 256;

/** Hosts that are known from lines whose tag is `kernel:`, or from being on most lines. */
export class Hosts {
  private readonly known = new Set<string>();
  /** Hosts whose messages have no tag: netconsole's. */
  private readonly bare = new Set<string>();
  /** Programs that pass on a console, with what they passed on: qemu, conserver, a logger at the end of a pipe. */
  private kernelTagged = false;
  private readonly relays = new Map<string, Set<string>>();

  /** Looks at lines whose date was taken off: is the first word a host? */
  learn(items: readonly Item[]): void {
    const votes = new Map<string, number>();
    // `tag: ` alone may be the kernel's own text; some program of every syslog says its process id.
    let withId = false;
    let dated = 0;
    for (const item of items) {
      if (!item.dated) continue;
      dated++;
      const host = hostToken.exec(item.text)?.[1];
      if (host === undefined || host.endsWith(':')) continue;
      const rest = item.text.slice(host.length + 1);
      this.learnRelay(rest);
      const stamped = parsePrintkHead(rest, 0) !== undefined || isKmsg(rest);
      if (this.known.has(host)) continue;
      if (stamped && this.bare.size < maxHosts) this.bare.add(host);
      if ((stamped || kernelTag.test(rest)) && levelOf(host) === undefined) this.add(host);
      else if (!anchorText.test(item.text)) {
        const tag = takesProgram(rest)?.[0];
        if (tag === undefined) continue;
        votes.set(host, (votes.get(host) ?? 0) + 1);
        withId ||= tag.endsWith(']: ');
      }
    }
    for (const [host, count] of votes) {
      if (withId && count >= 4 && count * 2 >= dated && levelOf(host) === undefined) this.add(host);
    }
  }

  /** Whether what a program logs is a kernel's console: lines of several kinds of a crash came from it. */
  isRelay(program: string): boolean {
    return (this.relays.get(program)?.size ?? 0) >= 3;
  }

  private learnRelay(text: string): void {
    if (kernelTag.test(text)) {
      this.kernelTagged = true;
      return;
    }
    const tag = takesProgram(text);
    if (tag === null) return;
    const rest = text.slice(tag[0].length);
    if (!anchorText.test(rest) && !frameText.test(rest)) return;
    const program = tagName(tag[0]);
    const kinds = this.relays.get(program) ?? new Set<string>();
    kinds.add(anchorText.test(rest) ? rest.slice(0, 6) : 'frame');
    // In a log without lines of its own kernel, a console is the likeliest source of what only kernels print.
    if (!this.kernelTagged && kernelText.test(rest)) kinds.add('kernel').add('text');
    if (this.relays.size < maxHosts) this.relays.set(program, kinds);
  }

  has(host: string): boolean {
    return this.known.has(host);
  }

  isBare(host: string): boolean {
    return this.bare.has(host);
  }

  private add(host: string): void {
    if (this.known.size < maxHosts) this.known.add(host);
  }
}

/** Behind a host: the kernel's line, another program's, or a message without a tag (netconsole). */
function takeTag(item: Item, bare: boolean, hosts: Hosts): void {
  const kernel = kernelTag.exec(item.text);
  if (kernel !== null) {
    item.take(kernel[0].length, 'syslog');
    item.text = unescapeOctal(item.text);
    // Common Event Expression: the message is a member of an object.
    if (item.text.startsWith('@cee:')) {
      const event = item.copy(item.text.slice('@cee:'.length).trimStart());
      if (takeJsonLine(event)) item.text = event.text;
    }
    item.origin = 'kernel';
    return;
  }
  const program = takesProgram(item.text);
  if (program === null || bare || hosts.isRelay(tagName(program[0]))) {
    if (program !== null && !bare) item.take(program[0].length, 'relay');
    const escaped = item.text.length;
    item.text = unescapeOctal(item.text);
    item.body = [escaped, item.text.length];
    return;
  }
  // Another program may relay a console: qemu, conserver, a logger at the end of a pipe.
  if (parsePrintkHead(item.text, program[0].length) !== undefined) {
    item.take(program[0].length, 'relay');
    return;
  }
  item.origin = 'other';
  item.done = true;
}

/** Control characters as syslog daemons write them: `#011` is a tab. */
export function unescapeOctal(s: string): string {
  return s.includes('#0')
    ? s.replace(/#0([0-3][0-7])/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    : s;
}

/** Takes off what stands between a date and the message: host, facility and level, the program's name. */
export function takeHostAndTag(item: Item, hosts: Hosts): boolean {
  const { text } = item;
  const m = facilityLevel.exec(text);
  if (m !== null) {
    item.take(m[0].length, 'syslog');
    item.level = levelOf(m[3] ?? '');
    takeTag(item, false, hosts);
    return true;
  }
  if (kernelTag.test(text)) {
    takeTag(item, false, hosts);
    return true;
  }
  const host = hostToken.exec(text)?.[1];
  if (host === undefined) return false;
  const word = levelOf(host);
  if (word !== undefined && kernelTag.test(text.slice(host.length + 1))) {
    item.take(host.length + 1, 'syslog');
    item.level = word;
    takeTag(item, false, hosts);
    return true;
  }
  if (!hosts.has(host)) return false;
  item.take(host.length + 1, 'syslog');
  takeTag(item, hosts.isBare(host), hosts);
  return true;
}

const facilityAndLevel = new RegExp(`^(${facilities}) {0,8}:(${levels}) {0,8}: `);

/** `dmesg -x`: `kern  :warn  : [   12.345678] text`. */
export function takeDecode(item: Item): boolean {
  const m = facilityAndLevel.exec(item.text);
  if (m === null) return false;
  item.take(m[0].length, 'dmesg');
  item.level = levelOf(m[2] ?? '');
  // What replaces the stamp may follow (`-x -T`), or nothing at all (`-x -t`).
  item.soft = 'dmesg-x';
  return true;
}
