import { family } from './family.ts';

/** mm/oom_kill.c, page_alloc.c, memory.c, bad_page() */
const memoryKinds = family(
  'memory',
  { severity: 'error', document: 'admin-guide/mm/concepts.rst' },
  {
    oom: {
      summary: 'The machine ran out of memory and the kernel killed a process.',
      explanation:
        'No page could be found nor reclaimed for an allocation. The line "invoked oom-killer" names who asked, the order and the flags; the memory dump shows where memory went; the table lists the processes; the last line names the victim with its sizes. High anon-rss of the victim: that process is too large. High unreclaimable slab or little on all lists: a leak in the kernel. A high order with much free memory: fragmentation.',
    },
    'cgroup-oom': {
      summary: 'A control group reached its memory limit and a process in it was killed.',
      severity: 'notice',
      explanation:
        'The limit of the group did its work; the kernel is well. The report names the group, its usage and limit, and the victim. Raise memory.max or find why the processes in the group need that much.',
      document: 'admin-guide/cgroup-v2.rst',
    },
    'allocation-failure': {
      summary: 'A page allocation failed.',
      severity: 'warning',
      explanation:
        'Order and flags are given: GFP_ATOMIC allocations may fail at any time under load and callers must cope (raising vm.min_free_kbytes helps), high orders (4 and more) fail by fragmentation and should use kvmalloc(). The stack tells who asked, the memory dump which zones were short.',
      document: 'core-api/memory-allocation.rst',
    },
    'allocation-stall': {
      summary: 'A page allocation took more than ten seconds (4.10 to 4.14).',
      severity: 'warning',
      explanation: 'Reclaim made hardly any progress: the machine was close to being out of memory, or its swap slow.',
      document: 'core-api/memory-allocation.rst',
    },
    'vmalloc-failure': {
      summary: 'An allocation from vmalloc space failed.',
      severity: 'notice',
      explanation:
        'The size was more than there is memory or address space; it is often a size chosen by user space, and refusing it is right.',
      document: 'core-api/memory-allocation.rst',
    },
    'bad-page-state': {
      summary: 'A page was freed or allocated with flags or counts that it must not have.',
      explanation:
        'The page is still mapped, locked, charged, or has references. "page dumped because:" tells what was wrong, flags and counts follow, and with page_owner the stacks of its last allocation and release. Somebody dropped one reference too many or still used it, or memory was overwritten; a single bit that differs points at bad memory.',
      document: 'mm/page_owner.rst',
    },
    'bad-page-cache': {
      summary: 'A page was taken out of the page cache while still mapped.',
      explanation: 'A file page is mapped by a process but being deleted: a race of truncation, or a damaged mapcount.',
      document: 'mm/page_owner.rst',
    },
    'bad-page-map': {
      summary: 'A page-table entry points at a page that does not fit.',
      explanation:
        'The entry, its address and the mapping are given. Mostly memory corruption (one bit: bad memory), or a driver that maps pages in a wrong way.',
    },
    'bad-rss-counter': {
      summary: 'A process ended with memory still accounted to it.',
      explanation:
        'The counter of file, anonymous, swap or shared pages is not zero when the address space goes away: some path mapped or unmapped pages without counting, or page tables were damaged.',
    },
    'page-tables-leaked': {
      summary: 'A process ended with page tables left.',
      explanation:
        'Page tables were allocated for the address space and not freed with it: an accounting error or a leak.',
    },
  },
);

/** mm/slub.c, slab.c, slab_common.c */
const slabKinds = family(
  'slab',
  { severity: 'error', document: 'mm/slub.rst' },
  {
    corruption: {
      summary: 'A slab or its bookkeeping is damaged.',
      explanation:
        'A check of slab debugging failed: counts, pointers or the page itself. The report dumps the object with its redzones. Something wrote beyond a neighbour or after a release; boot with slab_debug=FZPU for this cache to find out earlier.',
    },
    'poison-overwritten': {
      summary: 'A freed object was written to.',
      explanation:
        'Freed objects are filled with 0x6b, and another value was found when the object was allocated again. "First byte 0x.. instead of 0x6b" and the offset tell which member was written; "Allocated in" and "Freed in" who had it. Look for a user that keeps the pointer after the release.',
    },
    'redzone-overwritten': {
      summary: 'Bytes next to an object were overwritten.',
      explanation:
        'The redzone left or right of the object, 0xbb or 0xcc, was changed: somebody writes beyond the end of this object, or before its start. The size and who allocated it are given.',
    },
    'padding-overwritten': {
      summary: 'The padding behind an object or slab was overwritten.',
      explanation: 'A write went beyond the object by more than its redzone. Look at who fills objects of this cache.',
    },
    'invalid-free': {
      summary: 'Something was freed into a cache that is no object of it.',
      explanation:
        'The pointer is not the start of an object, belongs to another cache ("Wrong slab cache"), or was not from slab memory. Look at the caller.',
    },
    'object-already-free': {
      summary: 'An object was freed twice.',
      explanation: 'It is on the free list already. "Freed in" gives the first release, the call trace the second.',
    },
    'freelist-corrupt': {
      summary: 'The list of free objects of a slab is damaged.',
      explanation:
        'The pointer to the next free object, which lies inside of freed objects, makes no sense: a write after free, or an overflow of the neighbour.',
    },
    'objects-remaining': {
      summary: 'A cache was destroyed with objects still in it.',
      explanation:
        'A module or subsystem leaks objects and destroys its cache; later uses are uses after free. The objects are listed, with tracking also who allocated them.',
    },
    other: {
      summary: 'Another line of slab debugging.',
      explanation: 'Part of a slab report whose headline is missing.',
    },
  },
);

/** mm/kmemleak.c */
const leakKinds = family(
  'leak',
  { severity: 'warning', document: 'dev-tools/kmemleak.rst' },
  {
    kmemleak: {
      summary: 'Allocated memory to which no pointer is left.',
      explanation:
        'Kmemleak scans memory for pointers to each allocation and found none. The stack is that of the allocation; ask which path should free it, mostly an error path. A pointer hidden (stored with an offset, in a device) gives a false alarm; a leak that is reported again after a second scan is real.',
    },
  },
);

export const memoryFamilies = [...memoryKinds, ...slabKinds, ...leakKinds];
