import { frameKey } from '../../model/blame.ts';
import type { CrashReport } from '../../model/report.ts';
import { positionText } from './position.ts';

const symbolWithOffset = /([A-Za-z_][\w.$]*)\+0x([0-9a-f]{1,8})(?:\/0x[0-9a-f]{1,8})?(?: \[([A-Za-z0-9_-]+)\])?/g;

/** Where the functions are that a report names in its own words. */
export class Places {
  readonly #positions = new Map<string, string>();

  constructor({
    frames,
    stacks,
    symbols,
    unprinted,
  }: Pick<CrashReport, 'frames' | 'stacks' | 'symbols' | 'unprinted'>) {
    // What was found in a machine is told with its places.
    if (unprinted) return;
    const all = [...(symbols?.mentioned ?? []), ...frames, ...stacks.flatMap((stack) => stack.frames)];
    for (const each of all) {
      const text = positionText(each);
      if (text === '' || each.function === undefined) continue;
      this.#positions.set(frameKey(each), text);
      // Locks are told without their module.
      const { function: name, offset } = each;
      const bare = frameKey({ function: name, ...(offset !== undefined && { offset }) });
      if (!this.#positions.has(bare)) this.#positions.set(bare, text);
    }
  }

  /** ` at mm/slub.c:12:3`, or nothing where it is not known. */
  at(name: string | undefined, offset: number | undefined, module?: string): string {
    if (name === undefined || offset === undefined) return '';
    return this.#positions.get(frameKey({ function: name, offset, ...(module !== undefined && { module }) })) ?? '';
  }

  /** A text of the log with positions behind every `foo+0x12/0x34 [module]` in it that has one. */
  annotate(text: string): string {
    if (this.#positions.size === 0 || !text.includes('+0x')) return text;
    return text.replace(
      symbolWithOffset,
      (whole: string, name: string, offset: string, module?: string) =>
        whole + this.at(name, Number.parseInt(offset, 16), module),
    );
  }
}
