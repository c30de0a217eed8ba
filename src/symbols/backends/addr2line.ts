import { type Dialect, known, maxChain, noAnswer, position, type ToolFrame } from './dialect.ts';

const header = /^0x([0-9a-f]{1,16})$/;
const discriminator = /^(.*) \(discriminator \d{1,10}\)$/;

function frameOf(functionName: string, place: string): ToolFrame {
  const text = discriminator.exec(place)?.[1] ?? place;
  const colon = text.lastIndexOf(':');
  const line = text.slice(colon + 1);
  const name = known(functionName);
  return {
    ...(name !== undefined && { function: name }),
    // `file:?` where the line is not known.
    ...(colon > 0 && position(text.slice(0, colon), /^\d{1,9}$/.test(line) ? Number(line) : 0)),
  };
}

/**
 * addr2line of binutils. With `-a` each answer begins with its address, and nothing ends it: so the last address is
 * asked for once more, and what comes of that is passed over before the next answers. The functions that it gives
 * where the debug information has none are those of the symbol table, without a word about that.
 */
export const addr2line: Dialect = {
  arguments: (file, section) => ['-a', '-f', '-i', ...(section === undefined ? [] : ['-j', section]), '-e', file],
  questions: (addresses) =>
    [...addresses, ...addresses.slice(-1)].map((address) => `0x${address.toString(16)}\n`).join(''),
  async answers(next, addresses) {
    const found: ToolFrame[][] = [];
    const [first = 0n] = addresses;
    let line = await next();
    for (let left = maxChain; !header.test(line); left--) {
      if (left === 0) throw noAnswer(first, line);
      line = await next();
    }
    for (const address of addresses) {
      const told = header.exec(line)?.[1];
      if (told === undefined || BigInt(`0x${told}`) !== address) throw noAnswer(address, line);
      const frames: ToolFrame[] = [];
      for (line = await next(); !header.test(line); line = await next()) {
        const place = await next();
        if (header.test(place) || frames.length >= maxChain) throw noAnswer(address, place);
        frames.push(frameOf(line, place));
      }
      found.push(frames);
    }
    return found;
  },
};
