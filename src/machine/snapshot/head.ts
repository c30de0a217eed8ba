import type { Cpu, RegisterValues } from '../machine.ts';
import type { MemoryRange } from '../qmp/memory-map.ts';
import { listOf, member, numberMember, textMember } from '../qmp/values.ts';
import { machineArchitecture } from '../register-names.ts';
import type { Snapshot } from './snapshot.ts';

/** All of a snapshot but its pages. */
export type SnapshotHead = Omit<Snapshot, 'pages'>;

const mostCpus = 8192;
const mostRegisters = 8192;
const mostEntries = 65_536;

/** As JSON; addresses and values in hex. */
export function encodeHead(head: SnapshotHead): Uint8Array {
  const text = JSON.stringify({
    name: head.name,
    architecture: head.architecture,
    wasRunning: head.wasRunning,
    stoppedMilliseconds: head.stoppedMilliseconds,
    canReadPhysical: head.canReadPhysical,
    memory: head.memory?.map(({ start, end }) => [hex(start), hex(end)]),
    cpus: head.cpus,
    registers: [...head.registers].map(([cpu, values]) => ({
      cpu,
      values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hex(value)])),
    })),
    info: [...head.info].map(([command, text]) => ({ command, text })),
  });
  return Buffer.from(text, 'utf8');
}

/** Undefined if it lacks what a snapshot must have. */
export function decodeHead(contents: Uint8Array): SnapshotHead | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(contents).toString('utf8'));
  } catch {
    return undefined;
  }
  const architecture = textMember(json, 'architecture') ?? '';
  const stopped = member(json, 'stoppedMilliseconds');
  const known = machineArchitecture(architecture);
  const cpus = listOf(member(json, 'cpus'), mostCpus).flatMap(cpuOf);
  if (known === undefined || cpus.length === 0) return undefined;
  return {
    name: textMember(json, 'name') ?? '',
    architecture: known,
    cpus,
    wasRunning: member(json, 'wasRunning') === true,
    stoppedMilliseconds: typeof stopped === 'number' && stopped >= 0 ? stopped : 0,
    canReadPhysical: member(json, 'canReadPhysical') === true,
    memory: Array.isArray(member(json, 'memory'))
      ? listOf(member(json, 'memory'), mostEntries).flatMap(rangeOf)
      : undefined,
    registers: new Map(listOf(member(json, 'registers'), mostCpus).flatMap(registersOf)),
    info: new Map(listOf(member(json, 'info'), mostEntries).flatMap(infoOf)),
  };
}

function hex(value: bigint): string {
  return value.toString(16);
}

function unhex(text: unknown): bigint | undefined {
  return typeof text === 'string' && /^[0-9a-f]{1,512}$/.test(text) ? BigInt(`0x${text}`) : undefined;
}

function cpuOf(value: unknown): Cpu[] {
  const id = numberMember(value, 'id');
  const isHalted = member(value, 'isHalted');
  if (id === undefined) return [];
  return [{ id, thread: textMember(value, 'thread') ?? '', ...(typeof isHalted === 'boolean' ? { isHalted } : {}) }];
}

function rangeOf(value: unknown): MemoryRange[] {
  const [start, end] = listOf(value, 2).map(unhex);
  return start === undefined || end === undefined ? [] : [{ start, end }];
}

function registersOf(value: unknown): [number, RegisterValues][] {
  const cpu = numberMember(value, 'cpu');
  const values = member(value, 'values');
  if (cpu === undefined || typeof values !== 'object' || values === null) return [];
  const known: [string, bigint][] = [];
  for (const [name, text] of Object.entries(values).slice(0, mostRegisters)) {
    const number = unhex(text);
    if (number !== undefined && !name.startsWith('__')) known.push([name, number]);
  }
  return [[cpu, Object.fromEntries(known)]];
}

function infoOf(value: unknown): [string, string | undefined][] {
  const command = textMember(value, 'command');
  return command === undefined ? [] : [[command, textMember(value, 'text')]];
}
