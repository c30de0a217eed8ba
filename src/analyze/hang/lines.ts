import type { LiveFrame } from '../../model/live.ts';
import type { TextRange } from '../../model/position.ts';
import type { Frame, StackTrace } from '../../model/report.ts';
import { hex } from '../../util/words.ts';
import type { HangThread } from './subject.ts';

/** Frames of a stack that are told. */
const mostFrames = 512;

/** The lines of a report that nobody printed, with where they would stand: behind all that the log has. */
export class HangLines {
  readonly lines: string[] = [];
  #line: number;
  #byte: number;

  /** `lines`, `bytes`: of the log. */
  constructor({ lines, bytes }: { readonly lines: number; readonly bytes: number }) {
    this.#line = lines;
    this.#byte = bytes;
  }

  push(text: string): TextRange {
    const line = text.replaceAll('\n', ' ');
    this.lines.push(line);
    this.#line += 1;
    const firstByte = this.#byte;
    this.#byte += Buffer.byteLength(line) + 1;
    return { firstLine: this.#line, lastLine: this.#line, firstByte, endByte: this.#byte };
  }

  /** A stack as kernels print it, innermost first; its frames are those of a report. */
  stack(thread: HangThread): Pick<StackTrace, 'label' | 'frames' | 'range'> {
    const label = `Stack of ${threadName(thread)}:`;
    let range = this.push(label);
    let section = 'task';
    const frames = thread.frames.slice(0, mostFrames).map((frame): Frame => {
      if (frame.stack !== section) {
        if (section !== 'task') this.push(` </${section}>`);
        if (frame.stack !== 'task') this.push(` <${frame.stack}>`);
        section = frame.stack;
      }
      const at = this.push(` ${frameText(frame)}`);
      range = { ...range, lastLine: at.lastLine, endByte: at.endByte };
      const { entry } = frame;
      if (entry !== undefined) {
        const address = entry.faultAddress === undefined ? '' : `, address ${hex(entry.faultAddress)}`;
        this.push(` --- ${entry.kind.replaceAll('-', ' ')}${address}, pt_regs at ${hex(entry.ptRegs)}`);
      }
      return frameOf(frame, at);
    });
    return { label, frames, range };
  }
}

/** `CPU 1 (swapper/1, pid 0)`, `kworker/0:1 (pid 7)`. */
export function threadName({ cpu, pid, comm }: HangThread): string {
  if (cpu === undefined) return `${comm ?? 'a task'} (pid ${pid ?? '?'})`;
  return comm === undefined ? `CPU ${cpu.id}` : `CPU ${cpu.id} (${comm}, pid ${pid ?? '?'})`;
}

function frameText({ function: name, offset, size, module, address, reliable }: LiveFrame): string {
  const doubt = reliable ? '' : '? ';
  if (name === undefined) return `${doubt}${hex(address)}`;
  const length = size === undefined ? '' : `/0x${size.toString(16)}`;
  const at = offset === undefined ? '' : `+0x${offset.toString(16)}${length}`;
  return `${doubt}${name}${at}${module === undefined ? '' : ` [${module}]`}`;
}

function frameOf(frame: LiveFrame, range: TextRange): Frame {
  const { function: name, offset, size, module, address, reliable, stack, source, inlined } = frame;
  return {
    ...(name === undefined ? { address } : { function: name }),
    ...(offset !== undefined && { offset }),
    ...(size !== undefined && { size }),
    ...(module !== undefined && { module }),
    reliable,
    ...(stack !== 'task' && { section: stack }),
    ...(source !== undefined && { source }),
    ...(inlined !== undefined && { inlined }),
    range,
  };
}
