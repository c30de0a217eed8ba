import type { BusErrorDetails, IrqDetails, MachineCheckDetails } from '../../model/details-other.ts';
import type { DecodedField } from '../../model/report.ts';
import type { RawReport } from '../raw-report.ts';
import { address, decimal, known, ReportReader, word } from './reader.ts';

/** IA32_MCi_STATUS, the architectural bits: Intel SDM vol. 3B chapter 17.3.2.2, AMD APM vol. 2 chapter 9.3.2. */
const statusBits: readonly (readonly [bigint, string, string, string])[] = [
  [63n, 'VAL', 'the record is valid', 'the record is not valid'],
  [62n, 'OVER', 'an earlier error was lost', ''],
  [61n, 'UC', 'not corrected', 'corrected'],
  [60n, 'EN', 'signalling was enabled', ''],
  [59n, 'MISCV', 'MISC is valid', ''],
  [58n, 'ADDRV', 'the address is valid', ''],
  [57n, 'PCC', 'the state of the processor is lost', ''],
];

/** Compound error codes (SDM vol. 3B 17.9.2): the bits that tell the class, and their value. */
const errorClasses: readonly (readonly [number, number, string])[] = [
  [0xffff, 0x0000, 'no error'],
  [0xffff, 0x0001, 'unclassified error'],
  [0xffff, 0x0005, 'internal parity error'],
  [0xffff, 0x0400, 'internal timer error'],
  [0xfc00, 0x0400, 'internal error'],
  [0xfffc, 0x000c, 'generic cache hierarchy error'],
  [0xfff0, 0x0010, 'TLB error'],
  [0xff80, 0x0080, 'memory controller error'],
  [0xff80, 0x0280, 'memory controller error'],
  [0xff00, 0x0100, 'cache hierarchy error'],
  [0xf800, 0x0800, 'bus or interconnect error'],
];

function errorClass(code: number): string {
  // Bit 12 only says that further reports of the same error were filtered.
  const bits = code & 0xefff;
  return errorClasses.find(([mask, value]) => (bits & mask) === value)?.[2] ?? 'other';
}

function statusFields(status: bigint): readonly DecodedField[] {
  const fields: DecodedField[] = [];
  for (const [bit, name, set, clear] of statusBits) {
    const on = ((status >> bit) & 1n) === 1n;
    const meaning = on ? set : clear;
    fields.push({ name, value: on ? '1' : '0', ...(meaning === '' ? {} : { meaning }) });
  }
  const code = Number(status & 0xffffn);
  fields.push({ name: 'MCACOD', value: `0x${code.toString(16).padStart(4, '0')}`, meaning: errorClass(code) });
  return fields;
}

/** Lines of a CPER record: cper_estatus_print() in drivers/firmware/efi/cper.c */
const recordLine =
  /\[Hardware Error\]: (?: *Error \d{1,4}, type: \w{1,16}| *section_type: .{1,60}| {2,8}[a-z_]{1,32}: .{1,120})/;

/** The lines of the last record before the headline. */
function recordBefore(reader: ReportReader): RegExpExecArray[] {
  const start = reader.before.findLastIndex((text) => /\[Hardware Error\]: event severity: /.test(text));
  return reader.before
    .slice(start)
    .map((text) => recordLine.exec(text))
    .filter((found) => found !== null);
}

