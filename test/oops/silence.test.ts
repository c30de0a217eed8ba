import { describe, expect, test } from 'vitest';
import { LogAnalysis } from '../../src/oops/log-analysis.ts';
import { isSuppressing, suppressingTexts } from '../../src/oops/suppressed.ts';
import { linesOf } from './helpers.ts';

/** Titles of what is found in lines, written as `linesOf` has them. */
function titles(...written: string[]): string[] {
  const analysis = new LogAnalysis();
  for (const line of linesOf(...written)) analysis.line(line);
  return analysis.finish(written.length).reports.map((r) => r.title);
}

const kernel = (lines: readonly string[]) => lines.map((text, i) => `|${5 + i / 10}|${text}`.replace(/^\|/, 'T1|'));
const nobodys = (lines: readonly string[]) => lines.map((text) => `||${text}`);
const healthy = kernel([
  'Linux version 6.1.0 (a@b) (gcc) #1 SMP',
  'pci 0000:00:1f.2: [8086:2922] type 00',
  'SCSI subsystem initialized',
]);

/** What programs, boot loaders and people write; each alone, and amid a healthy kernel's lines. */
const benign: readonly (readonly [string, readonly string[]])[] = [
  [
    'Trusted Firmware',
    [
      'NOTICE:  BL1: v2.9',
      'INFO:    BL1: Loading BL2',
      'WARNING: BL2: unable to load image id=34 (-2)',
      'PANIC at PC : 0x000000000402f1d8',
      'BACKTRACE: START: assert',
    ],
  ],
  [
    'OP-TEE',
    [
      'I/TC: WARNING: Please check the porting guidelines',
      "E/TC:0 0 Panic 'unhandled pageable abort' at core/arch/arm/kernel/abort.c:584 <abort_handler>",
    ],
  ],
  [
    'U-Boot',
    [
      'U-Boot SPL 2023.01',
      'WARNING: Caches not enabled',
      '"Synchronous Abort" handler, esr 0x96000010, far 0x0',
      'elr: 0000000000086a28 lr : 0000000000086a20',
      'Resetting CPU ...',
    ],
  ],
  [
    'coreboot',
    [
      'coreboot-4.19 romstage starting...',
      'BUG: get_pcidev: requests hidden 00:1f.1',
      "ASSERTION ERROR: file 'src/soc/x.c', line 77",
      'WARNING: CBMEM was already initialized',
    ],
  ],
  [
    'EDK2',
    [
      'ASSERT [DxeCore] Page.c(123): Entry != ((void *) 0)',
      '!!!! X64 Exception Type - 0D(#GP - General Protection)  CPU Apic ID - 00000000 !!!!',
      'RIP  - 000000007E1A2B3C, CS  - 0000000000000038, RFLAGS - 0000000000010202',
    ],
  ],
  [
    'the EFI stub',
    [
      'EFI stub: WARNING: Failed to measure data for event 1',
      'EFI stub: FIRMWARE BUG: kernel image not aligned on 64k boundary',
      'EFI stub: Exiting boot services...',
    ],
  ],
  [
    'little kernel',
    [
      '[10] [KERNEL] welcome to lk',
      'panic (caller 0x8f01a2b3): Could not get a valid heap',
      '[120] aboot_init: BUG: unexpected',
    ],
  ],
  [
    'services',
    [
      'systemd-udevd[123]: WARNING: event queue is full',
      'cloud-init[500]: BUG: this should not happen',
      'init: BUG: service exited',
      'my-app[33]: Kernel panic - not syncing: joke',
    ],
  ],
  [
    'Go',
    [
      'panic: runtime error: invalid memory address or nil pointer dereference [recovered]',
      '[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x18f2d6b]',
      '',
      'goroutine 1 [running]:',
      'main.main()',
      '\t/go/main.go:7 +0x27',
    ],
  ],
  [
    'Go’s runtime',
    [
      'fatal error: runtime: cannot map pages in arena',
      '',
      'runtime stack:',
      'runtime.throw(0x1234)',
      'goroutine 1 [running]:',
      'main.main()',
    ],
  ],
  [
    'Java',
    [
      'WARNING: An illegal reflective access operation has occurred',
      'INFO: Starting service [Tomcat]',
      'INFO: task main:12 blocked for more than a while',
    ],
  ],
  [
    'Python',
    [
      'Traceback (most recent call last):',
      'RuntimeError: BUG: impossible',
      'WARNING:root:foo',
      'INFO:     Started server process [1]',
    ],
  ],
  [
    'Rust',
    [
      "thread 'main' panicked at 'BUG: called `Option::unwrap()` on a `None` value', src/main.rs:2:5",
      'stack backtrace:',
      '   0: rust_begin_unwind',
    ],
  ],
  [
    'a debugger',
    [
      '#0  panic (fmt=0xffffffff82345678 "Attempted to kill init! exitcode=0x%08x\\n") at kernel/panic.c:270',
      '269\t\tpr_emerg("Kernel panic - not syncing: %s\\n", buf);',
    ],
  ],
  [
    'a build',
    [
      'WARNING: modpost: missing MODULE_LICENSE() in drivers/foo.o',
      'kernel/panic.c:12:10: fatal error: asm/foo.h: No such file or directory',
      'WARNING: vmlinux.o(.text+0x1234): Section mismatch in reference from the function foo()',
      'drivers/foo.o: warning: objtool: foo()+0x123: BUG: why am I validating an ignored function?',
      'fatal error: error in backend: Cannot select',
      '/bin/sh: 1: fatal error: x',
    ],
  ],
  [
    'tests',
    [
      '# selftests: lkdtm: BUG.sh',
      "# BUG: saw 'call trace:': ok",
      'TINFO: Kernel panic was expected',
      '    +WARNING: unexpected',
      '[FAILED] BUG: foo',
    ],
  ],
  [
    'mail',
    [
      'Subject: [PATCH] net: fix kernel BUG at net/core/skbuff.c:110',
      'syzbot reported a general protection fault in foo_bar() [1]. This happens',
      'when the socket is closed: BUG: KASAN: use-after-free in foo_bar is seen,',
      'sometimes a WARNING: in bar_baz.',
      '---[ end Kernel panic - not syncing: Fatal exception ]---',
      'Unable to handle kernel NULL pointer dereference is what arm64 says.',
      'INFO: task hung in foo is another title.',
      'The kernel panic - not syncing message is misleading.',
    ],
  ],
  [
    'a tracker',
    [
      'Bug 12345 - kernel BUG at fs/ext4/inode.c:2700!',
      'Bug 12346 - general protection fault: 0000 [#1] SMP on resume',
      'BUG: unable to handle kernel NULL pointer dereference in foo (#1234567)',
      'general protection fault in nf_tables_abort',
      'kernel BUG in ext4_writepages',
      'Comment 3: is it the same as "BUG: soft lockup - CPU#0 stuck for 22s!"?',
      'Unable to handle kernel paging request when booting with nomodeset',
      '* BUG: soft lockup on resume',
    ],
  ],
  [
    'commits',
    [
      '    - [x86] Avoid WARNING: suspicious RCU usage',
      '    panic: fix message',
      '    kernel BUG only once.',
      'BUG: kernel NULL pointer dereference, address: 0 was seen.',
      '    WARNING: suspicious RCU usage is printed.',
      '    - ext4: fix BUG: KASAN: slab-out-of-bounds in ext4_foo',
    ],
  ],
  [
    'documentation',
    [
      'Kernel panic',
      '============',
      'general protection fault handling: see exceptions.rst',
      'UBSAN: undefined behaviour sanity checker',
      'int3: the breakpoint instruction',
      'invalid opcode: the UD2 instruction',
      'divide error: vector 0',
      'PANIC: double fault is fatal',
      'VFS: Busy inodes after unmount is a message',
      'Internal error: Oops is printed by arm',
      'Unhandled fault: something',
      'Alignment trap: see mem_alignment.rst',
      'BUG kmalloc-64 is the cache',
    ],
  ],
  [
    'source code',
    [
      '\tprintk(KERN_EMERG "BUG: foo at %p\\n", x);',
      '\tpr_emerg("Kernel panic - not syncing: %s\\n", buf);',
      '\tprintk("kernel BUG at %s:%d!\\n", file, line);',
      '\t/* BUG: this is racy */',
      '\tint3:',
      '\tputs("Booting the kernel.\\n");',
    ],
  ],
  [
    'shells',
    [
      'if grep -q \'Kernel panic\' /var/log/messages; then echo "panic: found"; fi',
      "+ grep -c 'kernel BUG at' dmesg.log",
      "root@host:~# dmesg | grep 'general protection fault: 0000'",
      "wait_for_prompt: patterns=['Kernel panic', 'BUG:', 'Unable to handle kernel']",
    ],
  ],
  ['settings', ['CONFIG_PANIC_ON_OOPS=y', 'parm:           panic:BUG: what to do (int)', 'kernel.panic_on_oops = 1']],
  [
    'boot loaders',
    ['Welcome to GRUB!', 'Loading Linux 6.1.0-18-amd64 ...', 'Decompressing Linux... Parsing ELF... done.'],
  ],
];

