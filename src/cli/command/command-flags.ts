import { resolve } from 'node:path';
import { usageError } from '../errors.ts';
import type { FailOn } from '../fail-on.ts';

/** What flags say about a command that is run, and when it has run long enough. */
export interface CommandFlags {
  /** Seconds. */
  readonly timeout?: number;
  readonly quietTimeout?: number;
  readonly afterCrash: number;
  /** Reports after which the command is not waited for, in the form of `--fail-on`. */
  readonly stopOn: FailOn;
  readonly output?: string;
  readonly saveLog?: string;
  /** Where the guest is that hangs, as `ktriage live` takes it. */
  readonly gdb?: string;
  readonly qmp?: string;
  /** What was found in the guest, as JSON, and what was read of it. */
  readonly guestReport?: string;
  readonly saveGuest?: string;
}

/** Seconds after a crash, if nothing is said. */
export const afterCrashSeconds = 5;
/** What a machine does not go on from. */
export const stopOnDefault: FailOn = 'fatal';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/**
 * What was given on the command line.
 * @throws KtriageError KT-USAGE for flags that do not go together.
 */
export function commandFlags(given: Readonly<Record<string, unknown>>): CommandFlags {
  const { output, saveLog, gdb, qmp, guestReport, saveGuest } = given;
  const timeout = number(given.timeout);
  const quietTimeout = number(given.quietTimeout);
  const texts = { output, saveLog, gdb, qmp, guestReport, saveGuest };
  const named = Object.fromEntries(Object.entries(texts).flatMap(([key, value]) => pair(key, text(value))));
  if (gdb === undefined && qmp === undefined && (guestReport !== undefined || saveGuest !== undefined)) {
    throw usageError(
      '--guest-report and --save-guest are for a guest that is looked at',
      'it is not said where that is',
      'add --gdb TARGET or --qmp SOCKET',
    );
  }
  if ((gdb !== undefined || qmp !== undefined) && timeout === undefined && quietTimeout === undefined) {
    throw usageError(
      'the guest would never be looked at',
      '--gdb and --qmp are for a guest that hangs, and nothing says when it does',
      'add --timeout SECONDS or --quiet-timeout SECONDS',
    );
  }
  refuseSameFile(given, texts);
  return {
    ...named,
    ...(timeout !== undefined && { timeout }),
    ...(quietTimeout !== undefined && { quietTimeout }),
    afterCrash: number(given.afterCrash) ?? afterCrashSeconds,
    stopOn: text(given.stopOn) ?? stopOnDefault,
  };
}

function pair(key: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[key, value]];
}

/** What the second output writes would be lost, or the log's. */
function refuseSameFile(given: Readonly<Record<string, unknown>>, texts: Readonly<Record<string, unknown>>): void {
  const reports: readonly unknown[] = Array.isArray(given.report) ? given.report : [];
  const seen = new Set<string>();
  const { output, saveLog, guestReport, saveGuest } = texts;
  for (const file of [output, saveLog, guestReport, saveGuest, ...reports.map(fileOf)]) {
    if (typeof file !== 'string') continue;
    const path = resolve(file);
    if (seen.has(path))
      throw usageError(`two outputs go to ${file}`, 'one would write over the other', 'give each a file of its own');
    seen.add(path);
  }
}

function fileOf(target: unknown): unknown {
  return typeof target === 'object' && target !== null && 'file' in target ? target.file : undefined;
}
