import { describe, expect, test } from 'vitest';
import { callerBefore } from '../../src/symbols/call-at-end.ts';
import { Image } from '../../src/symbols/image.ts';
import { describeFrame, placeFrame } from '../../src/symbols/resolve.ts';
import { open } from '../elf/make.ts';
import { flag } from '../helpers/elf-writer.ts';

const base = 0xffff_8000_0801_0000n;
const words = { bl: 0x94000010, blr: 0xd63f0020, ret: 0xd65f03c0, nop: 0xd503201f };

/** An image of `stops` (16 bytes, with this word at its end), `behind` and `last`. */
function image(word: number, machine = 183): Image {
  const contents = new Uint8Array(48);
  const view = new DataView(contents.buffer);
  for (let at = 0; at < contents.length; at += 4) view.setUint32(at, words.nop, true);
  view.setUint32(12, word, true);
  return Image.of(
    open({
      machine,
      sections: [{ name: '.text', flags: flag.alloc | flag.execute, address: base, contents }],
      symbols: ['stops', 'behind', 'last'].map((name, nth) => ({
        name,
        value: base + BigInt(nth * 16),
        section: '.text',
      })),
    }),
  );
}

const frame = (offset: number, reliable = true) => ({
  function: 'behind',
  offset,
  size: 16,
  reliable,
  range: { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 0 },
});

async function described(of: Image, given: ReturnType<typeof frame>, isReturn = true): Promise<string> {
  const placed = placeFrame(of, given, { isReturn, force: false });
  if (placed === undefined) return 'nowhere';
  const { function: name, offset, printedFunction } = await describeFrame(given, placed);
  return `${name}+${offset}${printedFunction === undefined ? '' : `, printed ${printedFunction}`}`;
}

describe('the address behind a call that ends its function', () => {
  test('is of the function that called', async () => {
    for (const word of [words.bl, words.blr]) {
      expect(await described(image(word), frame(0))).toBe('stops+16, printed behind');
    }
  });

  test('is what it says where no call is before it, or nothing returned to it', async () => {
    expect(await described(image(words.ret), frame(0))).toBe('behind+0');
    expect(await described(image(words.bl), frame(4))).toBe('behind+4');
    expect(await described(image(words.bl), frame(0), false)).toBe('behind+0');
    expect(await described(image(words.bl), frame(0, false))).toBe('behind+0');
  });

  test('is only printed so on arm64', async () => {
    expect(await described(image(words.bl, 62), frame(0))).toBe('behind+0');
  });

  test('is nothing at the start of a section', () => {
    const of = image(words.bl);
    const [first] = of.symbolsNamed('stops');
    expect(first && callerBefore(of, first)).toBeUndefined();
  });
});
