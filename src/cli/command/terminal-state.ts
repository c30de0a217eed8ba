import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Whether we run behind a shell that has the terminal (`&`). Whoever reads from it there is stopped, but not what has a
 * session of its own: that would take what is typed at the shell. Who sets it is stopped too.
 */
export function isInBackground(): boolean {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    // Behind the name: state, parent, group, session, terminal, the group that has it, -1 without one (proc_pid_stat(5)).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 6);
    const [group, foreground] = [Number(fields[2]), Number(fields[5])];
    return foreground > 0 && foreground !== group;
  } catch {
    return false;
  }
}

/**
 * Remembers how the terminal of standard input is set, and gives what sets it so again: QEMU turns off echo and line
 * editing, and cannot turn them on again when it is killed. Does nothing where there is no terminal, or no stty.
 */
export function keepTerminal(isTerminal: boolean): () => void {
  if (!isTerminal) return () => undefined;
  const { stdout, status } = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'latin1' });
  const state = status === 0 ? stdout.trim() : '';
  if (!/^[0-9a-f:]{10,400}$/.test(state)) return () => undefined;
  return () => {
    if (!isInBackground()) spawnSync('stty', [state], { stdio: ['inherit', 'ignore', 'ignore'] });
  };
}
