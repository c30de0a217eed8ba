import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { DebugInfo, ResolvedFrame } from '../../src/dwarf/debug-info.ts';
import { allPieces, type CodePiece } from '../../src/dwarf/unit-pieces.ts';
import { compile, needing, sourceFolder, withDebugInfo } from './toolchain.ts';

const folder = sourceFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The frames of a segment. */
function framesOf(piece: CodePiece, nth: number): ResolvedFrame[] {
  const { segments, calls, kind, name } = piece;
  const value = (column: Int32Array): number => column[nth] ?? Number.NaN;
  let [file, line, column] = [value(segments.files), value(segments.lines), value(segments.columns)];
  if (kind !== 'function' && file < 0) return [];
  const frame = (title: string | undefined, inlined: boolean): ResolvedFrame => {
    const source = file < 0 ? undefined : piece.file(file);
    return {
      inlined,
      ...(title !== undefined && { function: title }),
      ...(source && { file: source.name, path: source.path }),
      ...(source?.md5 !== undefined && { md5: source.md5 }),
      ...(line > 0 && { line }),
      ...(column > 0 && { column }),
      ...(kind === 'padding' && { betweenFunctions: true }),
    };
  };
  const frames: ResolvedFrame[] = [];
  for (let call = calls[value(segments.calls)]; call !== undefined; call = calls[call.parent]) {
    frames.push(frame(piece.nameOf(call), true));
    ({ callFile: file, callLine: line, callColumn: column } = call);
  }
  return [...frames, frame(name, false)];
}

/** Every address of all pieces, with what they say of it. */
function told(info: DebugInfo): Map<number, ResolvedFrame[]> {
  const found = new Map<number, ResolvedFrame[]>();
  for (const piece of allPieces(info.parts)) {
    for (let address = piece.low; address < Math.min(piece.high, piece.low + 4096); address++) {
      expect(found.has(address)).toBe(false);
      if (piece.kind === 'bare') found.set(address, []);
      else {
        const { count, starts } = piece.segments;
        const nth = starts.subarray(0, count).findLastIndex((start) => start <= address - piece.low);
        found.set(address, framesOf(piece, nth));
      }
    }
  }
  return found;
}

const variants: readonly (readonly [compiler: string, flags: readonly string[]])[] = [
  ['gcc', ['-g', '-O2']],
  ['gcc', ['-g', '-O2', '-gdwarf-4', '-gno-as-loc-support']],
  ['gcc', ['-g', '-O1', '-ffunction-sections']],
  ['clang', ['-g', '-O2']],
  ['clang', ['-g', '-O2', '-gdwarf-4', '-ffunction-sections']],
];

describe('all pieces of a program', () => {
  for (const [compiler, flags] of variants) {
    const { title, skip } = needing(`say what single look-ups say: ${compiler} ${flags.join(' ')}`, [compiler]);
    test.skipIf(skip)(title, async () => {
      const path = compile(folder, compiler, flags, `made-${compiler}-${flags.length}`);
      const all = await withDebugInfo(path, ({ info }) => told(info));
      expect([...all.values()].filter((frames) => frames.length > 1).length).toBeGreaterThan(4);
      for (const [address, frames] of all) {
        const alone = await withDebugInfo(path, ({ info }) => info.resolve([address])[0]);
        expect(frames, address.toString(16)).toEqual(alone);
      }
    });
  }
});
