import type { Item } from './item.ts';

/**
 * A record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg), also of extended netconsole, which may put the kernel's
 * release before it (CONFIG_NETCONSOLE_PREPEND_RELEASE, 6.3) and tells fragments of a long message.
 */
const record =
  /^(?:\d{1,3}\.[\w.+~-]{1,96},)?(\d{1,6}),(\d{1,20}),(\d{1,20}),([-c+])((?:,[\w.-]{1,32}=[^,;]{0,128}){0,8});/;
const dictionary = /^ [A-Z][A-Z0-9_]{0,63}=/;

/** `\xNN` for what is not printable, and for the backslash itself. */
function unescapeBytes(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Takes off the head of a record. Dictionary lines (`SUBSYSTEM=`) are taken by `isDictionary`. */
export function takeKmsg(item: Item): boolean {
  const m = record.exec(item.text);
  if (m === null) return false;
  const [head, priority, sequence, time, flags, more] = m;
  item.take(head.length, 'kmsg');
  item.text = unescapeBytes(item.text);
  item.origin = 'kernel';
  item.stamped = true;
  item.level = Number(priority) & 7;
  item.seconds = Number(time) / 1e6;
  item.append = flags === '+';
  item.stream = 'kmsg';
  const caller = /,caller=([TC]\d{1,10})/.exec(more ?? '')?.[1];
  if (caller !== undefined) item.caller = caller;
  const fragment = /,ncfrag=(\d{1,6})\/(\d{1,6})/.exec(more ?? '');
  if (fragment !== null) {
    item.fragment = { sequence: sequence ?? '', offset: Number(fragment[1]), total: Number(fragment[2]) };
    item.stream = `kmsg ${sequence}`;
    item.append = item.fragment.offset > 0;
    item.partial = item.fragment.offset + item.text.length < item.fragment.total;
  }
  item.done = true;
  return true;
}

/** Whether a record begins there: behind a host, for one. */
export function isKmsg(text: string): boolean {
  return record.test(text);
}

/** A line that tells what device a record is about, and belongs to the record. */
export function isDictionary(text: string): boolean {
  return text.charCodeAt(0) === 0x20 && dictionary.test(text);
}
