import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressedVmlinux, moduleBuildIdPaths, moduleFolders, vmlinuxPaths } from '../../src/symbols/places.ts';

describe('vmlinuxPaths', () => {
  test('has build IDs first, then the places of distributions, then those of own kernels', () => {
    const paths = vmlinuxPaths({ release: '6.1.0-9-amd64', buildId: 'ABCDEF0123456789' }, { root: '/r', home: '/h' });
    expect(paths.slice(0, 3)).toEqual([
      '/r/usr/lib/debug/.build-id/ab/cdef0123456789.debug',
      '/r/.build-id/ab/cdef0123456789.debug',
      '/h/.cache/debuginfod_client/abcdef0123456789/debuginfo',
    ]);
    const debian = paths.indexOf('/r/usr/lib/debug/lib/modules/6.1.0-9-amd64/vmlinux');
    const built = paths.indexOf('/r/lib/modules/6.1.0-9-amd64/build/vmlinux');
    expect(debian).toBe(3);
    expect(built).toBeGreaterThan(debian);
    expect(paths).toContain('/r/usr/lib/debug/boot/vmlinux-6.1.0-9-amd64');
  });

  test('has none for a log that names no kernel', () => {
    expect(vmlinuxPaths({}, { root: '' })).toEqual([]);
  });

  test('never leaves its places, whatever a log says', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('..', '../../etc/passwd', '6.1/../..', '.', '6.1\0')),
        (text) => {
          const wanted = { release: text, buildId: text };
          const roots = { root: '/r', home: '/h' };
          const all = [
            ...vmlinuxPaths(wanted, roots),
            ...moduleFolders(wanted, roots),
            ...moduleBuildIdPaths(text, roots),
          ];
          for (const path of all) {
            expect(path).toMatch(/^\/[rh]\//);
            expect(path.split('/')).not.toContain('..');
            expect(path).not.toContain('\0');
          }
        },
      ),
    );
  });
});

describe('compressedVmlinux', () => {
  test('has what is there, beside a vmlinux only', () => {
    const root = mkdtempSync(join(tmpdir(), 'ktriage-places-'));
    try {
      mkdirSync(join(root, 'boot'));
      for (const name of [
        'vmlinux-6.1.zst',
        'vmlinux-6.1.xz',
        'vmlinux-6.1.bz2',
        'vmlinux-6.2.gz',
        'vmlinux-6.1.debug.gz',
      ])
        writeFileSync(join(root, 'boot', name), 'x');
      const paths = vmlinuxPaths({ release: '6.1', buildId: 'abcdef0123' }, { root });
      const found = ['vmlinux-6.1.xz', 'vmlinux-6.1.zst'].map((name) => join(root, 'boot', name));
      expect(compressedVmlinux(paths)).toEqual(found);
      expect(compressedVmlinux(vmlinuxPaths({ release: '6.3' }, { root }))).toEqual([]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
