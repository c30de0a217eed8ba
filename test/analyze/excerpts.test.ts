import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources, type SourcesOptions } from '../../src/analyze/sources.ts';
import type { CrashReport, SourceLocation } from '../../src/model/report.ts';
import { hasCompiler, makeKernel } from '../symbols/own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-excerpts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function analyze(log: string, options: SourcesOptions): Promise<CrashReport | undefined> {
  const path = join(folder, 'log');
  writeFileSync(path, log);
  const sources = await openSources({ debugDir: folder, ...options });
  try {
    return (await analyzeFile(path, { sources })).reports[0];
  } finally {
    sources.close();
  }
}

const oops = (...lines: readonly string[]): string =>
  [
    'BUG: kernel NULL pointer dereference, address: 0000000000000010',
    'Oops: 0002 [#1] PREEMPT SMP NOPTI',
    'CPU: 0 PID: 7 Comm: test Not tainted 6.9.0-made #7',
    ...lines,
    '---[ end trace 0000000000000000 ]---',
    '',
  ].join('\n');

describe('excerpts', () => {
  test('of a log that has positions itself, with no debug information at all', async () => {
    writeFileSync(join(folder, 'frob.c'), 'int frob(void)\n{\n\treturn 1;\n}\n');
    const log = oops('RIP: 0010:frob+0x1/0x9 /build/frob.c:3', 'Call Trace:', ' call+0x1/0x2 /build/frob.c:9');
    const report = await analyze(log, { source: [folder] });
    expect(report?.frames[0]?.source).toMatchObject({
      file: '/build/frob.c',
      line: 3,
      excerpt: { firstLine: 1, lines: ['int frob(void)', '{', '        return 1;', '}'] },
    });
    expect((await analyze(log, {}))?.frames[0]?.source?.excerpt).toBeUndefined();
  });

  test('a folder that is none is an error before anything is read', async () => {
    await expect(openSources({ source: [join(folder, 'gone')] })).rejects.toMatchObject({ code: 'KT-SOURCE-FOLDER' });
  });

  test.skipIf(!hasCompiler)('of positions from debug information (skipped without gcc)', async () => {
    const kernel = makeKernel(join(folder, 'kernel'));
    const { size } = kernel.symbol('outer');
    const found = new Map<string, SourceLocation>();
    for (let offset = 0; offset < size; offset++) {
      const log = oops(`RIP: 0010:outer+0x${offset.toString(16)}/0x${size.toString(16)}`, 'Call Trace:');
      const report = await analyze(`${kernel.banner}\n${log}`, {
        vmlinux: kernel.vmlinux,
        source: [join(folder, 'kernel')],
      });
      for (const { function: name, source } of [...(report?.frames[0]?.inlined ?? []), ...(report?.frames ?? [])])
        if (name !== undefined && source !== undefined) found.set(name, source);
      if (found.has('inner')) break;
    }
    const at = found.get('inner');
    expect(at?.line).toBe(kernel.line('/* the store */'));
    const { excerpt } = at ?? {};
    expect(excerpt?.lines[(at?.line ?? 0) - (excerpt?.firstLine ?? 0)]).toContain('/* the store */');
    expect(excerpt?.column).toBe(at?.column);
    expect(excerpt?.note).toContain('the line is in the right function');
    const lines = readFileSync(excerpt?.path ?? '', 'utf8').split('\n');
    expect(excerpt?.lines[0]).toBe(lines[(excerpt?.firstLine ?? 0) - 1]);
  });
});
