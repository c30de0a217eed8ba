import { bareName } from '../model/blame.ts';
import type { LockInstance } from '../model/details-locking.ts';
import type { Frame } from '../model/report.ts';

/** `foo()`, without what the compiler hung on it. */
export function call(name: string): string {
  return `${bareName(name)}()`;
}

/** `foo()`, or `foo() of module bar`. */
export function callOf(name: string, module?: string): string {
  return module === undefined ? call(name) : `${call(name)} of module ${module}`;
}

/** A frame's function; undefined for a bare address. */
export function frameCall({ function: name, module }: Frame): string | undefined {
  return name === undefined ? undefined : callOf(name, module);
}

/** `cat (PID 42)`, `PID 42`; undefined where neither is known. */
export function taskWords(task: string | undefined, pid: number | undefined): string | undefined {
  if (task === undefined) return pid === undefined ? undefined : `PID ${pid}`;
  return pid === undefined ? task : `${task} (PID ${pid})`;
}

/** `fs/inode.c:12`; undefined without a file. */
export function place(file: string | undefined, line: number | undefined): string | undefined {
  if (file === undefined) return undefined;
  return line === undefined ? file : `${file}:${line}`;
}

/** ` at fs/inode.c:12`, or nothing. */
export function atPlace(file: string | undefined, line: number | undefined): string {
  const where = place(file, line);
  return where === undefined ? '' : ` at ${where}`;
}

/** A lock with the place where it was taken, which the report's text says a position for where it knows one. */
export function lockWords({ name, function: taken, offset }: LockInstance): string {
  if (taken === undefined) return name;
  return `${name} (taken in ${taken}${offset === undefined ? '' : `+0x${offset.toString(16)}`})`;
}

/** A quote of the log without the marks at its end, to stand within a sentence. */
export function unended(text: string): string {
  return text.trim().replace(/[\s.!:]{1,8}$/, '');
}

/** So much of a quote of the log goes into a sentence. */
const longestQuote = 300;

/** A quote of the log, cut if it is long. */
export function quoted(text: string): string {
  const plain = unended(text);
  return plain.length > longestQuote ? `${plain.slice(0, longestQuote)}...` : plain;
}

/** `read`, `write` as what was done. */
export const didWords = {
  read: 'read',
  write: 'wrote',
  execute: 'jumped to',
  free: 'freed',
} as const;
