import type { Frame } from '../model/report.ts';
import type { Image } from '../symbols/image.ts';
import { MapFiles } from '../symbols/map-files.ts';
import type { KernelIdentity } from '../symbols/match.ts';
import { kaslrFromPairs } from '../symbols/resolve.ts';
import { type FileOptions, SymbolFiles } from '../symbols/symbol-files.ts';
import { KtriageError } from '../util/errors.ts';
import { kernelFact, kernelTexts, sameKernel } from './kernel-lines.ts';
import { findMap, offsetInMap } from './kernel-map.ts';
import { KernelSymbols, type SymbolRequest, symbolRequest } from './kernel-symbols.ts';
import { hasAny, LineCutter, type LinePlace, linesWith } from './lines.ts';
import type { OnProblem } from './problem.ts';
import { type Found, requestsIn } from './requests.ts';
import { type Replacement, rewriteLine } from './rewrite.ts';
import { TrapAddresses } from './trap-addresses.ts';

/** How a log is decoded. */
export interface DecodeOptions extends FileOptions {
  /** The kernel whose files are sought at the usual places; without it, and without a vmlinux, the log must say. */
  readonly release?: string;
  /** How far the kernel was moved, for addresses that stand alone. */
  readonly kaslrOffset?: bigint;
  /** A System.map or kallsyms, which has functions only: for addresses that stand alone and are in no vmlinux. */
  readonly systemMap?: string;
  /** Positions of return addresses, and not of the calls before them. */
  readonly asPrinted?: boolean;
  /** Left off the beginning of files' names, which are those of the kernel's tree anyway. */
  readonly basePath?: string;
  /**
   * What becomes of a `Code:` line (a char per byte, without its end); undefined leaves it as it is. `machine` is what
   * the kernel's own file is for, if there is one.
   */
  readonly decodeCode?: (line: string, machine: string | undefined) => Promise<string | undefined>;
  /** Called for each thing that keeps lines from being decoded, once. */
  readonly onProblem?: OnProblem;
}

/** So many kernels' symbols are kept: of logs that go to and fro between some. */
const maxKernels = 8;
/** Addresses that were printed with their symbols, which tell how far the kernel was moved. */
const maxPairs = 16;
/** Problems are told once each, and no more than these: logs can be made of them. */
const maxProblems = 64;

/** Something in a line that is looked up. */
interface Wanted {
  readonly start: number;
  readonly end: number;
  readonly kernel: KernelSymbols;
  readonly request: SymbolRequest;
}

/** A line that may change. */
interface OpenLine extends LinePlace {
  readonly text: string;
  readonly wanted: readonly Wanted[];
  /** What becomes of it, where it is a `Code:` line. */
  readonly code?: string;
}

/**
 * Rewrites a log as it comes: symbols become names and positions, all other bytes stay what they are. Memory is
 * bounded, whatever the log. `close` it.
 */
export class LogDecoder {
  readonly #options: DecodeOptions;
  readonly #files: SymbolFiles;
  readonly #maps: MapFiles;
  readonly #named: Image | undefined;
  readonly #texts: readonly string[];
  readonly #told = new Set<string>();
  readonly #kernels = new Map<string, KernelSymbols>();
  #cutter = new LineCutter();
  #traps = new TrapAddresses();
  #kernel: KernelSymbols;
  #kaslr: bigint | undefined;
  #pairs: Frame[] = [];
  #metSymbols = false;

  private constructor(options: DecodeOptions, files: SymbolFiles, maps: MapFiles, named: Image | undefined) {
    this.#options = options;
    this.#files = files;
    this.#maps = maps;
    this.#named = named;
    this.#kaslr = options.kaslrOffset;
    this.#kernel = this.#kernelOf({});
    this.#texts = ['+0x', '[<', ...kernelTexts, ...(options.decodeCode === undefined ? [] : ['Code: '])];
  }

