import type { MemoryObject } from '../model/details-sanitizer.ts';
import type { Evidence } from '../model/explanation.ts';
import { isAllocatorFrame, isEntryFrame } from '../model/frame-roles.ts';
import type { StackTrace } from '../model/report.ts';
import { hex } from '../util/words.ts';
import { frameCall } from './phrases.ts';
import type { Subject } from './subject.ts';

/** `an object of 64 bytes (cache kmalloc-64)`. */
export function objectWords(object: MemoryObject | undefined): string {
  const size = object?.size === undefined ? '' : ` of ${object.size} bytes`;
  const cache = object?.cache === undefined ? '' : ` (cache ${object.cache})`;
  return `an object${size}${cache}`;
}

/** ` at offset 4 of an object ...`, `, 0 bytes to the right of an object ...`; undefined where it is not known. */
export function relationWords(object: MemoryObject | undefined): string | undefined {
  const relation = object?.relation?.trim().replace(/^located /, '');
  if (object === undefined || relation === undefined || relation === '') return undefined;
  const inside = /inside/.test(relation) && object.distance !== undefined;
  return inside ? ` at offset ${object.distance} of ${objectWords(object)}` : `, ${relation} ${objectWords(object)}`;
}

/** Who made or freed something: the first frame that is not the allocator's. */
function userOf(stack: StackTrace): string | undefined {
  const frame = stack.frames.find(
    (each) => each.reliable && each.function !== undefined && !isAllocatorFrame(each) && !isEntryFrame(each),
  );
  return frame === undefined ? undefined : frameCall(frame);
}

/** Seconds since boot in `Freed by task 9 on cpu 1 at 12.345678s:` (mm/kasan/report.c, as of 6.8; mm/kfence/report.c). */
function secondsOf({ label }: StackTrace): number | undefined {
  const match = /\bat (\d{1,9}\.\d{1,9})s/.exec(label);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** `0.25 s`, `3 ms`: how long before the report. */
function before(subject: Subject, stack: StackTrace): string {
  const { seconds } = subject.report;
  const then = secondsOf(stack);
  if (seconds === undefined || then === undefined || then > seconds) return '';
  const passed = seconds - then;
  const words = passed < 1 ? `${Math.max(1, Math.round(passed * 1000))} ms` : `${passed.toFixed(1)} s`;
  return ` ${words} before`;
}

/** Whose task it was, seen from the task that the report is about. */
function taskOf(subject: Subject, { pid, comm }: StackTrace): string {
  if (pid === undefined) return '';
  const { task } = subject.report;
  const details = subject.details('kasan');
  const own = details?.pid ?? task?.pid;
  if (pid === own) return ' in the same task';
  return comm === undefined ? ` in task ${pid}` : ` in task ${comm} (PID ${pid})`;
}

/** ` by frob_release() in task 12, 3 ms before`, or nothing: who freed (or allocated) the object. */
export function historyWords(subject: Subject, role: 'allocated' | 'freed'): string {
  const stack = subject.stack(role);
  const user = stack === undefined ? undefined : userOf(stack);
  if (stack === undefined || user === undefined) return '';
  const long = before(subject, stack);
  return ` by ${user}${taskOf(subject, stack)}${long === '' ? '' : `,${long}`}`;
}

/** The stacks of an object's life as evidence. */
export function historyEvidence(subject: Subject): (Evidence | undefined)[] {
  return (['allocated', 'freed'] as const).map((role) => {
    const stack = subject.stack(role);
    const words = historyWords(subject, role);
    if (stack === undefined || words === '') return undefined;
    return { words: `it was ${role}${words}`, firstLine: stack.range.firstLine, lastLine: stack.range.lastLine };
  });
}

/** `at 0xffff...`, of an object. */
export function objectAt(object: MemoryObject | undefined): string {
  return object?.address === undefined ? '' : ` at ${hex(object.address)}`;
}
