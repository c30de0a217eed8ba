import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cursor } from '../../src/dwarf/cursor.ts';
import { LineTables, loadLineProgram } from '../../src/dwarf/line-header.ts';
import { openDebugInfo } from '../../src/dwarf/open-debug-info.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import { ByteWriter, memorySection } from '../helpers/dwarf-writer.ts';
import { compile, needing, sourceFolder, sources } from './toolchain.ts';

const stringForm = 0x08;
const udataForm = 0x0f;
const data16Form = 0x1e;

/** The tables of a program of DWARF 5 whose files have a path, a directory and, of that form, an MD5. */
function tables(form: number, checksums: readonly (readonly number[])[], offset = 0): LineTables {
  const header = new ByteWriter();
  header.u8(1).u8(1).u8(1).u8(-5).u8(14).u8(13);
  header.raw([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
  header.u8(1).uleb(1).uleb(stringForm).uleb(1).string('/build');
  header.u8(3).uleb(1).uleb(stringForm).uleb(2).uleb(udataForm).uleb(5).uleb(form).uleb(checksums.length);
  for (const [nth, checksum] of checksums.entries()) header.string(`${nth}.c`).uleb(0).raw(checksum);
  const program = new ByteWriter().withLength(false, (to) => {
    to.number(5, 2).u8(8).u8(0).number(header.length, 4).raw(header.bytes);
  }).bytes;
  const section = memorySection('.debug_line', Uint8Array.from([...new Array<number>(offset).fill(0), ...program]));
  const cursor = new Cursor(section, true);
  return new LineTables(loadLineProgram(cursor, offset, 8), cursor);
}

const checksumOf = (of: LineTables, file: number): string | undefined => {
  const entry = of.file(file);
  return entry === undefined ? undefined : of.checksum(entry);
};

describe('checksums of source files', () => {
  const digest = Array.from({ length: 16 }, (_, nth) => nth * 16 + 1);
  const hex = digest.map((byte) => byte.toString(16).padStart(2, '0')).join('');

  test('are read from the table of files, wherever the program lies', () => {
    for (const offset of [0, 77]) {
      const of = tables(data16Form, [new Array<number>(16).fill(9), digest], offset);
      expect(checksumOf(of, 1)).toBe(hex);
      expect(checksumOf(of, 0)).toBe('09'.repeat(16));
    }
  });

  test('zeros are none, and other forms are none', () => {
    expect(checksumOf(tables(data16Form, [new Array<number>(16).fill(0)]), 0)).toBeUndefined();
    expect(checksumOf(tables(udataForm, [[5]]), 0)).toBeUndefined();
  });

  const clang = needing('are those that clang writes', ['clang']);
  test.skipIf(clang.skip)(clang.title, async () => {
    const folder = sourceFolder();
    const elf = await openElf(compile(folder, 'clang', ['-O2', '-gdwarf-5'], 'a.out'));
    const opened = await openDebugInfo(elf);
    const address = elf.symbols().named('outer')[0]?.address ?? 0;
    const [[frame] = []] = opened.info.resolve([address]);
    const file = frame?.file?.split('/').at(-1) ?? '';
    expect(frame?.md5).toBe(
      createHash('md5')
        .update(sources[file] ?? '')
        .digest('hex'),
    );
    opened.close();
    elf.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
