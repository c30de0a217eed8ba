import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moduleBuildIdPaths, moduleFolders, vmlinuxPaths } from '../../src/symbols/places.ts';

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

  test('has what is compressed last', () => {
    const paths = vmlinuxPaths({ release: '6.1' }, { root: '/r' });
    const compressed = paths.findIndex((path) => /\.(?:xz|gz|zst)$/.test(path));
    expect(paths.slice(compressed).every((path) => /\/vmlinux[^/]*\.(?:xz|gz|zst)$/.test(path))).toBe(true);
    expect(paths).toContain('/r/boot/vmlinux-6.1.xz');
    expect(paths).toContain('/r/lib/modules/6.1/vmlinux.zst');
    expect(new Set(paths).size).toBe(paths.length);
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
