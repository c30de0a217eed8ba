import { symbolBinding } from '../elf/constants.ts';
import { bareName } from '../model/blame.ts';
import type { CodePlace, WantedLock } from '../model/explanation.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import type { CodeLocation, CodeLocations } from '../symbols/code-locations.ts';
import type { Image } from '../symbols/image.ts';
import { type CallerCode, callBefore, callerOf, mayBeCalledFrom } from './caller-code.ts';
import { type FaultCode, faultIn, fileAddress } from './fault-code.ts';
import type { FunctionText } from './function-text.ts';
import type { Disassembler } from './instruction.ts';
import { acquireMode } from './locks/lock-functions.ts';
import { isAtomic, lockHistory } from './locks/lock-search.ts';
import { keyOf, type ValueKey } from './locks/value-key.ts';
import { wantingFrame } from './locks/waiting-stack.ts';
import type { CodeNames } from './names.ts';

/** What a lock is found by. */
export interface LockInput {
  readonly report: CrashReport;
  readonly locations: CodeLocations;
  readonly disassembler: Disassembler;
  readonly namesIn: (code: CallerCode) => Promise<CodeNames | undefined>;
}

/** Code of a function that is in a file. */
type PlacedCode = FaultCode & { readonly location: CodeLocation };

/** Frames below that are looked at for who took it. */
const mostBelow = 24;
/** Callers that are looked at for who took it. */
const mostCallers = 4;

/**
 * The lock that a stack waits for, and whether the same stack holds it already.
 * @throws KtriageError KT-ELF-*
 */
export async function wantedLock(input: LockInput): Promise<WantedLock | undefined> {
  const { report, locations, disassembler, namesIn } = input;
  const frame = wantingFrame(report);
  if (frame === undefined) return undefined;
  const [location, ...others] = locations.locate(frame);
  if (location === undefined || others.length > 0 || !location.isReturn || !location.isSure) return undefined;
  const call = callBefore(location, disassembler);
  const mode = call?.name === undefined ? undefined : acquireMode(call.name);
  const [register = ''] = call?.text.calls.convention.arguments ?? [];
  if (call?.name === undefined || mode === undefined) return undefined;
  const name = lockName(call, register, await namesIn(call));
  const taken =
    mode === 'exclusive' ? await takenBefore(input, frame, call, keyOf(call.text, call.fault, register)) : undefined;
  return {
    ...(name !== undefined && { name }),
    by: await placeOf(call, call.fault),
    through: call.name,
    ...(taken !== undefined && { taken }),
  };
}

/** `raw_spinlock_t`, `spinlock_t`, `rwlock_t`, `struct mutex`, `struct rw_semaphore`, `struct rt_mutex`. */
const isLockType = (name: string): boolean =>
  /^(?:const )?(?:(?:raw_)?spinlock_t|rwlock_t|struct (?:raw_spinlock|spinlock|mutex|ww_mutex|rw_semaphore|rt_mutex))$/.test(
    name,
  );

function lockName(call: CallerCode, register: string, names: CodeNames | undefined): string | undefined {
  const text = names?.pointer(call.fault, register, isLockType);
  if (text !== undefined) return text.startsWith('&') ? text.slice(1) : `*${text}`;
  const key = keyOf(call.text, call.fault, register);
  if (key?.from !== 'symbol') return undefined;
  return key.offset === 0n ? String(key.of) : `${key.of}+0x${key.offset.toString(16)}`;
}

/**
 * Where the stack took a lock that it wants: in the function that wants it, in those that called, or in what an interrupt
 * or exception came upon.
 */
async function takenBefore(
  input: LockInput,
  wanting: Frame,
  first: PlacedCode,
  wanted: ValueKey | undefined,
): Promise<WantedLock['taken']> {
  const { report, locations, disassembler } = input;
  let [frame, code, lock]: [Frame, PlacedCode, ValueKey | undefined] = [wanting, first, wanted];
  let certain = true;
  let calls = 0;
  for (let depth = 0; depth < mostCallers && lock !== undefined; depth++) {
    const history = lockHistory(code.text, code.fault, lock, await sameTry(code));
    calls += history.calls;
    if (history.released) return undefined;
    certain &&= !history.unknown;
    const [nth] = history.taken;
    if (nth !== undefined) return { ...(await placeOf(code, nth)), calls, certain: certain && !history.entered };
    if (!history.entered) return undefined;
    const { image } = first.location;
    // Code of other files need not be read.
    if (isStatic(image, lock) && !mayBeCalledFrom(image, report, locations, frame)) break;
    const caller = callerOf(report, locations, disassembler, frame, code);
    if (caller === undefined) break;
    lock = inCaller(lock, caller.call.text, caller.call.fault);
    [frame, code] = [caller.frame, caller.call];
  }
  return lock?.from === 'symbol' ? takenBelow(input, frame, first.location.image, lock) : undefined;
}