/** print_mce() in arch/x86/kernel/cpu/mce/core.c; CPER records of drivers/firmware/efi/cper.c; drivers/edac */
export function machineCheckDetails(raw: RawReport): MachineCheckDetails {
  const reader = new ReportReader(raw);
  const look = (pattern: RegExp): RegExpExecArray | undefined =>
    reader.first(pattern) ?? reader.nearestBefore(pattern, 50);
  const head = look(
    /CPU[ #]?(\d{1,5}): Machine Check(?: Exception)?: {1,3}([0-9a-f]{1,16})(?: Bank (\d{1,3}): ([0-9a-f]{1,16}))?/,
  );
  const values = look(/\[Hardware Error\]: TSC ([0-9a-f]{1,16})(.{0,160})/);
  const processor = look(
    /(PROCESSOR \d{1,3}:[0-9a-f]{1,8} TIME \d{1,12} SOCKET (\d{1,5}) APIC ([0-9a-f]{1,8})(?: microcode ([0-9a-f]{1,8}))?)/,
  );
  // drivers/edac/mce_amd.c: `CPU:3 (17:31:0) MC0_STATUS[Over|UE|...]: 0xfc00280000010135`, then `Error Addr: 0x...`
  const amd = look(
    /\[Hardware Error\]: CPU:(\d{1,5}) \([0-9a-f:]{1,16}\) MC(\d{1,3})_STATUS\[.{0,120}\]: 0x([0-9a-f]{1,16})/,
  );
  const amdAddress = amd === undefined ? undefined : look(/\[Hardware Error\]: Error Addr: 0x([0-9a-f]{1,16})/);
  const status = address(head?.[4] ?? amd?.[3]);
  // A panic is the headline of a fatal one; its record stands before it.
  const severity = look(/\[Hardware Error\]: event severity: (\w{1,16})/)?.[1];
  const record = reader.all(recordLine, 64);
  const sections = record.length > 0 || severity === undefined ? record : recordBefore(reader);
  const edac = reader.first(/EDAC MC\d{1,4}: (?:\d{1,10} )?UE (.{1,300})/)?.[1];
  return {
    of: 'machine-check',
    ...known('cpu', decimal(head?.[1] ?? amd?.[1])),
    ...known('mcgStatus', address(head?.[2])),
    ...known('bank', decimal(head?.[3] ?? amd?.[2])),
    ...known('status', status),
    ...known('tsc', address(values?.[1])),
    ...known('address', address(/ADDR ([0-9a-f]{1,16})/.exec(values?.[2] ?? '')?.[1] ?? amdAddress?.[1])),
    ...known('misc', address(/MISC ([0-9a-f]{1,16})/.exec(values?.[2] ?? '')?.[1])),
    ...known('processor', processor?.[1]),
    ...known('socket', decimal(processor?.[2])),
    ...known('apic', processor?.[3] === undefined ? undefined : Number.parseInt(processor[3], 16)),
    ...known('microcode', processor?.[4]),
    ...known('fields', status === undefined ? undefined : statusFields(status)),
    ...known('severity', severity),
    ...(severity === undefined || sections.length === 0
      ? {}
      : { sections: sections.map((found) => word(found[0].replace(/^\[Hardware Error\]: /, '')) ?? '') }),
    ...known('location', word(edac)),
  };
}

/** aer_print_error() in drivers/pci/pcie/aer.c */
export function busErrorDetails(raw: RawReport): BusErrorDetails {
  const reader = new ReportReader(raw);
  const head = reader.first(
    /^ *([\w.-]{1,40}) ([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]): (?:AER: )?PCIe Bus Error: severity=([A-Za-z() -]{1,32}), type=([\w ]{1,32})(?:, \(?(?:id=[0-9a-f]{4})?\(?([\w ]{1,24})\)?)?/,
  );
  const device = reader.first(/device \[([0-9a-f]{4}:[0-9a-f]{4})\] error status\/mask=([0-9a-f]{8})\/([0-9a-f]{8})/);
  const errors = reader.all(
    /^ *(?:[\w.-]{1,40} [0-9a-f:.]{8,16}: )?(?:AER: )? {1,4}\[ ?(\d{1,2})\] ([\w /-]{1,40}?)(?: *\(First\))?\s*$/,
    32,
  );
  return {
    of: 'bus-error',
    bus: 'pcie',
    ...known('driver', word(head?.[1])),
    ...known('device', head?.[2]),
    ...known('severity', word(head?.[3])),
    ...known('type', word(head?.[4])),
    ...known('agent', word(head?.[5])),
    ...known('id', device?.[1]),
    ...known('status', address(device?.[2])),
    ...known('mask', address(device?.[3])),
    errors: errors.map((found) => word(found[2]) ?? ''),
  };
}

/** kernel/irq/spurious.c */
export function irqDetails(raw: RawReport): IrqDetails {
  const reader = new ReportReader(raw);
  const start = reader.indexOf(/^ *handlers:\s*$/);
  const handlers: string[] = [];
  for (let i = start + 1; start >= 0 && i < start + 33; i++) {
    const found = /^ *\[<?(?:0x)?[0-9a-f]{8,16}>?\] (.{1,200})/.exec(reader.lines[i] ?? '');
    const text = word(found?.[1]);
    if (text === undefined) break;
    handlers.push(text);
  }
  return { of: 'irq', ...known('irq', decimal(reader.first(/^ *irq (\d{1,6}): nobody cared/)?.[1])), handlers };
}
