import type {
  BusErrorDetails,
  DebugObjectDetails,
  IrqDetails,
  KernelBugDetails,
  ListCorruptionDetails,
  MachineCheckDetails,
  NetdevReferenceDetails,
  PanicDetails,
  RefcountDetails,
  UserFaultDetails,
  WarningDetails,
} from '../../model/details-other.ts';
import { hex, listed } from './words.ts';

function place(file: string | undefined, line: number | undefined): string | undefined {
  if (file === undefined) return undefined;
  return line === undefined ? file : `${file}:${line}`;
}

/** What the machine check registers say. */
export function machineCheckSentences(details: MachineCheckDetails): string[] {
  const where = [
    details.cpu === undefined ? '' : `CPU ${details.cpu}`,
    details.socket === undefined ? '' : `socket ${details.socket}`,
    details.bank === undefined ? '' : `bank ${details.bank}`,
    details.location ?? '',
  ].filter((each) => each !== '');
  const sentences: string[] = [];
  if (where.length > 0) sentences.push(`Reported by ${where.join(', ')}.`);
  const meanings = (details.fields ?? []).flatMap((field) => (field.meaning === undefined ? [] : [field.meaning]));
  if (details.status !== undefined) {
    sentences.push(`Status ${hex(details.status)}${meanings.length === 0 ? '' : `: ${meanings.join(', ')}`}.`);
  }
  if (details.address !== undefined) sentences.push(`The memory is at physical address ${hex(details.address)}.`);
  if (details.severity !== undefined) sentences.push(`Its severity is ${details.severity}.`);
  if (details.sections && details.sections.length > 0)
    sentences.push(`It says: ${details.sections.slice(0, 3).join('; ')}.`);
  return sentences;
}

/** PCIe and IOMMU errors. */
export function busErrorSentences(details: BusErrorDetails): string[] {
  const device = details.device === undefined ? 'A device' : `Device ${details.device}`;
  const id = details.id === undefined ? '' : ` [${details.id}]`;
  const driver = details.driver === undefined ? '' : ` of driver ${details.driver}`;
  const type = [details.severity, details.type, details.agent].filter((part) => part !== undefined).join(', ');
  const bus = details.bus === 'pcie' ? 'a PCIe error' : 'an IOMMU fault';
  const sentences = [`${device}${id}${driver} reported ${bus}${type === '' ? '' : ` (${type})`}.`];
  if (details.errors.length > 0) sentences.push(`Errors: ${details.errors.join(', ')}.`);
  if (details.address !== undefined) sentences.push(`The address was ${hex(details.address)}.`);
  return sentences;
}

/** An interrupt that no handler took. */
export function irqSentences(details: IrqDetails): string[] {
  const irq = details.irq === undefined ? 'The interrupt' : `Interrupt ${details.irq}`;
  if (details.handlers.length === 0) return [`${irq} has no handler that took it.`];
  return [`${irq} was not taken by its handlers ${listed(details.handlers.slice(0, 4))}.`];
}

/** WARN(): where the check is, what it checks, what it says. */
export function warningSentences(details: WarningDetails): string[] {
  const at = place(details.file, details.line);
  const sentences: string[] = [];
  if (at !== undefined)
    sentences.push(`The check is at ${at}${details.function === undefined ? '' : ` in ${details.function}`}.`);
  if (details.condition !== undefined) sentences.push(`Its condition: ${details.condition}.`);
  if (details.message !== undefined) sentences.push(`It says: ${details.message}`);
  return sentences;
}

/** BUG(): where, and what was said before. */
export function kernelBugSentences(details: KernelBugDetails): string[] {
  const at = place(details.file, details.line);
  return [
    ...(at === undefined ? [] : [`The BUG() is at ${at}.`]),
    ...(details.message === undefined ? [] : [`Before it: ${details.message}`]),
  ];
}

/** List debugging: what pointed where. */
export function listCorruptionSentences(details: ListCorruptionDetails): string[] {
  const sentences = [`The check says: ${details.message}`];
  if (details.poison !== undefined) sentences.push(`The value found is ${details.poison}.`);
  return sentences;
}

const refcountWords: Readonly<Record<RefcountDetails['problem'], string>> = {
  saturated: 'The counter went so high or low that it was frozen.',
  underflow: 'More references were dropped than taken.',
  'use-after-free': 'A reference was taken when the last one was gone.',
  leak: 'A reference was never dropped.',
  other: '',
};

/** A reference counter. */
export function refcountSentences(details: RefcountDetails): string[] {
  const words = refcountWords[details.problem];
  return [...(words === '' ? [] : [words]), `The check says: ${details.message}`];
}

/** Tracked objects (ODEBUG). */
export function debugObjectSentences(details: DebugObjectDetails): string[] {
  const type = details.objectType ?? 'object';
  const at = details.object === undefined ? '' : ` at ${hex(details.object)}`;
  const operation = details.operation ?? 'not told';
  const state = details.state === undefined ? '' : ` in state ${details.state}`;
  const hint = details.hint === undefined ? '' : ` Its function is ${details.hint}.`;
  return [`The operation was ${operation}, on a ${type}${at}${state}.${hint}`];
}

/** Panics: the message in the kernel's own words, and what follows from it. */
export function panicSentences(details: PanicDetails): string[] {
  const sentences = [`The kernel said: ${details.message}`];
  if (details.exitMeaning !== undefined) sentences.push(`That exit code means: ${details.exitMeaning}.`);
  if (details.rootDevice !== undefined) sentences.push(`The root device was to be ${details.rootDevice}.`);
  if (details.partitions) {
    const found = details.partitions.length === 0 ? 'none' : details.partitions.slice(0, 6).join('; ');
    sentences.push(`Partitions found: ${found}.`);
  }
  return sentences;
}

/** A network device that something still holds. */
export function netdevSentences(details: NetdevReferenceDetails): string[] {
  const device = details.device === undefined ? 'The device' : `Device ${details.device}`;
  const held = details.usageCount === undefined ? '' : ` by ${details.usageCount} references`;
  return [`${device} is still held${held}.`];
}

/** Faults of user space. */
export function userFaultSentences(details: UserFaultDetails): string[] {
  const at = details.address === undefined ? '' : ` at address ${hex(details.address)}`;
  const image = details.image === undefined ? '' : ` in ${details.image}`;
  return [`${details.task ?? 'A program'}: ${details.fault}${at}${image}.`];
}
