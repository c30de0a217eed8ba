import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findKernel } from '../../src/kernel/find-kernel.ts';
import { readSnapshot } from '../../src/machine/snapshot/file.ts';
import type { Snapshot } from '../../src/machine/snapshot/snapshot.ts';
import { SnapshotMachine } from '../../src/machine/snapshot/snapshot-machine.ts';
import { Image } from '../../src/symbols/image.ts';
import { openBytes } from '../elf/make.ts';
import { flag, note, writeElf } from '../helpers/elf-writer.ts';

/**
 * Guests of the lab with Debian's kernels, of which only those pages were recorded that are read to find the kernel; and
 * of its vmlinux what `nm` says of some symbols. What is true is in the memory itself: its banner at the found place.
 */
interface Recorded {
  readonly file: string;
  readonly machine: number;
  readonly buildId: string;
  readonly symbols: Readonly<Record<string, bigint>>;
  readonly release: string;
  readonly slide: bigint;
  readonly physicalBase: bigint;
  readonly pageTable: string;
  readonly levels: readonly string[];
}

const recorded: readonly Recorded[] = [
  {
    file: '7.2-amd64-pti.snap',
    machine: 62,
    buildId: 'f8da1e460d1343b62f4a8880ae5ce63634756e7a',
    symbols: {
      _text: 0xffff_ffff_8100_0000n,
      asm_exc_page_fault: 0xffff_ffff_8100_1280n,
      linux_banner: 0xffff_ffff_825d_0e60n,
      __start_notes: 0xffff_ffff_82c2_f474n,
      __stop_notes: 0xffff_ffff_82c2_f660n,
      init_top_pgt: 0xffff_ffff_8322_a000n,
      phys_base: 0xffff_ffff_8323_2010n,
      _end: 0xffff_ffff_8423_0000n,
    },
    release: '7.2.13+deb14-amd64',
    slide: 0x11a0_0000n,
    physicalBase: 0x8c0_0000n,
    pageTable: 'init_top_pgt',
    levels: ['PGD', 'PUD', 'PMD'],
  },
  {
    file: '6.1-amd64-la57-pti.snap',
    machine: 62,
    buildId: '06f8bde30046985060c60820f7a11515a33afb06',
    symbols: {
      _text: 0xffff_ffff_8100_0000n,
      asm_exc_page_fault: 0xffff_ffff_81c0_0be0n,
      linux_banner: 0xffff_ffff_8216_13e0n,
      __start_notes: 0xffff_ffff_824b_f4e0n,
      __stop_notes: 0xffff_ffff_824b_f6d8n,
      init_top_pgt: 0xffff_ffff_82a1_0000n,
      phys_base: 0xffff_ffff_82a1_a010n,
      _end: 0xffff_ffff_8443_0000n,
    },
    release: '6.1.0-50-amd64',
    slide: 0x1ca0_0000n,
    physicalBase: 0xa00_0000n,
    pageTable: 'init_top_pgt',
    levels: ['PGD', 'P4D', 'PUD', 'PMD'],
  },
  {
    file: '7.2-arm64-lpa2-pac.snap',
    machine: 183,
    buildId: 'dc3a554f8cb0e0865c7eec3c001a6a80da4a3b7a',
    symbols: {
      _text: 0xffff_8000_8000_0000n,
      linux_banner: 0xffff_8000_817e_3da0n,
      kimage_voffset: 0xffff_8000_81dd_9008n,
      __start_notes: 0xffff_8000_81eb_c154n,
      __stop_notes: 0xffff_8000_81eb_c1b8n,
      swapper_pg_dir: 0xffff_8000_8250_3000n,
      _end: 0xffff_8000_82f0_0000n,
    },
    release: '7.2.13+deb14-arm64',
    slide: 0x2470_93c0_0000n,
    physicalBase: 0x4020_0000n,
    pageTable: 'swapper_pg_dir',
    levels: ['PGD', 'P4D', 'PUD', 'PMD'],
  },
  {
    file: '6.1-arm64-kpti.snap',
    machine: 183,
    buildId: '338d20205ee321570ed1bbd998bf2e1a2b8aa92c',
    symbols: {
      _text: 0xffff_8000_0800_0000n,
      linux_banner: 0xffff_8000_08ef_33e0n,
      kimage_voffset: 0xffff_8000_0911_b600n,
      __start_notes: 0xffff_8000_091a_e46cn,
      __stop_notes: 0xffff_8000_091a_e4ccn,
      tramp_pg_dir: 0xffff_8000_0965_1000n,
      swapper_pg_dir: 0xffff_8000_0965_3000n,
      _end: 0xffff_8000_0a01_0000n,
    },
    release: '6.1.0-50-arm64',
    slide: 0x2074_8fe0_0000n,
    physicalBase: 0x4020_0000n,
    pageTable: 'swapper_pg_dir',
    levels: ['PGD', 'PUD', 'PMD'],
  },
];

const snapshot = (file: string): Snapshot => readSnapshot(fileURLToPath(new URL(`fixtures/${file}`, import.meta.url)));

/** A file without contents, so that what is compared is the build ID. */
function vmlinux({ machine, symbols, buildId }: Recorded, id = buildId): Image {
  const { _text: text = 0n, _end: end = 0n, __start_notes: notes = 0n } = symbols;
  const bytes = writeElf({
    machine,
    sections: [
      { name: '.data', flags: flag.alloc, address: text, size: end - text + 8n, type: 8 },
      { name: '.notes', type: 7, flags: flag.alloc, address: notes, contents: note('GNU', 3, Buffer.from(id, 'hex')) },
    ],
    symbols: Object.entries(symbols).map(([name, value]) => ({ name, value, type: 1, section: '.data' })),
  });
  return Image.of(openBytes(bytes, 'vmlinux'));
}

describe.each(recorded)('$file', (guest) => {
  test('its kernel is found', async () => {
    const found = await findKernel(new SnapshotMachine(snapshot(guest.file)), vmlinux(guest));
    if (found.kind !== 'found') throw new Error(found.reasons.join('\n'));
    const { _text: text = 0n, linux_banner: banner = 0n, [guest.pageTable]: table = 0n } = guest.symbols;
    expect(found.place).toMatchObject({ slide: guest.slide, physicalBase: guest.physicalBase });
    expect(found.place.pageTable).toBe(table - text + guest.physicalBase);
    expect(found.identity).toMatchObject({ release: guest.release, buildId: guest.buildId });
    const at = BigInt.asUintN(64, banner + guest.slide);
    expect(await found.memory.text(at, 200)).toContain(
      `Linux version ${guest.release} (debian-kernel@lists.debian.org)`,
    );
    const translation = await found.memory.translate(at);
    expect(translation.physical).toBe(banner - text + guest.physicalBase);
    expect(translation.pageBytes).toBe(0x20_0000);
    expect(translation.steps.map(({ level }) => level)).toEqual(guest.levels);
  });

  test('no other build is', async () => {
    const other = vmlinux(guest, 'ff'.repeat(20));
    const found = await findKernel(new SnapshotMachine(snapshot(guest.file)), other);
    expect(found).toMatchObject({ kind: 'not-found', identity: { release: guest.release, buildId: guest.buildId } });
  });
});
