import type { KasanDetails, MemoryObject } from '../../model/details-sanitizer.ts';
import type { RawReport } from '../raw-report.ts';
import { address, decimal, hexadecimal, known, ReportReader, word } from './reader.ts';

/** Shadow bytes of generic KASAN, mm/kasan/kasan.h; 01 to 07 mean that only the first bytes are valid. */
const shadowMeanings: Readonly<Record<string, string>> = {
  '00': 'accessible',
  f1: 'stack, left redzone',
  f2: 'stack, middle redzone',
  f3: 'stack, right redzone',
  f4: 'stack, partial redzone',
  f5: 'stack, after return',
  f8: 'stack, out of scope',
  f9: 'global redzone',
  fa: 'freed object, its release is known',
  fb: 'freed object',
  fc: 'redzone of a slab object',
  fe: 'redzone of a page',
  ff: 'freed page',
  ca: 'alloca, left redzone',
  cb: 'alloca, right redzone',
};

const shadowLine = /^ ?([> ]?) ?([0-9a-f]{8,16}): ((?:[0-9a-f]{2} ){7,15}[0-9a-f]{2})\s*$/;

interface Shadow {
  readonly shadow: KasanDetails['shadow'];
  readonly marked: number | undefined;
}

function readShadow(reader: ReportReader): Shadow {
  const start = reader.indexOf(/^ *Memory state around the buggy address/);
  if (start < 0) return { shadow: undefined, marked: undefined };
  const rows: { address: bigint; bytes: readonly string[]; bad: boolean }[] = [];
  let marked: number | undefined;
  for (let i = start + 1; i < start + 16; i++) {
    const text = reader.lines[i];
    if (text === undefined) break;
    const row = shadowLine.exec(text);
    if (row?.[2] !== undefined && row[3] !== undefined) {
      const at = address(row[2]);
      if (at !== undefined) rows.push({ address: at, bytes: row[3].split(' '), bad: text.includes('>') });
      continue;
    }
    const caret = text.indexOf('^');
    const above = reader.lines[i - 1];
    // The caret stands below the byte: mm/kasan/report.c, print_shadow_for_address().
    const firstByte = above === undefined ? -1 : above.indexOf(': ') + 2;
    const tail = text.slice(0, Math.max(caret, 0)).trim();
    if (caret >= 0 && tail === '' && firstByte > 1 && caret >= firstByte) marked = Math.floor((caret - firstByte) / 3);
    if (/^=====/.test(text)) break;
  }
  return { shadow: rows.length > 0 ? rows : undefined, marked };
}

function meaningOf(bug: string, shadow: KasanDetails['shadow'], marked: number | undefined): string | undefined {
  const byte = marked === undefined ? undefined : shadow?.find((row) => row.bad)?.bytes[marked];
  if (byte === undefined) return undefined;
  // 0xfa was the redzone of globals before it was given to freed objects (5.8).
  if (byte === 'fa' && bug.startsWith('global')) return 'global redzone';
  return (
    shadowMeanings[byte] ?? (/^0[1-7]$/.test(byte) ? `only the first ${Number(byte)} bytes accessible` : undefined)
  );
}