/** Whether a value is the address of something that no code of other files can name. */
function isStatic(image: Image, { from, of }: ValueKey): boolean {
  if (from !== 'symbol') return false;
  const symbols = image.symbolsNamed(String(of));
  return symbols.length > 0 && symbols.every(({ binding }) => binding === symbolBinding.local);
}

/** Where a function further down the stack took a lock that lies at a fixed address of a file. */
async function takenBelow(
  { report, locations, disassembler }: LockInput,
  behind: Frame,
  image: Image,
  lock: ValueKey,
): Promise<WantedLock['taken']> {
  const at = report.frames.indexOf(behind);
  const below = at < 0 ? [] : report.frames.slice(at + 1, at + 1 + mostBelow);
  for (const frame of below) {
    const [location, ...others] = frame.reliable ? locations.locate(frame) : [];
    // Symbols of other files may have the same name.
    if (location?.image !== image || others.length > 0 || !location.isSure) continue;
    const code = location.isReturn ? callBefore(location, disassembler) : faultIn(location, disassembler);
    if (code === undefined) continue;
    const placed = { ...code, location };
    const history = lockHistory(code.text, code.fault, lock, await sameTry(placed));
    const [nth] = history.taken;
    if (nth === undefined || history.released) continue;
    const { calls, unknown, entered } = history;
    return { ...(await placeOf(placed, nth)), calls, certain: !unknown && !entered };
  }
  return undefined;
}

/** A value of a function as its caller has it. */
function inCaller(key: ValueKey, text: FunctionText, nth: number): ValueKey | undefined {
  switch (key.from) {
    case 'symbol':
      return key;
    case 'result':
      return undefined;
    case 'argument': {
      const register = text.calls.convention.arguments[Number(key.of)];
      const passed = register === undefined ? undefined : keyOf(text, nth, register);
      return passed && { ...passed, offset: passed.offset + key.offset };
    }
  }
}

/** Tells the atomic instructions that are of the same line of source as the call: the try before the wait. */
async function sameTry(code: PlacedCode): Promise<(nth: number) => boolean> {
  const { instructions } = code.text.code;
  const atomics = instructions.flatMap(({ instruction }, nth) => (isAtomic(instruction) ? [nth] : []));
  if (atomics.length === 0) return () => true;
  const [own, ...places] = await placesOf(code, [code.fault, ...atomics]);
  const others = new Set(
    atomics.filter((_, at) => {
      const place = places[at];
      return own !== undefined && place !== undefined && placeText(place) !== placeText(own);
    }),
  );
  // Without lines nothing tells them apart.
  return (nth) => !others.has(nth);
}

interface LinePlace {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

const placeText = ({ file, line, column }: LinePlace): string => `${file}:${line}:${column ?? ''}`;

/** Headers of all of the kernel, where the functions are inlined from that take locks. */
const commonHeader = /^(?:\.\/)?(?:include|arch\/[^/]+\/include)\//;

/** Where instructions stand in the source, seen from outside of what headers have. */
async function placesOf(code: PlacedCode, nths: readonly number[]): Promise<(LinePlace | undefined)[]> {
  const { image } = code.location;
  if (!image.hasDebugInfo) return nths.map(() => undefined);
  const addressOf = fileAddress(code);
  const resolved = await image.resolve(nths.map(addressOf));
  return resolved.map((frames) => {
    const frame = frames.find(({ file, path }) => !commonHeader.test(file ?? path ?? '')) ?? frames.at(-1);
    const file = frame?.file ?? frame?.path;
    if (frame?.line === undefined || file === undefined) return undefined;
    return { file, line: frame.line, ...(frame.column !== undefined && { column: frame.column }) };
  });
}

async function placeOf(code: PlacedCode, nth: number): Promise<CodePlace> {
  const [place] = await placesOf(code, [nth]);
  return {
    function: bareName(code.text.name ?? ''),
    ...(place !== undefined && { file: place.file, line: place.line }),
  };
}
