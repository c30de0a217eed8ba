import { decodeEsr } from '../../arch/arm64-esr.ts';
import { decodePageFaultCode } from '../../arch/x86-error-code.ts';
import { isEntryFunction } from '../../model/frame-roles.ts';
import type { EntryKind, LiveDocument, LiveEntry, LiveFrame, Verdict } from '../../model/live.ts';
import { refineKind } from '../../oops/refine-kind.ts';
import { type Titled, titleReport } from '../../oops/titles/title.ts';
import { typeOf } from '../../oops/titles/type.ts';
import { baseName } from '../../util/function-name.ts';
import type { HangSubject, HangThread } from './subject.ts';

/** What a hang is called. */
export type HangName = Pick<Titled, 'title' | 'altTitles' | 'type' | 'kind' | 'frame'>;

/** The first page is never mapped: what is in it is a member of an object at NULL (arch/x86/mm/fault.c). */
const nullPage = 0x1000n;

/** Frames that are looked at for a title. */
const mostFrames = 256;

function symbol({ function: name, offset = 0, size = 0 }: LiveFrame): string {
  return `${name ?? ''}+0x${offset.toString(16)}/0x${size.toString(16)}`;
}

/** The title that a kernel's own report of it would get: by its headline, and its stack as kernels print it. */
function titled(
  header: string,
  headlines: readonly string[],
  frames: readonly LiveFrame[],
  fallback: string,
): HangName {
  const [ip, ...rest] = frames.filter(({ reliable, function: name }) => reliable && name !== undefined);
  const printed = rest.slice(0, mostFrames).map((frame) => ` ${symbol(frame)}`);
  const trace = ip === undefined ? [] : [`RIP: 0010:${symbol(ip)}`, 'Call Trace:', ` ${symbol(ip)}`, ...printed];
  const report = [...headlines, ...trace];
  const found = titleReport({ header, report, windowLength: report.length });
  const kind = refineKind(found.kind, report);
  if (found.frame !== 'corrupted' && !isEntryFunction(found.frame ?? '')) return { ...found, kind };
  // The rules passed over all that is the kernel's own work: the verdict knows better.
  const named = (text: string): string => text.replace(/\b\w+$/, () => fallback);
  const others = found.frame === 'corrupted' ? [] : [found.title];
  const altTitles = [...new Set([...found.altTitles.map(named), ...others])].sort();
  return { ...found, kind, title: named(found.title), altTitles, frame: fallback };
}

/** `Internal error: ` of arm64 and their like: what these exceptions are called (arch/arm64/kernel/traps.c). */
const plainHeadlines: Partial<Readonly<Record<EntryKind, readonly [header: string, headline: string]>>> = {
  'general-protection': ['general protection fault', 'general protection fault: 0000 [#1] SMP'],
  divide: ['divide error:', 'divide error: 0000 [#1] SMP'],
  'stack-segment': ['stack segment: ', 'stack segment: 0000 [#1] SMP'],
  'double-fault': ['PANIC: double fault', 'PANIC: double fault, error_code: 0x0'],
  serror: ['Internal error:', 'Internal error: SError'],
  alignment: ['Internal error:', 'Internal error: Oops - SP/PC alignment exception'],
  'machine-check': ['Kernel panic', 'Kernel panic - not syncing: Machine check'],
};

/** Exception classes of ESR_EL1 (arch/arm64/include/asm/esr.h). */
const undefinedInstruction = 0x00;
const breakpoint = 0x3c;

const exceptionClass = (esr: bigint): number => Number((esr >> 26n) & 0x3fn);

/** What an error code says of an access. */
export function accessOf({ errorCode, kind }: LiveEntry, architecture: string) {
  if (errorCode === undefined) return undefined;
  if (architecture === 'arm64') return decodeEsr(errorCode);
  return kind === 'page-fault' ? decodePageFaultCode(errorCode) : undefined;
}

/** What a fault is called: as the kernel's own report of it, which never came, or came in part. */
function nameOfFault(entry: LiveEntry, frames: readonly LiveFrame[], architecture: string, fallback: string): HangName {
  const { kind, faultAddress: address, errorCode } = entry;
  const isArm = architecture === 'arm64';
  const known = plainHeadlines[kind];
  if (known !== undefined) return titled(known[0], [known[1]], frames, fallback);
  const esr = isArm ? errorCode : undefined;
  const trapped = esr === undefined ? undefined : exceptionClass(esr);
  if (kind === 'invalid-opcode' || trapped === breakpoint || (isArm && kind === 'breakpoint'))
    return titled('kernel BUG', ['kernel BUG at unknown.c:1!'], frames, fallback);
  if (kind === 'breakpoint') return titled('int3:', ['int3: 0000 [#1] SMP'], frames, fallback);
  if (trapped === undefinedInstruction)
    return titled('Internal error:', ['Internal error: Oops - Undefined instruction'], frames, fallback);
  if (address !== undefined && address < nullPage)
    return titled('BUG:', ['BUG: kernel NULL pointer dereference, address: 0000000000000000'], frames, fallback);
  if (kind === 'page-fault' || kind === 'synchronous') {
    const nx = accessOf(entry, architecture)?.access === 'execute' ? ['kernel tried to execute NX-protected page'] : [];
    const words = `BUG: unable to handle page fault for address: ${(address ?? ~0n & 0xffff_ffff_ffff_ffffn).toString(16).padStart(16, '0')}`;
    return titled('BUG:', [...nx, words], frames, fallback);
  }
  return titled('Internal error:', ['Internal error: Oops'], frames, fallback);
}

