import { beforeAll, describe, expect, test } from 'vitest';
import { KgdbGuest, type LineKind } from '../guest/kgdb/kgdb-guest.ts';
import { cachedKgdbKernel, type KgdbKernel, kgdbKernel } from '../guest/kgdb/kgdb-kernel.ts';
import { runLive } from '../guest/run-live.ts';
import { type FrameJson, type LiveJson, readLiveJson } from './live-document.ts';
import { isInstalled } from './tools.ts';

const minutes = 60_000;
const say = (text: string): void => void process.stderr.write(`test:kernels: kgdb: ${text}\n`);

/** Why nothing of it can be run: a kernel with a debugger of its own has to be built, which takes its time. */
function obstacle(): string | undefined {
  if (!isInstalled('qemu-system-x86_64')) return 'qemu-system-x86_64 is not installed (Debian: qemu-system-x86)';
  if (process.env.KTRIAGE_KGDB === '1' || cachedKgdbKernel() !== undefined) return undefined;
  return 'there is no kernel with KGDB in the cache; KTRIAGE_KGDB=1 builds one in some minutes';
}

const why = obstacle();
if (why !== undefined) say(`SKIPPED, ${why}`);

const trigger = '/proc/sysrq-trigger';
const provoke = '/sys/kernel/debug/provoke-crash/DIRECT';

const functions = (frames: readonly FrameJson[]): string[] =>
  frames.flatMap((frame) => [...(frame.inlined ?? []), frame].flatMap((each) => each.function ?? []));

describe.skipIf(why !== undefined)('a kernel that is in its own debugger', () => {
  let kernel: KgdbKernel | undefined;
  beforeAll(() => {
    kernel = kgdbKernel();
  }, 30 * minutes);

  /** A guest that is ended with its test. */
  async function boot(line: LineKind): Promise<KgdbGuest> {
    if (kernel === undefined) throw new Error('there is no kernel');
    return KgdbGuest.boot(kernel, line);
  }

  async function look(guest: KgdbGuest, ...more: readonly string[]): Promise<LiveJson> {
    const run = await runLive([guest.target, '--vmlinux', kernel?.vmlinux ?? '', '--format', 'json', ...more]);
    expect(run.stdout, `it ended with ${run.status}: ${run.stderr}`).toMatch(/^\{/);
    const document = readLiveJson(run.stdout);
    say(`${guest.target}: ${run.milliseconds} ms, stopped ${document.stoppedMs} ms: ${document.verdict.sentence}`);
    return document;
  }

  test('is found, shows its tasks, and goes on', { timeout: 5 * minutes }, async () => {
    await using guest = await boot('tcp');
    const early = await runLive([guest.target, '--vmlinux', kernel?.vmlinux ?? '']);
    expect(early.stderr).toContain('KT-LIVE-KGDB');
    for (const round of [1, 2]) {
      guest.write(trigger, 'g');
      await guest.untilSilent();
      const document = await look(guest, '--all');
      expect(document.outcome, document.verdict.sentence).toBe('healthy');
      expect(document.kernel.release, `round ${round}`).toMatch(/^6\.1\.\d+-kgdb$/);
      expect(document.kernel.buildId).toMatch(/^[0-9a-f]{40}$/);
      expect(document.cpus.map(({ id }) => id)).toEqual([0, 1]);
      const asked = document.cpus.filter(({ frames }) => functions(frames).includes('kgdb_breakpoint'));
      expect(asked).toHaveLength(1);
      expect(functions(asked[0]?.frames ?? [])).toContain('write_sysrq_trigger');
      expect(document.tasks.length).toBeGreaterThan(20);
      const asleep = document.tasks.filter(
        ({ onCpu, pid, state }) => pid > 0 && onCpu !== true && state !== 'Z' && state !== 'X',
      );
      for (const { comm, pid, frames } of asleep) {
        const [first] = frames;
        expect(
          frames.every(({ reliable }) => reliable),
          `${comm} (${pid})`,
        ).toBe(true);
        expect(['__schedule', 'ret_from_fork'], `${comm} (${pid})`).toContain(first?.function);
      }
      expect(document.log?.lines.some((line) => line.includes('sysrq: DEBUG'))).toBe(true);
      expect(document.problems.filter((problem) => !problem.includes('physical memory cannot be read'))).toEqual([]);
      await guest.untilAlive();
    }
  });

  test('names the loop of a CPU that no longer answers', { timeout: 5 * minutes }, async () => {
    await using guest = await boot('unix');
    guest.write(trigger, 'g', { seconds: 5 });
    guest.write(provoke, 'HARDLOCKUP', { cpu: 1 });
    await guest.until('it was in its debugger', () => guest.console.includes('KGDB: Entering KGDB'));
    await guest.untilSilent();
    const document = await look(guest);
    expect(document.outcome).toBe('broken');
    expect(document.verdict.location?.function).toBe('lkdtm_HARDLOCKUP');
    expect(document.cpus.some(({ frames }) => functions(frames).includes('lkdtm_HARDLOCKUP'))).toBe(true);
  });

  test('names a lock that was never given back', { timeout: 5 * minutes }, async () => {
    await using guest = await boot('tcp');
    // The first time it is taken and kept, the second time it is waited for.
    guest.write(provoke, 'SPINLOCKUP', { cpu: 1 });
    guest.write(provoke, 'SPINLOCKUP', { cpu: 1, seconds: 2 });
    guest.write(trigger, 'g', { seconds: 6 });
    await guest.until('it was in its debugger', () => guest.console.includes('KGDB: Entering KGDB'));
    await guest.untilSilent();
    const document = await look(guest);
    expect(document.verdict.rule).toBe('busy-cpu');
    expect(document.verdict.sentence).toContain('for the spinlock lock_me_up, which nobody is known to have');
  });

  test('names the fault that brought it there, over a terminal, and stays', { timeout: 5 * minutes }, async () => {
    await using guest = await boot('pty');
    guest.write(provoke, 'EXCEPTION');
    await guest.untilSilent();
    for (const round of [1, 2]) {
      const document = await look(guest);
      expect(document.verdict.rule, `round ${round}`).toBe('fatal-fault');
      expect(document.verdict.location?.function).toBe('lkdtm_EXCEPTION');
      const [fault] = document.pageFaults;
      expect(fault?.fatal).toBe(true);
      expect(functions(fault?.frames ?? [])[0]).toBe('lkdtm_EXCEPTION');
    }
    const before = guest.heartbeats();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(guest.heartbeats()).toBe(before);
  });
});
