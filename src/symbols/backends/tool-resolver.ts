import { closeSync, openSync, readSync } from 'node:fs';
import type { ResolvedFrame } from '../../dwarf/debug-info.ts';
import { foldPath } from '../../dwarf/source-tree.ts';
import { toBigAddress } from '../../elf/address.ts';
import type { ElfFile } from '../../elf/elf-file.ts';
import type { SectionHeader } from '../../elf/section-table.ts';
import { findTool, type SymbolizerChoice, type Tool } from './choice.ts';
import type { ToolFrame } from './dialect.ts';
import { type LinkedCopy, linkCopy } from './linked-copy.ts';
import { type ToolOptions, ToolProcess } from './tool-process.ts';

/** What the kernel's tree calls a path that was recorded for the code at an address. */
export type TreeName = (address: number, path: string) => string;

/** Where a tool is asked about an address: a process of its own for each section of a module (`addr2line -j`). */
interface Place {
  readonly process: ToolProcess;
  readonly address: bigint;
}

/** Looks up addresses of one file with a tool, in the form that the built-in reader has. `close` it. */
export class ToolResolver {
  readonly #tool: Tool;
  readonly #choice: SymbolizerChoice;
  readonly #elf: ElfFile;
  readonly #options: ToolOptions;
  readonly #processes = new Map<string, ToolProcess>();
  #copy: LinkedCopy | undefined;
  #refused: string | undefined;
  #isReady = false;

  /** `elf`: the file with the debug information. @throws KtriageError KT-SYMBOLIZER-UNKNOWN, KT-SYMBOLIZER-MISSING */
  constructor(choice: SymbolizerChoice, elf: ElfFile, options: ToolOptions = {}) {
    this.#tool = findTool(choice, elf.machine);
    this.#choice = choice;
    this.#elf = elf;
    this.#options = options;
  }

  /** Why the tool cannot be used for this file, once it was asked. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /**
   * The frames at addresses, innermost first; undefined if the tool cannot read the file (`refused`).
   * @throws KtriageError KT-SYMBOLIZER-FAILED; the signal's reason if it is aborted.
   */
  async resolve(addresses: readonly number[], treeName: TreeName): Promise<ResolvedFrame[][] | undefined> {
    if (!this.#isReady) await this.#prepare();
    if (this.#refused !== undefined) return undefined;
    const places = addresses.map((address) => this.#place(address));
    const byProcess = new Map<ToolProcess, Set<bigint>>();
    for (const place of places) {
      if (place === undefined) continue;
      const known = byProcess.get(place.process);
      if (known === undefined) byProcess.set(place.process, new Set([place.address]));
      else known.add(place.address);
    }
    const answers = new Map<ToolProcess, Map<bigint, readonly ToolFrame[]>>();
    for (const [process, wanted] of byProcess) {
      const asked = [...wanted];
      const frames = await process.ask(asked);
      answers.set(process, new Map(asked.map((address, nth) => [address, frames[nth] ?? []])));
    }
    return addresses.map((address, nth) => {
      const place = places[nth];
      const frames = place && answers.get(place.process)?.get(place.address);
      return resolvedFrames(frames ?? [], (path) => treeName(address, path));
    });
  }

  close(): void {
    for (const process of this.#processes.values()) process.close();
    this.#processes.clear();
    this.#copy?.remove();
    this.#copy = undefined;
  }

  async #prepare(): Promise<void> {
    if (!startsAsElf(this.#elf.name)) this.#refused = 'it is compressed';
    else if (this.#elf.type === 'rel' && this.#tool.dialect === 'llvm-symbolizer') {
      const copy = await linkCopy(this.#elf, this.#choice.environment, this.#options.signal);
      if (typeof copy === 'string') this.#refused = copy;
      else this.#copy = copy;
    }
    this.#isReady = true;
  }

  #place(address: number): Place | undefined {
    if (this.#elf.type !== 'rel' || this.#copy !== undefined)
      return { process: this.#process(undefined), address: toBigAddress(address) };
    const section = this.#elf.sectionAt(address);
    // The tool takes a name, and finds the first of several sections.
    if (section === undefined || this.#elf.section(section.name)?.index !== section.index) return undefined;
    return { process: this.#process(section), address: toBigAddress(address - section.address) };
  }

  #process(section: SectionHeader | undefined): ToolProcess {
    const key = section?.name ?? '';
    const known = this.#processes.get(key);
    if (known !== undefined) return known;
    const process = new ToolProcess(this.#tool, this.#copy?.path ?? this.#elf.name, section?.name, this.#options);
    this.#processes.set(key, process);
    return process;
  }
}

/** A tool takes no other file, where the built-in reader takes those that are compressed. */
function startsAsElf(path: string): boolean {
  const start = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    return readSync(file, start) === start.length && start.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(file);
  }
}

function resolvedFrames(frames: readonly ToolFrame[], treeName: (path: string) => string): ResolvedFrame[] {
  return frames.flatMap((frame, nth): ResolvedFrame[] => {
    const { function: name, path, line, column, outside = false } = frame;
    // Nothing is known at all.
    if (frames.length === 1 && name === undefined && path === undefined) return [];
    return [
      {
        ...(name !== undefined && !outside && { function: name }),
        ...(path !== undefined && { file: treeName(path), path: foldPath(path) }),
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
        inlined: nth < frames.length - 1,
        ...(outside && { betweenFunctions: true }),
      },
    ];
  });
}
