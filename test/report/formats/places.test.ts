import { describe, expect, test } from 'vitest';
import type { CrashReport, Frame } from '../../../src/model/report.ts';
import { gccFormat } from '../../../src/report/formats/gcc.ts';
import { mainPlace, stepsOf, stepText } from '../../../src/report/formats/places.ts';
import { crashReport, fileResult, frame } from '../make.ts';
import { formatOptions, placedReport, runOf } from './make.ts';

const options = formatOptions({ relative: (path) => path.replace(/^\/w\//, '') });

function place(report: CrashReport) {
  const [problem] = runOf(fileResult([report])).problems;
  if (problem === undefined) throw new Error('no problem');
  const { file, line, isSource } = mainPlace(problem, options);
  return { file, line, isSource };
}

const excerpt = (path: string) => ({ path, firstLine: 1, lines: ['x'], state: 'likely' as const, note: 'n' });

const at = (frames: readonly Frame[]): CrashReport => crashReport({ frames });

describe('the place of a problem', () => {
  test('is the line of the function to blame, of what is inlined if that is in no header', () => {
    expect(place(placedReport())).toEqual({ file: 'drivers/frob/frob.c', line: 22, isSource: true });
    const source = { file: 'drivers/frob/frob.c', line: 22 };
    const inlined = [{ function: 'inner', source: { file: 'drivers/frob/inner.c', line: 7 } }];
    expect(place(at([frame('frob_read+0xe/0x19 [frob]', 104, { source, inlined })]))).toEqual({
      file: 'drivers/frob/inner.c',
      line: 7,
      isSource: true,
    });
  });

  test('is in the log without source lines, and if only callers have any', () => {
    expect(place(crashReport())).toEqual({ file: 'boot.log', line: 100, isSource: false });
    const frames = [
      frame('frob_read+0xe/0x19 [frob]', 104),
      frame('vfs_read+0x1/0x2', 105, { source: { file: 'fs/read_write.c', line: 3 } }),
    ];
    expect(place(at(frames))).toEqual({ file: 'boot.log', line: 100, isSource: false });
  });

  test('is where the file was found, and those of its tree beside it', () => {
    const frames = [
      frame('frob_read+0xe/0x19 [frob]', 104, {
        source: { file: '/build/frob/read.c', line: 1, excerpt: excerpt('/w/modules/frob/read.c') },
      }),
      frame('frob_write+0xe/0x19 [frob]', 105, { source: { file: '/build/frob/sub/write.c', line: 2 } }),
      frame('vfs_write+0xe/0x19', 106, {
        source: { file: 'fs/read_write.c', line: 3, excerpt: excerpt('/w/linux/fs/read_write.c') },
      }),
      frame('ksys_write+0xe/0x19', 107, { source: { file: 'fs/other.c', line: 4 } }),
      frame('elsewhere+0xe/0x19', 108, { source: { file: '/other/x.c', line: 5 } }),
    ];
    expect(stepsOf(at(frames), options).map((step) => step.place?.file)).toEqual([
      'modules/frob/read.c',
      'modules/frob/sub/write.c',
      'linux/fs/read_write.c',
      'linux/fs/other.c',
      '/other/x.c',
    ]);
  });

  test('a file outside of the repository keeps its own name', () => {
    const source = { file: 'mm/slub.c', line: 1, excerpt: excerpt('/usr/src/linux/mm/slub.c') };
    expect(place(at([frame('frob_read+0xe/0x19 [frob]', 104, { source })])).file).toBe('mm/slub.c');
  });
});

test('steps say how they stand to the one before, without noise', () => {
  expect(stepsOf(placedReport(), options).map((step) => `${step.link}: ${stepText(step)}`)).toEqual([
    'first: frob_level (include/frob.h:7)',
    'inlined into: frob_read [frob] (drivers/frob/frob.c:22)',
    'called from: frob_write [frob] (drivers/frob/main.c:45)',
    'called from: vfs_write (fs/read_write.c:582)',
  ]);
});

test('a report without a source line points into the log', () => {
  const [first] = gccFormat(runOf(fileResult([crashReport()])), options);
  expect(first).toBe(
    'boot.log:100: error: BUG: unable to handle kernel NULL pointer dereference in frob_read [oops/null-deref]\n',
  );
});
