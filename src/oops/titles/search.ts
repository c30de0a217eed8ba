import { frameFunctions, ipFunction, isStackStart, traceStart } from './frames.ts';
import { type Candidate, type Chosen, pick } from './pick.ts';
import type { SearchStep } from './rule.ts';
import { isFaultInjection, isSkipped } from './skip.ts';
import { withoutSyscallPrefix } from './syscalls.ts';

/** Where to search: a report's lines from the one in which the kind's text was found. */
export interface SearchGround {
  readonly lines: readonly string[];
  /** What follows the kind's text on its line: the function that a headline names begins it. */
  readonly afterText: string;
  readonly skip: readonly RegExp[];
  readonly pick: 'stall' | 'hung' | undefined;
}

/** What a search came to. */
export interface Found {
  readonly chosen: Chosen | undefined;
  /** Fault injection of another task got into the trace. */
  readonly injected: boolean;
}

const namedFunction = /^((?:[A-Za-z0-9_]+|<[^>\n]{1,200}>)(?:::[A-Za-z0-9_<>{}#]+)*)(?:[.+]|$)/;
const interrupted = /--- interrupt: [0-9a-f]+ at ([A-Za-z0-9_]+)/;

/** One walk down a report by the steps of a rule (`specs/titles.md` section 4, Collecting). */
class Walk {
  private readonly ground: SearchGround;
  private at = 0;
  private readonly candidates: Candidate[] = [];
  private fromText: string | undefined;
  injected = false;

  constructor(ground: SearchGround) {
    this.ground = ground;
  }

  run(steps: readonly SearchStep[]): Chosen | undefined {
    for (const step of steps) {
      if (!this.step(step)) break;
    }
    if (this.fromText !== undefined) return { title: this.fromText, printed: this.fromText };
    return pick(this.candidates, this.ground.pick);
  }

  private add(name: string): void {
    if (!isSkipped(name, this.ground.skip)) this.candidates.push({ printed: name, name: withoutSyscallPrefix(name) });
  }

  /** Moves behind the next line for which `test` says so. */
  private seek<T>(test: (line: string) => T | undefined): T | undefined {
    for (; this.at < this.ground.lines.length; this.at++) {
      const found = test(this.ground.lines[this.at] ?? '');
      if (found !== undefined) {
        this.at++;
        return found;
      }
    }
    return undefined;
  }

  /** The first group of the next line that matches. */
  private seekGroup(pattern: RegExp): string | undefined {
    return this.seek((line) => pattern.exec(line)?.[1]);
  }

  /** Frames up to the next stack start. */
  private frames(): void {
    for (; this.at < this.ground.lines.length; this.at++) {
      const line = this.ground.lines[this.at] ?? '';
      if (isStackStart(line)) return;
      for (const name of frameFunctions(line)) {
        if (isFaultInjection(name)) {
          this.injected = true;
          return;
        }
        this.add(name);
      }
    }
  }

  /** False if the step's line was not found: then nothing after it is found either. */
  private step(step: SearchStep): boolean {
    if (typeof step === 'object') {
      if ('after' in step) return this.seek((line) => (step.after.test(line) ? true : undefined)) !== undefined;
      const name = this.seekGroup('text' in step ? step.text : step.candidate);
      if (name === undefined) return false;
      if ('text' in step) this.fromText = name;
      else this.add(name);
      return true;
    }
    switch (step) {
      case 'H': {
        const name = namedFunction.exec(this.ground.afterText)?.[1];
        if (name !== undefined) this.add(name);
        return name !== undefined;
      }
      case 'IP':
      case 'IP or interrupt': {
        const name = this.seek((line) => {
          const atInterrupt = step === 'IP' ? undefined : interrupted.exec(line)?.[1];
          return atInterrupt ?? ipFunction(line);
        });
        if (name !== undefined && name !== null) this.add(name);
        return name !== undefined;
      }
      case 'T':
        if (this.seek((line) => (traceStart.test(line) ? true : undefined)) === undefined) return false;
        this.frames();
        return true;
      case 'T*':
        this.frames();
        return true;
    }
  }
}

/** Searches by `from`, and by `orFrom` if that yields nothing usable. */
export function search(ground: SearchGround, from: readonly SearchStep[], orFrom?: readonly SearchStep[]): Found {
  const walk = new Walk(ground);
  const chosen = walk.run(from);
  if (chosen !== undefined || orFrom === undefined) return { chosen, injected: walk.injected };
  const other = new Walk(ground);
  return { chosen: other.run(orFrom), injected: other.injected };
}