/** Messages of kernels that are well, or that have nothing worse than a driver's trouble. */
const chatter: readonly string[] = [
  'DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address 0!',
  'ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.PCI0.XHC], AE_NOT_FOUND (20220331/dswload2-162)',
  'Command line: root=/dev/sda1 panic=10 oops=panic softlockup_panic=1 hung_task_panic=1',
  'Unknown kernel command line parameters "oops=panic BUG:", will be passed to user space.',
  'spectre_v2: WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible!',
  'dw_dmac 0000:00:1e.0: BUG: Attempted to start non-idle channel',
  'dvb_ca_en50221: dvb_ca adapter 3: BUG: read packet ended before last_fragment encountered',
  'IPv6: BUG: Address fe80::1 on device eth0 is missing its host route.',
  'nx-842: Internal error: no space for header',
  'Internal error: 3',
  'ipmmu-vmsa e67b0000.iommu: Unhandled fault: status 0x00002101 iova 0xfe000000',
  'Unhandled fault: alignment exception (0x011) at 0x00609be8',
  'Alignment trap: foo (123) PC=0x00010458 Instr=0xe5932000 Address=0x00021031 FSR 0x001',
  'BUG: Bad page state: 17 messages suppressed',
  'traps: foo[123] general protection fault ip:7f1 sp:7ff error:0 in libc.so.6[7f0+1000]',
  'mce: [Hardware Error]: Fake kernel panic: injected',
  'audit: type=1400 audit(1700000000.123:4): apparmor="DENIED" profile="BUG: x" comm="panic:"',
  '    # BUG: KASAN: expected but absent',
  '    # warn_test: WARNING: test expects a warning',
  'WARNING: nand: the ECC used on your system is too weak compared to the one required by the NAND chip',
  'mydrv 0000:00:1f.3: WARNING: device link down',
  'WARNING: ',
  'Kernel panic timeout is 30 seconds',
];

