import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources } from '../../src/analyze/sources.ts';
import type { CrashReport, Frame } from '../../src/model/report.ts';
import { projectRoot } from '../helpers/built.ts';

/** Where the lab of kernels that crash on demand keeps what it fetched. */
const lab = process.env.KTLAB_DIR ?? join(homedir(), '.cache', 'ktlab');
const kernel = join(lab, '6.1-amd64');
const isThere = existsSync(join(kernel, 'vmlinux')) && existsSync(join(kernel, 'ktlab.ko'));

async function reportsOf(name: string): Promise<readonly CrashReport[]> {
  const folder = join(projectRoot, 'test', 'cases', `lab-6.1-amd64-${name}`);
  const log = readdirSync(folder).find((file) => file.endsWith('.log')) ?? '';
  const sources = await openSources({ vmlinux: join(kernel, 'vmlinux'), modules: [kernel] });
  try {
    return (await analyzeFile(join(folder, log), { sources })).reports;
  } finally {
    sources.close();
  }
}

const position = (source: Frame['source']): string => `${source?.file.split('/').pop()}:${source?.line}`;

/** Innermost first, each function with its position. */
const chain = (frame: Frame | undefined): string[] =>
  frame === undefined
    ? []
    : [...(frame.inlined ?? []), { function: frame.function, source: frame.source }].map(
        (inner) => `${inner.function} ${position(inner.source)}`,
      );

describe.skipIf(!isThere)(`logs of the lab (skipped without its 6.1-amd64)`, () => {
  test('null-read: the line of the module that read, in the function inlined from its header', async () => {
    const [report] = await reportsOf('null-read');
    expect(report?.symbols?.vmlinux?.match).toBe('certain');
    expect(chain(report?.frames[0])).toEqual(['ktlab_ring_level ktlab.h:37', 'ktlab_null_read oops.c:22']);
    expect(chain(report?.frames[1])).toEqual(['ktlab_write.cold main.c:45']);
    expect(report?.culprit?.function).toBe('ktlab_null_read');
  });

  test('cut-irq-fault: the ring that an interrupt read', async () => {
    const [report] = await reportsOf('cut-irq-fault');
    expect(chain(report?.frames[0])).toEqual(['ktlab_ring_level ktlab.h:37', 'ktlab_port_irq silent.c:70']);
  });

  test('panic: behind a call that does not return', async () => {
    const report = (await reportsOf('panic')).at(-1);
    const frame = report?.frames.find((candidate) => candidate.function === 'ktlab_panic');
    expect(chain(frame)).toEqual(['ktlab_panic oops.c:224']);
  });

  test.each(['bug', 'divide', 'warn', 'slab-uaf', 'undef'])('%s: every reliable frame has a line', async (name) => {
    for (const report of await reportsOf(name)) {
      const without = report.frames.filter((frame) => frame.reliable && frame.function && !frame.source);
      expect(without.map((frame) => frame.function)).toEqual([]);
    }
  });
});