  /**
   * Opens what was named: a vmlinux or a System.map, or those of a release.
   * @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-NO-DEBUG-INFO, KT-SYMBOLS-MAP, KT-SYMBOLS-NO-VMLINUX.
   */
  static async open(options: DecodeOptions): Promise<LogDecoder> {
    const { release, vmlinux } = options;
    const files = new SymbolFiles(options);
    const maps = new MapFiles(options, files.roots);
    try {
      await files.check();
      await maps.check();
      if (vmlinux === undefined && release === undefined) return new LogDecoder(options, files, maps, undefined);
      const wanted = release === undefined ? {} : { release };
      const found = await files.anyVmlinux(wanted);
      if (!('path' in found)) {
        const map = await findMap(maps, wanted, []);
        if (map === undefined || map.file.match === 'refused')
          throw noVmlinux(release ?? '', files.vmlinuxPlaces(wanted).length, found);
        return new LogDecoder(
          options,
          files,
          new MapFiles({ ...options, systemMap: map.file.path }, files.roots),
          undefined,
        );
      }
      if (vmlinux !== undefined) return new LogDecoder(options, files, maps, found);
      // The one that was found is the one to use, whatever the log says.
      files.close();
      return await LogDecoder.open({ ...options, vmlinux: found.path });
    } catch (error) {
      files.close();
      throw error;
    }
  }

  /** Takes the next bytes and gives back what is ready: all lines that are whole now. */
  async push(chunk: Uint8Array): Promise<Uint8Array> {
    const { before, lines, behind } = this.#cutter.push(chunk);
    const decoded = lines.length === 0 ? lines : await this.#decode(lines);
    return before.length + behind.length === 0 ? decoded : Buffer.concat([before, decoded, behind]);
  }

  /** One log ends, another may begin. Gives back the last line if it had no end. */
  async end(): Promise<Uint8Array> {
    const rest = await this.#decode(this.#cutter.end());
    const { identity, vmlinux, map } = this.#kernel;
    if (
      this.#metSymbols &&
      (vmlinux ?? map) === undefined &&
      identity.release === undefined &&
      this.#named === undefined
    )
      this.#tell({ type: 'unknown kernel' });
    this.#cutter = new LineCutter();
    this.#metSymbols = false;
    this.#begin({});
    return rest;
  }

  /** What came of a line that has no end yet, as it is. */
  rest(): Uint8Array {
    return this.#cutter.end();
  }

  close(): void {
    this.#files.close();
  }

