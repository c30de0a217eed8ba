import { describeWorld } from './world.ts';

describeWorld('out of memory', [
  {
    name: 'oom global 6.1',
    log: `
worker invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0
@comm
@trace dump_stack_lvl dump_header oom_kill_process.cold out_of_memory __alloc_pages_slowpath.constprop.0 __alloc_pages __folio_alloc vma_alloc_folio do_anonymous_page __handle_mm_fault handle_mm_fault
@memory
Unreclaimable slab info:
Name                      Used          Total
ext4_inode_cache       1024KB       2048KB
kmalloc-1k               640KB       704KB
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[    211]     0   211     8123      210    90112        0          -250 systemd-journal
[    301]   998   301    22412       80    77824      112             0 my daemon
[   4242]  1000  4242  1812312   470312  3891200   240112             0 worker
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice/user-1000.slice,task=worker,pid=4242,uid=1000
Out of memory: Killed process 4242 (worker) total-vm:7249248kB, anon-rss:1881248kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:3800kB oom_score_adj:0
oom_reaper: reaped process 4242 (worker), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB`,
    says: `
memory/oom error OOM: Out of memory: Killed process worker
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit do_anonymous_page, frames dump_stack_lvl dump_header oom_kill_process.cold out_of_memory __alloc_pages_slowpath.constprop.0 and 8 more
task {cpu 1, pid 4242, comm worker}
details {of out-of-memory, invoker worker, gfp 0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order 0, oomScoreAdj 0, nodemask (null), constraint NONE, killed {pid 4242, task worker, uid 1000, totalVm 7249248, anonRss 1881248, fileRss 0, shmemRss 0, pageTables 3800, oomScoreAdj 0}, nodes [{node 0, values 13 of them}], pages 20 of them, swap {free 12, total 998396}, largest [{pid 4242, rssPages 470312, task worker}; {pid 211, rssPages 210, task systemd-journal}; {pid 301, rssPages 80, task my daemon}]}`,
  },
  {
    name: 'oom global 6.12',
    log: `
kswapd helper invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=200
@comm12
@trace dump_stack_lvl dump_header oom_kill_process.cold out_of_memory __alloc_pages_slowpath.constprop.0 __alloc_pages_noprof alloc_pages_mpol_noprof folio_alloc_noprof __filemap_get_folio filemap_fault
@memory
Memory allocations:
     1.02 GiB    81234 mm/memory.c:1063 func:folio_prealloc
      212 MiB    51234 mm/slub.c:2412 func:alloc_slab_page
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[    211]     0   211     8123      210      100      110         0    90112        0          -250 systemd-journal
[   4242]  1000  4242  1812312   470312   470312        0         0  3891200   240112             0 Web Content
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=user.slice,mems_allowed=0,global_oom,task_memcg=/user.slice,task=Web Content,pid=4242,uid=1000
Out of memory: Killed process 4242 (Web Content) total-vm:7249248kB, anon-rss:1881248kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:3800kB oom_score_adj:200`,
    says: `
memory/oom error OOM: Out of memory: Killed process Web Content
lines +0 to 0, x86_64, registers user 21, taint W, 6.16.3, PREEMPT(full)
culprit filemap_fault, frames dump_stack_lvl dump_header oom_kill_process.cold out_of_memory __alloc_pages_slowpath.constprop.0 and 7 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of out-of-memory, invoker kswapd helper, gfp 0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order 0, oomScoreAdj 200, nodemask (null), constraint NONE, killed {pid 4242, task Web Content, uid 1000, totalVm 7249248, anonRss 1881248, fileRss 0, shmemRss 0, pageTables 3800, oomScoreAdj 200}, nodes [{node 0, values 13 of them}], pages 20 of them, swap {free 12, total 998396}, largest [{pid 4242, rssPages 470312, task Web Content}; {pid 211, rssPages 210, task systemd-journal}]}`,
  },
  {
    name: 'oom global 4.9',
    log: `
worker invoked oom-killer: gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=0-1, order=0, oom_score_adj=0
worker cpuset=/ mems_allowed=0-1
CPU: 1 PID: 4242 Comm: worker Not tainted 4.9.0-8-amd64 #1 Debian 4.9.130-2
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2014
 0000000000000000 ffffffffb4733284 ffffa0c0c0a3bc28 ffff8b5f364a0000
 ffffffffb460721e 0000000000000000 0000000000000000 0000000000000000
Call Trace:
 [<ffffffffb4733284>] ? dump_stack+0x5c/0x78
 [<ffffffffb460721e>] ? dump_header+0x78/0x1fd
 [<ffffffffb458cc3a>] ? oom_kill_process+0x21a/0x3e0
 [<ffffffffb458d0d1>] ? out_of_memory+0x111/0x470
 [<ffffffffb4591f7a>] ? __alloc_pages_slowpath+0xb5a/0xbc0
Mem-Info:
active_anon:1201 inactive_anon:480312 isolated_anon:0
 active_file:18 inactive_file:40 isolated_file:0
 free:13212 free_pcp:120 free_cma:0
Node 0 active_anon:4804kB inactive_anon:1921248kB active_file:72kB inactive_file:160kB unevictable:0kB isolated(anon):0kB isolated(file):0kB mapped:88kB dirty:0kB writeback:0kB shmem:5248kB writeback_tmp:0kB unstable:0kB pages_scanned:9123 all_unreclaimable? yes
Node 0 DMA free:7944kB min:356kB low:444kB high:532kB active_anon:0kB inactive_anon:7368kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:15992kB managed:15360kB mlocked:0kB slab_reclaimable:0kB slab_unreclaimable:12kB kernel_stack:0kB pagetables:12kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB
lowmem_reserve[]: 0 1946 1946 1946 1946
Node 0 DMA: 2*4kB (UM) 2*8kB (UM) 1*16kB (M) = 7944kB
Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB
1412 total pagecache pages
42 pages in swap cache
Swap cache stats: add 812, delete 770, find 12/40
Free swap  = 0kB
Total swap = 0kB
524156 pages RAM
0 pages HighMem/MovableOnly
17066 pages reserved
0 pages hwpoisoned
[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name
[  211]     0   211     8123      210      19       3        0          -250 systemd-journal
[ 4242]  1000  4242  1812312   470312    1200       9   240112             0 worker
Out of memory: Kill process 4242 (worker) score 912 or sacrifice child
Killed process 4242 (worker) total-vm:7249248kB, anon-rss:1881248kB, file-rss:0kB, shmem-rss:0kB`,
    says: `
memory/oom error OOM: Out of memory: Killed process worker
lines +0 to 0, x86_64, 4.9.0-8-amd64
culprit none, frames ?dump_stack ?dump_header ?oom_kill_process ?out_of_memory ?__alloc_pages_slowpath
task {cpu 1, pid 4242, comm worker}
details {of out-of-memory, invoker worker, gfp 0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), order 0, oomScoreAdj 0, nodemask 0-1, killed {pid 4242, task worker, totalVm 7249248, anonRss 1881248, fileRss 0, shmemRss 0}, nodes [{node 0, values {active_anon 4804, inactive_anon 1921248, active_file 72, inactive_file 160, unevictable 0, mapped 88, dirty 0, writeback 0, shmem 5248, writeback_tmp 0, unstable 0, pages_scanned 9123}}], pages {active_anon 1201, inactive_anon 480312, isolated_anon 0, active_file 18, inactive_file 40, isolated_file 0, free 13212, free_pcp 120, free_cma 0}, swap {free 0, total 0}, largest [{pid 4242, rssPages 470312, task worker}; {pid 211, rssPages 210, task systemd-journal}]}`,
  },
  {
    name: 'oom panic',
    log: `
worker invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0
@comm
@trace dump_stack_lvl dump_header panic out_of_memory
@memory
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled
@comm
@trace dump_stack_lvl panic out_of_memory __alloc_pages
Kernel Offset: 0x1e00000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)
---[ end Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled ]---`,
    says: `
panic/out-of-memory fatal DoS: kernel panic: Out of memory: compulsory panic_on_oom is enabled
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit out_of_memory, frames dump_stack_lvl panic out_of_memory __alloc_pages do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of out-of-memory, invoker worker, gfp 0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order 0, oomScoreAdj 0, nodes [{node 0, values 13 of them}], pages 20 of them, swap {free 12, total 998396}}
panic Out of memory: compulsory panic_on_oom is enabled`,
  },
  {
    name: 'oom no killable',
    log: `
init invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=2, oom_score_adj=0
@comm
@trace dump_stack_lvl dump_header out_of_memory __alloc_pages copy_process kernel_clone
@memory
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
Out of memory and no killable processes...
Kernel panic - not syncing: System is deadlocked on memory
@comm
@trace dump_stack_lvl panic out_of_memory __alloc_pages
---[ end Kernel panic - not syncing: System is deadlocked on memory ]---`,
    says: `
panic/out-of-memory fatal DoS: kernel panic: System is deadlocked on memory
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit out_of_memory, frames dump_stack_lvl panic out_of_memory __alloc_pages do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of out-of-memory, invoker init, gfp 0xcc0(GFP_KERNEL), order 2, oomScoreAdj 0, nodes [{node 0, values 13 of them}], pages 20 of them, swap {free 12, total 998396}}
panic System is deadlocked on memory`,
  },
  {
    name: 'oom cgroup 6.1',
    log: `
worker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
@comm
@trace dump_stack_lvl dump_header oom_kill_process.cold out_of_memory mem_cgroup_out_of_memory try_charge_memcg charge_memcg __mem_cgroup_charge do_anonymous_page
memory: usage 65536kB, limit 65536kB, failcnt 412
swap: usage 0kB, limit 0kB, failcnt 0
Memory cgroup stats for /box/a:
anon 66215936
file 0
kernel 893952
kernel_stack 16384
pagetables 245760
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[   4242]  1000  4242    26112    16312   245760        0             0 worker
oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/box/a,task_memcg=/box/a/b,task=worker,pid=4242,uid=1000
Memory cgroup out of memory: Killed process 4242 (worker) total-vm:104448kB, anon-rss:64664kB, file-rss:584kB, shmem-rss:0kB, UID:1000 pgtables:240kB oom_score_adj:0`,
    says: `
notice memory/cgroup-oom: Memory cgroup out of memory: Killed process worker of /box/a, lines +0 to 0, details {of out-of-memory, invoker worker, gfp 0xcc0(GFP_KERNEL), order 0, oomScoreAdj 0, nodemask (null), constraint MEMCG, cgroup /box/a, cgroupUsage {usage 65536, limit 65536, failures 412}, killed {pid 4242, task worker, uid 1000, totalVm 104448, anonRss 64664, fileRss 584, shmemRss 0, pageTables 240, oomScoreAdj 0}, largest [{pid 4242, rssPages 16312, task worker}]}`,
  },
  {
    name: 'oom cgroup group',
    log: `
worker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
@comm
@trace dump_stack_lvl dump_header oom_kill_process.cold out_of_memory mem_cgroup_out_of_memory
memory: usage 65536kB, limit 65536kB, failcnt 412
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[   4242]  1000  4242    26112    16312   245760        0             0 worker
oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/box/a,task_memcg=/box/a/b,task=worker,pid=4242,uid=1000
Memory cgroup out of memory: Killed process 4242 (worker) total-vm:104448kB, anon-rss:64664kB, file-rss:584kB, shmem-rss:0kB, UID:1000 pgtables:240kB oom_score_adj:0
Tasks in /box/a/b are going to be killed due to memory.oom.group set
Memory cgroup out of memory: Killed process 4242 (worker) total-vm:104448kB, anon-rss:64664kB, file-rss:584kB, shmem-rss:0kB, UID:1000 pgtables:240kB oom_score_adj:0
Memory cgroup out of memory: Killed process 4243 (helper) total-vm:1448kB, anon-rss:64kB, file-rss:584kB, shmem-rss:0kB, UID:1000 pgtables:40kB oom_score_adj:0`,
    says: `
notice memory/cgroup-oom: Memory cgroup out of memory: Killed process worker and 1 more of /box/a, lines +0 to 0, details {of out-of-memory, invoker worker, gfp 0xcc0(GFP_KERNEL), order 0, oomScoreAdj 0, nodemask (null), constraint MEMCG, cgroup /box/a, cgroupUsage {usage 65536, limit 65536, failures 412}, killed {pid 4242, task worker, uid 1000, totalVm 104448, anonRss 64664, fileRss 584, shmemRss 0, pageTables 240, oomScoreAdj 0}, alsoKilled [9 of them], largest [{pid 4242, rssPages 16312, task worker}]}`,
  },
  {
    name: 'oom cgroup 4.19',
    log: `
worker invoked oom-killer: gfp_mask=0x6000c0(GFP_KERNEL), nodemask=(null), order=0, oom_score_adj=0
worker cpuset=/ mems_allowed=0
CPU: 1 PID: 4242 Comm: worker Not tainted 4.19.0-8-amd64 #1 Debian 4.19.98-1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2014
@trace4 dump_stack dump_header oom_kill_process out_of_memory mem_cgroup_out_of_memory try_charge
Task in /box/a/b killed as a result of limit of /box/a
memory: usage 65536kB, limit 65536kB, failcnt 412
memory+swap: usage 65536kB, limit 9007199254740988kB, failcnt 0
kmem: usage 1024kB, limit 9007199254740988kB, failcnt 0
Memory cgroup stats for /box/a: cache:0KB rss:0KB rss_huge:0KB shmem:0KB mapped_file:0KB dirty:0KB writeback:0KB swap:0KB inactive_anon:0KB active_anon:0KB inactive_file:0KB active_file:0KB unevictable:0KB
Memory cgroup stats for /box/a/b: cache:0KB rss:64512KB rss_huge:0KB shmem:0KB mapped_file:0KB dirty:0KB writeback:0KB swap:0KB inactive_anon:0KB active_anon:64512KB inactive_file:0KB active_file:0KB unevictable:0KB
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[   4242]  1000  4242    26112    16312   245760        0             0 worker
Memory cgroup out of memory: Kill process 4242 (worker) score 974 or sacrifice child
Killed process 4242 (worker) total-vm:104448kB, anon-rss:64664kB, file-rss:584kB, shmem-rss:0kB
oom_reaper: reaped process 4242 (worker), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB`,
    says: `
notice memory/cgroup-oom: Memory cgroup out of memory: Killed process worker of /box/a, lines +0 to 0, details {of out-of-memory, invoker worker, gfp 0x6000c0(GFP_KERNEL), order 0, oomScoreAdj 0, nodemask (null), constraint MEMCG, cgroup /box/a, cgroupUsage {usage 65536, limit 65536, failures 412}, killed {pid 4242, task worker, totalVm 104448, anonRss 64664, fileRss 584, shmemRss 0}, largest [{pid 4242, rssPages 16312, task worker}]}`,
  },
]);
