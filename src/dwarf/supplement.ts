import { dwarfError } from './errors.ts';
import { FunctionNames } from './names.ts';
import type { Problems } from './problems.ts';
import { type DebugSections, SectionSet } from './sections.ts';
import { UnitStore } from './unit-store.ts';
import type { SharedEntries } from './unit-tables.ts';

/** Opens the file that several files share entries and strings of; why it cannot, in words. */
export type OpenSupplement = () => DebugSections | string;

/**
 * The file that `dwz` moved entries and strings to which several files had (`.gnu_debugaltlink`, the supplementary
 * object file of DWARF 5, 7.3.6). It is opened when something of it is asked for; without it what it has is left out,
 * which is noted once.
 */
export class Supplement implements SharedEntries {
  readonly #open: OpenSupplement;
  readonly #problems: Problems;
  #store: UnitStore | undefined;
  #names: FunctionNames | undefined;
  #isOpened = false;

  constructor(open: OpenSupplement, problems: Problems) {
    this.#open = open;
    this.#problems = problems;
  }

  string(offset: number): string | undefined {
    return this.#opened()?.tables.string(offset);
  }

  name(entry: number): string | undefined {
    const store = this.#opened();
    if (store === undefined) return undefined;
    this.#names ??= new FunctionNames(store);
    return this.#names.name(entry);
  }

  #opened(): UnitStore | undefined {
    if (!this.#isOpened) {
      this.#isOpened = true;
      const sections = this.#open();
      if (typeof sections === 'string') this.#problems.add(dwarfError('SUPPLEMENT', '.gnu_debugaltlink', 0, sections));
      else this.#store = new UnitStore(new SectionSet(sections, false));
    }
    return this.#store;
  }
}
