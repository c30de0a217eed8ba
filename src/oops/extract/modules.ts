import type { LinkedModule } from '../../model/report.ts';
import { utf8 } from '../../util/text.ts';

const head = /\bModules linked in:/;
// name, name(OE), name(OE+); a build ID behind it in kernels that were built to print it.
const moduleWord = /^([\w-]{1,64})(?:\(([A-Z+-]{1,24})\))?$/;
const buildIdWord = /^[0-9a-f]{40}$/;
/** print_modules() has a record of 1000 bytes or so at a time; a new record is a new line. Shorter ones are whole. */
const shortestFullLine = 70;
const mostModules = 4096;

/** Collects `Modules linked in:` with the lines that it goes on over. */
export class ModuleCollector {
  modules: LinkedModule[] | undefined;
  private goesOn = false;

  /** True if the line is the list or goes on with it. */
  take(text: string): boolean {
    const match = head.exec(text);
    if (match !== null) {
      const first = this.modules === undefined;
      this.modules ??= [];
      const done = this.read(text.slice(match.index + match[0].length), first ? this.modules : []);
      this.goesOn = first && !done && text.length >= shortestFullLine;
      return true;
    }
    if (!this.goesOn || this.modules === undefined) return false;
    this.goesOn = false;
    if (!/^[\s\w]/.test(text)) return false;
    const more: LinkedModule[] = [];
    const words = text.trim().split(/\s+/, 3);
    // The next line of a report begins with a word that is no module: `CPU:`, `irq event stamp:`.
    const first = words[0];
    if (first === undefined || !(moduleWord.test(first) || first === '[last')) return false;
    if (!/^\s/.test(text) && words.length < 2) return false;
    const done = this.read(text, more);
    if (!done && !this.lastReadWhole) return false;
    this.modules.push(...more.slice(0, mostModules));
    this.goesOn = !done && text.length >= shortestFullLine;
    return true;
  }

  private lastReadWhole = true;

  /** True if the list has ended: it says what was unloaded last, or something else follows. */
  private read(text: string, into: LinkedModule[]): boolean {
    this.lastReadWhole = true;
    const unloaded = text.indexOf('[last unloaded');
    const list = unloaded < 0 ? text : text.slice(0, unloaded);
    for (const word of list.split(/\s+/)) {
      if (word === '') continue;
      const last = into.at(-1);
      if (buildIdWord.test(word) && last !== undefined) {
        into[into.length - 1] = { ...last, buildId: word };
        continue;
      }
      const match = moduleWord.exec(word);
      if (match === null) {
        this.lastReadWhole = false;
        return unloaded >= 0;
      }
      const [, name = '', flags] = match;
      if (into.length < mostModules) into.push({ name: utf8(name), ...(flags !== undefined && { flags }) });
    }
    return unloaded >= 0;
  }
}
