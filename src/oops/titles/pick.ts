/** Choosing among the candidates that are left when what is skipped is gone. */

/** A candidate: the name as the log has it, and without its system call prefix. */
export interface Candidate {
  readonly printed: string;
  readonly name: string;
}

/** What was chosen: `title` stands in the title, `printed` is the log's name for it. */
export interface Chosen {
  readonly title: string;
  readonly printed: string;
}

/** Functions below which a stalled task's own work begins (`specs/titles.md` section 5.4). */
const anchors = new RegExp(
  [
    // Entry and dispatch.
    'process_one_work|do_syscall_|do_fast_syscall_|sysenter_dispatch|tracesys_phase2|el0_svc_handler|invoke_syscall',
    'ret_fast_syscall|netif_receive_skb|do_softirq|call_timer_fn|_run_timers|run_timer_softirq|hrtimer_run|run_ksoftirqd',
    'smpboot_thread_fn|^kthread$|start_secondary|cpu_startup_entry|ret_from_fork|tasklet_action|tasklet_hi_action',
    'smp_call_function',
    // Files.
    'vfs_write|vfs_read|vfs_iter_read|vfs_iter_write|do_iter_read|do_iter_write|call_read_iter|call_write_iter',
    'new_sync_read|new_sync_write|vfs_ioctl|ksys_ioctl|compat_ioctl|compat_sys_ioctl|blkdev_ioctl|blkdev_driver_ioctl',
    '^call_mmap|mmap_region|do_mmap|do_dentry_open|vfs_open',
    // Sockets.
    '^sock_sendmsg|^sock_recvmsg|^sock_release|^__sock_release|^setsockopt$|kernel_setsockopt|sock_common_setsockopt',
    '^listen$|kernel_listen|sk_common_release|^sock_mmap|^accept$|kernel_accept|^sock_do_ioctl|^sock_ioctl',
    '^compat_sock_ioctl|^nfnetlink_rcv_msg|^rtnetlink_rcv_msg|^netlink_dump|^(?:sys_)?(?:socketpair|connect|ioctl)',
    // Faults and exit work.
    '__do_fault|do_page_fault|^page_fault$|__fput|task_work_run|exit_to_usermode',
  ].join('|'),
);

/** The topmost candidate. */
function first(candidates: readonly Candidate[]): Chosen | undefined {
  const top = candidates[0];
  return top === undefined ? undefined : { title: top.name, printed: top.printed };
}

/** For stalls, whose top of the stack is random: the function above the first anchor. */
function aboveAnchor(candidates: readonly Candidate[]): Chosen | undefined {
  let above: Candidate | undefined;
  for (const candidate of candidates) {
    if (anchors.test(candidate.name)) {
      if (candidate.name.includes('smp_call_function'))
        return { title: 'smp_call_function', printed: candidate.printed };
      const chosen = above ?? candidate;
      return { title: chosen.name, printed: chosen.printed };
    }
    above = candidate;
  }
  return undefined;
}

const hungWaits = /synchronize_(?:rcu|srcu|net|sched)/;
const hungNoise =
  /sched|_lock|_slowlock|down|rwsem|completion|kthread|wait|synchronize|context_switch|__switch_to|cancel_delayed_work|rcu_barrier/;

/** For hung tasks: what they wait for, or the first that is not waiting itself (section 5.5). */
function waitedFor(candidates: readonly Candidate[]): Chosen | undefined {
  for (const candidate of candidates) {
    if (candidate.name.includes('rtnl_lock')) return { title: candidate.name, printed: candidate.printed };
    if (hungWaits.test(candidate.name)) return { title: 'synchronize_rcu', printed: candidate.printed };
  }
  return first(candidates.filter((c) => !hungNoise.test(c.name)));
}

export function pick(candidates: readonly Candidate[], how: 'stall' | 'hung' | undefined): Chosen | undefined {
  switch (how) {
    case 'stall':
      return aboveAnchor(candidates);
    case 'hung':
      return waitedFor(candidates);
    case undefined:
      return first(candidates);
  }
}
