import type { CodeDump } from '../../src/model/report.ts';
import { parseCodeUnits } from '../../src/oops/extract/code.ts';

/** Bytes from how logs print them. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
}

/** What stands behind `Code:` in a log. */
export function dump(text: string, mode: CodeDump['mode'] = 'kernel'): CodeDump {
  const parsed = parseCodeUnits(text);
  if (parsed === undefined) throw new Error(`no code: ${text}`);
  return { ...parsed, mode, range: { firstLine: 1, lastLine: 1, firstByte: 0, endByte: text.length } };
}
