import type { RulePages } from './page.ts';

/** Memory used wrongly. */
export const memoryPages: RulePages<
  | 'use-after-free'
  | 'double-free'
  | 'invalid-free'
  | 'use-after-scope'
  | 'out-of-bounds'
  | 'uninitialized'
  | 'bad-access'
  | 'memory-tag'
  | 'usercopy'
  | 'slab-corruption'
  | 'bad-page'
  | 'memory-counter'
  | 'memory-leak'
  | 'out-of-memory'
  | 'allocation-failure'
> = {
  'use-after-free': {
    summary: 'Memory was used after it was freed.',
    meaning: 'A pointer was kept when its object was freed, and used later.',
    recognized:
      'KASAN, KFENCE and SLUB say so: certain. The poison of freed memory (0x6b) in the register that was used: certain. The same in the address only, or vmalloc memory that the function got itself and that is not mapped any more: likely.',
    against:
      'Poison may be copied along with other data. Where SLUB finds overwritten poison, the writer is somebody else than who noticed.',
    next: '"Freed by" is half of the answer: find the path by which the other side still had its pointer. A missing reference, a timer or work that was not cancelled, and a callback after unregistering are the usual causes.',
  },
  'double-free': {
    summary: 'An object was freed twice.',
    meaning: 'Two paths think that they own the object.',
    recognized: 'KASAN or SLUB say so: certain. A BUG() in set_freepointer(): likely.',
    against: 'A damaged free list looks the same to SLUB.',
    next: 'Compare the stacks of both: mostly an error path frees what its caller frees again.',
  },
  'invalid-free': {
    summary: 'Something was freed that cannot be freed.',
    meaning: 'The address is not the start of an object that is allocated, or belongs to another allocator.',
    recognized: 'KASAN, KFENCE or SLUB say so: certain.',
    against: 'It may be a double free whose first one is long ago.',
    next: 'Was the pointer moved on before it was freed? Was it allocated by another function (vmalloc, a pool, a member of a larger object)?',
  },
  'use-after-scope': {
    summary: 'A local variable was used after its block ended.',
    meaning: 'A pointer to a variable on the stack outlived the block that the variable belongs to.',
    recognized: 'KASAN says so: certain.',
    against: 'Nothing, but compilers have had errors there.',
    next: 'The variables of the frame are listed: which of them had its address handed on?',
  },
  'out-of-bounds': {
    summary: 'An access went beyond the bounds of its object.',
    meaning: 'An index, a length or an offset was too large, or negative.',
    recognized: 'KASAN, KFENCE, SLUB (redzones), UBSAN (array index) or FORTIFY_SOURCE say so: certain.',
    against: 'UBSAN takes arrays at the end of old structures, declared with one element, for what they say.',
    next: 'The distance tells the size of the mistake: 0 bytes beyond is off by one. Ask where the length comes from and who checks it.',
  },
  uninitialized: {
    summary: 'Memory was used that nobody had written.',
    meaning:
      'What stands there is left from before: the decision or the copy depends on chance, and may give data away.',
    recognized:
      'KMSAN says so: certain. The poison 0x5a of slab objects in a pointer: certain in the register that was used, else likely.',
    against: 'KMSAN does not see what devices and assembler code write.',
    next: 'The stack of the origin tells where the memory was made. Look for structures with padding that are copied whole, and for paths that leave a variable unset.',
  },
  'bad-access': {
    summary: 'KASAN or KFENCE found a bad access of another sort.',
    meaning: 'The checker has no better name for it.',
    recognized: 'The report of the checker: certain.',
    against: 'Nothing known.',
    next: 'Look at the shadow bytes around the address (--all) and at the stacks of the object.',
  },
  'memory-tag': {
    summary: 'The tag of a pointer is not that of the memory.',
    meaning:
      'With tags (arm64 MTE, tag-based KASAN) each object has another one: it was freed and used again, or the access went out of bounds.',
    recognized: 'The processor or KASAN say so: certain.',
    against: 'It does not tell which of both it is.',
    next: 'The stacks of the object tell: was it freed? Otherwise compare the address with the bounds of its neighbour.',
  },
  usercopy: {
    summary: 'A copy to or from user space crossed the object that it is of.',
    meaning: 'The hardened copy functions know slab objects and stack frames, and refuse a length that goes beyond.',
    recognized: 'The message of usercopy_abort() names object, offset and size: certain.',
    against:
      'Caches must say which part may be copied (kmem_cache_create_usercopy()); a new member may lie outside of it.',
    next: 'Ask where the length comes from; user space often chooses it.',
  },
  'slab-corruption': {
    summary: 'A slab object or its bookkeeping is damaged.',
    meaning: 'Something wrote where it must not, or an object was freed wrongly.',
    recognized: 'A check of slab debugging failed, and it is none of those that tell more.',
    against: 'Who meets the damage is rarely who did it.',
    next: 'Boot with slab_debug=FZPU for this cache, or with KASAN, to find the writer.',
  },
  'bad-page': {
    summary: 'A page or page-table entry is in a state that it cannot be in.',
    meaning: 'Counts, flags or the mapping contradict each other when the page is allocated, freed or unmapped.',
    recognized: 'bad_page() and print_bad_pte() say so: certain.',
    against: 'Bad memory does it as well, mostly with a single bit.',
    next: 'Look at the reason and at which field is wrong; page_owner=on tells who had the page.',
  },
  'memory-counter': {
    summary: 'An address space ended with memory still counted.',
    meaning: 'Pages were mapped or unmapped without being counted, or page tables were damaged.',
    recognized: 'check_mm() says so: certain.',
    against: 'It tells nothing of when it happened.',
    next: 'Look at what is special of the process: huge pages, shared memory, device mappings.',
  },
  'memory-leak': {
    summary: 'Nothing points to an allocated object any more.',
    meaning: 'It was not freed on some path, mostly one of errors.',
    recognized: 'kmemleak scanned memory and found no pointer. Never more than likely.',
    against: 'Pointers that are kept with an offset, in devices or encoded are not found.',
    next: 'Scan again (echo scan > /sys/kernel/debug/kmemleak): what is reported twice is real. Look which path from the allocation frees it.',
  },
  'out-of-memory': {
    summary: 'Memory ran out, and a process was killed.',
    meaning: 'No page could be freed for an allocation, on the machine or within a control group.',
    recognized: 'The OOM killer says so. What holds more than half of the memory by the counters of Mem-Info is named.',
    against: 'Allocations of many pages in a row fail for fragmentation, with memory left.',
    next: 'Anonymous memory: the largest process, or too many. Slab that cannot be reclaimed: a leak in the kernel (slabtop, kmemleak). Little in all counters: a driver that takes pages itself.',
  },
  'allocation-failure': {
    summary: 'An allocation of pages failed, or took very long.',
    meaning: 'The caller gets an error and has to cope with it.',
    recognized: 'warn_alloc() says so; order and flags tell why it may be: certain.',
    against: 'For GFP_ATOMIC under load it is normal, if the caller copes.',
    next: 'High orders: use kvmalloc(), or smaller buffers. Atomic ones: raise vm.min_free_kbytes.',
  },
};
