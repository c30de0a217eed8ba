import type { Item } from './item.ts';
import { type Fields, parseFields, yamlScalar, yamlToJson } from './json.ts';

/** Keys under which other loggers' objects have the line, best first. */
const lineKeys = ['log', 'message', 'msg', 'short_message', 'MESSAGE', 'textPayload', 'line', 'text'] as const;
const writerKeys = [
  'SYSLOG_IDENTIFIER',
  'syslog_identifier',
  'programname',
  'program',
  'ident',
  'appname',
  'app-name',
] as const;

function first(fields: Fields, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = fields.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

function levelField(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) & 7 : undefined;
}

function microseconds(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,16}$/.test(value) ? Number(value) / 1e6 : undefined;
}

/** The text of a journal record: from journald's fields (systemd.journal-fields(7)). False if there is no message. */
export function takeJournal(item: Item, fields: Fields): boolean {
  const message = fields.get('MESSAGE');
  if (message === undefined) return false;
  const identifier = first(fields, writerKeys);
  const transport = fields.get('_TRANSPORT');
  const kernel =
    transport === undefined
      ? identifier === undefined || identifier === 'kernel'
      : transport === 'kernel' && (identifier ?? 'kernel') === 'kernel';
  item.replace(message, 'journal');
  item.level = levelField(fields.get('PRIORITY'));
  if (kernel) {
    item.origin = 'kernel';
    const seconds = microseconds(fields.get('_SOURCE_MONOTONIC_TIMESTAMP') ?? fields.get('__MONOTONIC_TIMESTAMP'));
    if (seconds !== undefined) item.seconds = seconds;
    return true;
  }
  const pid = fields.get('SYSLOG_PID') ?? fields.get('_PID');
  const name = identifier ?? fields.get('_COMM') ?? 'unknown';
  item.text = pid === undefined ? `${name}: ${message}` : `${name}[${pid}]: ${message}`;
  item.origin = 'other';
  item.done = !message.includes('\n');
  return true;
}

/** A record of `dmesg --json`. */
export function takeDmesgRecord(item: Item, fields: Fields): boolean {
  const text = fields.get('msg');
  const time = fields.get('time');
  if (text === undefined || (time === undefined && !fields.has('pri'))) return false;
  // dmesg of util-linux 2.38 gives the rest of its buffer where it reads syslog(2) or a file.
  const rest = text.search(/\n<\d{1,3}>\[/);
  item.replace(rest < 0 ? text : text.slice(0, rest), 'dmesg-json');
  item.origin = 'kernel';
  item.stamped = true;
  const seconds = Number(time);
  if (time !== undefined && Number.isFinite(seconds)) item.seconds = seconds;
  item.level = levelField(fields.get('pri'));
  const caller = /^ *([TC]\d{1,10})/.exec(fields.get('caller') ?? '')?.[1];
  if (caller !== undefined) item.caller = caller;
  item.done = !item.text.includes('\n');
  return true;
}

/** An object of any logger that has a line in it: docker's json-file, LAVA, a collector. */
function takeLine(item: Item, fields: Fields): boolean {
  const text = first(fields, lineKeys);
  if (text === undefined) return false;
  const docker = fields.has('log') && fields.has('stream');
  const lava = fields.get('lvl');
  item.replace(text, docker ? 'docker' : lava === undefined ? 'json' : 'lava');
  if (docker) {
    item.stream = fields.get('stream') ?? '';
    item.partial = text !== '' && !text.endsWith('\n');
  }
  item.text = item.text.replace(/[\r\n]{1,8}$/, '');
  if (lava !== undefined && lava !== 'target' && lava !== 'feedback') {
    item.origin = 'other';
    item.done = true;
  } else if (first(fields, writerKeys) === 'kernel') {
    item.origin = 'kernel';
  }
  return true;
}

/** Takes the record of a one-line JSON object, or of the `data:` line of a stream of them. */
export function takeJsonLine(item: Item): boolean {
  const { text } = item;
  // `journalctl -o json-sse`, and RFC 7464: `-o json-seq`
  const at = text.startsWith('data: {') ? 6 : text.charCodeAt(0) === 0x1e ? 1 : 0;
  if (text.charCodeAt(at) !== 0x7b || !/\}[,\s]{0,4}$/.test(text.slice(-5))) return false;
  const fields = parseFields(text.slice(at).replace(/[,\s]{1,4}$/, ''));
  if (fields === undefined || fields.size === 0) return false;
  return takeJournal(item, fields) || takeDmesgRecord(item, fields) || takeLine(item, fields);
}

const flowPlain = /^- \{dt: ?([^,]{1,48}), lvl: ?([\w-]{1,20}), (?:ns: ?[\w-]{1,32}, )?msg: ?(.*)\}$/;

/** A line of LAVA's log.yaml: `- {"dt": "...", "lvl": "target", "msg": "..."}`, with or without quotes. */
export function takeLavaLine(item: Item): boolean {
  const { text } = item;
  if (!text.startsWith('- {')) return false;
  const fields = parseFields(yamlToJson(text.slice(2)));
  if (fields !== undefined) {
    if (takeLine(item, fields)) return true;
    // Results and the like have an object for a message: LAVA's own.
    if (!fields.has('lvl')) return false;
    item.origin = 'other';
    item.done = true;
    return true;
  }
  const m = flowPlain.exec(text);
  if (m === null) return false;
  const message = yamlScalar((m[3] ?? '').trim());
  return (
    message !== undefined &&
    takeLine(
      item,
      new Map([
        ['lvl', m[2] ?? ''],
        ['msg', message],
      ]),
    )
  );
}
