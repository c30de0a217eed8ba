import type {
  KcsanDetails,
  KfenceDetails,
  KmsanDetails,
  RaceAccess,
  UbsanDetails,
} from '../../model/details-sanitizer.ts';
import type { RawReport } from '../raw-report.ts';
import { address, decimal, known, ReportReader, word } from './reader.ts';

/** mm/kfence/report.c */
export function kfenceDetails(raw: RawReport): KfenceDetails {
  const reader = new ReportReader(raw);
  const headline = reader.first(/KFENCE: ([a-z][a-z -]{1,40}?)(?: in |$)/);
  const bug = headline?.[1] ?? 'unknown';
  const what = reader.first(
    /^ *(?:Out-of-bounds|Use-after-free|Invalid|Corrupted|Invalid free) ?.{0,20}? (?:at|of) 0x([0-9a-f]{8,16})(.{0,160})/,
  );
  const place = /\((\d{1,9})B (left|right) of kfence-#(-?\d{1,6})/.exec(what?.[2] ?? '');
  const number = place?.[3] ?? /kfence-#(-?\d{1,6})/.exec(what?.[2] ?? '')?.[1];
  const object = reader.first(
    /^ *kfence-#(-?\d{1,6})[: ] ?\[?(?:0x)?([0-9a-f]{8,16})-(?:0x)?[0-9a-f]{8,16}[\],] ?size=(\d{1,9}), cache=([^\]\s,]{1,80})/,
  );
  const bytes = /\[((?: (?:0x[0-9a-f]{2}|\.|!)){1,64}) ?/.exec(what?.[2] ?? '')?.[1];
  const access = / (read|write)$/.exec(bug)?.[1];
  const side = place?.[2];
  return {
    of: 'kfence',
    bug,
    ...(access === 'read' || access === 'write' ? { access } : {}),
    ...known('address', address(what?.[1])),
    ...(side === 'left' || side === 'right' ? { side } : {}),
    ...known('distance', decimal(place?.[1])),
    ...known('number', decimal(number ?? object?.[1])),
    ...(object === undefined
      ? {}
      : {
          object: {
            ...known('address', address(object[2])),
            ...known('size', decimal(object[3])),
            ...known('cache', word(object[4])),
          },
        }),
    ...known('corruptedBytes', bytes?.trim().split(' ')),
  };
}

/** mm/kmsan/report.c */
export function kmsanDetails(raw: RawReport): KmsanDetails {
  const reader = new ReportReader(raw);
  const bytes = reader.first(/^ *Bytes? (\d{1,9})(?:-(\d{1,9}))? of (\d{1,9}) (?:is|are) uninitialized/);
  const from = decimal(bytes?.[1]);
  const to = decimal(bytes?.[2] ?? bytes?.[1]);
  const size = decimal(bytes?.[3]);
  return {
    of: 'kmsan',
    bug: word(reader.first(/KMSAN: ([a-z][a-z-]{1,60})/)?.[1]) ?? 'unknown',
    ...known('bytes', from === undefined || to === undefined || size === undefined ? undefined : { from, to, size }),
    ...known(
      'address',
      address(reader.first(/^ *Memory access of size \d{1,9} starts at (?:0x)?([0-9a-f]{8,16})/)?.[1]),
    ),
    ...known('userAddress', address(reader.first(/^ *Data copied to user address (?:0x)?([0-9a-f]{8,16})/)?.[1])),
    ...known('variable', word(reader.first(/^ *Local variable (\S{1,120}) (?:created|declared)/)?.[1])),
  };
}

/** get_access_type() in kernel/kcsan/report.c: `read-write`, `write (marked)`, `assert no accesses` ... */
const raceLine =
  /^ *(?:race at unknown origin, with )?((?:read|write|assert no)[a-z -]{0,20}?(?: \([a-z, ]{1,40}\))?) to 0x([0-9a-f]{8,16}) of (\d{1,9}) bytes? by (task (\d{1,10})|interrupt) on cpu (\d{1,5})/;

/** kernel/kcsan/report.c */
export function kcsanDetails(raw: RawReport): KcsanDetails {
  const reader = new ReportReader(raw);
  const accesses: RaceAccess[] = [];
  let unknownOrigin = false;
  for (let i = 0; i < reader.lines.length && accesses.length < 2; i++) {
    const found = raceLine.exec(reader.lines[i] ?? '');
    if (found === null) continue;
    unknownOrigin ||= found[0].includes('race at unknown origin');
    const words = found[1] ?? '';
    accesses.push({
      access: words.includes('write') && !words.startsWith('assert') ? 'write' : 'read',
      words: words.split(/[ (),]+/).filter((w) => w !== '' && w !== 'read' && w !== 'write' && w !== 'to'),
      ...known('function', /^ *([A-Za-z_][\w.]{0,200})\+0x/.exec(reader.lines[i + 1] ?? '')?.[1]),
      ...known('address', address(found[2])),
      ...known('size', decimal(found[3])),
      ...known('pid', decimal(found[5])),
      ...known('cpu', decimal(found[6])),
      ...(found[4] === 'interrupt' ? { interrupt: true } : {}),
    });
  }
  const value = reader.first(/^ *value changed: 0x([0-9a-f]{1,16}) -> 0x([0-9a-f]{1,16})/);
  const names = /KCSAN: [a-z: -]{1,40} in (.{1,400})/.exec(reader.headline)?.[1] ?? '';
  return {
    of: 'kcsan',
    functions: names
      .split(' / ')
      .map((name) => /^([A-Za-z_][\w.]{0,200})/.exec(name.trim())?.[1])
      .filter((name) => name !== undefined),
    accesses,
    unknownOrigin,
    ...known('oldValue', address(value?.[1])),
    ...known('newValue', address(value?.[2])),
  };
}

/** lib/ubsan.c */
export function ubsanDetails(raw: RawReport): UbsanDetails {
  const reader = new ReportReader(raw);
  const headline = reader.first(/UBSAN: (.{1,60}?) in ([^\s:]{1,300}):(\d{1,7})(?::(\d{1,5}))?/);
  // With CONFIG_UBSAN_TRAP: `UBSAN: shift out of bounds at foo+0x1/0x2`, on arm64 with the syndrome behind it.
  const trap = reader.first(/UBSAN: ([a-z][a-z/ ]{3,60}?)(?: at |: [0-9a-f]{8,16} \[#|$)/);
  const at = reader.indexOf(/UBSAN: /);
  let message: string | undefined;
  for (let i = at + 1; i < at + 4 && i < reader.lines.length && message === undefined; i++) {
    const text = reader.lines[i]?.trim() ?? '';
    if (/^(?:CPU: |Call Trace|={5,}|-{5,}|Modules linked|Internal error|Oops)/.test(text)) break;
    message = word(text);
  }
  const index = /^index (-?\d{1,20}) is out of range for type '([^']{1,200})'/.exec(message ?? '');
  return {
    of: 'ubsan',
    check: word(headline?.[1] ?? trap?.[1]) ?? 'unknown',
    ...known('file', word(headline?.[2])),
    ...known('line', decimal(headline?.[3])),
    ...known('column', decimal(headline?.[4])),
    ...known('message', message),
    ...known('index', index?.[1]),
    ...known('type', index?.[2] ?? /type '([^']{1,200})'/.exec(message ?? '')?.[1]),
  };
}
