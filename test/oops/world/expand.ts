/**
 * The parts that all reports share, as the kernel prints them, behind short words: a line `@trace foo bar` in the
 * text of a case becomes a whole call trace. All text is made up; the forms are the kernel's.
 */

/** `foo` becomes `foo+0x1c/0x60`; `foo[mod]` gets its module; `?foo` is one that the unwinder does not vouch for. */
function symbol(word: string): string {
  const [, mark = '', name = '', module = ''] = /^(\??)([^[]*)(\[.*\])?$/.exec(word) ?? [];
  const at = name.includes('+') ? name : `${name}+0x1c/0x60`;
  return `${mark === '' ? '' : '? '}${at}${module === '' ? '' : ` ${module}`}`;
}

const frames = (words: readonly string[], indent = ' '): string[] => words.map((w) => `${indent}${symbol(w)}`);

/** lib/dump_stack.c, dump_stack_print_info(): up to 6.10, and since 6.11 (UID), 6.12 (words of taint), 6.15 (PREEMPT). */
const headers = {
  old: [
    'CPU: 1 PID: 4242 Comm: worker Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1',
    'Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024',
  ],
  new: [
    'CPU: 1 UID: 1000 PID: 4242 Comm: worker Tainted: G        W           6.16.3 #7 PREEMPT(full) ',
    'Tainted: [W]=WARN',
    'Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024',
  ],
};

/** arch/x86/kernel/process_64.c, __show_regs() */
const x86Values = [
  'RSP: 0018:ffffc90000a3bd80 EFLAGS: 00010246',
  'RAX: 0000000000000000 RBX: ffff888104a3c000 RCX: 0000000000000000',
  'RDX: 0000000000000001 RSI: ffff888104a3c100 RDI: ffff888104a3c200',
  'RBP: ffffc90000a3bdc0 R08: 0000000000000000 R09: 0000000000000000',
  'R10: 0000000000000000 R11: 0000000000000000 R12: 0000000000000012',
  'R13: ffff888104a3c300 R14: 0000000000000000 R15: 0000000000000000',
  'FS:  00007f3c1a2b3740(0000) GS:ffff88813bd00000(0000) knlGS:0000000000000000',
  'CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033',
  'CR2: 0000000000000018 CR3: 0000000104e3a000 CR4: 0000000000750ee0',
];
const x86Registers = (ip: string): string[] => [
  `RIP: 0010:${symbol(ip)}`,
  'Code: 48 89 e5 41 54 53 48 89 fb 48 83 ec 10 <48> 8b 47 18 48 85 c0 74 0a',
  ...x86Values,
];
const x86User = [
  'RIP: 0033:0x7f3c1a1c5a3d',
  'Code: 5b 41 5c c3 66 0f 1f 84 00 00 00 00 00 f3 0f 1e fa 48 89 f8 <48> 3d 01 f0 ff ff 73 01 c3',
  'RSP: 002b:00007ffd4a0c1e48 EFLAGS: 00000246 ORIG_RAX: 0000000000000010',
  'RAX: ffffffffffffffda RBX: 0000000000000003 RCX: 00007f3c1a1c5a3d',
  'RDX: 0000000000000000 RSI: 0000000000005401 RDI: 0000000000000003',
  'RBP: 00007ffd4a0c1e60 R08: 0000000000000000 R09: 0000000000000000',
  'R10: 0000000000000000 R11: 0000000000000246 R12: 0000000000000001',
  'R13: 0000000000000000 R14: 00007ffd4a0c1f88 R15: 00007f3c1a2f1000',
];

/** arch/arm64/kernel/process.c, __show_regs() */
const arm64Registers = (pc: string, lr: string): string[] => [
  'pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)',
  `pc : ${symbol(pc)}`,
  `lr : ${symbol(lr)}`,
  'sp : ffff80000a5bbc90',
  'x29: ffff80000a5bbc90 x28: ffff0000c4a1d4c0 x27: 0000000000000000',
  'x26: 0000000000000000 x25: 0000000000000000 x24: 0000000000000000',
  'x23: 0000000000000000 x22: 0000000000000000 x21: 0000000000000012',
  'x20: ffff0000c1f2e000 x19: ffff0000c1f2e100 x18: ffffffffffffffff',
  'x17: 0000000000000000 x16: 0000000000000000 x15: 0000000000000000',
  'x14: 0000000000000000 x13: 0000000000000000 x12: 0000000000000000',
  'x11: 0000000000000000 x10: 0000000000001a30 x9 : ffff8000080123ac',
  'x8 : ffff0000c4a1ef50 x7 : 0000000000000000 x6 : 0000000000000000',
  'x5 : 0000000000000000 x4 : 0000000000000000 x3 : 0000000000000000',
  'x2 : 0000000000000000 x1 : 0000000000000018 x0 : 0000000000000000',
];

/** mm/show_mem.c, __show_mem() as of 6.1 */
const memory = [
  'Mem-Info:',
  'active_anon:1201 inactive_anon:480312 isolated_anon:0',
  ' active_file:18 inactive_file:40 isolated_file:0',
  ' unevictable:0 dirty:0 writeback:0',
  ' slab_reclaimable:3551 slab_unreclaimable:7112',
  ' mapped:22 shmem:1312 pagetables:1400',
  ' sec_pagetables:0 bounce:0',
  ' kernel_misc_reclaimable:0',
  ' free:13212 free_pcp:120 free_cma:0',
  'Node 0 active_anon:4804kB inactive_anon:1921248kB active_file:72kB inactive_file:160kB unevictable:0kB isolated(anon):0kB isolated(file):0kB mapped:88kB dirty:0kB writeback:0kB shmem:5248kB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB kernel_stack:2656kB pagetables:5600kB sec_pagetables:0kB all_unreclaimable? yes',
  'Node 0 DMA free:7944kB boost:0kB min:356kB low:444kB high:532kB reserved_highatomic:0KB active_anon:0kB inactive_anon:7368kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:15992kB managed:15360kB mlocked:0kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB',
  'lowmem_reserve[]: 0 1946 1946 1946 1946',
  'Node 0 DMA32 free:44904kB boost:0kB min:44704kB low:55880kB high:67056kB reserved_highatomic:0KB active_anon:4804kB inactive_anon:1913880kB active_file:72kB inactive_file:160kB unevictable:0kB writepending:0kB present:2080632kB managed:2013000kB mlocked:0kB bounce:0kB free_pcp:480kB local_pcp:120kB free_cma:0kB',
  'lowmem_reserve[]: 0 0 0 0 0',
  'Node 0 DMA: 2*4kB (UM) 2*8kB (UM) 1*16kB (M) 1*32kB (U) 1*64kB (U) 1*128kB (U) 0*256kB 1*512kB (M) 1*1024kB (M) 1*2048kB (M) 1*4096kB (M) = 7944kB',
  'Node 0 DMA32: 178*4kB (UME) 171*8kB (UME) 95*16kB (UE) 60*32kB (UE) 41*64kB (UE) 26*128kB (UE) 14*256kB (UE) 7*512kB (UE) 4*1024kB (UE) 1*2048kB (E) 5*4096kB (M) = 44904kB',
  'Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=1048576kB',
  'Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB',
  '1412 total pagecache pages',
  '42 pages in swap cache',
  'Free swap  = 12kB',
  'Total swap = 998396kB',
  '524156 pages RAM',
  '0 pages HighMem/MovableOnly',
  '17066 pages reserved',
  '0 pages hwpoisoned',
];

/** mm/slub.c, print_trailer() of a cache of 64 bytes with poison and red zones */
const slabDump = [
  'Redzone  ffff888103c4e000: bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb  ................',
  'Object   ffff888103c4e040: 6b 6b 6b 6b 6b 6b 6b 6b 00 6b 6b 6b 6b 6b 6b 6b  kkkkkkkk.kkkkkkk',
  'Object   ffff888103c4e050: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.',
  'Redzone  ffff888103c4e080: bb bb bb bb bb bb bb bb                          ........',
  'Padding  ffff888103c4e0e0: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ',
];

const x86Entry = ['do_syscall_64+0x5b/0xc0', 'entry_SYSCALL_64_after_hwframe+0x64/0xce'];
const arm64Entry = ['invoke_syscall+0x78/0x100', 'el0_svc+0x2c/0x84', 'el0t_64_sync+0x14c/0x150'];

const macros: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  cut: () => ['------------[ cut here ]------------'],
  end: () => ['---[ end trace 0000000000000000 ]---'],
  modules: () => ['Modules linked in: foo(OE+) bar libcrc32c [last unloaded: baz]'],
  comm: () => headers.old,
  comm12: () => headers.new,
  regs: ([ip = '']) => x86Registers(ip),
  a64: ([pc = '', lr = '']) => arm64Registers(pc, lr),
  user: () => x86User,
  trace: (words) => ['Call Trace:', ' <TASK>', ...frames([...words, ...x86Entry]), ...x86User, ' </TASK>'],
  ktrace: (words) => ['Call Trace:', ' <TASK>', ...frames([...words, 'kthread', 'ret_from_fork']), ' </TASK>'],
  irqtrace: (words) => ['Call Trace:', ' <IRQ>', ...frames(words), ' </IRQ>'],
  trace4: (words) => ['Call Trace:', ...frames(words)],
  trace64: (words) => ['Call trace:', ...frames([...words, ...arm64Entry])],
  stack: (words) => frames(words),
  stack4: (words) => frames(words, '    '),
  memory: () => memory,
  slab: () => slabDump,
  rule: () => ['=================================================================='],
  slabrule: () => ['============================================================================='],
  dashes: () => ['-----------------------------------------------------------------------------', ''],
};

/** The lines of a report: macros expanded, the others as they stand. */
export function expand(text: string): string[] {
  const lines = text.replace(/^\n/, '').replace(/\n *$/, '').split('\n');
  return lines.flatMap((line) => {
    const [, name = '', rest = ''] = /^@(\w+) ?(.*)$/.exec(line) ?? [];
    const macro = macros[name];
    return macro === undefined ? [line.replaceAll('\\t', '\t')] : macro(rest.split(' ').filter((w) => w !== ''));
  });
}