function readObject(reader: ReportReader): MemoryObject | undefined {
  const belongs = reader.first(/^ *The buggy address belongs to the object at (?:0x)?([0-9a-f]{8,16})/);
  const cache = reader.first(/^ *which belongs to the cache (\S{1,80})(?: of size (\d{1,9}))?/);
  const located = reader.first(
    /^ *The buggy address is located (?:at least )?(\d{1,12}) bytes? (inside of|to the (?:left|right) of)/,
  );
  // Kernels before 4.9: "Object at ffff..., in cache kmalloc-64 size: 64"
  const old = reader.first(/^ *Object at (?:0x)?([0-9a-f]{8,16}),? in cache (\S{1,80})(?: size: (\d{1,9}))?/);
  // "inside of 64-byte region [from, to)"; as of 6.3 "allocated 64-byte region" or "freed ..."; also on a line of its own.
  const region = reader.first(/(?:inside of|(?:left|right) of|^) *(?:(allocated|freed) )?(\d{1,12})-byte region \[/);
  const state = region?.[1];
  if (belongs === undefined && cache === undefined && old === undefined) return undefined;
  return {
    ...known('address', address(belongs?.[1] ?? old?.[1])),
    ...known('cache', word(cache?.[1] ?? old?.[2])),
    ...known('size', decimal(region?.[2] ?? cache?.[2] ?? old?.[3])),
    ...known('relation', located?.[1] === undefined ? undefined : `${located[1]} bytes ${located[2] ?? ''}`),
    ...known('distance', decimal(located?.[1])),
    ...(state === 'allocated' || state === 'freed' ? { state } : {}),
  };
}

function readStack(reader: ReportReader): KasanDetails['stack'] {
  const task = reader.first(/^ *The buggy address belongs to stack of task (.{1,64})\/(\d{1,10})/);
  // 4.x to 5.x: "addr ffff... is located in stack of task a/42 at offset 31 in frame:"
  const old = reader.first(/is located in stack of task (.{1,64})\/(\d{1,10})/);
  const frame = reader.indexOf(/(?:is located )?at offset \d{1,9} in frame:/);
  if (task === undefined && old === undefined && frame < 0) return undefined;
  const variables: { name: string; from: number; to: number }[] = [];
  const list = reader.indexOf(/^ *[Tt]his frame has \d{1,6} objects?:/);
  for (let i = list + 1; list >= 0 && i < list + 65; i++) {
    const found = /^ *\[(\d{1,9}), (\d{1,9})\) '(.{1,200})'/.exec(reader.lines[i] ?? '');
    const name = word(found?.[3]);
    const from = decimal(found?.[1]);
    const to = decimal(found?.[2]);
    if (name === undefined || from === undefined || to === undefined) break;
    variables.push({ name, from, to });
  }
  return {
    ...known('task', word(task?.[1] ?? old?.[1])),
    ...known('pid', decimal(task?.[2] ?? old?.[2])),
    ...known(
      'function',
      frame < 0 ? undefined : /^ *([A-Za-z_][\w.]{0,200})\+/.exec(reader.lines[frame + 1] ?? '')?.[1],
    ),
    ...known('offset', frame < 0 ? undefined : decimal(/at offset (\d{1,9}) in/.exec(reader.lines[frame] ?? '')?.[1])),
    variables,
  };
}

function readVariable(reader: ReportReader): KasanDetails['variable'] {
  const at = reader.indexOf(/^ *The buggy address belongs to the variable:/);
  if (at < 0) return undefined;
  // " table+0x20/0x40", since 5.x also on one line
  const found = /([A-Za-z_][\w.]{0,200})\+0x[0-9a-f]{1,12}\/0x([0-9a-f]{1,12})/.exec(
    `${reader.lines[at] ?? ''} ${reader.lines[at + 1] ?? ''}`,
  );
  return found?.[1] === undefined ? undefined : { name: found[1], ...known('size', hexadecimal(found[2])) };
}

/** What KASAN says of the access, the object and the shadow. */
export function kasanDetails(raw: RawReport): KasanDetails {
  const reader = new ReportReader(raw);
  const bug =
    reader.first(/KASAN: ([a-z][a-z -]{1,60}?)(?: in | on address |$)/)?.[1] ??
    reader.first(/KASAN: ([a-z][a-z-]{1,60})/)?.[1];
  // Hardware tags do not tell the size: "Read at addr 02ff... by task a/42".
  const access = reader.first(
    /(Read|Write)(?: of size (\d{1,12}))? (?:at|by) (?:addr |task )?(?:(?:0x)?([0-9a-f]{1,16}) by (?:task (.{1,64})\/(\d{1,10})|cpu (\d{1,5})))?/,
  );
  // mm/kasan/report.c as of 6.1: "Free of addr ffff... by task a/42"
  const free = reader.first(/Free of addr (?:0x)?([0-9a-f]{8,16}) by task (.{1,64})\/(\d{1,10})/);
  // before 4.12: "double-free on address ffff...", "Read of size 8 by task a/42"
  const oldTask = reader.first(/(?:Read|Write) of size \d{1,12} by task (.{1,64})\/(\d{1,10})/);
  const onAddress = reader.first(/KASAN: .{1,60} (?:on|at) (?:address|addr) ?(?:0x)?([0-9a-f]{8,16})/);
  const range = reader.first(/KASAN: .{1,60} in range \[0x([0-9a-f]{16})-0x([0-9a-f]{16})\]/);
  const tags = reader.first(/Pointer tag: \[([0-9a-f]{2})\], memory tag: \[([0-9a-f]{2})\]/);
  const { shadow, marked } = readShadow(reader);
  const kind: KasanDetails['access'] =
    access?.[1] === 'Read' ? 'read' : access?.[1] === 'Write' ? 'write' : free === undefined ? undefined : 'free';
  const from = address(range?.[1]);
  const to = address(range?.[2]);
  return {
    of: 'kasan',
    bug: word(bug) ?? 'unknown',
    ...known('access', kind),
    ...known('size', decimal(access?.[2])),
    ...known('address', address(access?.[3] ?? free?.[1] ?? onAddress?.[1])),
    ...known('task', word(access?.[4] ?? free?.[2] ?? oldTask?.[1])),
    ...known('pid', decimal(access?.[5] ?? free?.[3] ?? oldTask?.[2])),
    ...known('cpu', decimal(access?.[6])),
    ...known('object', readObject(reader)),
    ...known('variable', readVariable(reader)),
    ...known('stack', readStack(reader)),
    ...known('pointerTag', hexadecimal(tags?.[1])),
    ...known('memoryTag', hexadecimal(tags?.[2])),
    ...known('range', from === undefined || to === undefined ? undefined : { from, to }),
    ...known('shadow', shadow),
    ...known('marked', marked),
    ...known('markedMeaning', tags === undefined ? meaningOf(bug ?? '', shadow, marked) : undefined),
  };
}

/**
 * What KASAN adds to a fault of the processor: which addresses the bad one stands for in its shadow
 * (kasan_non_canonical_hook() in mm/kasan/report.c, since 5.6).
 */
export function kasanRangeDetails(raw: RawReport): KasanDetails | undefined {
  const found = new ReportReader(raw).first(
    /^KASAN: (?:probably |maybe )?([a-z-]{1,40}) in range \[0x([0-9a-f]{16})-0x([0-9a-f]{16})\]/,
  );
  const from = address(found?.[2]);
  const to = address(found?.[3]);
  if (from === undefined || to === undefined) return undefined;
  return { of: 'kasan', bug: word(found?.[1]) ?? 'unknown', range: { from, to } };
}
