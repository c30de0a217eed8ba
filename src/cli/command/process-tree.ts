import { readdirSync, readFileSync } from 'node:fs';
import { systemCode } from '../errors.ts';

/** What /proc/PID/stat says of where a process belongs. */
interface ProcessPlace {
  readonly id: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** A machine has fewer. */
const mostProcesses = 100_000;

/** Sends a signal to a process, or with a negative number to a group; false if there is none. */
export function sendSignal(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(id, signal);
    return true;
  } catch (error) {
    // EPERM: it is there and somebody else's (sudo).
    return systemCode(error) === 'EPERM';
  }
}

/** The fields behind the program's name, which may hold blanks and brackets (proc_pid_stat(5)). */
export function parseStat(text: string): ProcessPlace | undefined {
  const end = text.lastIndexOf(')');
  const id = Number.parseInt(text, 10);
  const [state, parent, group, session] = text.slice(end + 2).split(' ', 4);
  const place = { id, parent: Number(parent), group: Number(group), session: Number(session) };
  const isWhole = end > 0 && Object.values(place).every((value) => Number.isSafeInteger(value) && value >= 0);
  // A zombie is dead already.
  return isWhole && state !== 'Z' && state !== 'X' ? place : undefined;
}

function allProcesses(): ProcessPlace[] {
  const found: ProcessPlace[] = [];
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    // No Linux: the group is all that is known.
    return found;
  }
  for (const name of names) {
    if (!/^[1-9]\d{0,9}$/.test(name)) continue;
    if (found.length >= mostProcesses) break;
    try {
      const place = parseStat(readFileSync(`/proc/${name}/stat`, 'latin1'));
      if (place !== undefined) found.push(place);
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/** Those of the processes that a leader of a session started, itself included, whatever session they are in now. */
export function familyOf(leader: number, processes: readonly ProcessPlace[]): ProcessPlace[] {
  const children = new Map<number, ProcessPlace[]>();
  for (const place of processes) {
    const siblings = children.get(place.parent);
    if (siblings === undefined) children.set(place.parent, [place]);
    else siblings.push(place);
  }
  const members = new Map<number, ProcessPlace>();
  const queue = processes.filter(({ id, session, group }) => id === leader || session === leader || group === leader);
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    if (members.has(place.id)) continue;
    members.set(place.id, place);
    queue.push(...(children.get(place.id) ?? []));
  }
  return [...members.values()];
}

/** All processes of a command that leads a session of its own: its group, its session, and those that left both. */
export class ProcessTree {
  readonly #leader: number;
  /** Those that were seen to be of it, and may have lost their parents since. */
  readonly #strays = new Set<number>();

  constructor(leader: number) {
    this.#leader = leader;
  }

  /** Sends a signal to all of them. */
  signal(name: NodeJS.Signals): void {
    this.#look();
    sendSignal(-this.#leader, name);
    for (const id of this.#strays) sendSignal(id, name);
  }

  /** True if one of them still runs. */
  get isAlive(): boolean {
    this.#look();
    return this.#strays.size > 0 || hasLiving(this.#leader);
  }

  #look(): void {
    const processes = allProcesses();
    const family = familyOf(this.#leader, processes);
    const alive = new Set(processes.map(({ id }) => id));
    // What was seen before is forgotten with its end: its number may be somebody else's by now.
    for (const id of this.#strays) if (!alive.has(id)) this.#strays.delete(id);
    for (const { id, group } of family) if (group !== this.#leader) this.#strays.add(id);
  }
}

/** Whether somebody of a group is more than a zombie. */
function hasLiving(group: number): boolean {
  const processes = allProcesses();
  return processes.length === 0 ? sendSignal(-group, 0) : processes.some((place) => place.group === group);
}