describe('no report', () => {
  test.each(benign)('%s', (_, lines) => {
    expect(titles(...nobodys(lines))).toEqual([]);
    expect(titles(...healthy, ...nobodys(lines), ...healthy.slice(1))).toEqual([]);
    expect(titles(...nobodys(lines.map((l) => `> ${l}`)))).toEqual([]);
  });

  test.each(chatter)('%s', (text) => {
    expect(titles(...kernel([text]))).toEqual([]);
    expect(titles(...healthy, ...kernel([text]), ...healthy.slice(1))).toEqual([]);
    expect(titles(...nobodys([text]))).toEqual([]);
  });

  test('a stack that somebody asked for is not a warning’s', () => {
    const stacks = ['task:init            state:S stack:0     pid:1     ppid:0', 'Call Trace:', ' __schedule+0x1/0x2'];
    expect(titles(...kernel(['foo: WARNING: bar', 'sysrq: Show State', ...stacks]))).toEqual([]);
    expect(titles(...kernel(['foo: WARNING: bar', ...stacks]))).toEqual([]);
  });
});

describe('the environment is to blame', () => {
  test.each([
    'Out of memory: Killed process 812 (syz-executor.0) total-vm:1kB',
    'Memory cgroup out of memory: Kill process 9 (sshd) score 1',
    "lowmemorykiller: Killing 'syz-executor' (12), adj 1",
    'SYZFAIL: SIGBUS at 0x1',
    '[signal SIGBUS: bus error code=0x2 addr=0x1 pc=0x2]',
    'runtime: out of memory: cannot allocate 4194304-byte block',
    'panic: cannot allocate memory',
    'fatal error: runtime: out of memory',
    'unexpected signal during runtime execution',
    'failed to mkdtemp',
    'failed to create temp dir',
    'failed to create thread',
    'failed to start executor',
    'init[1]: segfault at 0 ip 0 sp 0 error 4',
    'init: received segmentation violation',
    '*** stack smashing detected ***: terminated',
  ])('%s', (text) => {
    expect(isSuppressing(text)).toBe(true);
    // Or the scanner, which skips lines that hold none of the texts, would not show it.
    expect([...suppressingTexts, 'panic:', 'fatal error:', 'SYZFAIL:'].some((t) => text.includes(t))).toBe(true);
  });

  test.each(['Out of memory: Killed process 1 (bash)', 'foo[1]: segfault at 0', 'executor started'])(
    'not: %s',
    (text) => {
      expect(isSuppressing(text)).toBe(false);
    },
  );
});
