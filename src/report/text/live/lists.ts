import type { LiveDocument, LiveTask } from '../../../model/live.ts';
import { printable } from '../../escape.ts';
import type { Painter } from '../style.ts';
import { bytes, hex } from '../words.ts';
import { tableLines } from './columns.ts';
import { cpuDoing, doing, taskName } from './words.ts';

/** The CPUs, a row each. */
export function cpuTable(
  { cpus, locks }: Pick<LiveDocument, 'cpus' | 'locks'>,
  width: number,
  painter: Painter,
): Generator<string> {
  return tableLines(
    { cells: ['CPU', 'STATE', 'TASK'], last: 'DOING' },
    cpus.map((cpu) => ({
      cells: [`${cpu.id}`, `${cpu.state}${cpu.interruptsOff === true ? ', irqs off' : ''}`, taskName(cpu)],
      last: cpuDoing(cpu, locks),
    })),
    width,
    painter,
  );
}

/** Tasks, a row each. */
export function taskTable(tasks: readonly LiveTask[], width: number, painter: Painter): Generator<string> {
  return tableLines(
    { cells: ['PID', 'STATE', 'CPU', 'COMM'], last: 'IN' },
    tasks.map((task) => ({
      cells: [
        `${task.pid}`,
        task.onCpu === true ? `${printable(task.state)} running` : printable(task.state),
        task.cpu === undefined ? '' : `${task.cpu}`,
        printable(task.isKernelThread === true ? `[${task.comm}]` : task.comm),
      ],
      last: doing(task.frames),
    })),
    width,
    painter,
  );
}

/** Modules, a row each. */
export function moduleTable(modules: LiveDocument['modules'], width: number, painter: Painter): Generator<string> {
  return tableLines(
    { cells: ['MODULE', 'ADDRESS', 'SIZE'], last: 'FILE' },
    modules.map(({ name, address, bytes: size, state, file }) => ({
      cells: [printable(name), hex(address), bytes(size)],
      last: printable([...(state === undefined || state === 'live' ? [] : [state]), file?.path ?? '-'].join(', ')),
    })),
    width,
    painter,
  );
}