  async #decode(bytes: Buffer): Promise<Buffer> {
    if (!hasAny(bytes, this.#texts)) return bytes;
    const log = bytes.toString('latin1');
    const open: OpenLine[] = [];
    for (const place of linesWith(log, this.#texts)) {
      const text = log.slice(place.start, place.end);
      this.#learn(text);
      const found = requestsIn(text);
      if (found.some(({ frame }) => frame.function !== undefined)) this.#metSymbols = true;
      // Not to wait where there is nothing to wait for: most lines have what was met before.
      if (found.length > 0 && !this.#kernel.isSought) await this.#kernel.find(() => found.map(({ frame }) => frame));
      const wanted = this.#wanted(text, found);
      const isCode = wanted.length === 0 && text.includes('Code: ');
      const code = isCode ? await this.#options.decodeCode?.(text, this.#kernel.machine) : undefined;
      if (wanted.length > 0 || code !== undefined)
        open.push({ ...place, text, wanted, ...(code !== undefined && { code }) });
    }
    await this.#lookUp(open);
    const result = rewritten(bytes, log, open, (line) => this.#rewrite(line));
    for (const kernel of this.#kernels.values()) kernel.settle();
    return result;
  }

  #wanted(text: string, found: readonly Found[]): Wanted[] {
    const kernel = this.#kernel;
    this.#learnPairs(kernel, found);
    const { map } = kernel;
    const isBare = map !== undefined && found.some(({ frame }) => frame.function === undefined);
    const mapOffset = isBare ? offsetInMap(map, this.#pairs, this.#kaslr) : undefined;
    return found.flatMap((each): readonly Wanted[] => {
      const { start, end, frame } = each;
      const isTrap = this.#traps.isTrap(text, each, kernel.machine);
      if (frame.function === undefined && this.#kaslr === undefined && mapOffset === undefined) return [];
      return [{ start, end, kernel, request: symbolRequest(frame, isTrap, this.#kaslr, mapOffset) }];
    });
  }

  async #lookUp(lines: readonly OpenLine[]): Promise<void> {
    const requests = new Map<KernelSymbols, SymbolRequest[]>();
    for (const { wanted } of lines) {
      for (const { kernel, request } of wanted) {
        if (kernel.known(request) !== undefined) continue;
        const known = requests.get(kernel);
        if (known === undefined) requests.set(kernel, [request]);
        else known.push(request);
      }
    }
    for (const [kernel, wanted] of requests) await kernel.lookUp(wanted);
  }

  #rewrite({ text, wanted, code }: OpenLine): string | undefined {
    const replacements = wanted.map(({ start, end, kernel, request }): Replacement => {
      return { start, end, text: kernel.known(request) ?? undefined };
    });
    return replacements.some((each) => each.text !== undefined) ? rewriteLine(text, replacements) : code;
  }

  /** What a line says of the kernel that comes now. */
  #learn(text: string): void {
    const fact = kernelTexts.some((each) => text.includes(each)) ? kernelFact(text) : undefined;
    switch (fact?.type) {
      case undefined:
        return;
      case 'kaslr':
        this.#kaslr = this.#options.kaslrOffset ?? fact.offset;
        return;
      case 'boot':
        this.#begin(fact.identity);
        return;
      case 'running': {
        const { identity } = this.#kernel;
        const known = identity.release === undefined ? fact.identity : sameKernel(identity, fact.identity);
        if (known === undefined) this.#begin(fact.identity);
        else this.#kernel = this.#kernelOf(known);
      }
    }
  }

  /** Another boot, at another place. */
  #begin(identity: KernelIdentity): void {
    this.#kernel = this.#kernelOf(identity);
    this.#kaslr = this.#options.kaslrOffset;
    this.#pairs = [];
    this.#traps = new TrapAddresses();
  }

  #learnPairs(kernel: KernelSymbols, found: readonly Found[]): void {
    const { vmlinux, map } = kernel;
    if (this.#pairs.length >= maxPairs || (this.#kaslr !== undefined && map?.isKallsyms !== true)) return;
    const symbols = vmlinux ?? map;
    if (symbols === undefined) return;
    const fresh = found
      .map(({ frame }) => frame)
      .filter(isPair)
      .slice(0, maxPairs);
    if (fresh.length === 0) return;
    this.#pairs.push(...fresh);
    // The addresses of a kallsyms have been moved themselves.
    if (this.#kaslr !== undefined || (symbols === map && map.isKallsyms)) return;
    try {
      this.#kaslr = kaslrFromPairs({ symbolsNamed: (name) => symbols.symbolsNamed(name) }, this.#pairs);
    } catch (error) {
      // What is wrong with the file is told when something is looked up in it.
      if (!(error instanceof KtriageError)) throw error;
    }
  }

  #kernelOf(identity: KernelIdentity): KernelSymbols {
    const { release, version, buildId, banner } = identity;
    const key = [release, version, buildId, banner].join('\0');
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    const { force = false, asPrinted = false, basePath = '' } = this.#options;
    const kernel = new KernelSymbols(identity, this.#files, {
      named: this.#named,
      maps: this.#maps,
      force,
      asPrinted,
      basePath,
      onProblem: (problem) => this.#tell(problem),
    });
    const [oldest] = this.#kernels.keys();
    if (this.#kernels.size >= maxKernels && oldest !== undefined) this.#kernels.delete(oldest);
    this.#kernels.set(key, kernel);
    return kernel;
  }

  #tell(...[problem]: Parameters<OnProblem>): void {
    const { type } = problem;
    // The same is found out again when a line says more of the same kernel, in other words.
    const key =
      type === 'other build'
        ? `${problem.path} ${problem.release}`
        : type === 'forced'
          ? `${type} ${problem.path}`
          : JSON.stringify(problem);
    if (this.#told.has(key) || this.#told.size >= maxProblems) return;
    this.#told.add(key);
    this.#options.onProblem?.(problem);
  }
}

/** An address that was printed with its symbol. */
function isPair({ address, function: name, module }: Frame): boolean {
  return address !== undefined && name !== undefined && module === undefined;
}

/** The log with the lines that have changed; `bytes` if none has. */
function rewritten(
  bytes: Buffer,
  log: string,
  lines: readonly OpenLine[],
  change: (line: OpenLine) => string | undefined,
): Buffer {
  const pieces: string[] = [];
  let from = 0;
  for (const line of lines) {
    const changed = change(line);
    if (changed === undefined) continue;
    pieces.push(log.slice(from, line.start), changed);
    from = line.end;
  }
  if (pieces.length === 0) return bytes;
  pieces.push(log.slice(from));
  return Buffer.from(pieces.join(''), 'latin1');
}

function noVmlinux(release: string, places: number, found: readonly string[]): KtriageError {
  return new KtriageError(
    'KT-SYMBOLS-NO-VMLINUX',
    `there is no vmlinux of ${release} with debug information`,
    found.length > 0 ? found.join('; ') : `it is at none of ${places} places`,
    'name one with --vmlinux FILE, or install the package with debug symbols',
  );
}
