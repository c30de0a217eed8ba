import type {
  AllocationFailureDetails,
  BadPageDetails,
  KmemleakDetails,
  RssCounterDetails,
  SlabDetails,
} from '../../model/details-memory.ts';
import type { RawReport } from '../raw-report.ts';
import { address, decimal, hexadecimal, known, ReportReader, word } from './reader.ts';

/** warn_alloc() in mm/page_alloc.c and its callers in mm/vmalloc.c */
export function allocationFailureDetails(raw: RawReport): AllocationFailureDetails {
  const reader = new ReportReader(raw);
  const head = reader.first(/^ *(.{1,64}?): (?:page allocation (?:failure|stalls)|vmalloc)/);
  const text = head === undefined ? reader.headline : head.input;
  return {
    of: 'allocation-failure',
    ...known('task', word(head?.[1])),
    ...known('order', decimal(/\border:(\d{1,3})/.exec(text)?.[1])),
    ...known('gfp', /\b(?:mode|gfp_mask)[:=](0x[0-9a-f]{1,16}(?:\([A-Za-z_|0-9]{1,300}\))?)/.exec(text)?.[1]),
    ...known('nodemask', /nodemask=([^,\s]{1,60})/.exec(text)?.[1]),
    ...known('cpuset', word(/cpuset=([^,\s]{1,120})/.exec(text)?.[1])),
    ...known('stalledMilliseconds', decimal(/stalls for (\d{1,12})ms/.exec(text)?.[1])),
    ...known('bytes', decimal(/(?:failure: |size )(\d{1,16})/.exec(text)?.[1])),
  };
}

/** bad_page() in mm/page_alloc.c, __dump_page() in mm/debug.c, print_bad_pte() in mm/memory.c */
export function badPageDetails(raw: RawReport): BadPageDetails {
  const reader = new ReportReader(raw);
  const head = reader.first(
    /BUG: Bad page (?:state|map|cache) in process (.{1,64}?) {1,3}(?:pfn:([0-9a-f]{1,16})|pte:([0-9a-f]{1,16}) pmd:([0-9a-f]{1,16}))/,
  );
  const page = reader.first(
    /^ *page: ?(?:(?:0x)?([0-9a-f]{8,16}) )?(?:ref)?count:(-?\d{1,10}) mapcount:(-?\d{1,10})(.{0,120})/,
  );
  const mapping = /mapping:(?:0x)?([0-9a-f]{1,16}|\s*\(null\))/.exec(page?.[4] ?? '')?.[1]?.trim();
  const area = reader.first(/^ *addr:(?:0x)?([0-9a-f]{8,16}) vm_flags:/);
  return {
    of: 'bad-page',
    ...known('task', word(head?.[1])),
    ...known('pfn', address(head?.[2] ?? /pfn:(?:0x)?([0-9a-f]{1,16})/.exec(page?.[4] ?? '')?.[1])),
    ...known('page', address(page?.[1])),
    ...known('referenceCount', decimal(page?.[2])),
    ...known('mapCount', decimal(page?.[3])),
    ...known('mapping', address(mapping)),
    ...known('index', address(/index:(?:0x)?([0-9a-f]{1,16})/.exec(page?.[4] ?? '')?.[1])),
    ...known(
      'flags',
      word(reader.first(/^ *(?:anon |file |ksm )?(?:page )?flags: (0x[0-9a-f]{1,16}(?:\([^)]{0,200}\))?)/)?.[1]),
    ),
    ...known(
      'reason',
      word(
        reader.first(/^ *page dumped because: (.{1,120})/)?.[1] ??
          reader.first(/^ *bad because of flags: (.{1,120})/)?.[1],
      ),
    ),
    ...known('pte', address(head?.[3])),
    ...known('pmd', address(head?.[4])),
    ...known('address', address(area?.[1])),
  };
}

/** check_mm() in kernel/fork.c; `Comm:` and `Pid:` since 6.17 */
export function rssCounterDetails(raw: RawReport): RssCounterDetails {
  const text = raw.headline.text.slice(0, 400);
  const found = /Bad rss-counter state mm:(\S{1,24}) (?:idx:|type:)(\w{1,24}) val:(-?\d{1,16})/.exec(text);
  const tables = /non-zero (\w{1,24}) on freeing mm: (-?\d{1,16})/.exec(text);
  const owner = /Comm:(.{1,64}) Pid:(\d{1,10})/.exec(text);
  return {
    of: 'mm-counter',
    ...known('mm', found?.[1]),
    ...known('counter', found?.[2] ?? tables?.[1]),
    ...known('value', decimal(found?.[3] ?? tables?.[2])),
    ...known('task', word(owner?.[1])),
    ...known('pid', decimal(owner?.[2])),
  };
}

