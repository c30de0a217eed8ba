import type { Item } from './item.ts';

/** What stands before the text of a line on the kernel's console. */
export interface PrintkHead {
  readonly seconds: number;
  readonly caller: string | undefined;
  /** Where the text begins. */
  readonly end: number;
}

const BLANK = 0x20;
const OPEN = 0x5b;
const CLOSE = 0x5d;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** `[ T123]` or `[C4]`; also `[T1@C0]`, where a vendor's kernel adds the CPU. Returns the index behind `]`, or -1. */
function callerEnd(s: string, at: number): number {
  let i = at + 1;
  while (s.charCodeAt(i) === BLANK && i < at + 12) i++;
  const kind = s.charCodeAt(i);
  if ((kind !== 0x54 && kind !== 0x43) || !isDigit(s.charCodeAt(i + 1))) return -1;
  i++;
  while (isDigit(s.charCodeAt(i)) && i < at + 24) i++;
  if (s.charCodeAt(i) === 0x40) {
    i++;
    while (i < at + 32 && s.charCodeAt(i) !== CLOSE && s.charCodeAt(i) !== BLANK) i++;
  }
  return s.charCodeAt(i) === CLOSE ? i + 1 : -1;
}

function callerName(s: string, at: number, end: number): string {
  const name = s.slice(at + 1, end - 1).trimStart();
  const at2 = name.indexOf('@');
  return at2 < 0 ? name : name.slice(0, at2);
}

/**
 * Vendors' callers behind the stamp. The text follows without a blank on MediaTek's, with one on the others.
 * MediaTek: `-(cpu)[pid:comm]`, with `-` where interrupts are off or it is one, a blank else.
 * Samsung: ` [cpu: comm: pid] `, `I` instead of the first blank in an interrupt.
 * Qualcomm: ` (CPU:0-pid:1:init) `. HiSilicon: `[pid:1,cpu0,init]`, `in irq` where that is so.
 */
const vendorCaller =
  /(?: ?(-?)\((\d{1,3})\)\[(\d{1,7}):[^\]]{0,32}\])|(?: ?([A-Z ]?)\[(\d{1,3}): {0,15}[^\]]{1,24}: {0,7}(\d{1,7})\] )|(?: ?\(CPU:\d{1,3}-pid:(\d{1,7}):[^)]{0,32}\) )|(?:\[pid:(\d{1,7}),cpu(\d{1,3}),([^\]]{0,32})\])/y;

function vendorHead(s: string, at: number, seconds: number): PrintkHead | undefined {
  vendorCaller.lastIndex = at;
  const m = vendorCaller.exec(s);
  if (m === null) return undefined;
  const [whole, mtk, mtkCpu, mtkPid, samsung, samsungCpu, samsungPid, qualcommPid, hisiPid, hisiCpu, hisiName] = m;
  const end = at + whole.length;
  if (mtkCpu !== undefined) return { seconds, end, caller: mtk === '-' ? `C${mtkCpu}` : `T${mtkPid ?? 0}` };
  if (samsungCpu !== undefined)
    return { seconds, end, caller: samsung === 'I' ? `C${samsungCpu}` : `T${samsungPid ?? 0}` };
  if (hisiPid !== undefined)
    return { seconds, end, caller: hisiName === 'in irq' ? `C${hisiCpu ?? 0}` : `T${hisiPid}` };
  return { seconds, end, caller: `T${qualcommPid ?? 0}` };
}

/**
 * What may stand between the number and the bracket: the time since the line before (`dmesg -d`, `journalctl -o
 * short-delta`, which leaves blanks on the first line), and of vendors' kernels: HiSilicon's `s`, Amlogic's CPU, LG's
 * wall clock.
 */
