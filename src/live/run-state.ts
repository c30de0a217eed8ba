import type { Machine } from '../machine/machine.ts';

/**
 * Why QEMU lets a guest stand that nobody here has stopped: its run state, as `info status` has it (`shutdown`,
 * `io-error`, `paused`; qapi/run-state.json). Undefined of one that ran, and where nothing tells.
 */
export async function runStateOf(machine: Machine): Promise<string | undefined> {
  if (machine.wasRunning) return undefined;
  const text = await machine.info('info status');
  return text === undefined ? undefined : parseRunState(text);
}

/** Of `VM status: paused (shutdown)`, the state in parentheses; `paused` where there is none. */
export function parseRunState(text: string): string | undefined {
  const [, word, inner] = /^VM status: ([a-z-]{1,32})(?: \(([a-z-]{1,32})\))?/.exec(text.trimStart()) ?? [];
  return word === 'running' ? undefined : (inner ?? word);
}

/** What a run state means. */
export interface RunState {
  /** Behind `The guest does not run: `. */
  readonly words: string;
  /** That it stands is the trouble itself, and nothing that somebody wanted. */
  readonly isTrouble: boolean;
}

/**
 * Run states that say why a guest does nothing. After `guest-panicked` and `watchdog` the kernel's own state says more;
 * `paused` is what somebody did by hand, maybe as it hung.
 */
const runStates: Readonly<Record<string, RunState>> = {
  'io-error': {
    words: 'QEMU has stopped it at an error of a disk (werror=stop, rerror=stop); the host may be out of space',
    isTrouble: true,
  },
  'internal-error': {
    words: 'QEMU has stopped it at an error of its own, or of KVM, of which its standard error tells',
    isTrouble: true,
  },
  shutdown: { words: 'it was powered off, or wanted to be reset, and QEMU was told to stay', isTrouble: false },
  prelaunch: { words: 'it was not started yet (-S)', isTrouble: false },
  preconfig: { words: 'it was not started yet (--preconfig)', isTrouble: false },
  inmigrate: { words: 'it waits to be migrated here', isTrouble: false },
  postmigrate: { words: 'it was migrated to another machine', isTrouble: false },
  'finish-migrate': { words: 'it is being migrated', isTrouble: false },
  'save-vm': { words: 'its state is being saved', isTrouble: false },
  'restore-vm': { words: 'its state is being restored', isTrouble: false },
  suspended: { words: 'it was suspended to RAM, and waits for what wakes it', isTrouble: false },
};

/** What is known of a run state; undefined of those that explain nothing. */
export function runStateWords(state: string | undefined): RunState | undefined {
  return state !== undefined && Object.hasOwn(runStates, state) ? runStates[state] : undefined;
}
