import type { LiveFrame, LiveTask } from '../../model/live.ts';
import { functionsOf, isIn, plainName } from '../frames.ts';

/** What programs sleep in, by functions of the kernel (5.4 to 7.x); the first that fits counts. */
const sleeps: readonly (readonly [functions: RegExp, words: string])[] = [
  [/^(?:do_wait|kernel_wait4|kernel_waitid\w*)$/, 'waits for a child to end'],
  [/^(?:futex_wait\w*|__futex_wait|futex_lock_pi)$/, 'waits for a futex'],
  [/^(?:do_epoll_wait|ep_poll)$/, 'waits for events (epoll)'],
  [/^(?:do_sys_poll|do_poll)$/, 'waits for events (poll)'],
  [/^(?:do_select|core_sys_select)$/, 'waits for events (select)'],
  [/^(?:pipe_read|anon_pipe_read|fifo_\w+)$/, 'waits for input of a pipe'],
  [/^(?:pipe_write|anon_pipe_write)$/, 'waits for room in a pipe'],
  [/^(?:do_nanosleep|hrtimer_nanosleep|common_nsleep\w*)$/, 'sleeps for a time'],
  [/^(?:n_tty_read|tty_read|job_control)$/, 'waits for input of a terminal'],
  [/^(?:n_tty_write|tty_wait_until_sent|tty_write)$/, 'waits to write to a terminal'],
  [/^(?:inet_csk_accept|unix_accept|do_accept)$/, 'waits for a connection'],
  [
    /^(?:tcp_recvmsg\w*|unix_stream_read_generic|__skb_wait_for_more_packets|sk_wait_data|unix_dgram_recvmsg)$/,
    'waits for input of a socket',
  ],
  [/^(?:sk_stream_wait_memory|sock_alloc_send_pskb|sock_wait_for_wmem)$/, 'waits for room in a socket'],
  [/^(?:do_sigtimedwait|sigsuspend|__do_sys_pause|ksys_pause)$/, 'waits for a signal'],
  [/^(?:io_cqring_wait|read_events|do_io_getevents)$/, 'waits for I/O to be done'],
  [/^(?:do_semtimedop|do_msgrcv|do_msgsnd|mq_\w+|wq_sleep)$/, 'waits for another process (System V or POSIX IPC)'],
  [/^(?:fcntl_setlk\w*|locks_lock_inode_wait|flock_lock_inode_wait|posix_lock_inode_wait)$/, 'waits for a file lock'],
  [/^(?:do_signal_stop|ptrace_stop|do_jobctl_trap)$/, 'is stopped'],
  [/^(?:inotify_read|fanotify_read|signalfd_\w*|eventfd_read|timerfd_read\w*)$/, 'waits for events'],
  [/^(?:devkmsg_read|do_syslog|kmsg_read)$/, 'waits for kernel messages'],
];

/** Frames that are looked at. */
const mostFrames = 24;

/** What a program that sleeps waits for: `waits for a child to end`; undefined if it is none of the usual things. */
export function userWait({ frames, isKernelThread }: Pick<LiveTask, 'frames' | 'isKernelThread'>): string | undefined {
  if (isKernelThread === true) return undefined;
  const inner = frames.slice(0, mostFrames);
  for (const [functions, words] of sleeps) if (inner.some((frame) => isIn(frame, functions))) return words;
  return undefined;
}

/** The initialization function that is under way, while a kernel boots: who called, by do_one_initcall(). */
export function initcallOf(frames: readonly LiveFrame[]): string | undefined {
  const all = frames.flatMap((frame) => functionsOf(frame));
  const nth = all.findIndex(({ function: name }) => plainName(name) === 'do_one_initcall');
  return nth <= 0 ? undefined : all[nth - 1]?.function;
}
