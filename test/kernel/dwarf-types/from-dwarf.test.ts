import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Btf } from '../../../src/btf/btf.ts';
import { openDebugInfo } from '../../../src/dwarf/open-debug-info.ts';
import { openElf } from '../../../src/elf/open-elf.ts';
import { writeBtf } from '../../../src/kernel/dwarf-types/btf-writer.ts';
import { typesOfDebugInfo } from '../../../src/kernel/dwarf-types/from-dwarf.ts';
import { isWantedUnit } from '../../../src/kernel/dwarf-types/sources.ts';
import { needing, run } from '../../dwarf/toolchain.ts';

const source = `
enum frob_states { FROB_OFF, FROB_ON = 7, FROB_LOST = -2 };
struct hidden;
struct frob {
	struct frob *next; unsigned low : 3, high : 5;
	union { unsigned long word; struct { int first, second; }; };
	short grid[3][2]; const volatile char *name; enum frob_states state;
	struct hidden *hidden; int (*call)(struct frob *, long); _Bool isOn; int tail[];
};
typedef struct { struct frob inner; } frob_t;
frob_t variable;
`;
const other = `
struct hidden { long secret; };
struct frob { int quiteAnother; };
struct hidden hidden; struct frob frob;
`;

const folder = mkdtempSync(join(tmpdir(), 'ktriage-types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('types of debug information', () => {
  const { title, skip } = needing('are those of the units that tell of the kernel', ['gcc']);
  test.skipIf(skip)(title, async () => {
    mkdirSync(join(folder, 'kernel', 'sched'), { recursive: true });
    mkdirSync(join(folder, 'drivers'));
    writeFileSync(join(folder, 'kernel/smp.c'), source);
    writeFileSync(join(folder, 'kernel/sched/core.c'), other);
    writeFileSync(join(folder, 'drivers/frob.c'), 'struct unwanted { int a; } unwanted;');
    const files = ['kernel/smp.c', 'kernel/sched/core.c', 'drivers/frob.c'];
    run(folder, 'gcc', '-g', '-shared', '-fPIC', '-nostdlib', '-o', 'types.so', ...files);
    const elf = await openElf(join(folder, 'types.so'));
    const { info, close } = await openDebugInfo(elf);
    const types = typesOfDebugInfo('types.so', info.parts);
    close();
    elf.close();
    expect(types?.problems).toEqual([]);
    const frob = types?.struct('frob');
    const place = (path: string) => {
      const found = types?.member('frob', path);
      return found && [found.offset, found.size];
    };
    expect(frob?.size).toBe(80);
    expect(place('word')).toEqual([16, 8]);
    expect(place('second')).toEqual([20, 4]);
    expect(place('grid[2][1]')).toEqual([34, 2]);
    expect(place('state')?.[0]).toBe(48);
    expect(place('isOn')).toEqual([72, 1]);
    expect(types?.member('frob', 'high')).toMatchObject({ bits: { first: 67, count: 5 } });
    expect(types?.member('frob_t', 'inner.call')?.offset).toBe(64);
    expect(types?.structs('frob').map(({ size }) => size)).toEqual([80, 4]);
    expect(types?.struct('hidden')?.size).toBe(8);
    expect(types?.struct('unwanted')).toBeUndefined();
    expect(types?.enumValue('FROB_ON', 'frob_states')).toBe(7n);
    expect(types?.enumValue('FROB_LOST')).toBe(-2n);
  });

  test('units are told by the ends of their names', () => {
    expect(isWantedUnit('kernel/smp.c')).toBe(true);
    expect(isWantedUnit('/build/linux-6.1/arch/x86/kernel/cpu/common.c')).toBe(true);
    expect(isWantedUnit('../kernel/sched/core.c')).toBe(true);
    expect(isWantedUnit('drivers/smp.c')).toBe(false);
    expect(isWantedUnit('')).toBe(false);
  });

  test('what is written is read', () => {
    const bytes = writeBtf([
      { kind: 'int', name: 'long', size: 8, encoding: 1 },
      { kind: 'enum', name: 'wide', size: 8, values: [{ name: 'MOST', value: -1n << 40n }] },
      { kind: 'forward', name: 'nothing', isUnion: true },
      { kind: 'struct', name: 'one', size: 16, members: [{ name: 'it', type: 1, offset: 64, bits: 0 }] },
    ]);
    const types = Btf.open({ name: 'made', bytes });
    expect(types.problems).toEqual([]);
    expect(types.member('one', 'it')).toMatchObject({ offset: 8, size: 8 });
    expect(types.enumValue('MOST')).toBe(-1n << 40n);
    expect(types.struct('nothing')).toBeUndefined();
  });
});
