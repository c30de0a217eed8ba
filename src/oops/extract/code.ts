import type { LogLine } from '../../model/log-line.ts';
import { joinRanges } from '../../model/position.ts';
import type { CodeDump } from '../../model/report.ts';

const codeLine = /^\s{0,8}(?:Code|Instruction dump|User Code): ?(.*)$/;
const unit = /^([<(])?([0-9a-f]{2,16})([>)])?$/;
// Krnl Code: 000000000045a78e: eb7ff0a80004 lmg ..., `>` marks the PSW's, `#` the one before (s390 disassembler).
const s390Line = /^\s{0,16}(?:(Krnl|User) Code: ?)?\s{0,16}([>#*])?\s{0,2}[0-9a-f]{16}: ?([0-9a-f]{4,12})\b/;
const mostUnits = 512;

/** Reads the part behind `Code:`; nothing if it is no list of bytes or words. */
export function parseCodeUnits(text: string): Pick<CodeDump, 'units' | 'unitSize' | 'marked'> | undefined {
  const units: string[] = [];
  let marked: number | undefined;
  for (const word of text.split(/\s+/)) {
    if (word === '') continue;
    const match = unit.exec(word);
    const digits = match?.[2];
    // ppc shows words that it could not read as XXXXXXXX.
    if (digits === undefined || digits.length % 2 !== 0) {
      if (/^X{8}$/.test(word)) {
        units.push(word);
        continue;
      }
      break;
    }
    if (units.length >= mostUnits) break;
    if (match?.[1] !== undefined) marked = units.length;
    units.push(digits);
  }
  if (units.length === 0) return undefined;
  const unitSize = (units[marked ?? 0] ?? '').length / 2;
  return { units, unitSize, ...(marked !== undefined && { marked }) };
}

/** Collects `Code:` lines. */
export class CodeCollector {
  readonly dumps: CodeDump[] = [];
  private s390: CodeDump | undefined;
  private wantsDump = false;

  /** True if the line is a dump of code, or says that there is none. */
  take(line: LogLine, user: boolean): boolean {
    const { text, range } = line;
    const mode = user ? 'user' : 'kernel';
    if (this.takeS390(line)) return true;
    const match = codeLine.exec(text);
    if (match === null) {
      if (!this.wantsDump) return false;
      // ppc: the words stand on the lines below `Instruction dump:`.
      const parsed = parseCodeUnits(text);
      if (parsed === undefined || parsed.unitSize !== 4) {
        this.wantsDump = false;
        return false;
      }
      const last = this.dumps.at(-1);
      if (last === undefined || last.range.lastLine + 2 < range.firstLine || last.unitSize !== 4) {
        this.push({ ...parsed, mode, range });
      } else {
        const marked = parsed.marked === undefined ? last.marked : last.units.length + parsed.marked;
        this.dumps[this.dumps.length - 1] = {
          ...last,
          units: [...last.units, ...parsed.units].slice(0, mostUnits),
          ...(marked !== undefined && { marked }),
          range: joinRanges(last.range, range),
        };
      }
      return true;
    }
    const rest = match[1] ?? '';
    this.wantsDump = text.includes('Instruction dump:');
    const parsed = parseCodeUnits(rest);
    if (parsed !== undefined) {
      this.push({ ...parsed, mode, range });
      return true;
    }
    return this.wantsDump || /^(Bad \w+ value|Unable to access opcode bytes)/.test(rest);
  }

  /** The same bytes again (x86 repeats registers and code behind the end mark) are not kept twice. */
  private push(dump: CodeDump): void {
    const same = this.dumps.some((d) => d.marked === dump.marked && d.units.join() === dump.units.join());
    if (!same && this.dumps.length < 256) this.dumps.push(dump);
  }

  private takeS390({ text, range }: LogLine): boolean {
    const match = s390Line.exec(text);
    if (match === null || (match[1] === undefined && this.s390 === undefined)) {
      this.s390 = undefined;
      return false;
    }
    const bytes = match[3]?.match(/../g) ?? [];
    const marks = match[2] === '>';
    const last = match[1] === undefined ? this.s390 : undefined;
    const before = last?.units ?? [];
    const marked = marks ? before.length : last?.marked;
    const dump: CodeDump = {
      units: [...before, ...bytes],
      unitSize: 1,
      ...(marked !== undefined && { marked }),
      mode: match[1] === 'User' ? 'user' : (last?.mode ?? 'kernel'),
      range: last === undefined ? range : joinRanges(last.range, range),
    };
    if (last !== undefined) this.dumps.pop();
    this.dumps.push(dump);
    this.s390 = dump.units.length < mostUnits ? dump : undefined;
    return true;
  }
}
