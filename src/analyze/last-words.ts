import { LineDecoder } from '../log/decoder.ts';
import { maxLineBytes } from '../log/physical-line.ts';
import type { GuestState, LastWords } from '../model/command.ts';
import type { LogLine } from '../model/log-line.ts';
import { RunTracker } from '../oops/running.ts';
import { utf8 } from '../util/text.ts';

/** Lines that are told. */
const shownLines = 8;
const mostOfLine = 300;
/** Lines before the end in which a machine says that it goes down. */
const goingDownWithin = 20;

/** kernel/reboot.c: kernel_power_off(), kernel_halt(); what QEMU's guests print before the machine does nothing more. */
const down = /^reboot: (?:Power down|System halted)/;
/** Programs that the kernel starts: init/main.c, run_init_process() and kernel_init(). */
const userSpace = /^(?:Run \S{1,100} as init process|Freeing unused kernel (?:image|memory))/;
/** What stands at the end of a line that waits for somebody to type: of shells, getty, initramfs, boot loaders, kdb. */
const prompt = /(?:[#$%>]| login:|[Pp]assword:|^\(initramfs\))$/;
/** A prompt is short. */
const longestPrompt = 120;

/** What the end of a console's output says of the machine behind it. */
export function lastWords(tail: Uint8Array): LastWords {
  const end = new ConsoleEnd();
  const decoder = new LineDecoder();
  let firstByte = 0;
  let number = 0;
  while (firstByte < tail.length) {
    const feed = tail.indexOf(10, firstByte);
    const endByte = feed === -1 ? tail.length : feed + 1;
    const stop = Math.min(feed === -1 ? tail.length : feed, firstByte + maxLineBytes);
    number += 1;
    const bytes = Buffer.from(tail.buffer, tail.byteOffset + firstByte, stop - firstByte).toString('latin1');
    for (const line of decoder.push({ bytes, number, firstByte, endByte })) end.line(line);
    if (feed === -1) end.isUnfinished = true;
    firstByte = endByte;
  }
  for (const line of decoder.flush()) end.line(line);
  return end.words(decoder.kernelLines);
}

/** Follows a console to its end. */
class ConsoleEnd {
  /** The last line has no end. */
  isUnfinished = false;
  readonly #running = new RunTracker();
  readonly #last: string[] = [];
  #kernelSeconds: number | undefined;
  #hasKernel = false;
  #hasUserSpace = false;
  #downAt: number | undefined;
  #count = 0;

  line(line: LogLine): void {
    this.#count += 1;
    this.#running.line(line);
    if (line.kernel === true) {
      this.#hasKernel = true;
      if (line.seconds !== undefined) this.#kernelSeconds = line.seconds;
      if (userSpace.test(line.text)) this.#hasUserSpace = true;
    } else if (this.#hasKernel && line.text.trim() !== '') this.#hasUserSpace = true;
    if (down.test(line.text)) this.#downAt = this.#count;
    if (line.text.startsWith('Linux version ') && line.kernel === true) {
      this.#hasUserSpace = false;
      this.#downAt = undefined;
    }
    const stamp =
      line.kernel === true && line.seconds !== undefined ? `[${line.seconds.toFixed(6).padStart(12)}] ` : '';
    const text = utf8(line.text.slice(0, mostOfLine)).trimEnd();
    if (text === '') return;
    this.#last.push(`${stamp}${text}`);
    if (this.#last.length > shownLines) this.#last.shift();
  }

  /** @param isOfKernel something of it was printed by a kernel, whether or not it is known of each line. */
  words(isOfKernel: boolean): LastWords {
    const { harness, test } = this.#running.snapshot() ?? {};
    return {
      state: this.#state(test, isOfKernel),
      lines: this.#last,
      ...(this.#kernelSeconds !== undefined && { kernelSeconds: this.#kernelSeconds }),
      ...(test !== undefined && { test, ...(harness !== undefined && { harness }) }),
    };
  }

  #state(test: string | undefined, isOfKernel: boolean): GuestState {
    if (this.#downAt !== undefined && this.#count - this.#downAt < goingDownWithin) return 'down';
    // A prompt's line is not ended, and nothing of the kernel's stands behind it.
    const last = this.#last.at(-1) ?? '';
    if (this.isUnfinished && last.length <= longestPrompt && prompt.test(last)) return 'prompt';
    if (test !== undefined) return 'testing';
    if (!this.#hasKernel && !isOfKernel) return 'unseen';
    return this.#hasUserSpace ? 'running' : 'booting';
  }
}
