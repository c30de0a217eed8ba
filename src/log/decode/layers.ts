import type { Item } from './item.ts';
import { takeKmsg } from './kmsg.ts';
import { parsePrintkHead } from './printk.ts';
import { takeJsonLine, takeLavaLine } from './records.ts';
import { levelOf, takeDecode } from './syslog.ts';

/** What a pipe puts before lines, where its form alone tells that no kernel printed it. */
export interface Layer {
  readonly name: string;
  /** The characters it may begin with: most lines need no more than a look at this. */
  readonly starts: string;
  /** Takes itself off `item` and notes what it said; false if it is not there. */
  take(item: Item): boolean;
}

const digits = '0123456789';
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const clock = '[0-2]\\d:[0-5]\\d:[0-6]\\d';
const isoDate = '\\d{4}-[01]\\d-[0-3]\\d';

/** A layer that is nothing but a date; a host and a tag may follow. */
function date(name: string, starts: string, source: string): Layer {
  const regex = new RegExp(`^${source}`);
  return {
    name,
    starts,
    take(item) {
      const m = regex.exec(item.text);
      if (m === null) return false;
      item.take(m[0].length, name);
      item.dated = true;
      return true;
    },
  };
}

/** A layer that says nothing that matters. */
function plain(name: string, starts: string, source: string): Layer {
  const regex = new RegExp(`^${source}`);
  return {
    name,
    starts,
    take(item) {
      const m = regex.exec(item.text);
      if (m === null) return false;
      item.take(m[0].length, name);
      return true;
    },
  };
}

/** What dmesg writes in place of the stamp, which other programs write too. */
function soft(name: string, starts: string, source: string): Layer {
  const regex = new RegExp(`^${source}`);
  return {
    name,
    starts,
    take(item) {
      const m = regex.exec(item.text);
      if (m === null) return false;
      item.take(m[0].length, name);
      const caller = /^\[ {0,10}([TC]\d{1,10})\](?: |$)/.exec(item.text);
      if (caller !== null) {
        item.take(caller[0].length, name);
        item.caller = caller[1];
        item.origin = 'kernel';
      }
      item.soft = name;
      return true;
    },
  };
}

const iso = new RegExp(`^${isoDate}[T ]${clock}(?:([.,])(\\d{1,9}))?(?: ?(?:Z|UTC|[+-]\\d\\d:?\\d\\d))?(?:[ \\t]|$)`);
const cri = /^(stdout|stderr) ([FP])(?::[^ ]{0,64})?(?: |$)/;
const gitlab = /^([0-9a-f]{2}[OE])([ +])/;

const isoLayer: Layer = {
  name: 'iso',
  starts: digits,
  take(item) {
    const m = iso.exec(item.text);
    if (m === null) return false;
    // dmesg --time-format=iso has a comma and microseconds; ours is Python's or log4j's with milliseconds.
    const dmesg = m[1] === ',' && m[2]?.length === 6;
    item.take(m[0].length, dmesg ? 'dmesg-iso' : 'iso');
    if (dmesg) {
      item.soft = 'dmesg-iso';
      const caller = /^\[ {0,10}([TC]\d{1,10})\](?: |$)/.exec(item.text);
      if (caller !== null) {
        item.take(caller[0].length, 'dmesg-iso');
        item.caller = caller[1];
      }
      return true;
    }
    const container = cri.exec(item.text);
    if (container !== null) {
      item.take(container[0].length, 'cri');
      item.stream = `cri ${container[1]}`;
      item.partial = container[2] === 'P';
      return true;
    }
    const job = gitlab.exec(item.text);
    if (job !== null) {
      item.take(job[0].length, 'gitlab');
      item.stream = `gitlab ${job[1]}`;
      item.append = job[2] === '+';
      return true;
    }
    item.dated = true;
    return true;
  },
};

const rfc5424 =
  /^<(\d{1,3})>1 (\S{1,48}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (?:-|(?:\[(?:[^\]\\]|\\.){0,512}\]){1,8})(?: |$)(?:\xef\xbb\xbf)?/;
