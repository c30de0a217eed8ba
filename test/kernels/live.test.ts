import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, test } from 'vitest';
import { decodePtRegs, ptRegsWords } from '../guest/pt-regs.ts';
import { runLive } from '../guest/run-live.ts';
import { RunningGuest } from '../guest/running-guest.ts';
import { type ScenarioTruth, scenarioTruths } from '../guest/scenarios.ts';
import { guestModules } from './guest-files.ts';
import { expectTruth, readLiveJson } from './live-document.ts';
import type { Guest } from './table.ts';
import { isInstalled } from './tools.ts';

/** A guest that is booted, with a random base as always, and looked at while it hangs. */
interface Case {
  readonly kernel: string;
  readonly scenario: string;
  /** Of test/guest/boot. */
  readonly more?: readonly string[];
  /** QEMU's monitor is named beside the stub. */
  readonly withMonitor?: boolean;
  /** What is true of it, other than of the scenario elsewhere. */
  readonly truth?: Partial<ScenarioTruth>;
}

/** Others are held by the snapshots beside this file, which need no QEMU. */
const cases: readonly Case[] = [
  // User code on both CPUs, on page tables that do not have the kernel.
  { kernel: '6.1-amd64', scenario: 'silent-irq', more: ['pti=on', 'kthang_busy=1'] },
  { kernel: '6.1-amd64', scenario: 'spin-pair', withMonitor: true },
  // No other CPU is there to tell for how long: it is looked at more than once.
  {
    ...{ kernel: '6.1-amd64', scenario: 'irq-off', more: ['maxcpus=1'] },
    truth: { words: ['CPU 0', 'kthang-counter', 'interrupts off', 'has taken no tick for'] },
  },
  { kernel: '6.1-amd64', scenario: 'mutex-dead', more: ['--cpu', 'max'] },
  { kernel: '6.1-amd64', scenario: 'idle', more: ['pti=on', 'kthang_busy=1'] },
  { kernel: '6.1-arm64', scenario: 'silent-irq' },
  { kernel: '6.1-arm64', scenario: 'self-lock', more: ['--cpu', 'max'] },
  { kernel: '6.1-arm64', scenario: 'slow-fault', withMonitor: true },
  { kernel: '7.2-amd64', scenario: 'idle', more: ['--cpu', 'max'] },
];

/** Far above what it takes on a machine with nothing else to do (a third of a second). */
const longestStop = 8000;

const say = (text: string): void => void process.stderr.write(`test:kernels: live: ${text}\n`);

const guests = new Map(inject('guests').map((guest) => [guest.name, guest]));
const qemuOf = (kernel: string): string => (kernel.endsWith('-arm64') ? 'qemu-system-aarch64' : 'qemu-system-x86_64');

/** Why a case cannot be run. */
function obstacle({ kernel, scenario }: Case): string | undefined {
  const guest = guests.get(kernel);
  if (guest === undefined) return 'the kernel is not there';
  if (!isInstalled(qemuOf(kernel)))
    return `${qemuOf(kernel)} is not installed (Debian: qemu-system-x86, qemu-system-arm)`;
  if (!guest.hasModule && scenario !== 'idle')
    return `there is no kthang.ko of ${guest.release}: RELEASE=... test/guest/kthang/build makes one`;
  return undefined;
}

/**
 * Waits until the guest hangs, if it is to, and says whether user space is silent: on the CPUs that are left it may live
 * on until it needs the one that hangs, which may take a minute.
 */
async function untilUnderWay(guest: RunningGuest, scenario: string, isAlive: boolean): Promise<boolean> {
  if (!isAlive) {
    await guest.untilPrinted(`kthang: ${scenario.replace('silent-mixed', 'silent-irq')} begins`);
    // A busy machine must not be taken for a hung guest: it says something once a second of its own time.
    return guest.untilSilent(5000, 25).then(
      () => true,
      () => false,
    );
  }
  await guest.untilPrinted(`guest: ${scenario} is under way`);
  const from = guest.heartbeats();
  await guest.until('user space lived on for 2 s', () => guest.heartbeats() >= from + 2);
  return false;
}

/** The registers of each fault of a CPU, as QEMU reads them in the guest that has gone on. */
async function expectSameRegisters(guest: RunningGuest, { architecture }: Guest, text: string): Promise<void> {
  for (const { cpu, ptRegsAddress, registers } of readLiveJson(text).pageFaults) {
    if (cpu === undefined) continue;
    const words = await guest.words(ptRegsAddress, ptRegsWords(architecture), cpu);
    const found = Object.fromEntries(Object.entries(registers).map(([name, value]) => [name, BigInt(value)]));
    expect(found).toMatchObject(decodePtRegs(architecture, words));
  }
}

describe('ktriage live', () => {
  for (const each of cases) {
    const { kernel, scenario, more = [], withMonitor = false } = each;
    const name = [kernel, scenario, ...more].join(' ');
    const why = obstacle(each);
    if (why !== undefined) {
      say(`${name}: SKIPPED, ${why}`);
      test.skip(`${name}: SKIPPED, ${why}`, () => {});
      continue;
    }
    // When a guest gets where depends on how busy the machine is; what is said of it twice is so.
    test(name, { timeout: 240_000, retry: 2 }, async () => {
      const usual = scenarioTruths[scenario];
      const files = guests.get(kernel);
      if (usual === undefined || files === undefined) throw new Error(`nothing is known of ${name}`);
      const truth = { ...usual, ...each.truth };
      await using guest = await RunningGuest.boot({ kernel, scenario, more });
      const isSilent = await untilUnderWay(guest, scenario, truth.isAlive);
      const before = guest.heartbeats();
      const target = [`127.0.0.1:${guest.port}`, ...(withMonitor ? ['--qmp', guest.monitor] : [])];
      const symbols = [
        ...['--vmlinux', files.vmlinux],
        ...(files.hasModule ? ['--modules', guestModules(files.release)] : []),
      ];
      const run = () => runLive([...target, ...symbols, '--format', 'json']);
      let said = await run();
      // A healthy guest may be caught on its way through the kernel, which is not known to be all right, nor to be wrong.
      for (let times = 0; said.status === 3 && truth.outcome === 'healthy' && times < 3; times++) said = await run();
      const { status, stdout, stderr, milliseconds } = said;
      expect(status, stderr).toBe(truth.outcome === 'healthy' ? 0 : 1);

      const document = readLiveJson(stdout);
      say(`${name}: ${document.verdict.sentence} (stopped for ${document.stoppedMs} ms, ${milliseconds} ms in all)`);
      expectTruth(document, truth);
      expect(document.kernel).toMatchObject({ release: files.release });
      expect(document.stoppedMs).toBeLessThan(longestStop);
      expect(document.isLeftRunning).toBe(true);
      expect(document.problems).toEqual([]);

      // It is left as it was found.
      expect(await guest.status()).toBe('running');
      if (truth.isAlive) await guest.until('user space lived on', () => guest.heartbeats() >= before + 2);
      else {
        await sleep(1500);
        if (isSilent) expect(guest.heartbeats()).toBe(before);
        await expectSameRegisters(guest, files, stdout);
      }
    });
  }
});
