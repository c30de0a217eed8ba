import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createArm64Disassembler } from '../../../src/code/arm64/disassembler.ts';

const objdump = 'aarch64-linux-gnu-objdump';
const hasObjdump = /GNU objdump/.test(spawnSync(objdump, ['--version'], { encoding: 'utf8' }).stdout ?? '');
if (!hasObjdump) console.warn(`skipped: ${objdump} is not installed`);

const folder = mkdtempSync(join(tmpdir(), 'ktriage-arm64-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Encodings with fields that are filled with any bits: what kernel code is made of, and forms that it lacks. */
const templates: readonly (readonly [mask: number, value: number])[] = [
  [0xffc00000, 0xf9400000], // ldr
  [0xffc00000, 0x39000000], // strb
  [0xffe00c00, 0xf8400000], // ldur
  [0xffe00c00, 0xf8400400], // ldr, post-index
  [0xffe00c00, 0xb8400c00], // ldr, pre-index
  [0xffe00c00, 0xb8400800], // ldtr
  [0xffe0fc00, 0xf8607800], // ldr, register
  [0xffc00000, 0xa9400000], // ldp
  [0xffc00000, 0x28800000], // stp, post-index
  [0xffffffe0, 0xd50b7e20], // dc civac
  [0xff800000, 0x91000000], // add
  [0xff800000, 0xd1000000], // sub
  [0xff200000, 0x8b000000], // add, shifted
  [0xff800000, 0xd2800000], // mov
  [0xff800000, 0xf2800000], // movk
  [0xfc000000, 0x94000000], // bl
  [0xff000010, 0x54000000], // b.cond
  [0x7f000000, 0x34000000], // cbz
  [0x7f000000, 0x37000000], // tbnz
  [0xffe00c00, 0x9a800000], // csel
  [0xffe00c10, 0x7a400800], // ccmp
  [0xffe0001f, 0xd4200000], // brk
  [0xffe0fc00, 0x9ac00800], // udiv
];

test.skipIf(!hasObjdump)('the text is that of objdump', async () => {
  let seed = 1;
  const next = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed ^ (seed >>> 15)) >>> 0;
  };
  const words = templates.flatMap(([mask, value]) =>
    Array.from({ length: 40 }, () => ((next() & ~mask) | value) >>> 0),
  );
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [nth, word] of words.entries()) view.setUint32(nth * 4, word, true);
  const file = join(folder, 'words.bin');
  writeFileSync(file, bytes);
  const { stdout } = spawnSync(objdump, ['-D', '-b', 'binary', '-m', 'aarch64', file], { encoding: 'utf8' });
  const theirs = stdout.split('\n').flatMap((line) => {
    const text = /^\s*[0-9a-f]+:\t[0-9a-f]{8} \t(.*)$/.exec(line)?.[1];
    return text === undefined
      ? []
      : [
          text
            .replace(/\s*\/\/.*$/, '')
            .replace(/\s+/g, ' ')
            .trim(),
        ];
  });
  const disassembler = await createArm64Disassembler();
  const ours = words.map((_, nth) => disassembler.decode(bytes, nth * 4, 0n)?.text);
  expect(theirs).toHaveLength(words.length);
  // A few of any bits are no instructions, or such that only one of the two knows.
  const known = ours
    .map((text, nth) => [text, theirs[nth]])
    .filter((texts) => !texts.some((text) => text?.endsWith('undefined')));
  expect(known.length).toBeGreaterThan(words.length / 2);
  for (const [own, text] of known) expect(own).toBe(text);
});
