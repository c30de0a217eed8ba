import type { LogLine } from '../../model/log-line.ts';

/** The first line of a dump's part: pstore_dump() of fs/pstore/platform.c, `Panic#1 Part2`. */
export const partHeader =
  /^(Panic|Oops|Emergency|Restart|Halt|Poweroff|Shutdown|Kexec|Reboot|Unknown|MCE)#(\d{1,9}) Part(\d{1,6})$/;
/** ramoops' own header before it: fs/pstore/ram.c, RAMOOPS_KERNMSG_HDR. */
const recordHeader = /^====\d{1,12}\.\d{1,9}(?:-[CD])?$/;

const maxBytes = 16 * 1024 * 1024;

interface Part {
  readonly number: number;
  readonly lines: LogLine[];
}

/**
 * Puts the parts of a pstore dump in order: the newest comes first in each, `Part1`, and the files are
 * usually read in the order of their names.
 */
export class PstoreParts {
  private dump = '';
  private parts: Part[] = [];
  private bytes = 0;

  /** True while parts are collected. */
  get active(): boolean {
    return this.dump !== '';
  }

  push(line: LogLine, out: LogLine[]): void {
    // Both headers begin with one of these; everything else passes.
    const code = line.text.charCodeAt(0);
    if (line.kernel !== true && (code === 0x3d || (code >= 0x45 && code <= 0x55))) {
      if (recordHeader.test(line.text)) return;
      const m = partHeader.exec(line.text);
      if (m !== null) {
        this.begin(`${m[1]}#${m[2]}`, Number(m[3]), out);
        return;
      }
    }
    const part = this.parts.at(-1);
    if (part === undefined) {
      out.push(line);
      return;
    }
    // Every line of a part has its level (`kmsg_dump_get_buffer(..., syslog = true)`): others come after the dump.
    if (line.level === undefined && line.text !== '' && part.lines.at(-1)?.level !== undefined) {
      this.finish(out);
      out.push(line);
      return;
    }
    part.lines.push(line);
    this.bytes += line.text.length + 64;
    if (this.bytes > maxBytes) this.finish(out);
  }

  /** The dump is complete. */
  finish(out: LogLine[]): void {
    const parts = this.parts.sort((a, b) => b.number - a.number);
    this.parts = [];
    this.dump = '';
    this.bytes = 0;
    for (const part of parts) {
      for (const line of part.lines) out.push(line);
    }
  }

  private begin(dump: string, number: number, out: LogLine[]): void {
    if (dump !== this.dump || this.parts.some((part) => part.number === number)) this.finish(out);
    this.dump = dump;
    this.parts.push({ number, lines: [] });
  }
}
