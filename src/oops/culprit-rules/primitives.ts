import { names, type PassRule } from './rule.ts';

/** Lists, timers, work, device and file primitives: what they are handed is wrong, not they. */
export const primitiveRules: readonly PassRule[] = [
  {
    words: 'list, tree or table primitive',
    patterns: [
      /^_*h?list_(?:add|add_tail|del|del_init|del_rcu|move|move_tail|replace|splice|splice_init|empty|empty_careful|lru_add|lru_del|sort)(?:_(?:rcu|tail|head|before|behind|obj))*$/,
      /^_*rb_(?:erase|insert_color|next|prev|first|last|insert_augmented|erase_augmented|erase_color|replace_node|first_postorder|next_postorder)$/,
      /^_*x(?:a|as)_(?:load|store|erase|find|find_next|find_marked|start|descend|create|alloc|insert|cmpxchg|get_mark|set_mark|clear_mark|nomem|destroy|expand|alloc_cyclic|find_after)$/,
      /^_*radix_tree_(?:lookup|lookup_slot|insert|delete|delete_item|next_chunk|tag_set|tag_clear|descend|node_alloc)$/,
      /^(?:mas|mtree|mt)_(?:walk|find|load|store|erase|next|prev|state_walk|empty_area)(?:_\w+)?$/,
      /^_*idr_(?:alloc|find|remove|replace|for_each|get_next|destroy|alloc_u32|alloc_cyclic)(?:_ul)?$/,
      /^_*rhashtable_(?:lookup|insert_fast|insert_slow|remove_fast|lookup_fast|walk_next|walk_start)$/,
      /^_*klist_(?:add_tail|add_head|del|put|remove|next|prev|iter_exit|iter_init_node|release)$/,
      /^_*kfifo_(?:in|out|alloc|free|init)\w*$/,
      /^llist_(?:add_batch|del_first|reverse_order)$/,
      /^idr_get_free(?:_cmn)?$/,
      /^radix_tree_(?:extend|shrink|iter_\w+)$/,
      /^timerqueue_(?:add|del|iterate_next)$/,
      /^crc\d+\w*$|^crc_(?:itu_t|ccitt|t10dif)\w*$/,
    ],
  },
  {
    words: 'device register access',
    patterns: [/^_*(?:raw_)?(?:read|write)[bwlq](?:_relaxed)?$/, /^io(?:read|write)(?:8|16|32|64)(?:be|_rep)?$/],
    names: names`logic_inb logic_inw logic_inl logic_outb logic_outw logic_outl __raw_readl __raw_writel
      regmap_mmio_read32le regmap_mmio_write32le`,
  },
  {
    words: 'timers and work items',
    patterns: [
      /^_*(?:mod|add|del|try_to_del)_timer(?:_(?:sync|on|pending|sync_try|global|local))*$/,
      /^_*timer_(?:delete|shutdown|reduce)(?:_sync)?$/,
      /^_*hrtimer_(?:start|cancel|try_to_cancel|init|setup|forward|start_range_ns|active)(?:_(?:on_stack|range_ns))?$/,
      /^_*queue_(?:work|delayed_work|rcu_work|work_on|delayed_work_on|work_node)$/,
      /^_*(?:mod_delayed_work|mod_delayed_work_on|insert_work|try_to_grab_pending|work_grab_pending|start_flush_work)$/,
      /^_*(?:flush|cancel|disable|drain|destroy)_(?:work|delayed_work|workqueue|work_sync|delayed_work_sync|work_timer|rcu_work)$/,
      /^_*call_rcu(?:_(?:sched|bh|hurry|tasks|tasks_trace|tasks_generic))?$/,
      /^_*tasklet_(?:schedule|hi_schedule|kill|disable|setup|init|unlock_wait)(?:_common)?$/,
    ],
    names: names`lock_timer_base detach_if_pending internal_add_timer __internal_add_timer enqueue_timer calc_wheel_index
      sk_stop_timer sk_stop_timer_sync sk_reset_timer check_flush_dependency __call_rcu_common call_srcu __call_srcu`,
  },
  {
    words: 'driver core',
    patterns: [
      /^_*kobject_(?:add|add_internal|add_varg|del|get|put|init|init_and_add|create_and_add|release|cleanup|set_name|set_name_vargs|rename|uevent|uevent_env|get_path|namespace|get_unless_zero)$/,
      /^device_(?:add|del|register|unregister|create|destroy|initialize|release|create_groups_vargs|create_with_groups|for_each_child|for_each_child_reverse|remove_file|create_file|find_child)$/,
      /^sysfs_(?:create|remove|add)_(?:file|files|group|groups|link|dir|dir_ns|file_ns|file_mode_ns|bin_file|link_sd)(?:_\w+)?$/,
      /^kernfs_(?:get|put|add_one|find_ns|remove|remove_by_name_ns|new_node|create_dir_ns|create_link|find_and_get_ns)$/,
    ],
    names: names`proc_register proc_create_reg proc_create proc_create_data proc_create_seq_private
      proc_create_single_data proc_create_net_data proc_create_net_single proc_mkdir proc_mkdir_data proc_mkdir_mode
      _proc_mkdir remove_proc_entry remove_proc_subtree proc_remove
      get_device put_device get_device_parent add_uevent_var devres_release_all release_nodes
      kset_register kset_unregister cdev_device_add cdev_device_del cdev_add cdev_del cdev_put`,
  },
  {
    words: 'socket buffer primitive',
    patterns: [
      /^_*(?:kfree|consume|alloc|dev_kfree|napi_consume|napi_alloc|netdev_alloc)_skb(?:_(?:list|any|irq|reason|any_reason|partial|head_state|with_frags|irq_reason|list_reason))*$/,
      /^skb_(?:put|push|pull|over_panic|under_panic|panic|release_data|release_head_state|release_all|copy_bits|copy|clone|pull_data|ensure_writable|dequeue|queue_tail|queue_purge|unlink|tx_error|zerocopy_clear|free_head|store_bits|copy_and_csum_bits)(?:_(?:reason|data|tail))*$/,
      /^_*pskb_(?:pull_tail|expand_head|copy|carve|trim_head|copy_fclone)$/,
    ],
    names: names`sk_skb_reason_drop __copy_skb_header kfree_skbmem __skb_clone sock_alloc_send_pskb`,
  },
  {
    words: 'file system reference counts',
    names: names`iput iput_final ihold dput fast_dput __dput retain_dentry dget_parent dput_to_list drop_nlink inc_nlink clear_nlink set_nlink fput
      mark_buffer_dirty __brelse __bread_gfp __getblk_slow bdev_getblk igrab mntput mntput_no_expire path_put`,
  },
  {
    words: 'page cache primitive',
    patterns: [/^truncate_inode_pages(?:_range|_final)?$/, /^find_(?:lock|get)_entr(?:y|ies)$/],
    names: names`filemap_get_entry filemap_get_folios find_get_pages_range pagevec_lookup_range __filemap_remove_folio
      filemap_remove_folio delete_from_page_cache_batch truncate_cleanup_folio`,
  },
  {
    words: 'USB request primitive',
    names: names`usb_submit_urb usb_start_wait_urb usb_internal_control_msg usb_control_msg usb_control_msg_send
      usb_control_msg_recv usb_bulk_msg usb_interrupt_msg usb_kill_urb usb_hcd_submit_urb usb_kill_anchored_urbs
      usb_unlink_urb usb_hcd_unlink_urb usb_poison_urb usb_free_urb usb_alloc_urb`,
  },
  {
    words: 'jump through a register',
    patterns: [/^__x86_indirect_(?:its_)?(?:jump_|call_)?thunk_\w+$/, /^__llvm_retpoline_\w+$/],
    names: names`srso_return_thunk srso_alias_return_thunk retbleed_return_thunk __x86_return_thunk its_return_thunk
      __phys_addr __virt_to_phys __phys_addr_symbol __fentry__ ftrace_regs_caller ftrace_caller`,
    fallback: 'never',
  },
  {
    words: 'Rust core library',
    patterns: [/^<*(?:core|alloc|__rustc)::/, /^<(?:[iu](?:8|16|32|64|128|size)|str|bool|char) as core::/],
  },
  {
    words: 'Rust wrapper of a C primitive',
    patterns: [/^rust_helper_\w+$/, /^<*kernel::(?:sync|list|alloc|uaccess|init|types|rbtree|page|workqueue)::/],
  },
];
