import type { Frame } from '../model/report.ts';
import type { SymbolMatch } from '../model/symbols.ts';

/** What of a symbol is held against the size that a log prints; `KernelSymbol` says what each means. */
export interface SizedSymbol {
  readonly address: number;
  readonly size: number;
  readonly sizeInSection: number;
  readonly sizeIsCertain: boolean;
}

/** What a log says of the kernel that printed it. */
export interface KernelIdentity {
  readonly release?: string;
  /** `#1 Debian 6.1.176-1`, of a `Comm:` line. */
  readonly version?: string;
  readonly buildId?: string;
  /** The `Linux version` line of the boot. */
  readonly banner?: string;
}

/** What a file says of itself. */
export interface FileIdentity {
  readonly release?: string;
  readonly buildId?: string;
  readonly banner?: string;
}

/** How many functions of a log are in a file with the size that the log prints. */
export interface SizeCheck {
  readonly agree: number;
  /** Those that are not, as printed. */
  readonly differ: readonly string[];
}

export interface MatchResult {
  readonly match: Exclude<SymbolMatch, 'unverified'>;
  readonly reasons: readonly string[];
}

/** Without a build ID that is the same, so many of a hundred functions may differ: lines of logs get damaged. */
const toleratedPercent = 10;
/** With one, what differs was changed while the kernel ran, or damaged. */
const toleratedWithBuildId = 50;

/** Programs that the kernel makes while it runs are in no file (`bpf_prog_<tag>`, bpf_trampoline_<key> of kernel/bpf). */
const madeAtRunTime = /^(?:bpf_(?:prog|trampoline|dispatcher)_|ftrace_trampoline|__ftrace_)/;

/** True for frames whose function can be in no file. */
export function isMadeAtRunTime(frame: Frame): boolean {
  return frame.function !== undefined && madeAtRunTime.test(frame.function);
}

/** True if a symbol can be what was printed with this size. */
export function sizeFits(symbol: SizedSymbol, size: number): boolean {
  if (symbol.size === size) return true;
  // How far the last symbol of a module's memory reaches depends on the kernel's pages, and on what it put there.
  return !symbol.sizeIsCertain && size >= symbol.sizeInSection;
}

/** Holds the sizes behind the slashes of frames against symbols; each function is counted once. */
export function checkSizes(frames: Iterable<Frame>, named: (name: string) => readonly SizedSymbol[]): SizeCheck {
  const seen = new Set<string>();
  const differ: string[] = [];
  let agree = 0;
  for (const frame of frames) {
    const { function: name, size } = frame;
    if (name === undefined || size === undefined || isMadeAtRunTime(frame)) continue;
    const printed = `${name}/0x${size.toString(16)}`;
    if (seen.has(printed)) continue;
    seen.add(printed);
    if (named(name).some((symbol) => sizeFits(symbol, size))) agree += 1;
    else differ.push(printed);
  }
  return { agree, differ };
}

/** Words of a version that say how the kernel was configured, and stand at different places of log and banner. */
const configurationWord = /^(?:SMP|PREEMPT.*|NONE|VOLUNTARY|NOPTI|PTI)$/;

/** `#1`, `Debian`, `6.1.176-1`: what tells builds of one release apart. */
function versionWords(text: string | undefined): string[] {
  const start = text?.lastIndexOf('#') ?? -1;
  if (text === undefined || start < 0) return [];
  return text
    .slice(start)
    .split(/\s+/)
    .filter((word) => word !== '' && !configurationWord.test(word));
}

/**
 * How a file says that it is of another build than the log. Distributions add words to the build's number: Debian its
 * package (`Debian 6.1.176-1`, in the banner as well), SUSE its product, which the banner does not have.
 */
function differences(log: KernelIdentity, file: FileIdentity): string[] {
  if (log.release !== undefined && file.release !== undefined && log.release !== file.release)
    return [`the log is of ${log.release}, the file of ${file.release}`];
  const there = versionWords(file.banner);
  const wanted = versionWords(log.version ?? log.banner);
  const [number] = wanted;
  if (there.length === 0 || number === undefined) return [];
  const different = `the log's build is ${wanted.join(' ')}, the file's ${there.join(' ')}`;
  if (number !== there[0]) return [different];
  for (const [index, word] of wanted.entries()) {
    const next = wanted[index + 1];
    const at = there.indexOf(word);
    if (next === undefined || at < 0 || !/^[A-Za-z]+$/.test(word) || !/\d/.test(next)) continue;
    // A line that is cut off ends in half a word.
    const cutOff = index + 2 === wanted.length && there[at + 1]?.startsWith(next);
    if (there[at + 1] !== next && !cutOff) return [different];
  }
  return [];
}

function sizeWords({ agree, differ }: SizeCheck): string {
  const of = agree + differ.length;
  const some = differ.slice(0, 3).join(', ');
  if (of === 1) return `the size of ${agree === 1 ? 'the one function agrees' : `the one function differs (${some})`}`;
  return differ.length === 0
    ? `the sizes of all ${of} functions agree`
    : `the sizes of ${agree} of ${of} functions agree (not ${some}${differ.length > 3 ? ', ...' : ''})`;
}

/** True if too many sizes differ. */
function isOtherBuild({ agree, differ }: SizeCheck, percent: number): boolean {
  const all = agree + differ.length;
  // One line of few may be damaged, as long as the others are not.
  const tolerated = Math.max(Math.floor((all * percent) / 100), agree >= 4 ? 1 : 0);
  return differ.length > tolerated;
}

/**
 * Whether a vmlinux or module is of the kernel that printed a log: build IDs where both have them, else release and
 * version against the banner, and sizes always.
 */
export function matchFile(log: KernelIdentity, file: FileIdentity, sizes: SizeCheck): MatchResult {
  const reasons: string[] = [];
  const logId = log.buildId?.toLowerCase();
  const idsKnown = logId !== undefined && file.buildId !== undefined;
  if (idsKnown && logId !== file.buildId)
    return { match: 'refused', reasons: [`the build ID of the log is ${logId}, the file's ${file.buildId}`] };
  const sameBanner = log.banner !== undefined && file.banner !== undefined && log.banner.trim() === file.banner.trim();
  if (idsKnown) reasons.push('the build ID is the same');
  else if (sameBanner) reasons.push('the Linux version line is the same');
  else {
    const different = differences(log, file);
    if (different.length > 0) return { match: 'refused', reasons: different };
  }
  const counted = sizes.agree + sizes.differ.length;
  if (counted > 0) {
    if (isOtherBuild(sizes, idsKnown ? toleratedWithBuildId : toleratedPercent))
      return { match: 'refused', reasons: [...reasons, sizeWords(sizes)] };
    if (sizes.agree > 0) reasons.push(sizeWords(sizes));
  }
  if (idsKnown || sameBanner) return { match: 'certain', reasons };
  const sameRelease = log.release !== undefined && log.release === file.release;
  if (sameRelease) reasons.unshift(`it is of ${file.release}`);
  if (!sameRelease && sizes.agree === 0)
    return { match: 'refused', reasons: ['nothing in the log says that it is of this build'] };
  return { match: 'likely', reasons };
}
