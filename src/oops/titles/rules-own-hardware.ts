import { header, type OwnHeader, singleHeader } from './own-header.ts';
import type { TitleRule } from './rule.ts';

const panic = /^Kernel panic - not syncing: /;

/** What the hardware and the firmware report. Corrected errors are notices (src/oops/notices/). */
export const hardwareHeaders: readonly OwnHeader[] = [
  // print_mce() in arch/x86/kernel/cpu/mce/core.c; without "Exception" it is a polled, corrected error.
  // The form with the CPU first is that of arch/x86/kernel/cpu/mce/{p5,winchip}.c.
  header(
    'machine-check',
    'Machine Check Exception',
    /^(?:mce: )?(?:\[Hardware Error\]: )?CPU[ #]?\d{1,5}: Machine Check Exception: {1,3}(?:0x)? *[0-9a-fA-F]/,
    panic,
  ),
  // decode_error_status() in drivers/edac/mce_amd.c, which decodes what print_mce() then does not print.
  header(
    'amd-machine-check',
    '[Hardware Error]: ',
    /^\[Hardware Error\]: (?:System Fatal error|Uncorrected, software (?:restartable|containable) error)\./,
    panic,
  ),
  // machine_check_print_event_info() in arch/powerpc/kernel/mce.c
  header('ppc-machine-check', 'machine check (Severe)', /^MCE: CPU\d{1,5}: .{0,16}machine check \(Severe\)/, panic),
  // cper_estatus_print() in drivers/firmware/efi/cper.c below ghes_print_estatus(), which numbers its lines.
  singleHeader(
    'ghes',
    ']: event severity: ',
    /^\{\d{1,10}\}\[Hardware Error\]: event severity: (?:fatal|recoverable)/,
    panic,
  ),
  // edac_mc_printk() in drivers/edac/edac_mc.c
  singleHeader('edac', ' UE ', /^EDAC MC\d{1,4}: (?:\d{1,10} )?UE /, panic),
  // aer_print_error() in drivers/pci/pcie/aer.c: "Uncorrected (Fatal)", as of 6.13 "Uncorrectable (Fatal)"
  singleHeader(
    'aer',
    'PCIe Bus Error: severity=Uncorrect',
    /^[\w.-]{1,40} [0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]: (?:AER: )?PCIe Bus Error: severity=Uncorrect/,
  ),
  // arch/x86/kernel/nmi.c
  header(
    'nmi',
    ' for reason ',
    /^NMI: (?:PCI system error \(SERR\)|IOCK error \(debug interrupt\?\)|[Mm]emory parity error) for reason [0-9a-f]{2} on CPU/,
    panic,
  ),
  // __report_bad_irq() in kernel/irq/spurious.c
  singleHeader('irq', ': nobody cared ', /^irq \d{1,6}: nobody cared \(try booting with/),
];

const hardware = 'HARDWARE';

export const hardwareRules: readonly TitleRule[] = [
  {
    header: 'machine-check',
    find: /Machine Check Exception: [^\n]{0,40}?Bank (\d{1,3})/,
    title: (match) => `Machine Check Exception: Bank ${match[1] ?? ''}`,
    exempt: true,
    kind: 'hardware/machine-check',
    type: hardware,
  },
  {
    header: 'machine-check',
    find: /Machine Check Exception/,
    title: 'Machine Check Exception',
    exempt: true,
    kind: 'hardware/machine-check',
    type: hardware,
  },
  {
    header: 'amd-machine-check',
    find: /\[Hardware Error\]/,
    needs: /\bMC(\d{1,3})_STATUS\[/,
    title: (_, needed) => `Machine Check Exception: Bank ${needed?.[1] ?? ''}`,
    exempt: true,
    kind: 'hardware/machine-check',
    type: hardware,
  },
  {
    header: 'amd-machine-check',
    find: /\[Hardware Error\]/,
    title: 'Machine Check Exception',
    exempt: true,
    kind: 'hardware/machine-check',
    type: hardware,
  },
  {
    header: 'ppc-machine-check',
    find: /machine check \(Severe\)/,
    title: 'Machine Check Exception',
    exempt: true,
    kind: 'hardware/machine-check',
    type: hardware,
  },
  {
    header: 'ghes',
    find: /event severity: (fatal|recoverable)/,
    needs: /section_type: ([^\n]{1,60})/,
    title: (match, needed) => `Hardware Error: ${match[1] ?? ''} ${needed?.[1]?.trim() ?? ''}`,
    exempt: true,
    kind: (match) => (match[1] === 'fatal' ? 'hardware/ghes-fatal' : 'hardware/ghes-recoverable'),
    type: hardware,
  },
  {
    header: 'ghes',
    find: /event severity: (fatal|recoverable)/,
    title: (match) => `Hardware Error: ${match[1] ?? ''}`,
    exempt: true,
    kind: (match) => (match[1] === 'fatal' ? 'hardware/ghes-fatal' : 'hardware/ghes-recoverable'),
    type: hardware,
  },
  {
    header: 'edac',
    find: /EDAC MC\d{1,4}: (?:\d{1,10} )?UE /,
    title: 'EDAC: uncorrected memory error',
    exempt: true,
    kind: 'hardware/edac-uncorrected',
    type: hardware,
  },
  {
    header: 'aer',
    find: /PCIe Bus Error: severity=(Uncorrect\w{1,8}) \((Non-Fatal|Fatal)\)(?:, type=([\w ]{1,40}))?/,
    title: (match) => `PCIe Bus Error: Uncorrected (${match[2] ?? ''}), ${match[3] ?? 'unknown type'}`,
    exempt: true,
    kind: (match) => (match[2] === 'Fatal' ? 'hardware/aer-fatal' : 'hardware/aer-uncorrected'),
    type: hardware,
  },
  {
    header: 'aer',
    find: /PCIe Bus Error: severity=Uncorrect/,
    title: 'PCIe Bus Error: Uncorrected',
    exempt: true,
    kind: 'hardware/aer-uncorrected',
    type: hardware,
  },
  {
    header: 'nmi',
    find: /NMI: ([^\n]{1,60}?) for reason /,
    title: (match) => `NMI: ${match[1] ?? ''}`,
    exempt: true,
    kind: 'hardware/nmi',
    type: hardware,
  },
  {
    header: 'irq',
    find: /irq \d{1,6}: nobody cared/,
    title: 'irq NUM: nobody cared',
    exempt: true,
    kind: 'hardware/irq-nobody-cared',
    type: 'IRQ',
  },
];
