import { describe, expect, test } from 'vitest';
import { beganSince } from '../../../src/live/waits/began-since.ts';

const second = 1_000_000_000n;
const asleepSince = (seconds: bigint, cpu?: number) => ({
  site: { thread: { lastArrival: seconds * second, ...(cpu !== undefined && { cpu }) } },
});

describe('a task at the address of the owner', () => {
  test('that began when others had long waited is another one', () => {
    expect(beganSince({ startTime: 9n * second }, [asleepSince(5n)])).toBe(true);
  });

  test('that began before may be the owner', () => {
    expect(beganSince({ startTime: 3n * second }, [asleepSince(5n)])).toBe(false);
    expect(beganSince({}, [asleepSince(5n)])).toBe(false);
  });

  test('is not judged by who runs, nor by clocks that differ a little', () => {
    expect(beganSince({ startTime: 9n * second }, [asleepSince(5n, 1)])).toBe(false);
    expect(beganSince({ startTime: 5n * second + 1n }, [asleepSince(5n)])).toBe(false);
    expect(beganSince({ startTime: 9n * second }, [{ site: { thread: {} } }])).toBe(false);
  });
});
