import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { withoutLinks } from './terminal.ts';

/** What a shell says when there is no such command, or it cannot be run. */
const notRunnable: ReadonlySet<number> = new Set([126, 127]);

/** A pager that took that many characters runs: they are far more than a pipe holds. */
const knownToRun = 1 << 20;

/** The command to page with: the setting, else $PAGER, else less. Absent for none. */
export function pagerCommand(setting: string | false | undefined, env: Session['env']): string | undefined {
  if (setting === false) return undefined;
  const command = setting ?? env.PAGER ?? 'less';
  return command.trim() === '' || command.trim() === 'cat' ? undefined : command;
}

/**
 * Output that goes straight to the terminal if it fits the screen, and through a pager if it does not.
 * Quitting the pager early is fine; a pager that cannot be run is done without.
 */
export class PagedOutput implements Output {
  readonly #direct: Output;
  readonly #command: string;
  readonly #rows: number;
  readonly #env: Session['env'];
  /** What was written so far; needed again if the pager turns out not to exist. */
  readonly #held: string[] = [];
  #heldLines = 0;
  #pager: ChildProcess | undefined;
  #finished: Promise<void> | undefined;
  #fed = 0;
  #state: 'holding' | 'paging' | 'left' | 'direct' = 'holding';

  constructor(direct: Output, command: string, rows: number, env: Session['env']) {
    this.#direct = direct;
    this.#command = command;
    this.#rows = rows;
    this.#env = env;
  }

  get closed(): boolean {
    return this.#state === 'left' || this.#direct.closed;
  }

  async write(text: string): Promise<void> {
    if (this.closed) return;
    if (this.#state === 'direct') {
      await this.#direct.write(text);
      return;
    }
    if (this.#state === 'paging') {
      await this.#feed(text);
      return;
    }
    this.#held.push(text);
    this.#heldLines += text.split('\n').length - 1;
    // A line of the screen is left for the prompt.
    if (this.#heldLines >= this.#rows) {
      this.#start();
      await this.#feed(this.#held.splice(0).join(''));
    }
  }

  async end(): Promise<void> {
    if (this.#state === 'holding') await this.#goDirect();
    this.#pager?.stdin?.end();
    await this.#finished;
    await this.#direct.end();
  }

  async #goDirect(): Promise<void> {
    this.#state = 'direct';
    for (const text of this.#held.splice(0)) await this.#direct.write(text);
  }

  #start(): void {
    this.#state = 'paging';
    const pager = spawn(this.#command, {
      shell: true,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...this.#env, LESS: this.#env.LESS ?? 'FRX', LV: this.#env.LV ?? '-c' },
    });
    this.#pager = pager;
    // A pager that was left closes its input: `#feed` hears of it from the write that fails.
    pager.stdin?.on('error', () => {});
    this.#finished = once(pager, 'close').then(
      ([code]) => this.#ended(typeof code === 'number' && notRunnable.has(code)),
      () => this.#ended(true),
    );
  }

  async #ended(unusable: boolean): Promise<void> {
    // Nobody has seen what was written for a pager that did not run.
    if (unusable) await this.#goDirect();
    else this.#state = 'left';
  }

  async #feed(text: string): Promise<void> {
    const stdin = this.#pager?.stdin;
    if (!stdin) return;
    if (this.#fed < knownToRun) this.#held.push(text);
    this.#fed += text.length;
    const failed = await new Promise<boolean>((done) => {
      stdin.write(withoutLinks(text), (error) => done(error !== null && error !== undefined));
    });
    // Whether it was left or never ran is known when it has ended.
    if (failed) await this.#finished;
  }
}