const rfc5424Layer: Layer = {
  name: 'rfc5424',
  starts: '<',
  take(item) {
    const m = rfc5424.exec(item.text);
    if (m === null) return false;
    const priority = Number(m[1]);
    const [app, pid] = [m[4] ?? '-', m[5] ?? '-'];
    item.take(m[0].length, 'syslog');
    item.level = priority & 7;
    if (app === 'kernel' || (app === '-' && priority < 8)) {
      item.origin = 'kernel';
    } else if (app !== '-' && parsePrintkHead(item.text, 0) === undefined) {
      item.text = pid === '-' ? `${app}: ${item.text}` : `${app}[${pid}]: ${item.text}`;
      item.origin = 'other';
      item.done = true;
    }
    return true;
  },
};

const priorityDate = new RegExp(`^<(\\d{1,3})>(?=${month} [ \\d]\\d |${isoDate}T)`);
const levelTag = /^<([0-7c])>/;
const priorityLayer: Layer = {
  name: 'level',
  starts: '<',
  take(item) {
    const dated = priorityDate.exec(item.text);
    if (dated !== null) {
      item.take(dated[0].length, 'syslog');
      item.level = Number(dated[1]) & 7;
      return true;
    }
    // The level of printk without a stamp: /proc/kmsg and dmesg -r with printk.time=0.
    const m = levelTag.exec(item.text);
    if (m === null) return false;
    item.take(m[0].length, 'level');
    if (m[1] !== 'c') item.level = Number(m[1]);
    item.origin = 'kernel';
    return true;
  },
};

const android: Readonly<Record<string, number>> = { V: 7, D: 7, I: 6, W: 4, E: 3, F: 2, A: 2 };
const logcatThread =
  /^(?:(?:\d{4}-)?[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-6]\d\.\d{3,9}(?: [+-]\d{4})?| {0,8}\d{1,10}\.\d{3,9}) {1,8}(?:[A-Za-z_][\w-]{0,31} {1,8})?\d{1,7} {1,8}\d{1,7} ([VDIWEFA]) ([^:]{0,64}): ?/;
