import type { Format } from './formats.ts';
import { type Message, stamp } from './message.ts';

function lines(messages: readonly Message[], line: (m: Message) => string): string {
  return messages.map((m) => `${line(m)}\n`).join('');
}

function isTask(m: Message): boolean {
  return m.caller?.startsWith('T') ?? true;
}

function id(m: Message): string {
  return m.caller?.slice(1) ?? '1';
}

/** Vendors' callers; messages without one get task 1. */
function vendor(name: string, line: (m: Message) => string): Format {
  return { name, keeps: 'all', make: (ms) => lines(ms, (m) => line({ ...m, caller: m.caller ?? 'T1' })) };
}

/** Kernels of vendors, which say in their own ways who printed a line. */
export const callerFormats: readonly Format[] = [
  vendor(
    'MediaTek',
    (m) => `<${m.level}>${stamp(m)}${isTask(m) ? ` (2)[${id(m)}:kworker/2:1]` : `-(${id(m)})[0:swapper/0]`}${m.text}`,
  ),
  vendor(
    'MediaTek, a blank before the dash',
    (m) => `${stamp(m)}${isTask(m) ? ` (2)[${id(m)}:init]` : ` -(${id(m)})[0:swapper/0]`}${m.text}`,
  ),
  vendor('Samsung', (m) =>
    isTask(m)
      ? `${stamp(m)}  [0:           init:${id(m).padStart(5)}] ${m.text}`
      : `${stamp(m)} I[${id(m)}:      swapper/0:    0] ${m.text}`,
  ),
  vendor(
    'Samsung, names with colons',
    (m) =>
      `${stamp(m)}${isTask(m) ? ` [0:   kworker/u16:3H:${id(m).padStart(5)}] ` : `I[${id(m)}:      swapper/0:    0] `}${m.text}`,
  ),
  vendor(
    'HiSilicon',
    (m) =>
      `${stamp(m).replace(']', 's]')}${isTask(m) ? `[pid:${id(m)},cpu0,init]` : `[pid:0,cpu${id(m)},in irq]`}${m.text}`,
  ),
  vendor(
    'MediaTek with a wall clock',
    (m) =>
      `${stamp(m)}${isTask(m) ? ` (2)[${id(m)}:init]` : `-(${id(m)})[0:swapper/0]`}[20261120_05:20:12.345678]@0 ${m.text}`,
  ),
  {
    name: 'Amlogic',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${stamp(m).replace(']', '@0]')} ${m.text}`),
  },
  {
    name: 'LG',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${stamp(m).replace(']', ' / 11-20 05:20:12.345]')} ${m.text}`),
  },
  vendor('CPU behind the task', (m) => `${stamp(m)}[${(m.caller ?? '').padStart(6)}@C0] ${m.text}`),
  {
    name: 'Qualcomm',
    keeps: 'callers-lost',
    make: (ms) => lines(ms, (m) => `${stamp(m)} (CPU:0-pid:143:init) ${m.text}`),
  },
];
