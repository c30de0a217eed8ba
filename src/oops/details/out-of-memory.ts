import type { MemoryUser, OutOfMemoryDetails } from '../../model/details-memory.ts';
import type { RawReport } from '../raw-report.ts';
import { decimal, known, ReportReader, word } from './reader.ts';

/** Values of `name:123kB` or `name:123` pairs, at most 64. */
function pairs(text: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const found of text.matchAll(/([a-z_]{1,32}):(\d{1,15})(?:kB)?\b/gi)) {
    const value = decimal(found[2]);
    if (found[1] !== undefined && value !== undefined) values[found[1].toLowerCase()] = value;
    if (Object.keys(values).length >= 64) break;
  }
  return values;
}

/** One of `total-vm:1kB, anon-rss:2kB, ...` */
function size(text: string, name: string): number | undefined {
  const at = text.indexOf(`${name}:`);
  return at < 0 ? undefined : decimal(/^\d{1,15}/.exec(text.slice(at + name.length + 1))?.[0]);
}

/**
 * __oom_kill_process(): `Out of memory: Killed process N (comm) total-vm:..kB, ..., UID:0 pgtables:..kB
 * oom_score_adj:0` since 5.1; before, the line that kills has no sizes and `Killed process N (comm) ...` follows.
 */
function victim(text: string): MemoryUser | undefined {
  const found = /Kill(?:ed)? process (\d{1,10}),? (?:UID \d{1,10},? )?\((.{0,64}?)\)(.{0,400})/.exec(text);
  const pid = decimal(found?.[1]);
  if (found === null || pid === undefined) return undefined;
  const rest = found[3] ?? '';
  return {
    pid,
    task: word(found[2]) ?? '',
    ...known('uid', size(rest, 'UID')),
    ...known('totalVm', size(rest, 'total-vm')),
    ...known('anonRss', size(rest, 'anon-rss')),
    ...known('fileRss', size(rest, 'file-rss')),
    ...known('shmemRss', size(rest, 'shmem-rss')),
    ...known('pageTables', size(rest, 'pgtables')),
    ...known('oomScoreAdj', decimal(/oom_score_adj:(-?\d{1,5})/.exec(rest)?.[1])),
  };
}

/** dump_tasks(): the columns changed with 4.15 (pgtables_bytes) and 6.8 (rss_anon, rss_file, rss_shmem). */
function largestTasks(reader: ReportReader): OutOfMemoryDetails['largest'] {
  const head = reader.indexOf(/^ *\[ *pid *\] +uid +tgid +total_vm +rss /);
  if (head < 0) return undefined;
  const tasks: { pid: number; task: string; rssPages: number }[] = [];
  for (let i = head + 1; i < reader.lines.length; i++) {
    const row =
      /^ *\[ *(\d{1,10})\] +\d{1,10} +\d{1,10} +\d{1,15} +(\d{1,15}) +(?:\d{1,20} +){2,8}-?\d{1,5} (.{1,64})$/.exec(
        reader.lines[i] ?? '',
      );
    const pid = decimal(row?.[1]);
    const rssPages = decimal(row?.[2]);
    if (pid === undefined || rssPages === undefined) break;
    tasks.push({ pid, rssPages, task: word(row?.[3]) ?? '' });
  }
  return tasks.length === 0 ? undefined : tasks.sort((a, b) => b.rssPages - a.rssPages).slice(0, 10);
}

function memoryInfo(reader: ReportReader): Record<string, number> | undefined {
  const at = reader.indexOf(/^ *active_anon:\d{1,15} inactive_anon:/);
  if (at < 0) return undefined;
  let values: Record<string, number> = {};
  for (let i = at; i < at + 12; i++) {
    const text = reader.lines[i];
    if (text === undefined || !/^ *[a-z_]{1,32}:\d/.test(text)) break;
    values = { ...values, ...pairs(text) };
  }
  return values;
}

/** dump_header() and oom_kill_process() in mm/oom_kill.c, show_free_areas() in mm/show_mem.c */
export function outOfMemoryDetails(raw: RawReport): OutOfMemoryDetails {
  const reader = new ReportReader(raw);
  const invoked = reader.first(/^ *(.{1,64}) invoked oom-killer: (.{1,600})/);
  const asked = invoked?.[2] ?? '';
  const summary = reader.first(/^ *oom-kill:constraint=CONSTRAINT_(\w{1,24}),(.{1,1000})/);
  const task = reader.first(/^ *Task in (\S{1,400}) killed as a result of limit of (\S{1,400})/);
  const usage = reader.first(/^ *memory: usage (\d{1,15})kB, limit (\d{1,15})kB, failcnt (\d{1,15})/);
  const killed: MemoryUser[] = [];
  for (const found of reader.all(/Kill(?:ed)? process \d{1,10}.{0,600}/, 64)) {
    const user = victim(found[0]);
    if (user === undefined) continue;
    const same = killed.findIndex((other) => other.pid === user.pid);
    // Up to 5.0 the second line of one victim has the sizes.
    if (same >= 0) killed[same] = { ...killed[same], ...user };
    else killed.push(user);
  }
  const [first, ...others] = killed;
  const nodes: { node: number; values: Record<string, number> }[] = [];
  for (const found of reader.all(/^ *Node (\d{1,5}) (active_anon:.{1,1000})/, 64)) {
    const node = decimal(found[1]);
    if (node !== undefined) nodes.push({ node, values: pairs(found[2] ?? '') });
  }
  const usageNumbers = [decimal(usage?.[1]), decimal(usage?.[2]), decimal(usage?.[3])];
  const [used, limit, failures] = usageNumbers;
  const swapFree = decimal(reader.first(/^ *Free swap {1,3}= (\d{1,15})kB/)?.[1]);
  const swapTotal = decimal(reader.first(/^ *Total swap = (\d{1,15})kB/)?.[1]);
  return {
    of: 'out-of-memory',
    ...known('invoker', word(invoked?.[1])),
    ...known('gfp', /gfp_mask=(0x[0-9a-f]{1,16}(?:\([A-Za-z_|0-9]{1,300}\))?)/.exec(asked)?.[1]),
    ...known('order', decimal(/\border=(-?\d{1,3})/.exec(asked)?.[1])),
    ...known('oomScoreAdj', decimal(/oom_score_adj=(-?\d{1,5})/.exec(asked)?.[1])),
    ...known('nodemask', /nodemask=([^,\s]{1,60})/.exec(summary?.[2] ?? asked)?.[1]),
    ...known('constraint', summary?.[1] ?? (task !== undefined || usage !== undefined ? 'MEMCG' : undefined)),
    ...known('cgroup', word(/oom_memcg=([^,]{1,400})/.exec(summary?.[2] ?? '')?.[1] ?? task?.[2])),
    ...(used === undefined || limit === undefined || failures === undefined
      ? {}
      : { cgroupUsage: { usage: used, limit, failures } }),
    ...known('killed', first),
    ...(others.length > 0 ? { alsoKilled: others } : {}),
    ...(nodes.length > 0 ? { nodes } : {}),
    ...known('pages', memoryInfo(reader)),
    ...(swapFree === undefined && swapTotal === undefined
      ? {}
      : { swap: { ...known('free', swapFree), ...known('total', swapTotal) } }),
    ...known('largest', largestTasks(reader)),
  };
}
