import { describeWorld } from './world.ts';

describeWorld('hardware', [
  {
    name: 'mce fatal',
    log: `
mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 1: be00000000800400
mce: [Hardware Error]: RIP !INEXACT! 10:<ffffffff81a2b3c4> {native_safe_halt+0x12/0x20}
mce: [Hardware Error]: TSC 1a2b3c4d5e ADDR ffffffff81a2b3c4 MISC ffffffff81a2b3c4 
mce: [Hardware Error]: PROCESSOR 0:306d4 TIME 1700000000 SOCKET 0 APIC 6 microcode 2b
mce: [Hardware Error]: Run the above through 'mcelog --ascii'
mce: [Hardware Error]: CPU 0: Machine Check Exception: 5 Bank 4: b200000000100402
mce: [Hardware Error]: RIP !INEXACT! 10:<ffffffff81a2b3c4> {foo_mmio+0x12/0x20}
mce: [Hardware Error]: TSC 1a2b3c4d60 
mce: [Hardware Error]: PROCESSOR 0:306d4 TIME 1700000000 SOCKET 0 APIC 0 microcode 2b
mce: [Hardware Error]: Run the above through 'mcelog --ascii'
mce: [Hardware Error]: Machine check: Processor context corrupt
Kernel panic - not syncing: Fatal machine check
Kernel Offset: disabled
---[ end Kernel panic - not syncing: Fatal machine check ]---`,
    says: `
panic/machine-check fatal DoS: kernel panic: Fatal machine check
lines +0 to 0, no stack has frames, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of machine-check, cpu 3, mcgStatus 0x5, bank 1, status 0xbe00000000800400, tsc 0x1a2b3c4d5e, address 0xffffffff81a2b3c4, misc 0xffffffff81a2b3c4, processor PROCESSOR 0:306d4 TIME 1700000000 SOCKET 0 APIC 6 microcode 2b, socket 0, apic 6, microcode 2b, fields 8 of them}
panic Fatal machine check`,
  },
  {
    name: 'mce no panic line',
    log: `
mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 1: be00000000800400
mce: [Hardware Error]: RIP !INEXACT! 10:<ffffffff81a2b3c4> {native_safe_halt+0x12/0x20}
mce: [Hardware Error]: TSC 1a2b3c4d5e ADDR 81a2b3c4 MISC 86 PPIN 1234567890abcdef 
mce: [Hardware Error]: PROCESSOR 0:306d4 TIME 1700000000 SOCKET 0 APIC 6 microcode 2b`,
    says: `
hardware/machine-check error HARDWARE: Machine Check Exception: Bank NUM
lines +0 to 0, x86_64, 6.1.0-18-amd64
culprit none, frames none
details {of machine-check, cpu 3, mcgStatus 0x5, bank 1, status 0xbe00000000800400, tsc 0x1a2b3c4d5e, address 0x81a2b3c4, misc 0x86, processor PROCESSOR 0:306d4 TIME 1700000000 SOCKET 0 APIC 6 microcode 2b, socket 0, apic 6, microcode 2b, fields 8 of them}`,
  },
  {
    name: 'mce corrected',
    log: `
mce: [Hardware Error]: Machine check events logged
mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 7: 8c00004000010092
mce: [Hardware Error]: TSC 0 ADDR 1234560 MISC 86 
mce: [Hardware Error]: PROCESSOR 0:306d4 TIME 1700000000 SOCKET 0 APIC 6 microcode 2b`,
    says: `
notice hardware/corrected-error: mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 7: 8c00004000010092, lines +1 to -2`,
  },
  {
    name: 'mce amd',
    log: `
[Hardware Error]: Uncorrected, software restartable error.
[Hardware Error]: CPU:3 (17:31:0) MC0_STATUS[Over|UE|MiscV|AddrV|-|-|UECC|-|Poison|-]: 0xfc00280000010135
[Hardware Error]: Error Addr: 0x00000001234567c0
[Hardware Error]: IPID: 0x000000b000000000
[Hardware Error]: Load Store Unit Ext. Error Code: 1, An ECC error was detected on a data cache read.
[Hardware Error]: cache level: L1, tx: DATA, mem-tx: DRD`,
    says: `
hardware/machine-check error HARDWARE: Machine Check Exception: Bank NUM
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of machine-check, cpu 3, bank 0, status 0xfc00280000010135, address 0x1234567c0, fields 8 of them}`,
  },
  {
    name: 'mce thermal',
    log: `
mce: CPU3: Core temperature above threshold, cpu clock throttled (total events = 12)`,
    says: `
notice hardware/thermal: mce: CPU3: Core temperature above threshold, cpu clock throttled (total events = 12), lines +0 to 0`,
  },
  {
    name: 'ghes fatal',
    log: `
{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 1
{1}[Hardware Error]: event severity: fatal
{1}[Hardware Error]:  Error 0, type: fatal
{1}[Hardware Error]:   section_type: memory error
{1}[Hardware Error]:   error_status: Storage error in DRAM memory (0x0000000000000400)
{1}[Hardware Error]:   physical_address: 0x0000001234567000
{1}[Hardware Error]:   node:0 card:1 module:0 rank:0 bank:5 device:3 row:1234 column:56
{1}[Hardware Error]:   error_type: 3, multi-bit ECC
{1}[Hardware Error]:   DIMM location: CPU1 DIMM_A1
Kernel panic - not syncing: Fatal hardware error!
CPU: 0 PID: 0 Comm: swapper/0 Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
Call Trace:
 <NMI>
@stack dump_stack_lvl panic __ghes_panic.cold ghes_notify_nmi
 </NMI>
---[ end Kernel panic - not syncing: Fatal hardware error! ]---`,
    says: `
panic/machine-check fatal DoS: kernel panic: Fatal hardware error!
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit __ghes_panic, frames dump_stack_lvl panic __ghes_panic.cold ghes_notify_nmi
task {cpu 0, pid 0, comm swapper/0}
details {of machine-check, severity fatal, sections 5 of them}
panic Fatal hardware error!`,
  },
  {
    name: 'ghes recoverable',
    log: `
{12}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 9
{12}[Hardware Error]: event severity: recoverable
{12}[Hardware Error]:  Error 0, type: recoverable
{12}[Hardware Error]:  fru_text: Card01, ChnA, DIMM0
{12}[Hardware Error]:   section_type: PCIe error
{12}[Hardware Error]:   port_type: 4, root port
{12}[Hardware Error]:   version: 3.0
{12}[Hardware Error]:   command: 0x0547, status: 0x4010
{12}[Hardware Error]:   device_id: 0000:00:1c.0
{12}[Hardware Error]:   slot: 0
{12}[Hardware Error]:   secondary_bus: 0x01
{12}[Hardware Error]:   vendor_id: 0x8086, device_id: 0xa110
{12}[Hardware Error]:   class_code: 060400
{12}[Hardware Error]:   bridge: secondary_status: 0x2000, control: 0x0003`,
    says: `
hardware/ghes-recoverable error HARDWARE: Hardware Error: recoverable PCIe error
lines +1 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of machine-check, severity recoverable, sections 11 of them}`,
  },
  {
    name: 'ghes corrected',
    log: `
{3}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 9
{3}[Hardware Error]: It has been corrected by h/w and requires no further action
{3}[Hardware Error]: event severity: corrected
{3}[Hardware Error]:  Error 0, type: corrected
{3}[Hardware Error]:   section_type: memory error
{3}[Hardware Error]:   physical_address: 0x0000001234567000`,
    says: `
notice hardware/corrected-error: {3}[Hardware Error]: event severity: corrected, lines +2 to -3`,
  },
  {
    name: 'arm processor error ghes',
    log: `
{4}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 2
{4}[Hardware Error]: event severity: recoverable
{4}[Hardware Error]:  precise tstamp: 2024-01-02 03:04:05
{4}[Hardware Error]:  Error 0, type: recoverable
{4}[Hardware Error]:   section_type: ARM processor error
{4}[Hardware Error]:   MIDR: 0x00000000410fd0c0
{4}[Hardware Error]:   Multiprocessor Affinity Register (MPIDR): 0x0000000081000000`,
    says: `
hardware/ghes-recoverable error HARDWARE: Hardware Error: recoverable ARM processor error
lines +1 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of machine-check, severity recoverable, sections [Error 0, type: recoverable; section_type: ARM processor error]}`,
  },
  {
    name: 'bert',
    log: `
BERT: Error records from previous boot:
[Hardware Error]: event severity: fatal
[Hardware Error]:  Error 0, type: fatal
[Hardware Error]:   section_type: memory error`,
    says: `
notice hardware/previous-boot: BERT: Error records from previous boot:, lines +0 to -3`,
  },
  {
    name: 'edac ue',
    log: `
EDAC MC0: 1 UE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 (channel:1 slot:0 page:0x12345 offset:0x0 grain:32 -  area:DRAM err_code:0001:0091 socket:0 ha:0 channel_mask:2 rank:0)`,
    says: `
hardware/edac-uncorrected error HARDWARE: EDAC: uncorrected memory error
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of machine-check, location memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 (channel:1 slot:0 page:0x12345 offset:0x0 grain:32 -  area:DRAM err_code:0001:0091 socket:0 ha:0 channel_mask:2 rank:0)}`,
  },
  {
    name: 'edac ce',
    log: `
EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 (channel:1 slot:0 page:0x12345 offset:0x0 grain:32 syndrome:0x0 -  area:DRAM err_code:0001:0091 socket:0 ha:0 channel_mask:2 rank:0)`,
    says: `
notice hardware/edac-corrected: EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 (channel:1 slot:0 page:0x12345 offset:0x0 grain:32 syndrome:0x0 -  area:DRAM err_code:0001:0091 socket:0 ha:0 channel_mask:2 rank:0), lines +0 to 0`,
  },
]);