const withinStamp =
  /(?: <[ +]{0,12}\d{1,9}\.\d{6}[ *]?>| {16}|s|@\d{1,3}| \/ \d\d-\d\d \d\d:\d\d:\d\d\.\d{1,9})\](?=([ [])|$)/y;

/**
 * The time stamp at `at`, `[seconds.fraction]` (print_time() of kernel/printk/printk.c), with the caller id behind it
 * (CONFIG_PRINTK_CALLER, 5.1 and later) and the one blank; undefined if there is none. Also dmesg's two ways to write
 * it: with the time since the line before (`[   12.345678 <    0.000123>] `), and with a blank before the caller id.
 */
export function parsePrintkHead(s: string, at: number): PrintkHead | undefined {
  if (s.charCodeAt(at) !== OPEN) return undefined;
  let i = at + 1;
  while (s.charCodeAt(i) === BLANK && i < at + 10) i++;
  const first = i;
  while (isDigit(s.charCodeAt(i)) && i < first + 11) i++;
  if (i === first || s.charCodeAt(i) !== 0x2e) return undefined;
  const dot = i++;
  while (isDigit(s.charCodeAt(i)) && i < dot + 11) i++;
  if (i < dot + 2) return undefined;
  const seconds = Number(s.slice(first, i));
  if (s.charCodeAt(i) !== CLOSE) {
    withinStamp.lastIndex = i;
    const m = withinStamp.exec(s);
    if (m === null) return undefined;
    const end = i + m[0].length;
    return m[1] === '[' ? vendorHead(s, end, seconds) : behindBlank(s, Math.min(end + 1, s.length), seconds);
  }
  i++;
  let caller: string | undefined;
  while (s.charCodeAt(i) === OPEN && caller === undefined) {
    const end = callerEnd(s, i);
    if (end < 0) return undefined;
    caller = callerName(s, i, end);
    i = end;
  }
  if (i === s.length) return { seconds, caller, end: i };
  const next = s.charCodeAt(i);
  if (caller === undefined) {
    const second = next === BLANK ? s.charCodeAt(i + 1) : next;
    // ( [ - I and a blank: what a vendor's caller may begin with
    if (
      second === 0x28 ||
      second === 0x2d ||
      next === 0x2d ||
      second === OPEN ||
      s.charCodeAt(i + 1) === OPEN ||
      s.charCodeAt(i + 2) === OPEN
    ) {
      const vendor = vendorHead(s, i, seconds);
      if (vendor !== undefined) return vendor;
    }
  }
  if (next !== BLANK) return undefined;
  return caller === undefined ? behindBlank(s, i + 1, seconds) : { seconds, caller, end: i + 1 };
}

/** dmesg of util-linux 2.38 and later puts the caller id behind a blank, eight wide. */
function behindBlank(s: string, at: number, seconds: number): PrintkHead {
  if (s.charCodeAt(at) === OPEN) {
    const end = callerEnd(s, at);
    if (end > 0 && (end === s.length || s.charCodeAt(end) === BLANK)) {
      return { seconds, caller: callerName(s, at, end), end: Math.min(end + 1, s.length) };
    }
  }
  return { seconds, caller: undefined, end: at };
}

/** `[  T123] ` alone, as dmesg writes it behind a time in words. */
export function parseCallerAlone(s: string): { readonly caller: string; readonly end: number } | undefined {
  if (s.charCodeAt(0) !== OPEN) return undefined;
  const end = callerEnd(s, 0);
  if (end < 0 || (end < s.length && s.charCodeAt(end) !== BLANK)) return undefined;
  return { caller: callerName(s, 0, end), end: Math.min(end + 1, s.length) };
}

const dropped = /\*\* \d{1,20} printk messages dropped \*\* /y;
const level = /<(\d{1,3}|c)>/y;

/** Printed by userspace without a line end, so that the kernel's line stands behind it. */
const prompt = /(?:^|[\w~\])}/ ])[#$%>] {0,2}$/;
const stampAnywhere = /\[ {0,8}\d{1,7}\.\d{6}\]/g;

/** No machine runs for as long: the time of day, which `ts '[%.s]'` puts before the kernel's stamp. */
const epochSeconds = 1e9;

function takeHead(item: Item, at: number): boolean {
  const { text } = item;
  let head = parsePrintkHead(text, at);
  if (head === undefined) return false;
  if (head.seconds >= epochSeconds) head = parsePrintkHead(text, head.end) ?? head;
  item.seconds = head.seconds;
  if (head.caller !== undefined) item.caller = head.caller;
  item.taken += head.end;
  item.text = text.slice(head.end);
  item.origin = 'kernel';
  item.stamped = true;
  item.done = true;
  return true;
}

/**
 * Takes off what `specs/titles.md` section 1 lets stand before a console line: `** N printk messages dropped ** `,
 * a login or shell prompt, the level, the stamp, the caller id, one blank. False if the line has no stamp.
 */
export function takePrintk(item: Item): boolean {
  const { text } = item;
  const first = text.charCodeAt(0);
  if (first === OPEN && takeHead(item, 0)) return true;
  let at = 0;
  if (first === 0x2a) {
    dropped.lastIndex = 0;
    const m = dropped.exec(text);
    if (m !== null) at = m[0].length;
  }
  if (first === 0x3c || at > 0) {
    level.lastIndex = at;
    const m = level.exec(text);
    if (m !== null) {
      if (takeHead(item, at + m[0].length)) {
        if (m[1] !== 'c') item.level = Number(m[1]) & 7;
        return true;
      }
    }
    if (at > 0) {
      if (takeHead(item, at)) return true;
      // Without stamps (printk.time=0) a frame or a headline may stand behind the notice as well.
      if (at < text.length) item.take(at, 'dropped');
      return false;
    }
  }
  return behindPrompt(item);
}

function behindPrompt(item: Item): boolean {
  const { text } = item;
  if (text.indexOf('.') < 0 || text.indexOf('[', 1) < 0) return false;
  stampAnywhere.lastIndex = 0;
  for (let tries = 0; tries < 3; tries++) {
    const m = stampAnywhere.exec(text);
    if (m === null) return false;
    const from = m.index;
    let before = text.slice(0, from);
    const tag = /<(\d)>$/.exec(before);
    if (tag !== null) before = before.slice(0, -3);
    const loss = /\*\* \d{1,20} printk messages dropped \*\* $/.exec(before.slice(-64));
    if (loss !== null) before = before.slice(0, -loss[0].length);
    if (
      before === '' ||
      before.endsWith(' login: ') ||
      (from <= 160 && prompt.test(before.slice(-8)) && /\w/.test(before))
    ) {
      if (takeHead(item, m.index)) {
        if (tag !== null) item.level = Number(tag[1]) & 7;
        item.prompted = true;
        return true;
      }
    }
  }
  return false;
}

/** What a program had printed of its line when the kernel's came: no blank, bracket or quote stands before the stamp. */
const unfinished = /[\w.)]$/;
/** `[%5lu.%06lu]` in kernel/printk/printk.c: the point is never further to the left. */
const paddedWidth = 6;
const longestBegun = 160;

/**
 * Takes off what another program had printed of its line when the kernel's began: `alive at 2.77[    2.860746] BUG: ..`.
 * Only where the kernel's lines have stamps: this one alone says little. False if the line is none of that sort.
 */
export function takeBehindBegun(item: Item): boolean {
  const { text } = item;
  stampAnywhere.lastIndex = 0;
  const m = stampAnywhere.exec(text.length > longestBegun + 32 ? text.slice(0, longestBegun + 32) : text);
  if (m === null || m.index > longestBegun || m[0].indexOf('.') < paddedWidth) return false;
  if (!unfinished.test(text.slice(0, m.index)) || !takeHead(item, m.index)) return false;
  item.prompted = true;
  return true;
}
