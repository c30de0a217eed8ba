import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KgdbKernel } from './kgdb-kernel.ts';

/** What is at the other end of the line that the kernel's debugger is on. */
export type LineKind = 'tcp' | 'unix' | 'pty';

/** A guest whose kernel has a debugger of its own, on the second serial line; the console is on the first. */
export class KgdbGuest implements AsyncDisposable {
  /** As `ktriage live` takes it. */
  target: string;
  readonly #folder: string;
  readonly #qemu: ChildProcess;
  readonly #ended: Promise<void>;
  #console = '';
  #errors = '';

  private constructor(kernel: KgdbKernel, folder: string, line: LineKind, port: number) {
    this.#folder = folder;
    const socket = join(folder, 'kgdb');
    this.target = line === 'tcp' ? `kgdb:127.0.0.1:${port}` : `kgdb:${socket}`;
    // Each byte is a write of its own: without nodelay the second one waits for an acknowledgement of the first.
    const devices: Readonly<Record<LineKind, string>> = {
      tcp: `socket,host=127.0.0.1,port=${port},server=on,wait=off,nodelay=on`,
      unix: `socket,path=${socket},server=on,wait=off`,
      pty: 'pty',
    };
    this.#qemu = spawn(
      'qemu-system-x86_64',
      [
        ...['-accel', 'tcg', '-cpu', 'max,la57=off', '-m', '192', '-nic', 'none', '-display', 'none'],
        // Without ACPI the kernel takes SeaBIOS's table of processors, which has one of each socket.
        ...['-smp', '2,sockets=2'],
        ...['-no-reboot', '-monitor', 'none', '-serial', 'stdio'],
        ...['-chardev', `${devices[line].replace(',', ',id=line,').replace(/^pty$/, 'pty,id=line')}`],
        ...['-serial', 'chardev:line', '-kernel', kernel.image, '-initrd', kernel.initrd],
        ...['-append', 'console=ttyS0 kgdboc=ttyS1,115200 no_timer_check'],
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    this.#qemu.stdin?.on('error', () => undefined);
    this.#qemu.stdout?.on('data', (text: Buffer) => {
      this.#console += text.toString('latin1');
    });
    this.#qemu.stderr?.on('data', (text: Buffer) => {
      this.#errors = `${this.#errors}${text.toString('latin1')}`.slice(-2000);
    });
    this.#ended = new Promise((resolve) => {
      this.#qemu.once('exit', () => resolve());
      this.#qemu.once('error', () => resolve());
    });
  }

  /** Boots a guest, and waits until its user space lives. */
  static async boot(kernel: KgdbKernel, line: LineKind): Promise<KgdbGuest> {
    const guest = new KgdbGuest(kernel, mkdtempSync(join(tmpdir(), 'ktriage-kgdb-')), line, await freePort());
    try {
      await guest.until('user space lived', () => guest.heartbeats() > 0, 120);
      if (line === 'pty') {
        const path = /char device redirected to (\/dev\/pts\/\d+)/.exec(guest.#console + guest.#errors)?.[1];
        if (path === undefined) throw new Error(`QEMU does not say which terminal it is: ${guest.#errors}`);
        guest.target = `kgdb:${path}`;
      }
      return guest;
    } catch (error) {
      await guest[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the console has printed so far. */
  get console(): string {
    return this.#console;
  }

  /** How often user space has said that it lives. */
  heartbeats(): number {
    return this.#console.split('guest: alive').length - 1;
  }

  /** Has a process of the guest write a text into a file, on a CPU, some seconds later. */
  write(file: string, text: string, { cpu = 0, seconds = 0 } = {}): void {
    this.#qemu.stdin?.write(`${cpu} ${seconds} ${file} ${text}\n`);
  }

  /** Waits until something is so; an error with the console's end after `seconds`. */
  async until(what: string, isSo: () => boolean, seconds = 60): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!isSo()) {
      const hasEnded = this.#qemu.exitCode !== null || this.#qemu.signalCode !== null;
      if (hasEnded || Date.now() > end) {
        const why = hasEnded ? 'QEMU ended' : `${seconds} s have passed`;
        throw new Error(`${why} before ${what}: ${this.#errors}\n${this.#console.slice(-2000)}`);
      }
      await sleep(100);
    }
  }

  /** Waits until the kernel is in its debugger, by what was written: user space falls silent. */
  async untilSilent(): Promise<void> {
    let last = this.#console.length;
    let since = Date.now();
    await this.until('user space was silent', () => {
      if (this.#console.length !== last) [last, since] = [this.#console.length, Date.now()];
      return Date.now() - since > 4000;
    });
  }

  /** Waits until user space says again that it lives. */
  async untilAlive(): Promise<void> {
    const before = this.heartbeats();
    await this.until('user space lived again', () => this.heartbeats() > before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, pid } = this.#qemu;
    if (exitCode === null && signalCode === null && pid !== undefined) {
      this.#qemu.kill('SIGKILL');
      await this.#ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
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
