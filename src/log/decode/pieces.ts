import { joinRanges } from '../../model/position.ts';
import type { Item } from './item.ts';

/** A joined message has no more bytes than this. */
const maxJoined = 65_536;
/** netconsole's packets: MAX_PRINT_CHUNK of drivers/net/netconsole.c. */
const packetBytes = 1000;

function add(to: Item, item: Item): void {
  if (to.text.length < maxJoined) to.text += item.text;
  to.range = joinRanges(to.range, item.range);
  to.partial = item.partial;
  item.dropped = true;
}

/** Joins what a pipe delivered in pieces: partial lines of containers, continued lines of GitLab, kmsg fragments. */
export function joinPieces(items: readonly Item[]): void {
  const open = new Map<string, Item>();
  for (const item of items) {
    if (item.stream === '' || item.dropped) continue;
    const before = open.get(item.stream);
    if (before !== undefined && (item.append || before.partial)) {
      add(before, item);
    } else {
      open.set(item.stream, item);
    }
  }
}

/** The items of streams that the next lines may continue, and are to be held until then. */
export function unfinished(items: readonly Item[]): readonly Item[] {
  const last = items.findLast((item) => !item.dropped);
  return items.filter(
    (item) =>
      !item.dropped &&
      (item.partial || (item === last && (item.stream.startsWith('gitlab') || item.stream === 'kmsg'))),
  );
}

/** A message of several lines becomes an item a line. */
export function splitLines(items: readonly Item[]): readonly Item[] {
  if (!items.some((item) => !item.dropped && item.text.includes('\n'))) return items;
  return items.flatMap((item) => {
    if (!item.text.includes('\n')) return [item];
    const lines = item.text.split('\n', 4096);
    if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop();
    let at = 0;
    return lines.map((line) => {
      const part = item.copy(line.replace(/\r{1,8}$/, ''));
      // Lines that stand in one line of the input are told apart by where they begin.
      part.range = { ...item.range, firstByte: Math.min(item.range.firstByte + at, item.range.endByte) };
      at += line.length + 1;
      return part;
    });
  });
}

/** Joins netconsole packets that a syslog daemon filed a line each: a full one is followed by its rest. */
export function joinPackets(items: readonly Item[]): void {
  let before: Item | undefined;
  for (const item of items) {
    if (item.dropped) continue;
    if (
      before?.body.includes(packetBytes) &&
      item.body.length > 0 &&
      item.origin === 'unknown' &&
      item.layers === before.layers
    ) {
      const { body } = item;
      add(before, item);
      before.body = body;
    } else {
      before = item;
    }
  }
}
