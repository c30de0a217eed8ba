import { describeWorld } from './world.ts';

describeWorld('buses and interrupts', [
  {
    name: 'aer 6.1 fatal',
    log: `
pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:01:00.0
nvme 0000:01:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Receiver ID)
nvme 0000:01:00.0:   device [8086:f1a5] error status/mask=00040000/00400000
nvme 0000:01:00.0:    [18] MalfTLP                (First)
nvme 0000:01:00.0: AER:   TLP Header: 60000001 0000000f 00000000 12345678
nvme nvme0: frozen state error detected, reset controller
pcieport 0000:00:1c.0: AER: Root Port link has been reset (0)
pcieport 0000:00:1c.0: AER: device recovery successful`,
    says: `
hardware/aer-fatal error HARDWARE: PCIe Bus Error: Uncorrected (Fatal), Transaction Layer
lines +1 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of bus-error, bus pcie, driver nvme, device 0000:01:00.0, severity Uncorrected (Fatal), type Transaction Layer, agent Receiver ID, id 8086:f1a5, status 0x40000, mask 0x400000, errors [MalfTLP]}`,
  },
  {
    name: 'aer 6.13',
    log: `
pcieport 0000:00:1c.0: AER: Multiple Uncorrectable (Non-Fatal) error message received from 0000:01:00.0
nvme 0000:01:00.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer, (Requester ID)
nvme 0000:01:00.0:   device [8086:f1a5] error status/mask=00104000/00000000
nvme 0000:01:00.0:    [14] CmpltTO                (First)
nvme 0000:01:00.0:    [20] UnsupReq              
nvme 0000:01:00.0: AER:   TLP Header: 0x60000001 0x0000000f 0x00000000 0x12345678
nvme 0000:01:00.0:   Error of this Agent is reported first
pcieport 0000:00:1c.0: AER: device recovery failed`,
    says: `
hardware/aer-uncorrected error HARDWARE: PCIe Bus Error: Uncorrected (Non-Fatal), Transaction Layer
lines +1 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of bus-error, bus pcie, driver nvme, device 0000:01:00.0, severity Uncorrectable (Non-Fatal), type Transaction Layer, agent Requester ID, id 8086:f1a5, status 0x104000, mask 0x0, errors [CmpltTO; UnsupReq]}`,
  },
  {
    name: 'aer old 4.4',
    log: `
pcieport 0000:00:1c.0: AER: Uncorrected (Non-Fatal) error received: id=0100
nvme 0000:01:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, id=0100(Requester ID)
nvme 0000:01:00.0:   device [8086:f1a5] error status/mask=00104000/00000000
nvme 0000:01:00.0:    [20] Unsupported Request    (First)
nvme 0000:01:00.0:   TLP Header: 60000001 0000000f 00000000 12345678
nvme 0000:01:00.0: broadcast error_detected message`,
    says: `
hardware/aer-uncorrected error HARDWARE: PCIe Bus Error: Uncorrected (Non-Fatal), Transaction Layer
lines +1 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of bus-error, bus pcie, driver nvme, device 0000:01:00.0, severity Uncorrected (Non-Fatal), type Transaction Layer, agent Requester ID, id 8086:f1a5, status 0x104000, mask 0x0, errors [Unsupported Request]}`,
  },
  {
    name: 'aer inaccessible',
    log: `
pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:01:00.0
nvme 0000:01:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Inaccessible, (Unregistered Agent ID)`,
    says: `
hardware/aer-fatal error HARDWARE: PCIe Bus Error: Uncorrected (Fatal), Inaccessible
lines +1 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of bus-error, bus pcie, driver nvme, device 0000:01:00.0, severity Uncorrected (Fatal), type Inaccessible, agent Unregistered Agent ID, errors []}`,
  },
  {
    name: 'aer corrected',
    log: `
pcieport 0000:00:1c.0: AER: Corrected error received: 0000:01:00.0
nvme 0000:01:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID)
nvme 0000:01:00.0:   device [8086:f1a5] error status/mask=00000001/00002000
nvme 0000:01:00.0:    [ 0] RxErr                  (First)`,
    says: `
notice hardware/aer-corrected: nvme 0000:01:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID), lines +1 to -2`,
  },
  {
    name: 'aer correctable 6.13+',
    log: `
pcieport 0000:00:1c.0: AER: Correctable error message received from 0000:01:00.0
nvme 0000:01:00.0: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID)
nvme 0000:01:00.0:   device [8086:f1a5] error status/mask=00000001/00002000
nvme 0000:01:00.0:    [ 0] RxErr                  (First)`,
    says: `
notice hardware/aer-corrected: nvme 0000:01:00.0: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID), lines +1 to -2`,
  },
  {
    name: 'dpc',
    log: `
pcieport 0000:00:1c.0: DPC: containment event, status:0x1f01 source:0x0000
pcieport 0000:00:1c.0: DPC: unmasked uncorrectable error detected
pcieport 0000:00:1c.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Receiver ID)
pcieport 0000:00:1c.0:   device [8086:a110] error status/mask=00000020/00000000
pcieport 0000:00:1c.0:    [ 5] SDES                   (First)`,
    says: `
hardware/aer-fatal error HARDWARE: PCIe Bus Error: Uncorrected (Fatal), Transaction Layer
lines +2 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of bus-error, bus pcie, driver pcieport, device 0000:00:1c.0, severity Uncorrected (Fatal), type Transaction Layer, agent Receiver ID, id 8086:a110, status 0x20, mask 0x0, errors [SDES]}`,
  },
  {
    name: 'nmi serr',
    log: `
NMI: PCI system error (SERR) for reason a1 on CPU 0.
Dazed and confused, but trying to continue`,
    says: `
hardware/nmi error HARDWARE: NMI: PCI system error (SERR)
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none`,
  },
  {
    name: 'nmi unknown',
    log: `
Uhhuh. NMI received for unknown reason 2d on CPU 0.
Dazed and confused, but trying to continue`,
    says: `
notice hardware/nmi-unknown: Uhhuh. NMI received for unknown reason 2d on CPU 0., lines +0 to -1`,
  },
  {
    name: 'nmi panic',
    log: `
Uhhuh. NMI received for unknown reason 2d on CPU 0.
Kernel panic - not syncing: NMI: Not continuing
@comm
Call Trace:
 <NMI>
@stack dump_stack_lvl panic nmi_panic.cold unknown_nmi_error.cold default_do_nmi exc_nmi end_repeat_nmi
 </NMI>
---[ end Kernel panic - not syncing: NMI: Not continuing ]---`,
    says: `
panic/nmi fatal DoS: kernel panic: NMI: Not continuing
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit unknown_nmi_error, frames dump_stack_lvl panic nmi_panic.cold unknown_nmi_error.cold default_do_nmi and 2 more
task {cpu 1, pid 4242, comm worker}
details {of panic, message NMI: Not continuing}
panic NMI: Not continuing
notice hardware/nmi-unknown: Uhhuh. NMI received for unknown reason 2d on CPU 0., lines +0 to -14`,
  },
  {
    name: 'irq nobody',
    log: `
irq 16: nobody cared (try booting with the "irqpoll" option)
CPU: 0 PID: 0 Comm: swapper/0 Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
Call Trace:
 <IRQ>
@stack dump_stack_lvl __report_bad_irq note_interrupt.cold handle_irq_event handle_fasteoi_irq __common_interrupt common_interrupt
 </IRQ>
 <TASK>
@stack asm_common_interrupt
RIP: 0010:cpuidle_enter_state+0xde/0x420
Code: 48 89 e5 41 54 53 48 89 fb 48 83 ec 10 <48> 8b 47 18 48 85 c0 74 0a
RSP: 0018:ffffc90000a3bd80 EFLAGS: 00000246
@stack cpuidle_enter do_idle cpu_startup_entry
 </TASK>
handlers:
[<00000000a1b2c3d4>] usb_hcd_irq [usbcore]
[<00000000a1b2c3d4>] foo_isr [foo] threaded [<00000000b1b2c3d4>] foo_thread [foo]
Disabling IRQ #16`,
    says: `
hardware/irq-nobody-cared warning IRQ: irq NUM: nobody cared
lines +0 to 0, x86_64, registers kernel 4, 6.1.0-18-amd64
culprit __common_interrupt, frames dump_stack_lvl __report_bad_irq note_interrupt.cold handle_irq_event handle_fasteoi_irq and 7 more
task {cpu 0, pid 0, comm swapper/0}
details {of irq, irq 16, handlers [usb_hcd_irq [usbcore]; foo_isr [foo] threaded [<00000000b1b2c3d4>] foo_thread [foo]]}`,
  },
  {
    name: 'dmar',
    log: `
DMAR: DRHD: handling fault status reg 2
DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0xdeadb000 [fault reason 0x06] PTE Read access is not set`,
    says: `
notice hardware/iommu-fault: DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0xdeadb000 [fault reason 0x06] PTE Read access is not set, lines +1 to 0`,
  },
]);
