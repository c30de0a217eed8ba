import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TailKeeper } from '../../../src/cli/command/tail-keeper.ts';

test('keeps the last bytes, however they come', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.uint8Array({ maxLength: 30 })), (most, chunks) => {
      const keeper = new TailKeeper(most);
      for (const chunk of chunks) keeper.push(chunk);
      const all = Buffer.concat(chunks);
      expect(Buffer.from(keeper.bytes())).toEqual(all.subarray(Math.max(all.length - most, 0)));
    }),
  );
});

test('holds no more than it must of a stream without end', () => {
  const keeper = new TailKeeper(1000);
  const chunk = new Uint8Array(10);
  for (let times = 0; times < 100_000; times++) keeper.push(chunk);
  expect(keeper.bytes()).toHaveLength(1000);
});
