import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { withoutLinks } from './terminal.ts';

/** What a shell says when there is no such command, or it cannot be run. */
const notRunnable: ReadonlySet<number> = new Set([126, 127]);

/** The command to page with: the setting, else $PAGER, else less. Absent for none. */
export function pagerCommand(setting: string | false | undefined, env: Session['env']): string | undefined {
  if (setting === false) return undefined;
  const command = setting ?? env.PAGER ?? 'less';
  return command.trim() === '' || command.trim() === 'cat' ? undefined : command;
}

/**
 * Output that goes straight to the terminal if it fits the screen, and through a pager if it does not.
 * Quitting the pager early is fine.
 */
export class PagedOutput implements Output {
  readonly #direct: Output;
  readonly #command: string;
  readonly #rows: number;
  readonly #env: Session['env'];
  #held: string[] = [];
  #heldLines = 0;
  #pager: ChildProcess | undefined;
  #finished: Promise<void> | undefined;
  #exit: number | null = null;
  #left = false;

  constructor(direct: Output, command: string, rows: number, env: Session['env']) {
    this.#direct = direct;
    this.#command = command;
    this.#rows = rows;
    this.#env = env;
  }

  get closed(): boolean {
    return this.#left || this.#direct.closed;
  }

  async write(text: string): Promise<void> {
    if (this.closed) return;
    this.#held.push(text);
    if (this.#pager) {
      await this.#feed(text);
      return;
    }
    this.#heldLines += text.split('\n').length - 1;
    // A line of the screen is left for the prompt.
    if (this.#heldLines >= this.#rows) {
      this.#start();
      await this.#feed(this.#held.join(''));
    }
  }

  async end(): Promise<void> {
    if (this.#pager) {
      this.#pager.stdin?.end();
      await this.#finished;
      // No such pager: what was held has not been seen by anybody.
      if (this.#exit === null || !notRunnable.has(this.#exit)) return;
    }
    for (const text of this.#held) await this.#direct.write(text);
    await this.#direct.end();
  }

  #start(): void {
    const pager = spawn(this.#command, {
      shell: true,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...this.#env, LESS: this.#env.LESS ?? 'FRX', LV: this.#env.LV ?? '-c' },
    });
    this.#pager = pager;
    pager.stdin?.on('error', () => {
      this.#left = true;
    });
    this.#finished = once(pager, 'close').then(
      ([code]) => {
        this.#exit = typeof code === 'number' ? code : null;
        this.#left = true;
      },
      () => {
        this.#exit = 127;
        this.#left = true;
      },
    );
  }

  async #feed(text: string): Promise<void> {
    const stdin = this.#pager?.stdin;
    if (!stdin || this.#left) return;
    await new Promise<void>((done) => {
      stdin.write(withoutLinks(text), () => done());
    });
  }
}
