import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runDoctor } from '../../src/cli/run/doctor-run.ts';
import type { Format } from '../../src/cli/settings.ts';
import { checkCache } from '../../src/doctor/caches.ts';
import { systemName } from '../../src/doctor/machine.ts';
import { patientsOf } from '../../src/doctor/patients.ts';
import type { Checkup } from '../../src/model/doctor.ts';
import { checkupLines } from '../../src/report/text/doctor.ts';
import { plainPainter } from '../../src/report/text/style.ts';
import { defaults, fakeEngine, fakeSession } from '../cli/fake.ts';
import { crashReport, fileResult, frame } from '../report/make.ts';
import { hasCompiler, makeKernel, place } from '../symbols/own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-doctor-'));
mkdirSync(join(folder, 'nothing'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const release = '6.9.0-made';
const boot = { firstLine: 1, lastLine: 2, reason: 'log-start', release } as const;
const quiet = { env: { PATH: '/nonexistent' }, home: join(folder, 'home') };

async function doctor(
  logs: readonly string[],
  results: Parameters<typeof fakeEngine>[0],
  more: { readonly debugDir?: string; readonly format?: Format } = {},
): Promise<{ readonly status: number; readonly text: string; readonly errors: string }> {
  const session = fakeSession(quiet);
  const { debugDir = join(folder, 'nothing'), format = 'text' } = more;
  const settings = { ...defaults, format };
  const named = Object.fromEntries(Object.entries(results).map(([path, result]) => [path, { ...result, path }]));
  const status = await runDoctor(logs, undefined, settings, session, { debugDir }, async () => fakeEngine(named));
  const { text } = session.stdout;
  return { status, text: format === 'text' ? text.replace(/\s+/g, ' ') : text, errors: session.stderr.text };
}

describe('ktriage doctor', () => {
  test('without a log tells of the running kernel, and is content whatever there is', async () => {
    const { status, text } = await doctor([], {});
    expect(status).toBe(0);
    expect(text).toMatch(/^ktriage \S+ on Node \d+/);
    expect(text).toContain('which runs here');
    expect(text).toContain('Not in PATH: addr2line');
    expect(text).toMatch(/Caches: +ktriage: .*home.*\(not there\)/);
  });

  test('says what a log lacks and how to get it', async () => {
    const kernel = { release: '6.1.0-9-amd64', version: '#1 SMP Debian 6.1.27-1' };
    const { status, text } = await doctor(['a.log'], { 'a.log': fileResult([crashReport({ kernel })]) });
    expect(status).toBe(3);
    expect(text).toContain('Kernel 6.1.0-9-amd64, of a.log');
    expect(text).toMatch(/vmlinux: +missing/);
    expect(text).toContain('frob is missing');
    expect(text).toContain('apt install linux-image-6.1.0-9-amd64-dbg=6.1.27-1');
  });

  test('knows kernels of healthy logs, and says which logs have none', async () => {
    const input = { bytes: 9, decorations: [], kernelLines: false, cutOff: false };
    const { status, text } = await doctor(['healthy.log', 'nothing.log'], {
      'healthy.log': fileResult([], { boots: [boot] }),
      'nothing.log': fileResult([], { boots: [], input }),
    });
    expect(status).toBe(3);
    expect(text).toContain(`Kernel ${release}, of healthy.log`);
    expect(text).toContain('Cannot tell: nothing.log: nothing in it was printed by a kernel.');
  });

  test('a log that cannot be read is an error', async () => {
    const { status, errors } = await doctor(['gone.log'], {});
    expect(status).toBe(2);
    expect(errors).toContain('KT-INPUT-MISSING');
  });

  test('finds folders of modules and source', async () => {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'usr/lib/debug/lib/modules', release, 'kernel'), { recursive: true });
    mkdirSync(join(root, 'usr/src', `linux-${release}`, 'kernel'), { recursive: true });
    writeFileSync(join(root, 'usr/src', `linux-${release}`, 'kernel/fork.c'), '');
    const { text } = await doctor(['l'], { l: fileResult([], { boots: [boot] }) }, { debugDir: root });
    expect(text).toMatch(/Modules: +found: /);
    expect(text).toMatch(/Source: +found: /);
  });

  test('as JSON', async () => {
    const { text, status } = await doctor(['l'], { l: fileResult([], { boots: [boot] }) }, { format: 'json' });
    expect(status).toBe(3);
    expect(JSON.parse(text)).toMatchObject({
      schema: 'ktriage/doctor/v1',
      kernels: [{ logs: ['l'], running: false, release, how: { distribution: 'self-built' } }],
    });
  });

  test.skipIf(!hasCompiler)('a vmlinux that is there and fits is enough (skipped without gcc)', async () => {
    const kernel = makeKernel(join(folder, 'kernel'));
    const root = join(folder, 'installed');
    place(kernel.vmlinux, join(root, 'usr/lib/debug/lib/modules', release, 'vmlinux'));
    const healthy = fileResult([], { boots: [{ ...boot, banner: kernel.banner }] });
    const good = await doctor(['l'], { l: healthy }, { debugDir: root });
    expect(good.status).toBe(0);
    expect(good.text).toMatch(/vmlinux: +found: .*certain/);
    const other = { ...boot, banner: kernel.banner.replace('#7', '#8') };
    const bad = await doctor(['l'], { l: fileResult([], { boots: [other] }) }, { debugDir: root });
    expect(bad.status).toBe(3);
    expect(bad.text).toMatch(/vmlinux: +not used: /);
  });
});