const logcatTime =
  /^(?:[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-6]\d\.\d{3,9} )?([VDIWEFA])\/(?:([^(:]{0,64})\( {0,6}\d{1,7}\)|(kernel {0,16})): ?/;
/** `-v process` has the tag behind the message. */
const logcatProcess = /^([VDIWEFA])\( {0,6}\d{1,7}\) (?=.{0,4096} {2}\(kernel\)$)/;
const logcatLayer: Layer = {
  name: 'logcat',
  starts: `${digits} VDIWEFA`,
  take(item) {
    const process = logcatProcess.exec(item.text);
    if (process !== null) {
      item.take(process[0].length, 'logcat');
      item.text = item.text.slice(0, -'  (kernel)'.length);
      item.level = android[process[1] ?? ''];
      item.origin = 'kernel';
      return true;
    }
    const m = logcatThread.exec(item.text) ?? logcatTime.exec(item.text);
    if (m === null) return false;
    const tag = (m[2] ?? m[3] ?? '').trim();
    // `-b kernel` has the tag `kernel`, or none where the line had no stamp.
    if (tag !== 'kernel' && tag !== '') {
      if (parsePrintkHead(item.text, m[0].length) === undefined) {
        item.origin = 'other';
        item.done = true;
        return true;
      }
    } else {
      item.origin = 'kernel';
    }
    item.take(m[0].length, 'logcat');
    item.level = android[m[1] ?? ''];
    return true;
  },
};

const kernelWord = /^ ?kernel: ?(?=\[ {0,8}\d{1,7}\.\d{2,9}\])/;
const kernelWordLayer: Layer = {
  name: 'kernel:',
  starts: 'k ',
  take(item) {
    const m = kernelWord.exec(item.text);
    if (m === null) return false;
    item.take(m[0].length, 'syslog');
    item.origin = 'kernel';
    return true;
  },
};

const chromeLevel = new RegExp(`^(${'EMERG|ALERT|CRIT|ERR|ERROR|WARNING|WARN|NOTICE|INFO|DEBUG'}) kernel: `);
const levelKernelLayer: Layer = {
  name: 'level kernel:',
  starts: 'EACWNID',
  take(item) {
    const m = chromeLevel.exec(item.text);
    if (m === null) return false;
    item.take(m[0].length, 'syslog');
    item.level = levelOf(m[1] ?? '');
    item.origin = 'kernel';
    return true;
  },
};

/** All of them; the first that fits is taken, then the next from the beginning. */
export const layers: readonly Layer[] = [
  rfc5424Layer,
  priorityLayer,
  { name: 'kmsg', starts: digits, take: takeKmsg },
  logcatLayer,
  isoLayer,
  // short-unix of journalctl, `ts '%.s'`
  date('epoch', digits, '1\\d{9}\\.\\d{1,9}[ \\t]'),
  date('date', 'JFMASOND', `${month} [ \\d]?\\d (?:\\d{4} )?${clock}(?:\\.\\d{1,9})?(?: \\d{4})?:? `),
  date('date', 'MTWFS', `${day},? ${month} [ \\d]\\d ${clock}(?:\\.\\d{1,9})?(?: [A-Z]{2,5})?(?: \\d{4})?:? `),
  date('date', 'MTWFS', `${day} ${isoDate} ${clock}(?:\\.\\d{1,9})?(?: [A-Z+-][\\w+:-]{0,8})? `),
  // TeamCity: `[05:20:12]W:\t [Step 1/2] text`
  plain('teamcity', '[', `\\[${clock}\\][ A-Za-z]?: ?\\t? ?(?:\\[Step [^\\]]{1,64}\\] )?`),
  // minicom, tio, Jenkins' timestamper, `ts '[...]'`
  date('clock', '[', `\\[(?:${isoDate}[T ]|\\d{8}[ -])?${clock}(?:[.,]\\d{1,9})?(?:Z| ?[+-]\\d\\d:?\\d\\d)?\\](?: |$)`),
  // grabserial, and with a wall clock
  plain('grabserial', '[', `\\[ {0,8}(?:\\d{1,10}\\.\\d{6}|${clock}\\.\\d{6}) {1,8}\\d{1,7}\\.\\d{6}\\](?: |$)`),
  soft(
    'dmesg-T',
    '[',
    `\\[${day} ${month} [ \\d]\\d ${clock}(?: [A-Z]{1,5})? \\d{4}(?: <[ +]{0,12}\\d{1,9}\\.\\d{6}>)?\\](?: |$)`,
  ),
  // dmesg -H and -e: `[Nov20 05:20] `, `[  +0.000123] `; --time-format=delta: `[<    0.000123>] `
  soft(
    'dmesg-H',
    '[',
    `\\[(?:${month} ?\\d{1,2} [0-2]\\d:[0-5]\\d(?::[0-6]\\d)?|[ ]{0,10}[+-]\\d{1,9}\\.\\d{6}|<[ +]{0,12}\\d{1,9}\\.\\d{6}>)\\](?: |$)`,
  ),
  { name: 'dmesg-x', starts: 'kumdaslnucf', take: takeDecode },
  // `logcat -v thread`, which leaves the tag out
  plain('logcat', 'VDIWEFA', '[VDIWEFA]\\( {0,4}\\d{1,7}: {0,6}(?:\\d{1,7}|0x[0-9a-f]{1,8})\\) '),
  kernelWordLayer,
  levelKernelLayer,
  plain('fence', '`', '`{3}(?=[\\[<])'),
  { name: 'json', starts: '{d\x1e', take: takeJsonLine },
  { name: 'lava', starts: '-', take: takeLavaLine },
];

/** The layers that can begin with a character, by its code. */
export const layersByStart: readonly (readonly Layer[])[] = Array.from({ length: 128 }, (_, code) =>
  layers.filter((layer) => layer.starts.includes(String.fromCharCode(code))),
);
