/** One thing that `ktriage live` shows by itself. */
export interface LiveView {
  readonly name: LiveViewName;
  readonly usage: string;
  readonly words: string;
  /** Arguments of its own at least and at most. */
  readonly least: number;
  readonly most: number;
}

export type LiveViewName = 'dmesg' | 'tasks' | 'stacks' | 'cpu' | 'regs' | 'read' | 'translate' | 'modules' | 'locks';

/** All of them, in the order of help. */
export const liveViews: readonly LiveView[] = [
  { name: 'dmesg', usage: 'dmesg', words: 'the printk buffer, also what was never printed', least: 0, most: 0 },
  { name: 'tasks', usage: 'tasks', words: 'all tasks', least: 0, most: 0 },
  { name: 'stacks', usage: 'stacks', words: 'the stacks of all CPUs and tasks', least: 0, most: 0 },
  { name: 'cpu', usage: 'cpu N', words: 'a CPU: registers in words, stack', least: 1, most: 1 },
  { name: 'regs', usage: 'regs ADDR', words: 'a pt_regs decoded', least: 1, most: 1 },
  { name: 'read', usage: 'read ADDR [LENGTH]', words: 'memory; ADDR may be SYMBOL[+OFFSET]', least: 1, most: 2 },
  { name: 'translate', usage: 'translate ADDR', words: 'its page-table entries, its page', least: 1, most: 1 },
  { name: 'modules', usage: 'modules', words: 'loaded modules', least: 0, most: 0 },
  { name: 'locks', usage: 'locks', words: 'who waits for what, and who holds it', least: 0, most: 0 },
];
