import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../helpers/built.ts';
import { wordsIn } from './pt-regs.ts';

export interface GuestOptions {
  /** `6.1-amd64`: of the fetched kernels. */
  readonly kernel: string;
  readonly scenario: string;
  /** Of test/guest/boot: `--smp`, `4`, and what goes to the kernel's command line. */
  readonly more?: readonly string[];
}

/** A port of the loopback that nobody listens on at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A guest under QEMU that a test has started, and ends. */
export class RunningGuest implements AsyncDisposable {
  /** Of its gdbstub, on the loopback. */
  readonly port: number;
  /** The socket of its monitor. */
  readonly monitor: string;
  readonly #folder: string;
  readonly #qemu: ChildProcess;
  readonly #ended: Promise<void>;
  #output = '';

  private constructor(folder: string, port: number, { kernel, scenario, more = [] }: GuestOptions) {
    this.#folder = folder;
    this.port = port;
    this.monitor = join(folder, 'qmp');
    const own = ['--gdb-port', String(port), '--qmp', this.monitor, '--log', this.#log];
    const script = join(projectRoot, 'test', 'guest', 'boot');
    // boot becomes QEMU: the pid is QEMU's.
    this.#qemu = spawn('bash', [script, kernel, scenario, ...own, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#qemu.stdout, this.#qemu.stderr])
      stream?.on('data', (text: Buffer) => {
        this.#output = `${this.#output}${text.toString('latin1')}`.slice(-2000);
      });
    this.#ended = new Promise((resolve) => {
      this.#qemu.once('exit', () => resolve());
      this.#qemu.once('error', () => resolve());
    });
  }

  static async boot(options: GuestOptions): Promise<RunningGuest> {
    return new RunningGuest(mkdtempSync(join(tmpdir(), 'ktriage-guest-')), await freePort(), options);
  }

  get #log(): string {
    return join(this.#folder, 'console.log');
  }

  /** Its pid, which is QEMU's. */
  get pid(): number {
    return this.#qemu.pid ?? 0;
  }

  /** What its console has printed so far. */
  console(): string {
    return existsSync(this.#log) ? readFileSync(this.#log, 'latin1') : '';
  }

  /** How often user space has said that it lives. */
  heartbeats(): number {
    return this.console().split('guest: alive at').length - 1;
  }

  /** Waits until something is so; an error with the console's end after `seconds`. */
  async until(what: string, isSo: () => boolean, seconds = 90): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!isSo()) {
      const hasEnded = this.#qemu.exitCode !== null || this.#qemu.signalCode !== null;
      if (hasEnded || Date.now() > end)
        throw new Error(
          `${hasEnded ? 'QEMU ended' : `${seconds} s have passed`} before ${what}: ${this.#output}\n${this.console().slice(-2000)}`,
        );
      await sleep(100);
    }
  }

  /** Waits until the console has this text. */
  untilPrinted(text: string, seconds?: number): Promise<void> {
    return this.until(`the guest printed "${text}"`, () => this.console().includes(text), seconds);
  }

  /** Waits until user space has said nothing for so long. */
  async untilSilent(milliseconds: number, seconds = 60): Promise<void> {
    let last = this.heartbeats();
    let since = Date.now();
    const isSilent = (): boolean => {
      const now = this.heartbeats();
      if (now !== last) [last, since] = [now, Date.now()];
      return Date.now() - since >= milliseconds;
    };
    await this.until('user space fell silent', isSilent, seconds);
  }

  /** What QEMU's own monitor calls the guest's state: `running`, `paused`. */
  async status(): Promise<string> {
    const status = /"status": "([\w-]+)"/.exec(await this.#ask({ execute: 'query-status' }))?.[1];
    if (status === undefined) throw new Error('QEMU tells no status');
    return status;
  }

  /** Words of 8 bytes at an address, in hex, as a CPU sees them; read by QEMU itself, while the guest runs. */
  async words(address: string, count: number, cpu: number): Promise<string[]> {
    const line = { 'command-line': `x /${count}gx ${address}`, 'cpu-index': cpu };
    const answer = await this.#ask({ execute: 'human-monitor-command', arguments: line });
    return wordsIn(answer.replaceAll('\\r\\n', '\n'));
  }

  /** The answer to a command at QEMU's monitor; another client than the program's. */
  #ask(command: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.monitor);
      let text = '';
      const fail = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      socket.setTimeout(20_000, () => fail(new Error(`QEMU's monitor does not answer: ${text}`)));
      socket.on('error', fail);
      socket.on('connect', () => {
        for (const each of [{ execute: 'qmp_capabilities' }, { ...command, id: 'asked' }])
          socket.write(`${JSON.stringify(each)}\n`);
      });
      socket.on('data', (data) => {
        text += data.toString('latin1');
        const answer = text.split('\n').find((line) => line.includes('"id": "asked"') && line.endsWith('}\r'));
        if (answer === undefined) return;
        socket.destroy();
        resolve(answer);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, pid } = this.#qemu;
    if (exitCode === null && signalCode === null && pid !== undefined) {
      this.#qemu.kill('SIGTERM');
      const force = setTimeout(() => this.#qemu.kill('SIGKILL'), 3000);
      await this.#ended;
      clearTimeout(force);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
