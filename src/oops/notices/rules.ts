import type { ReportDetails } from '../../model/details.ts';
import { address, decimal, known, word } from '../details/reader.ts';

/** One sort of single-line notice. */
export interface NoticeRule {
  readonly kind: string;
  /** Rare texts of which every such line holds one, for the scanner that skips what has none. */
  readonly literals: readonly string[];
  /** The whole form of the line, anchored at its start. */
  readonly pattern: RegExp;
  /** What to say, where the line as it stands is not good enough. */
  readonly title?: (match: RegExpExecArray) => string;
  readonly details?: (match: RegExpExecArray) => ReportDetails;
}

/** `comm[pid]: segfault at 0 ip 0000 sp 0000 error 4 in image[base+size]` (arch/x86/mm/fault.c) */
const segfault =
  /^(.{1,64})\[(\d{1,10})\]: segfault at ([0-9a-f]{1,16}) ip ([0-9a-f]{1,16}) sp ([0-9a-f]{1,16}) error ([0-9a-f]{1,8})(?: in ([^\s[]{1,200}))?/;
/** `traps: comm[pid] trap divide error ip:.. sp:.. error:0 in image[base+size]` (arch/x86/kernel/traps.c) */
const userTrap =
  /^traps: (.{1,64})\[(\d{1,10})\] (?:trap )?([a-z][a-z0-9 ]{1,40}?) ip:([0-9a-f]{1,16}) sp:([0-9a-f]{1,16}) error:([0-9a-f]{1,8})(?: in ([^\s[]{1,200}))?/;
/** `comm[pid]: unhandled exception: ...` / `unhandled level 2 translation fault (11) at 0x..` (arch/arm64/kernel/traps.c) */
const arm64Fault =
  /^(.{1,64})\[(\d{1,10})\]: (unhandled [a-z][a-zA-Z0-9 :/()-]{1,80}?)(?: \(\d{1,3}\))?(?: at (?:0x)?([0-9a-f]{1,16}))?, (?:ESR|esr) (?:0x)?[0-9a-f]{1,16}/;
/** `comm[pid]: segfault (11) at 0 nip .. lr .. code 1 in image` (powerpc); `unhandled signal 11 code 0x1 at` (riscv) */
const otherFault =
  /^(.{1,64})\[(\d{1,10})\]: ((?:segfault|bus error|unhandled signal|trap) (?:\(\d{1,3}\)|\d{1,3}))(?: code 0x[0-9a-f]{1,8})? at (?:0x)?([0-9a-f]{1,16})/;

function userFault(at: { address?: number; ip?: number; sp?: number; error?: number; image?: number; fault?: number }) {
  return (match: RegExpExecArray): ReportDetails => {
    const group = (index: number | undefined): string | undefined => (index === undefined ? undefined : match[index]);
    return {
      of: 'user-fault',
      fault: word(group(at.fault)) ?? 'segfault',
      ...known('task', word(match[1])),
      ...known('pid', decimal(match[2])),
      ...known('address', address(group(at.address))),
      ...known('ip', address(group(at.ip))),
      ...known('sp', address(group(at.sp))),
      ...known('errorCode', address(group(at.error))),
      ...known('image', word(group(at.image))),
    };
  };
}

/** A PCI function: `0000:00:1c.0`. */
const pci = '[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-9a-f]';

export const noticeRules: readonly NoticeRule[] = [
  {
    kind: 'user/segfault',
    literals: [': segfault at '],
    pattern: segfault,
    title: (m) => `segfault of ${word(m[1]) ?? ''}${m[7] === undefined ? '' : ` in ${word(m[7]) ?? ''}`}`,
    details: userFault({ address: 3, ip: 4, sp: 5, error: 6, image: 7 }),
  },
  {
    kind: 'user/trap',
    literals: ['traps: '],
    pattern: userTrap,
    title: (m) => `${m[3] ?? 'trap'} of ${word(m[1]) ?? ''}${m[7] === undefined ? '' : ` in ${word(m[7]) ?? ''}`}`,
    details: userFault({ fault: 3, ip: 4, sp: 5, error: 6, image: 7 }),
  },
  {
    kind: 'user/segfault',
    literals: [']: unhandled '],
    pattern: arm64Fault,
    title: (m) => `${m[3] ?? 'fault'} of ${word(m[1]) ?? ''}`,
    details: userFault({ fault: 3, address: 4 }),
  },
  {
    kind: 'user/segfault',
    literals: [': segfault (', ': bus error (', ': unhandled signal ', ': trap ('],
    pattern: otherFault,
    title: (m) => `${m[3] ?? 'fault'} of ${word(m[1]) ?? ''}`,
    details: userFault({ fault: 3, address: 4 }),
  },
  // drivers/tty/sysrq.c: "sysrq: Show State"; up to 5.5 "sysrq: SysRq : Show State", before 4.11 "SysRq : ".
  {
    kind: 'trace/sysrq',
    literals: ['sysrq: ', 'SysRq : '],
    pattern:
      /^(?:sysrq: )?(?:SysRq ?: )?(?:Show (?:State|Blocked State|backtrace|Locks Held|Memory|Regs|clockevent|[Pp]ending)|Trigger a crash|Emergency (?:Sync|Remount)|Resetting|Terminate All|Kill All|Manual OOM|Changing Loglevel|Nice All|Power Off|Dump ftrace|Replay kernel logs|Restore frame|SAK|Keyboard mode)/,
  },
  {
    kind: 'trace/nmi-backtrace',
    literals: ['NMI backtrace for cpu '],
    pattern: /^NMI backtrace for cpu \d{1,5}(?: skipped: .{1,200})?$/,
  },
  {
    kind: 'trace/fault-injection',
    literals: ['FAULT_INJECTION: forcing a failure'],
    pattern: /^FAULT_INJECTION: forcing a failure/,
  },
  {
    kind: 'memory/vmalloc-failure',
    literals: ['vmalloc: allocation failure', 'vmalloc error: size ', 'vmap allocation for size '],
    pattern: /^(?:.{1,64}: )?(?:vmalloc: allocation failure: |vmalloc error: size |vmap allocation for size )\d/,
    details: (m) => ({
      of: 'allocation-failure',
      ...known('bytes', decimal(/(?:failure: |size )(\d{1,16})/.exec(m.input)?.[1])),
      ...known('order', decimal(/\border:(\d{1,3})/.exec(m.input)?.[1])),
    }),
  },
  // print_mce() without "Exception": the record was polled or came by a threshold interrupt, and was corrected.
  {
    kind: 'hardware/corrected-error',
    literals: ['Machine Check: '],
    pattern: /^(?:mce: )?\[Hardware Error\]: CPU \d{1,5}: Machine Check: [0-9a-f]{1,16} Bank \d{1,3}: [0-9a-f]{16}/,
  },
  // drivers/edac/mce_amd.c; deferred errors hit data that nobody has used so far
  {
    kind: 'hardware/corrected-error',
    literals: ['error, no action required.'],
    pattern: /^\[Hardware Error\]: (?:Corrected|Deferred) error, no action required\./,
  },
  {
    kind: 'hardware/corrected-error',
    literals: [']: event severity: corrected'],
    pattern: /^\{\d{1,10}\}\[Hardware Error\]: event severity: corrected/,
  },
  // drivers/acpi/apei/bert.c prints its records without the number that GHES gives each.
  {
    kind: 'hardware/previous-boot',
    literals: ['Error records from previous boot', 'BERT: Total records found: '],
    pattern: /^BERT: (?:\[Hardware Error\]: )?(?:Error records from previous boot|Total records found: \d)/,
  },
  {
    kind: 'hardware/edac-corrected',
    literals: [' CE '],
    pattern: /^EDAC MC\d{1,4}: (?:\d{1,10} )?CE /,
  },
  {
    kind: 'hardware/aer-corrected',
    literals: ['PCIe Bus Error: severity=Correct'],
    pattern: new RegExp(`^[\\w.-]{1,40} ${pci}: (?:AER: )?PCIe Bus Error: severity=Correct(?:ed|able), type=`),
  },
  {
    kind: 'hardware/nmi-unknown',
    literals: ['NMI received for unknown reason'],
    pattern: /^Uhhuh\. NMI received for unknown reason [0-9a-f]{2} on CPU \d/,
  },
  {
    kind: 'hardware/thermal',
    literals: [' temperature above threshold'],
    pattern: /^(?:mce: |thermal_sys: )?CPU\d{1,5}: (?:Core|Package) temperature (?:is )?above threshold/,
  },
  // drivers/iommu/intel/dmar.c; "DMAR:[DMA Read]" up to 5.x
  {
    kind: 'hardware/iommu-fault',
    literals: ['] Request device ['],
    pattern: /^DMAR: ?\[(?:DMA|INTR)[A-Za-z _-]{0,24}\] Request device \[/,
  },
  {
    kind: 'hardware/iommu-fault',
    literals: ['Event logged [IO_PAGE_FAULT'],
    pattern: new RegExp(`^(?:[\\w.-]{1,40} (?:${pci}): )?AMD-Vi: Event logged \\[IO_PAGE_FAULT`),
  },
  {
    kind: 'hardware/iommu-fault',
    literals: ['Unhandled context fault: fsr='],
    pattern: /^arm-smmu [\w.:-]{1,40}: Unhandled context fault: fsr=0x[0-9a-f]/,
  },
  {
    kind: 'hardware/memory-failure',
    literals: ['Memory failure: 0x'],
    pattern: /^Memory failure: 0x[0-9a-f]{1,16}: (?:recovery action for|Sending SIGBUS to|Killing) /,
  },
  {
    kind: 'hardware/clocksource-unstable',
    literals: ["' as unstable because the skew is too large", 'Clocksource tsc unstable'],
    pattern:
      /^(?:clocksource: )?(?:timekeeping watchdog(?: on CPU ?\d{1,5})?: Marking clocksource '[\w-]{1,32}' as unstable|Clocksource tsc unstable)/,
  },
  {
    kind: 'hang/workqueue-hog',
    literals: [' hogged CPU for >'],
    pattern: /^workqueue: \S{1,160}(?: \[\S{1,64}\])? hogged CPU for >\d{1,12}us \d{1,10} times/,
  },
  {
    kind: 'hang/rt-throttling',
    literals: ['RT throttling activated'],
    pattern: /^(?:sched: |\[sched_delayed\] sched: )?(?:sched: )?RT throttling activated/,
  },
  {
    kind: 'filesystem/error',
    literals: ['-fs error (device '],
    pattern: /^EXT[234]-fs error \(device [^)\s]{1,32}\): /,
  },
  {
    kind: 'filesystem/error',
    literals: ['BTRFS critical (device ', 'BTRFS: error (device ', 'BTRFS error (device '],
    pattern: /^BTRFS(?::)? (?:critical|error) \(device [^)]{1,40}\)(?::| in )/,
  },
  {
    kind: 'filesystem/error',
    literals: ['): Metadata corruption detected at ', '): Metadata CRC error detected at ', '): Internal error '],
    pattern: /^XFS \([^)\s]{1,32}\): (?:Metadata (?:corruption|CRC error) detected at |Internal error )/,
  },
  {
    kind: 'filesystem/shutdown',
    literals: ['): Remounting filesystem read-only', 'forced readonly'],
    pattern:
      /^(?:EXT[234]-fs \([^)\s]{1,32}\): Remounting filesystem read-only|BTRFS info \(device [^)]{1,40}\)(?: in \S{1,60})?: forced readonly)/,
  },
  {
    kind: 'filesystem/shutdown',
    literals: ['Filesystem has been shut down', 'Shutting down filesystem', 'has been shut down due to'],
    pattern: /^XFS \([^)\s]{1,32}\): (?:.{0,60}Shutting down filesystem|.{0,40}[Ff]ilesystem has been shut down)/,
  },
];
