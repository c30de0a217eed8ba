import { spawnSync } from 'node:child_process';

/**
 * Remembers how the terminal of standard input is set, and gives what sets it so again: QEMU turns off echo and line
 * editing, and cannot turn them on again when it is killed. Does nothing where there is no terminal, or no stty.
 */
export function keepTerminal(isTerminal: boolean): () => void {
  if (!isTerminal) return () => undefined;
  const { stdout, status } = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'latin1' });
  const state = status === 0 ? stdout.trim() : '';
  if (!/^[0-9a-f:]{10,400}$/.test(state)) return () => undefined;
  return () => void spawnSync('stty', [state], { stdio: ['inherit', 'ignore', 'ignore'] });
}
