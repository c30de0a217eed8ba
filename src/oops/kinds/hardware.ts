import { family } from './family.ts';

/** arch/x86/kernel/cpu/mce, drivers/acpi/apei, drivers/edac, drivers/pci/pcie/aer.c, kernel/irq/spurious.c */
export const hardwareKinds = family(
  'hardware',
  { severity: 'error', document: 'admin-guide/RAS/main.rst' },
  {
    'machine-check': {
      summary: 'The processor reported a hardware error by a machine check exception.',
      explanation:
        'Bank and status tell which unit saw it (memory controller, cache, bus) and whether the state is lost; ADDR the physical address, if valid. mcelog or rasdaemon decode it, also to a DIMM. Memory, overheating, voltage and firmware are the usual causes.',
      document: 'arch/x86/x86_64/machinecheck.rst',
    },
    'ghes-fatal': {
      summary: 'The firmware reported a fatal hardware error (ACPI APEI).',
      explanation:
        'The record says which section it is: memory (node, card, module), processor, PCIe device. A panic follows mostly. It is hardware, or its firmware.',
      document: 'firmware-guide/acpi/apei/output_format.rst',
    },
    'ghes-recoverable': {
      summary: 'The firmware reported an uncorrected hardware error that can be survived (ACPI APEI).',
      explanation:
        'The record names the memory page or the PCIe device. The kernel takes the page out of use and kills who needs it, or resets the device.',
      document: 'firmware-guide/acpi/apei/output_format.rst',
    },
    'previous-boot': {
      summary: 'The firmware kept an error record from before this boot (BERT).',
      severity: 'notice',
      explanation: 'The record explains why the machine went down the last time; it says nothing about this boot.',
      document: 'firmware-guide/acpi/apei/output_format.rst',
    },
    'edac-uncorrected': {
      summary: 'Memory had an error that ECC could not correct (EDAC UE).',
      explanation: 'The label, row and channel name the DIMM. Its data is lost; replace the module.',
    },
    'edac-corrected': {
      summary: 'Memory had an error that ECC corrected (EDAC CE).',
      severity: 'notice',
      explanation: 'Single ones are normal over months; many at one place tell of a failing module.',
    },
    'aer-fatal': {
      summary: 'A PCIe link had a fatal error.',
      explanation:
        'The device and the error bits (status/mask) are given. The link is reset, and the driver asked to recover; without recovery the device is lost. Bad contacts, signal quality, power and firmware of the device are the usual causes.',
      document: 'PCI/pcieaer-howto.rst',
    },
    'aer-uncorrected': {
      summary: 'A PCIe transaction failed, the link is well.',
      explanation:
        'A transaction was lost: completion timeout, unsupported request, poisoned data. The header of the packet (TLP Header) tells which. Look at the driver of the device too: an access to a register that is not there gives it as well.',
      document: 'PCI/pcieaer-howto.rst',
    },
    'aer-corrected': {
      summary: 'A PCIe link had an error that it corrected by itself.',
      severity: 'notice',
      explanation:
        'Bad packets were sent again. Many of them tell of a bad link; power management (ASPM) may cause it.',
      document: 'PCI/pcieaer-howto.rst',
    },
    'corrected-error': {
      summary: 'The hardware reported an error that it corrected.',
      severity: 'notice',
      explanation: 'A machine check or firmware record of a corrected error. Nothing was lost; count them.',
    },
    'memory-failure': {
      summary: 'A page of memory with a hardware error was taken out of use.',
      severity: 'notice',
      explanation:
        'The line tells what the page was used for and whether it could be recovered; processes that needed it got SIGBUS.',
      document: 'mm/hwpoison.rst',
    },
    nmi: {
      summary: 'The board raised a non-maskable interrupt for a hardware error.',
      explanation:
        'Memory parity or PCI system error (SERR), or an I/O check. The log of the management controller says more.',
    },
    'nmi-unknown': {
      summary: 'A non-maskable interrupt came, and nobody knows why.',
      severity: 'notice',
      explanation:
        'A button or command of the management controller, a performance counter, a watchdog of the board, or noise. With unknown_nmi_panic the kernel stops.',
    },
    'irq-nobody-cared': {
      summary: 'An interrupt came again and again and no driver took it; the line was switched off.',
      severity: 'warning',
      explanation:
        'After 99,900 of 100,000 unhandled interrupts the kernel disables the line, and devices on it stop working. The handlers are listed: one of them does not see its own interrupt, or a device without driver is raising it.',
      document: 'core-api/genericirq.rst',
    },
    thermal: {
      summary: 'A processor became too hot and was slowed down.',
      severity: 'notice',
      explanation: 'Look at the cooling. Time outs and stalls may follow.',
      document: 'driver-api/thermal/index.rst',
    },
    'iommu-fault': {
      summary: 'A device accessed memory that it was not given (IOMMU).',
      severity: 'notice',
      explanation:
        'The access was refused. The device and address are given: a driver that unmaps a buffer too early or a device that uses a stale address; firmware-used devices cause it at boot.',
      document: 'arch/x86/iommu.rst',
    },
    'clocksource-unstable': {
      summary: 'A clock ran differently from the one that watches it, and is no longer used.',
      severity: 'notice',
      explanation: 'Mostly a TSC in a virtual machine or under long interrupts-off times. Timekeeping becomes slower.',
      document: 'timers/timekeeping.rst',
    },
  },
);
