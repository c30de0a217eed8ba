import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkTools, versionIn } from '../../src/doctor/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-tools-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

describe('versionIn', () => {
  test.each([
    ['GNU addr2line (GNU Binutils for Debian) 2.40\nCopyright (C) 2023', '2.40'],
    ['llvm-symbolizer\nDebian LLVM version 14.0.6\n  Optimized build.', '14.0.6'],
    ['eu-addr2line (elfutils) 0.188\n', '0.188'],
    ['\nThis is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64', '5.36.0'],
    ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)', '7.2.22'],
    ['git version 2.39.5', '2.39.5'],
  ])('%j', (text, version) => {
    expect(versionIn(text)).toBe(version);
  });

  test.each(['', 'no version here', 'usage: x [options]', '\0\0', '1'.repeat(100_000)])('%#: there is none', (text) => {
    expect(versionIn(text)).toBeUndefined();
  });
});

describe('checkTools', () => {
  test('finds what is in PATH, and waits for nothing that hangs', async () => {
    program('addr2line', 'echo "GNU addr2line 9.87"');
    program('objdump', 'echo oops >&2; exit 1');
    program('gdb', 'exec sleep 60');
    program('qemu-system-frob64', 'echo "QEMU emulator version 7.7.7"');
    program('qemu-system-x;y', 'echo no');
    const environment = { PATH: `${folder}:/nonexistent:` };
    const found = await checkTools(environment, { timeoutMilliseconds: 500 });
    const named = new Map(found.map((tool) => [tool.name, tool]));
    expect(named.get('addr2line')).toMatchObject({ path: join(folder, 'addr2line'), version: '9.87' });
    expect(named.get('objdump')).toMatchObject({ problem: 'it tells no version' });
    expect(named.get('gdb')).toMatchObject({ problem: 'it does not answer' });
    expect(named.get('qemu-system-frob64')).toMatchObject({ version: '7.7.7' });
    expect(named.get('perl')?.path).toBeUndefined();
    expect(named.has('qemu-system-x;y')).toBe(false);
  });
});
