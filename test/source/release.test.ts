import { describe, expect, test } from 'vitest';
import { builtBefore } from '../../src/source/build-date.ts';
import { isOfRelease, makefileVersion, revisionsOf, upstreamVersion } from '../../src/source/release.ts';

describe('upstreamVersion', () => {
  test.each([
    [{ release: '6.1.176' }, '6.1.176'],
    [{ release: '6.2.0-rc3-00123-gabcdef012345' }, '6.2-rc3'],
    [{ release: '6.1.0-50-amd64', version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)' }, '6.1.176'],
    [{ release: '6.12.107+deb13-amd64', version: '#1 Debian 6.12.107-1' }, '6.12.107'],
    [{ release: '6.5.6-300.fc39.x86_64' }, '6.5.6'],
    [{ release: '5.15.0-91-generic' }, '5.15'],
    [{ release: 'custom' }, undefined],
    [{}, undefined],
  ])('%j', (origin, version) => {
    expect(upstreamVersion(origin)).toBe(version);
  });
});

describe('revisionsOf', () => {
  test.each([
    ['6.2.0-rc3-00123-gabcdef012345', [{ name: 'abcdef012345', exact: true }]],
    ['6.2.0-rc3-00123-gabcdef012345-dirty', [{ name: 'abcdef012345', exact: false }]],
    ['6.2.0-rc3-00123-gabcdef012345-mine', [{ name: 'abcdef012345', exact: true }]],
    ['6.1.176', [{ name: 'v6.1.176', exact: true }]],
    ['6.2.0', [{ name: 'v6.2', exact: true }]],
    ['6.2.0-rc3', [{ name: 'v6.2-rc3', exact: true }]],
    ['6.2.0-rc3+', [{ name: 'v6.2-rc3', exact: false }]],
    ['6.5.6-300.fc39.x86_64', [{ name: 'v6.5.6', exact: false }]],
    ['mine', []],
  ])('%s', (release, revisions) => {
    expect(revisionsOf({ release })).toEqual(revisions);
  });
});

describe('makefileVersion', () => {
  test('a kernel has one, others have none', () => {
    const head = '# SPDX-License-Identifier: GPL-2.0\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 176\nEXTRAVERSION =\n';
    expect(makefileVersion(head)).toBe('6.1.176');
    expect(makefileVersion('VERSION = 6\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\n')).toBe('6.2-rc3');
    expect(makefileVersion('VERSION = 1.2\nall:\n')).toBeUndefined();
    expect(makefileVersion('obj-m := a.o\n')).toBeUndefined();
  });
});

describe('isOfRelease', () => {
  test.each([
    ['6.1.176', { release: '6.1.176' }, true],
    ['6.1.177', { release: '6.1.176-mine' }, false],
    ['6.1.192', { release: '6.1.0-50-amd64', version: 'Debian 6.1.176-1' }, false],
    // Distributions count by themselves: only the series says something.
    ['5.15.131', { release: '5.15.0-91-generic' }, true],
    ['6.5.1', { release: '5.15.0-91-generic' }, false],
    ['6.2-rc3', { release: '6.2.0-rc3-00123-gabcdef0' }, true],
    ['6.2-rc4', { release: '6.2.0-rc3-00123-gabcdef0' }, false],
    ['6.1', { release: 'mine' }, undefined],
  ])('a tree of %s for %j: %s', (tree, origin, expected) => {
    expect(isOfRelease(tree, origin)).toBe(expected);
  });
});

describe('builtBefore', () => {
  test.each([
    ['#1 SMP Sat Jan  1 00:00:00 UTC 2028', '2028-01-01T00:00:01Z'],
    ['#7 SMP PREEMPT Mon Oct 12 10:20:30 CEST 2026', '2026-10-13T00:20:30Z'],
    ['#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)', '2026-07-03T14:00:00Z'],
  ])('%s', (version, latest) => {
    expect(new Date(builtBefore(version) ?? 0).toISOString().replace('.000', '')).toBe(latest);
  });

  test('no date, no time', () => {
    expect(builtBefore('#1')).toBeUndefined();
    expect(builtBefore(undefined)).toBeUndefined();
  });
});
