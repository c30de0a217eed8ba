import { runProcess } from '../../io/process.ts';
import { garbledMonitor, type Monitor, refusedByMonitor } from '../../machine/qmp/monitor.ts';
import { KtriageError } from '../../util/errors.ts';

/** Milliseconds for a command. */
const commandMilliseconds = 20_000;

/** The program that is run, so that tests can put another one in its place. */
export interface VirshOptions {
  readonly program?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

function missing(domain: string): KtriageError {
  return new KtriageError(
    'KT-LIVE-VIRSH',
    `cannot reach the libvirt domain ${domain}`,
    'virsh is not installed',
    'install libvirt-clients, or name the guest by its gdbstub or by its monitor (qmp:SOCKET)',
  );
}

/** The last line that says something, as virsh has it behind `error: `. */
function complaint(stderr: string): string {
  const lines = stderr.split('\n', 1000).map((line) => line.trim().replace(/^error: /, ''));
  return lines.find((line) => line !== '')?.slice(0, 300) ?? 'it does not say why';
}

/**
 * QEMU's monitor behind libvirt, which has it to itself: each command is one of `virsh qemu-monitor-command`. libvirt
 * marks the domain as tainted by that (`custom-monitor`), which changes nothing.
 */
export class VirshMonitor implements Monitor {
  readonly peer: string;
  /** A process for each command: 20 ms and more. */
  readonly isSlow = true;
  readonly #domain: string;
  readonly #options: VirshOptions;
  #isForgiven = false;

  constructor(domain: string, options: VirshOptions = {}) {
    this.peer = `libvirt:${domain}`;
    this.#domain = domain;
    this.#options = options;
  }

  async execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { program = 'virsh', signal } = this.#options;
    if (!this.#isForgiven) signal?.throwIfAborted();
    const message = JSON.stringify({ execute: command, ...(parameters && { arguments: parameters }) });
    const result = await runProcess(program, ['-q', 'qemu-monitor-command', this.#domain, '--cmd', message], {
      timeoutMilliseconds: commandMilliseconds,
      maxOutputBytes: 16_777_216,
      env: { LC_ALL: 'C' },
      isDetached: true,
      ...(signal === undefined || this.#isForgiven ? {} : { signal }),
    });
    if (!this.#isForgiven) signal?.throwIfAborted();
    if (result.failure === 'ENOENT') throw missing(this.#domain);
    if (result.failure === 'timeout') throw this.#late(command);
    if (result.exitCode !== 0) throw refusedByMonitor(this.peer, command, complaint(result.stderr));
    return this.#returned(command, result.stdout);
  }

  forgive(): void {
    this.#isForgiven = true;
  }

  /** There is nothing open. */
  async close(): Promise<void> {}

  #returned(command: string, text: string): unknown {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw garbledMonitor(this.peer, `virsh prints no JSON for ${command}`);
    }
    if (typeof answer !== 'object' || answer === null) throw garbledMonitor(this.peer, 'virsh prints no answer');
    if ('error' in answer) {
      const { error } = answer;
      const said = typeof error === 'object' && error !== null && 'desc' in error ? error.desc : undefined;
      throw refusedByMonitor(this.peer, command, typeof said === 'string' ? said.slice(0, 200) : 'it does not say why');
    }
    return 'return' in answer ? answer.return : undefined;
  }

  #late(command: string): KtriageError {
    return new KtriageError(
      'KT-QMP-TIMEOUT',
      `QEMU's monitor at ${this.peer} does not answer`,
      `virsh had no answer to ${command} within ${commandMilliseconds / 1000} s`,
      'virsh domstate --reason tells how the domain is; check that libvirtd runs',
      'unvouched',
    );
  }
}