test('kernels of several logs and boots are told once', () => {
  const kernel = { release };
  const frames = [frame('a+0x1/0x2', 1)];
  const results = [
    fileResult([crashReport({ kernel, frames }), crashReport({ kernel, frames })], { path: 'a', boots: [boot] }),
    fileResult([], { path: 'b', boots: [{ ...boot, release: '6.8.0' }] }),
    fileResult([], { path: 'c', boots: [{ ...boot, release: '6.8.0' }] }),
  ];
  expect(patientsOf(results).map(({ identity, logs }) => [identity.release, logs])).toEqual([
    [release, ['a']],
    ['6.8.0', ['b', 'c']],
  ]);
});

test('caches are counted without following links', () => {
  const cache = join(folder, 'cache');
  mkdirSync(join(cache, 'a'), { recursive: true });
  writeFileSync(join(cache, 'a', 'x'), '12345');
  symlinkSync('/', join(cache, 'root'));
  expect(checkCache('c', cache)).toEqual({ name: 'c', path: cache, files: 1, bytes: 5 });
  expect(checkCache('c', join(cache, 'none'))).toEqual({ name: 'c', path: join(cache, 'none') });
});

test('the system has a name, where it has one', () => {
  const root = join(folder, 'system');
  mkdirSync(join(root, 'etc'), { recursive: true });
  expect(systemName(root)).toBeUndefined();
  writeFileSync(join(root, 'etc/os-release'), 'ID=frob\nPRETTY_NAME="Frob Linux 9 (nine)"\n');
  expect(systemName(root)).toBe('Frob Linux 9 (nine)');
});

test('nothing of a log or a file name reaches the terminal as it is', () => {
  const nasty = 'a\x1b[31m\x07b';
  const checkup: Checkup = {
    schema: 'ktriage/doctor/v1',
    ktriage: '0',
    node: '20',
    system: nasty,
    kernels: [
      {
        logs: [nasty],
        running: false,
        release: nasty,
        version: nasty,
        buildId: nasty,
        parts: [{ part: 'vmlinux', state: 'found', path: nasty, words: nasty }],
        how: { distribution: nasty, commands: [nasty], notes: [nasty] },
      },
    ],
    unclear: [{ log: nasty, why: nasty }],
    tools: [{ name: nasty, use: nasty, path: nasty, version: nasty }],
    debuginfod: { servers: [nasty] },
    caches: [{ name: nasty, path: nasty, files: 1, bytes: 1 }],
  };
  for (const width of [40, 80, 200])
    for (const line of checkupLines(checkup, width, plainPainter)) expect(line).not.toMatch(/[\x00-\x1f]/);
});
