import { names, type PassRule } from './rule.ts';

/** Functions that do what they are told; a wrong call of them is the caller's. */
export const memoryRules: readonly PassRule[] = [
  {
    words: 'memory copy',
    patterns: [
      /^_*(?:pi_)?mem(?:cpy|move|set|cmp|chr|chr_inv|scan|set16|set32|set64|zero_explicit)(?:_(?:orig|erms|fromio|toio|io|flushcache|mcsafe|avx_unaligned_erms|and_pad))?$/,
      /^_*(?:arch_|generic_|raw_|inline_)?_*copy_(?:to|from|in|mc_to)_user(?:_(?:inatomic|nocache|nmi|nofault|ll|eva|flushcache|overflow|generic|memcpy))*$/,
      /^copy_user_(?:generic|enhanced_fast|short|handle)(?:_(?:string|unrolled|tail))*$/,
      /^_*(?:arch_|raw_)?_*clear_user(?:_(?:original|rep_good|erms|ll))*$/,
      /^_*copy_(?:page_|folio_)?(?:to|from)_iter(?:_(?:nocache|flushcache|nofault|atomic|full))*$/,
      /^_*(?:clear|copy)_page(?:_(?:rep|erms|orig|regs))?$/,
      /^_*(?:get|put)_user_(?:\d|bad|nocheck_\d|asm\w*)$/,
    ],
    names: names`rep_movs_alternative rep_stos_alternative copy_mc_to_kernel copy_mc_fragile copy_mc_generic
      copy_from_kernel_nofault copy_to_kernel_nofault strncpy_from_user strnlen_user strncpy_from_kernel_nofault
      __copy_user_flushcache __copy_user_nocache memdup_user memdup_user_nul vmemdup_user kmemdup kmemdup_nul
      kmemdup_noprof __memcpy_fromio __memcpy_toio iov_iter_advance iov_iter_zero fault_in_readable fault_in_writeable
      memcpy_to_iter memcpy_from_iter read_word_at_a_time __read_once_word_nocheck`,
  },
  {
    words: 'string function',
    patterns: [
      /^_*(?:pi_)?str(?:n|l|s)?(?:len|cpy|cmp|casecmp|cat|chr|rchr|str|chrnul|spn|cspn|pbrk|sep|im)$/,
      /^(?:str(?:scpy|scpy_pad|noncpy)|sized_strscpy|kstrdup|kstrndup|kstrdup_const|kasprintf|kvasprintf|kvasprintf_const|match_string)(?:_noprof)?$/,
    ],
    names: names`string string_nocheck pointer number format_decode kstrtoull kstrtoint`,
  },
  {
    words: 'allocator',
    patterns: [
      /^_*k(?:v?[mzc]|v?re)alloc(?:_(?:array|node|track|caller|noprof|cache|large|order|trace|nolock|objs?|flex|bulk|reserve))*$/,
      /^_*(?:kv?free|vfree)(?:_(?:sensitive|const|bulk|rcu|rcu_mightsleep|atomic|nolock|call_rcu))*$/,
      /^_*kmem_cache_(?:alloc|zalloc|free|create|destroy|shutdown|shrink)(?:_(?:node|noprof|lru|bulk|trace|args|usercopy|to_array|from_sheaf))*$/,
      /^_*(?:do_)?slab_(?:alloc|free|post_alloc_hook|pre_alloc_hook|free_hook|free_freelist_hook|want_init_on_free)(?:_(?:node|bulk))*$/,
      /^_*(?:alloc|free|get_free|free_unref|alloc_frozen|free_frozen)_pages?(?:_(?:noprof|bulk|node|mpol|vma|current|nodemask|exact|slowpath|ok|prepare|commit|list|nolock))*$/,
      /^_*(?:folio|vma)_alloc(?:_folio)?(?:_(?:noprof|mpol|order))*$/,
      /^_*(?:v[mz]alloc)(?:_(?:node|user|range|area|noprof|huge|32|memcg))*$/,
      /^_*(?:alloc_percpu|free_percpu|pcpu_alloc|pcpu_free)(?:_\w+)?$/,
      /^mempool_(?:alloc|free|create|init|destroy|exit|kmalloc|alloc_slab|kfree|free_slab)(?:_(?:node|noprof|pool))*$/,
      /^devm_k(?:m|z|c)alloc(?:_\w+)?$/,
      /^get_(?:page_from_freelist|zeroed_page|partial_node|any_partial)(?:_(?:noprof|bulk))?$/,
      // mm/slub.c, since 6.18 with sheaves
      /^_*(?:get_from(?:_any)?_partial|alloc_single_from|alloc_from|refill_objects|free_to)(?:_(?:node|any|partial|new_slab|pcs|bulk))*$/,
      /^_*(?:pcs_(?:replace|flush)|sheaf_flush|(?:alloc|free|refill|prefill|rcu_free|kfree_rcu)_(?:full_|empty_)?sheaf)(?:_\w{1,24})?$/,
    ],
    names: names`___slab_alloc new_slab allocate_slab alloc_slab_page new_slab_objects free_slab __free_slab discard_slab
      __unfreeze_partials put_cpu_partial ksize __ksize __do_kmalloc_node __do_kmalloc kmalloc_large_node
      cache_alloc_refill ____cache_alloc cache_flusharray cache_grow_begin qlist_free_all qlink_free
      rmqueue rmqueue_bulk prep_new_page post_alloc_hook alloc_pages_exact __rmqueue_pcplist kernel_init_pages
      clear_highpage kvfree_rcu_bulk kfree_rcu_work kvfree_call_rcu kernel_init_free_pages page_frag_free
      alloc_set_pte ida_alloc_range ida_free alloc_page_interleave alloc_cpumask_var_node build_skb __build_skb`,
  },
  {
    words: 'memory charging and reclaim',
    appliesTo: ['memory', 'panic/out-of-memory'],
    names: names`out_of_memory oom_kill_process __oom_kill_process mem_cgroup_out_of_memory mem_cgroup_oom try_charge
      try_charge_memcg charge_memcg __mem_cgroup_charge mem_cgroup_charge mem_cgroup_try_charge obj_cgroup_charge_pages
      __memcg_kmem_charge_page mem_cgroup_oom_synchronize pagefault_out_of_memory __alloc_pages_may_oom
      try_to_free_pages do_try_to_free_pages __alloc_pages_direct_reclaim __alloc_pages_direct_compact
      filemap_alloc_folio filemap_alloc_folio_noprof __filemap_get_folio __filemap_get_folio_mpol pagecache_get_page
      filemap_add_folio __filemap_add_folio page_cache_ra_unbounded page_cache_ra_order page_cache_sync_ra`,
  },
  {
    words: 'gives pages back',
    appliesTo: ['memory'],
    patterns: [/^_*(?:free|put|release)_(?:pages?|page_list|pages_and_swap_cache)(?:_\w+)?$/, /^_*folios?_put\w*$/],
    names: names`free_unref_folios free_unref_page_list free_pcp_prepare free_pcppages_bulk page_bad_reason
      free_page_is_bad free_page_is_bad_report check_free_page_bad free_tail_page_prepare free_tail_pages_check
      __put_single_page __put_compound_page filemap_unaccount_folio unaccount_page_cache_page
      __filemap_remove_folio truncate_inode_pages truncate_inode_pages_range check_new_page_bad`,
  },
];
