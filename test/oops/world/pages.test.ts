import { describeWorld } from './world.ts';

describeWorld('pages', [
  {
    name: 'page alloc fail 6.1 ATOMIC',
    log: `
worker: page allocation failure: order:4, mode:0x40a20(GFP_ATOMIC|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0
@comm
@trace dump_stack_lvl warn_alloc.cold __alloc_pages_slowpath.constprop.0 __alloc_pages __kmalloc_large_node __kmalloc foo_setup[foo] foo_ioctl[foo] __x64_sys_ioctl
@memory`,
    says: `
memory/allocation-failure warning ALLOCATION-FAILURE: page allocation failure in foo_setup
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_setup, frames dump_stack_lvl warn_alloc.cold __alloc_pages_slowpath.constprop.0 __alloc_pages __kmalloc_large_node and 6 more
task {cpu 1, pid 4242, comm worker}
details {of allocation-failure, task worker, order 4, gfp 0x40a20(GFP_ATOMIC|__GFP_COMP), nodemask (null), cpuset /}`,
  },
  {
    name: 'page alloc fail 4.4',
    log: `
kworker/u8:2: page allocation failure: order:1, mode:0x2204020
CPU: 0 PID: 4242 Comm: kworker/u8:2 Not tainted 4.4.0-62-generic #83-Ubuntu
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2014
Workqueue: writeback wb_workfn (flush-8:0)
 0000000000000286 00000000a3b1c2d3 ffff88003d603b28 ffffffff813f7c63
 0000000002204020 0000000000000000 ffff88003d603bb8 ffffffff81195a9a
Call Trace:
 <IRQ>  [<ffffffff813f7c63>] dump_stack+0x63/0x90
 [<ffffffff81195a9a>] warn_alloc_failed+0xfa/0x150
 [<ffffffff811995c0>] __alloc_pages_nodemask+0x300/0xb60
 [<ffffffff811ecb1c>] new_slab+0x22c/0x490
 [<ffffffff816c1a2d>] foo_rx+0x4d/0x190
 <EOI>  [<ffffffff810dbd35>] ? bar_poll+0x25/0x110
Mem-Info:
active_anon:1201 inactive_anon:480312 isolated_anon:0
 active_file:18 inactive_file:40 isolated_file:0
 free:13212 free_pcp:120 free_cma:0
Node 0 DMA free:7944kB min:356kB low:444kB high:532kB active_anon:0kB
lowmem_reserve[]: 0 1946 1946 1946
Node 0 DMA: 2*4kB (UM) 2*8kB (UM) = 7944kB
1412 total pagecache pages
0 pages in swap cache
Swap cache stats: add 0, delete 0, find 0/0
Free swap  = 0kB
Total swap = 0kB
524156 pages RAM
0 pages HighMem/MovableOnly
17066 pages reserved
0 pages cma reserved
0 pages hwpoisoned
SLUB: Unable to allocate memory on node -1 (gfp=0x2080020)
  cache: kmalloc-4096, object size: 4096, buffer size: 4096, default order: 3, min order: 0
  node 0: slabs: 21, objs: 168, free: 0`,
    says: `
memory/allocation-failure warning ALLOCATION-FAILURE: page allocation failure in foo_rx
lines +0 to 0, x86_64, 4.4.0-62-generic
culprit foo_rx, frames dump_stack warn_alloc_failed __alloc_pages_nodemask new_slab foo_rx and 1 more
task {workqueue writeback wb_workfn (flush-8:0), cpu 0, pid 4242, comm kworker/u8:2}
details {of allocation-failure, task kworker/u8:2, order 1, gfp 0x2204020}`,
  },
  {
    name: 'page alloc arm64 6.12',
    log: `
worker: page allocation failure: order:10, mode:0x40dc0(GFP_KERNEL|__GFP_ZERO|__GFP_COMP), nodemask=(null),cpuset=user.slice,mems_allowed=0
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@trace64 show_stack dump_stack_lvl dump_stack warn_alloc __alloc_pages_slowpath.constprop.0 __alloc_pages_noprof ___kmalloc_large_node __kmalloc_noprof foo_setup[foo]
@memory`,
    says: `
memory/allocation-failure warning ALLOCATION-FAILURE: page allocation failure in foo_setup
lines +0 to 0, arm64, 6.12.9-arm64
culprit foo_setup, frames show_stack dump_stack_lvl dump_stack warn_alloc __alloc_pages_slowpath.constprop.0 and 7 more
task {cpu 3, pid 4242, uid 0, comm worker}
details {of allocation-failure, task worker, order 10, gfp 0x40dc0(GFP_KERNEL|__GFP_ZERO|__GFP_COMP), nodemask (null), cpuset user.slice}`,
  },
  {
    name: 'alloc stall 4.14',
    log: `
worker: page allocation stalls for 10012ms, order:0, mode:0x14201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=(null)
worker cpuset=/ mems_allowed=0
CPU: 1 PID: 4242 Comm: worker Not tainted 4.14.0 #1
Hardware name: Acme
@trace4 dump_stack warn_alloc __alloc_pages_slowpath __alloc_pages_nodemask filemap_fault
@memory`,
    says: `
memory/allocation-stall warning ALLOCATION-FAILURE: page allocation stall in filemap_fault
lines +0 to 0, unknown, 4.14.0
culprit filemap_fault, frames dump_stack warn_alloc __alloc_pages_slowpath __alloc_pages_nodemask filemap_fault
task {cpu 1, pid 4242, comm worker}
details {of allocation-failure, task worker, order 0, gfp 0x14201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask (null), stalledMilliseconds 10012}`,
  },
  {
    name: 'vmalloc',
    log: `
worker: vmalloc error: size 68719480832, exceeds total pages, mode:0xdc0(GFP_KERNEL|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0
@comm
@trace dump_stack_lvl warn_alloc.cold __vmalloc_node_range __vmalloc_node bpf_map_area_alloc
@memory`,
    says: `
notice memory/vmalloc-failure: worker: vmalloc error: size 68719480832, exceeds total pages, mode:0xdc0(GFP_KERNEL|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0, lines +0 to -46, details {of allocation-failure, bytes 68719480832}`,
  },
  {
    name: 'bad page state 6.1',
    log: `
BUG: Bad page state in process worker  pfn:104e3a
page:00000000a1b2c3d4 refcount:0 mapcount:-1 mapping:0000000000000000 index:0x7f3c1a2b3 pfn:0x104e3a
memcg:ffff888104a3c000
flags: 0x17ffffc0000800(arch_1|node=0|zone=2|lastcpupid=0x1fffff)
raw: 0017ffffc0000800 dead000000000100 dead000000000122 0000000000000000
raw: 00000007f3c1a2b3 0000000000000000 00000000fffffffe ffff888104a3c000
page dumped because: nonzero mapcount
page_owner tracks the page as allocated
page last allocated via order 0, migratetype Movable, gfp_mask 0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), pid 4100, tgid 4100 (alloc er), ts 81234567890, free_ts 81034567890
@stack post_alloc_hook get_page_from_freelist __alloc_pages foo_fault[foo] do_fault
page last free stack trace:
@stack free_unref_page_prepare free_unref_page __unfreeze_partials
Modules linked in: foo(OE) bar
@comm
@trace dump_stack_lvl bad_page.cold free_pcppages_bulk free_unref_page zap_pte_range`,
    says: `
memory/bad-page-state error UNKNOWN: BUG: Bad page state in foo_fault
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit zap_pte_range, frames dump_stack_lvl bad_page.cold free_pcppages_bulk free_unref_page zap_pte_range and 2 more
stack page-owner, page last allocated via order 0, migratetype Movable, gfp_mask 0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), pid 4100, tgid 4100 (alloc er), ts 81234567890, free_ts 81034567890: post_alloc_hook get_page_from_freelist __alloc_pages foo_fault do_fault
stack page-owner, page last free stack trace:: free_unref_page_prepare free_unref_page __unfreeze_partials
task {cpu 1, pid 4242, comm worker}
details {of bad-page, task worker, pfn 0x104e3a, page 0xa1b2c3d4, referenceCount 0, mapCount -1, mapping 0x0, index 0x7f3c1a2b3, flags 0x17ffffc0000800(arch_1|node=0|zone=2|lastcpupid=0x1fffff), reason nonzero mapcount}`,
  },
  {
    name: 'bad page state 6.12',
    log: `
BUG: Bad page state in process worker  pfn:104e3a
page: refcount:0 mapcount:0 mapping:0000000000000000 index:0x1 pfn:0x104e3a
flags: 0x17ffffc0000800(arch_1|node=0|zone=2|lastcpupid=0x1fffff)
raw: 0017ffffc0000800 dead000000000100 dead000000000122 0000000000000000
raw: 00000007f3c1a2b3 0000000000000000 00000000fffffffe ffff888104a3c000
page dumped because: PAGE_FLAGS_CHECK_AT_FREE flag(s) set
Modules linked in: foo(OE) bar
@comm12
@trace dump_stack_lvl bad_page.cold free_unref_page foo_free[foo]`,
    says: `
memory/bad-page-state error UNKNOWN: BUG: Bad page state in corrupted
lines +0 to 0, no function to blame was found, x86_64, registers user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_free, frames dump_stack_lvl bad_page.cold free_unref_page foo_free do_syscall_64 and 1 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of bad-page, task worker, pfn 0x104e3a, referenceCount 0, mapCount 0, mapping 0x0, index 0x1, flags 0x17ffffc0000800(arch_1|node=0|zone=2|lastcpupid=0x1fffff), reason PAGE_FLAGS_CHECK_AT_FREE flag(s) set}`,
  },
  {
    name: 'bad page state 4.4',
    log: `
BUG: Bad page state in process worker  pfn:04e3a
page:ffffea0000138e80 count:-1 mapcount:0 mapping:          (null) index:0x0
flags: 0x100000000000000()
page dumped because: nonzero _count
Modules linked in: foo bar
CPU: 0 PID: 4242 Comm: worker Not tainted 4.4.0-62-generic #83-Ubuntu
Hardware name: Acme
 0000000000000286 00000000a3b1c2d3 ffff88003d603b28 ffffffff813f7c63
Call Trace:
 [<ffffffff813f7c63>] dump_stack+0x63/0x90
 [<ffffffff81195a9a>] bad_page.part.65+0xca/0x120
 [<ffffffff811995c0>] get_page_from_freelist+0x8b0/0xa10
 [<ffffffff811995c0>] foo_read+0x8b0/0xa10`,
    says: `
memory/bad-page-state error UNKNOWN: BUG: Bad page state in corrupted
lines +0 to 0, no function to blame was found, x86_64, 4.4.0-62-generic
culprit foo_read, frames dump_stack bad_page.part.65 get_page_from_freelist foo_read
task {cpu 0, pid 4242, comm worker}
details {of bad-page, task worker, pfn 0x4e3a, page 0xffffea0000138e80, referenceCount -1, mapCount 0, mapping 0x0, index 0x0, flags 0x100000000000000(), reason nonzero _count}`,
  },
  {
    name: 'bad page map',
    log: `
BUG: Bad page map in process worker  pte:8000000104e3a867 pmd:10a2b067
page:00000000a1b2c3d4 refcount:1 mapcount:-1 mapping:0000000000000000 index:0x7f3c1a2b3 pfn:0x104e3a
flags: 0x17ffffc0000000(node=0|zone=2|lastcpupid=0x1fffff)
raw: 0017ffffc0000800 dead000000000100 dead000000000122 0000000000000000
raw: 00000007f3c1a2b3 0000000000000000 00000000fffffffe ffff888104a3c000
page dumped because: bad pte
addr:00007f3c1a2b3000 vm_flags:08100073 anon_vma:ffff888104a3c000 mapping:0000000000000000 index:7f3c1a2b3
file:(null) fault:0x0 mmap:0x0 read_folio:0x0
@comm
@trace dump_stack_lvl print_bad_pte.cold zap_pte_range unmap_page_range unmap_vmas exit_mmap`,
    says: `
memory/bad-page-map error UNKNOWN: BUG: Bad page map
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit zap_pte_range, frames dump_stack_lvl print_bad_pte.cold zap_pte_range unmap_page_range unmap_vmas and 3 more
task {cpu 1, pid 4242, comm worker}
details {of bad-page, task worker, pfn 0x104e3a, page 0xa1b2c3d4, referenceCount 1, mapCount -1, mapping 0x0, index 0x7f3c1a2b3, flags 0x17ffffc0000000(node=0|zone=2|lastcpupid=0x1fffff), reason bad pte, pte 0x8000000104e3a867, pmd 0x10a2b067, address 0x7f3c1a2b3000}`,
  },
  {
    name: 'bad page cache',
    log: `
BUG: Bad page cache in process worker  pfn:104e3a
page:00000000a1b2c3d4 refcount:2 mapcount:1 mapping:ffff888104a3c000 index:0x2 pfn:0x104e3a
memcg:ffff888104a3c000
aops:ext4_da_aops ino:c dentry name:"a file"
flags: 0x17ffffc0000036(referenced|uptodate|lru|active|node=0|zone=2|lastcpupid=0x1fffff)
raw: 0017ffffc0000800 dead000000000100 dead000000000122 0000000000000000
raw: 00000007f3c1a2b3 0000000000000000 00000000fffffffe ffff888104a3c000
page dumped because: still mapped when deleted
@comm
@trace dump_stack_lvl filemap_unaccount_folio.cold __filemap_remove_folio truncate_inode_pages_range`,
    says: `
memory/bad-page-cache error UNKNOWN: BUG: Bad page cache in corrupted
lines +0 to 0, no function to blame was found, x86_64, registers user 21, 6.1.0-18-amd64
culprit filemap_unaccount_folio, frames dump_stack_lvl filemap_unaccount_folio.cold __filemap_remove_folio truncate_inode_pages_range do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of bad-page, task worker, pfn 0x104e3a, page 0xa1b2c3d4, referenceCount 2, mapCount 1, mapping 0xffff888104a3c000, index 0x2, flags 0x17ffffc0000036(referenced|uptodate|lru|active|node=0|zone=2|lastcpupid=0x1fffff), reason still mapped when deleted}`,
  },
  {
    name: 'bad rss',
    log: `
BUG: Bad rss-counter state mm:00000000a1b2c3d4 type:MM_ANONPAGES val:12
BUG: non-zero pgtables_bytes on freeing mm: 4096`,
    says: `
memory/bad-rss-counter error UNKNOWN: BUG: Bad rss-counter state
lines +0 to -1, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of mm-counter, mm 00000000a1b2c3d4, counter MM_ANONPAGES, value 12}
memory/page-tables-leaked error UNKNOWN: BUG: non-zero pgtables_bytes on freeing mm: NUM
lines +1 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of mm-counter, counter pgtables_bytes, value 4096}`,
  },
  {
    name: 'bad rss 6.17',
    log: `
BUG: Bad rss-counter state mm:00000000a1b2c3d4 type:MM_FILEPAGES val:-3 Comm:worker Pid:4242`,
    says: `
memory/bad-rss-counter error UNKNOWN: BUG: Bad rss-counter state
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
task {pid 4242, comm worker}
details {of mm-counter, mm 00000000a1b2c3d4, counter MM_FILEPAGES, value -3, task worker, pid 4242}`,
  },
  {
    name: 'hwpoison',
    log: `
Memory failure: 0x104e3a: recovery action for dirty LRU page: Recovered`,
    says: `
notice hardware/memory-failure: Memory failure: 0x104e3a: recovery action for dirty LRU page: Recovered, lines +0 to 0`,
  },
]);
