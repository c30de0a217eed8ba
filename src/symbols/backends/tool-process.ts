import { type LineProcess, startProcess } from '../../io/process.ts';
import { KtriageError } from '../../util/errors.ts';
import { addr2line } from './addr2line.ts';
import type { DialectName, Tool } from './choice.ts';
import type { Dialect, ToolFrame } from './dialect.ts';
import { llvmSymbolizer } from './llvm-symbolizer.ts';

const dialects: Readonly<Record<DialectName, Dialect>> = {
  addr2line,
  'llvm-symbolizer': llvmSymbolizer,
};

/** So many addresses are handed over before their answers are waited for. */
const batch = 256;

/**
 * Variables that would make a tool do something else: fetch files over the network, take more options. Messages are
 * asked for in English.
 */
const environment: Readonly<Record<string, string | undefined>> = {
  DEBUGINFOD_URLS: undefined,
  LLVM_SYMBOLIZER_OPTS: undefined,
  LLVM_ADDR2LINE_OPTS: undefined,
  LC_ALL: 'C',
};

export interface ToolOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds without an answer after which it is given up. */
  readonly idleMilliseconds?: number;
}

/** A running tool that is asked about one file, or one section of it. After an error it is not asked again. */
export class ToolProcess {
  readonly #tool: Tool;
  readonly #file: string;
  readonly #section: string | undefined;
  readonly #options: ToolOptions;
  readonly #dialect: Dialect;
  #process: LineProcess | undefined;
  #broken: unknown;

  constructor(tool: Tool, file: string, section: string | undefined, options: ToolOptions = {}) {
    this.#tool = tool;
    this.#file = file;
    this.#section = section;
    this.#options = options;
    this.#dialect = dialects[tool.dialect];
  }

  /**
   * What the tool says of addresses, or of offsets in the section.
   * @throws KtriageError KT-SYMBOLIZER-FAILED; the signal's reason if it is aborted.
   */
  async ask(addresses: readonly bigint[]): Promise<ToolFrame[][]> {
    if (this.#broken !== undefined) throw this.#broken;
    const found: ToolFrame[][] = [];
    try {
      for (let at = 0; at < addresses.length; at += batch) {
        for (const frames of await this.#askSome(addresses.slice(at, at + batch))) found.push(frames);
      }
    } catch (error) {
      this.#broken = error;
      this.close();
      throw error;
    }
    return found;
  }

  close(): void {
    this.#process?.kill();
    this.#process = undefined;
  }

  async #askSome(addresses: readonly bigint[]): Promise<ToolFrame[][]> {
    this.#process ??= await startProcess(this.#tool.path, this.#dialect.arguments(this.#file, this.#section), {
      ...this.#options,
      env: environment,
    });
    const child = this.#process;
    // Not waited for: it takes no more as long as its answers are not read.
    void child.write(this.#dialect.questions(addresses));
    return this.#dialect.answers(() => this.#line(child), addresses);
  }

  async #line(child: LineProcess): Promise<string> {
    const line = await child.line();
    if ('text' in line) return line.text;
    const { signal } = this.#options;
    if (signal?.aborted) throw signal.reason;
    const why = line.failure === 'ended' ? `it ended: ${await child.ending()}` : reasons[line.failure];
    throw new KtriageError(
      'KT-SYMBOLIZER-FAILED',
      `${this.#tool.path} gave no answer about ${this.#file}`,
      why,
      'use another one, or leave out --symbolizer',
    );
  }
}

const reasons = {
  idle: 'it took too long',
  'line too long': 'it wrote a line without an end',
  aborted: 'it was ended',
} as const;