/** How the kernel's own detectors would call a thread that does not get on. */
export function nameOfThread({ cpu, frames }: HangThread, isSilent: boolean, fallback: string): HangName {
  if (cpu === undefined)
    return titled('INFO:', ['INFO: task a:1 blocked for more than 120 seconds.'], frames, fallback);
  // No tick is taken there: only an NMI, or another CPU, would tell.
  if (isSilent) return titled('hard-lockup', ['watchdog: Watchdog detected hard LOCKUP on cpu 0'], frames, fallback);
  return titled('BUG:', ['watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:1]'], frames, fallback);
}

/**
 * What a CPU is called that keeps to its code, from the verdict's place on: what it calls there, or what interrupts it, is
 * something else each time that one looks. The verdict knows whether interrupts are off there, below one that is on top;
 * of a CPU that spins for a lock it does not tell, and nothing is on top.
 */
function nameOfLoop({ thread, at }: HangSubject, sentence: string, fallback: string): HangName {
  const isSilent = / runs /.test(sentence)
    ? / with interrupts off\b/.test(sentence)
    : thread.cpu?.interruptsOff === true;
  return nameOfThread({ ...thread, frames: thread.frames.slice(Math.max(at, 0)) }, isSilent, fallback);
}

/** The function of a thread that waits: the innermost that the verdict's evidence has a place in. */
export function waitingFunction(
  { frames }: HangThread,
  { evidence }: Pick<Verdict, 'evidence'>,
  fallback: string,
): string {
  const told = new Set(evidence.flatMap(({ address }) => address ?? []));
  const name = frames.find(({ address, function: name }) => name !== undefined && told.has(address))?.function;
  return name === undefined ? fallback : baseName(name);
}

/** What threads are called that wait for each other, or one that does for itself: the same whichever is seen first. */
function nameOfDeadlock(parties: readonly HangThread[], verdict: Verdict, fallback: string): HangName {
  const names = parties.map((party) => waitingFunction(party, verdict, fallback)).sort();
  const [first = fallback] = names;
  const title = `possible deadlock in ${first}`;
  const others = parties.map((party) => nameOfThread(party, false, fallback).title);
  const altTitles = [...new Set([...names.map((name) => `possible deadlock in ${name}`), ...others])];
  return {
    title,
    altTitles: altTitles.filter((each) => each !== title).sort(),
    type: typeOf(title),
    kind: 'hang/deadlock',
    frame: first,
  };
}

/** The threads that wait for each other; one, if it waits for itself; none, if none does. */
export function deadlockParties(
  { verdict: { rule, drawing } }: Pick<LiveDocument, 'verdict'>,
  subject: HangSubject | undefined,
  involved: readonly HangThread[],
): readonly HangThread[] {
  if (rule !== 'lock-cycle') return [];
  // Circles are drawn. Who waits for the same as one that deadlocked on itself is no part of it.
  if (drawing !== undefined) return involved;
  return subject === undefined ? [] : [subject.thread];
}

/** Kinds and titles of what no stack tells of. */
const withoutStack: Readonly<Record<string, { readonly kind: string; readonly title?: string }>> = {
  'lock-cycle': { kind: 'hang/deadlock' },
  'fatal-fault': { kind: 'oops/other' },
  panicked: { kind: 'panic/generic', title: 'kernel panic' },
  'not-running': { kind: 'hang/not-running', title: 'no CPU runs the kernel' },
  'busy-cpu': { kind: 'hang/soft-lockup' },
};

/** The sentence, freed from all that is different each time: numbers, addresses. */
const scrubbed = (sentence: string): string =>
  sentence
    .slice(0, 1000)
    .replace(/ \(pid \d+\)/g, '')
    .replace(/0x[0-9a-f]+|\d+(?:\.\d+)?/gi, '#')
    .replace(/\.$/, '');

/**
 * What a hang is called: the title (specs/titles.md) and kind that a kernel's own report of the same would have, so that
 * both are known as one; a deadlock is `possible deadlock in F`. Nothing of it has numbers of CPUs, tasks or addresses.
 */
export function nameOfHang(
  { verdict, kernel }: Pick<LiveDocument, 'verdict' | 'kernel'>,
  subject: HangSubject | undefined,
  involved: readonly HangThread[],
): HangName {
  const { rule, location, sentence } = verdict;
  const fallback = location?.function || 'unknown';
  const parties = deadlockParties({ verdict }, subject, involved);
  const deadlock = parties.length > 0 ? nameOfDeadlock(parties, verdict, fallback) : undefined;
  if (subject?.fault !== undefined) {
    const { entry, from } = subject.fault;
    const name = nameOfFault(entry, subject.thread.frames.slice(from), kernel.architecture, fallback);
    if (deadlock === undefined) return name;
    const others = [...name.altTitles, deadlock.title, ...deadlock.altTitles];
    return { ...name, altTitles: [...new Set(others)].sort() };
  }
  if (deadlock !== undefined) return deadlock;
  const known = withoutStack[rule];
  if (subject !== undefined && rule === 'busy-cpu') return nameOfLoop(subject, sentence, fallback);
  if (subject !== undefined && rule !== 'panicked' && rule !== 'not-running')
    return nameOfThread(subject.thread, false, fallback);
  const title = known?.title ?? (scrubbed(sentence).trim() || rule);
  return { title, altTitles: [], type: typeOf(title), kind: known?.kind ?? 'hang/hung-task' };
}