function track(reader: ReportReader, what: 'Allocated' | 'Freed'): SlabDetails['allocatedIn'] {
  const pattern =
    what === 'Allocated'
      ? /^ *(?:INFO: )?Allocated in ([A-Za-z_][\w.]{0,200})\S{0,60}(?: \[\S{1,64}\])? age=(\d{1,16}) cpu=(\d{1,5}) pid=(\d{1,10})/
      : /^ *(?:INFO: )?Freed in ([A-Za-z_][\w.]{0,200})\S{0,60}(?: \[\S{1,64}\])? age=(\d{1,16}) cpu=(\d{1,5}) pid=(\d{1,10})/;
  const found = reader.first(pattern);
  if (found?.[1] === undefined) return undefined;
  return {
    function: found[1],
    ...known('age', decimal(found[2])),
    ...known('cpu', decimal(found[3])),
    ...known('pid', decimal(found[4])),
  };
}

/** check_bytes_and_report() in mm/slub.c; as of 6.15 it stands before the headline: `[Poison overwritten] 0x...-0x...` */
const overwritten =
  /^ *(?:INFO: |\[[\w ]{1,40}\] )?0x([0-9a-f]{8,16})-0x([0-9a-f]{8,16})(?: @offset=\d{1,12})?\. First byte 0x([0-9a-f]{1,2}) instead of 0x([0-9a-f]{1,2})/;

/** slab_bug(), print_trailer(), check_bytes_and_report() in mm/slub.c */
export function slabDetails(raw: RawReport): SlabDetails {
  const reader = new ReportReader(raw);
  const head = reader.first(/^ *BUG (\S.{0,80}?) \((?:Not tainted|Tainted: [^)]{1,80})\): (.{1,160})/);
  const destroyed = reader.first(/^ *kmem_cache_destroy (\S{1,64}): (.{1,80})/);
  const bytes = reader.first(overwritten) ?? reader.nearestBefore(overwritten, 2);
  const object = reader.first(/^ *(?:INFO: )?Object 0x([0-9a-f]{8,16}) @offset=(\d{1,12})/);
  const dump = reader.all(/^ *((?:Bytes b4|Object|Redzone|Padding) {1,3}(?:0x)?[0-9a-f]{8,16}: .{1,120})/, 64);
  const from = address(bytes?.[1]);
  const to = address(bytes?.[2]);
  return {
    of: 'slab',
    ...known('cache', word(head?.[1] ?? destroyed?.[1])),
    ...known('finding', word(head?.[2] ?? destroyed?.[2])),
    ...known('object', address(object?.[1])),
    ...known('objectOffset', decimal(object?.[2])),
    ...known('range', from === undefined || to === undefined ? undefined : { from, to }),
    ...known('found', hexadecimal(bytes?.[3])),
    ...known('expected', hexadecimal(bytes?.[4])),
    ...known('allocatedIn', track(reader, 'Allocated')),
    ...known('freedIn', track(reader, 'Freed')),
    ...(dump.length > 0 ? { dump: dump.map((row) => word(row[1]) ?? '') } : {}),
  };
}

/** print_unreferenced() in mm/kmemleak.c; the age in seconds up to 6.6 */
export function kmemleakDetails(raw: RawReport): KmemleakDetails {
  const reader = new ReportReader(raw);
  const object = reader.first(/^ *unreferenced object (?:\(percpu\) )?(?:0x)?([0-9a-f]{8,16}) \(size (\d{1,16})\)/);
  const who = reader.first(
    /^ *comm "(.{0,64})", pid (-?\d{1,10}), jiffies (\d{1,20})(?: \(age (\d{1,12}(?:\.\d{1,3})?)s\))?/,
  );
  const at = reader.indexOf(/^ *hex dump \(first \d{1,4} bytes/);
  const hexDump: string[] = [];
  for (let i = at + 1; at >= 0 && i < at + 9; i++) {
    const row = /^ *((?:[0-9a-f]{2} ){1,32} ?.{0,40})$/.exec(reader.lines[i] ?? '');
    if (row === null) break;
    hexDump.push(word(row[1]) ?? '');
  }
  const age = who?.[4] === undefined ? undefined : Number(who[4]);
  return {
    of: 'kmemleak',
    ...known('address', address(object?.[1])),
    ...known('size', decimal(object?.[2])),
    ...known('task', word(who?.[1])),
    ...known('pid', decimal(who?.[2])),
    ...known('jiffies', decimal(who?.[3])),
    ...known('ageSeconds', age),
    hexDump,
  };
}
