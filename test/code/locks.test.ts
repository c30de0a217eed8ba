import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFunction } from '../../src/code/function-text.ts';
import { loadDisassembler } from '../../src/code/load-disassembler.ts';
import { acquireMode, isRelease, isWaiting } from '../../src/code/locks/lock-functions.ts';
import { type LockHistory, lockHistory } from '../../src/code/locks/lock-search.ts';
import { keyOf, type ValueKey } from '../../src/code/locks/value-key.ts';
import { mayWantLock, wantingFrame } from '../../src/code/locks/waiting-stack.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import { Image } from '../../src/symbols/image.ts';
import { crashReport, frame } from '../report/make.ts';

/** Each function ends with the call for a lock that the question is about. */
const source = `
typedef struct { int value; } lock_t;
struct port { long pad; lock_t lock, other; };
extern void _raw_spin_lock(lock_t *), _raw_spin_unlock(lock_t *), mutex_lock(lock_t *), mutex_unlock(lock_t *);
extern void _raw_read_lock(lock_t *), note(long), cond_resched_lock(lock_t *), __fentry__(void);
extern int _raw_spin_trylock(lock_t *);
static lock_t first, second;
lock_t *where(void) { return &first + 0; }

void twice(void) { _raw_spin_lock(&first); _raw_spin_lock(&first); note(0); }
void neighbours(void) { _raw_spin_lock(&second); _raw_spin_lock(&first); note(0); }
void of_argument(int a, struct port *p) { mutex_lock(&p->lock); mutex_lock(&p->lock); note(p->pad); }
void of_members(struct port *p) { mutex_lock(&p->other); mutex_lock(&p->lock); note(p->pad); }
void released(void) { _raw_spin_lock(&first); _raw_spin_unlock(&first); _raw_spin_lock(&first); note(0); }
void with_calls(void) { _raw_spin_lock(&first); note(1); note(2); _raw_spin_lock(&first); note(0); }
void given_away(void) { _raw_spin_lock(&first); cond_resched_lock(&first); _raw_spin_lock(&first); note(0); }
void maybe(int a) { if (__builtin_expect(a, 1)) _raw_spin_lock(&first); _raw_spin_lock(&first); note(0); }
void shared(void) { _raw_read_lock(&first); _raw_spin_lock(&first); note(0); }
void in_caller(struct port *p) { note(3); mutex_lock(&p->lock); note(0); }
int main(void) { return 0; }
`;

const compilers = { x86_64: 'gcc', arm64: 'aarch64-linux-gnu-gcc' } as const;
type Architecture = keyof typeof compilers;

function hasCompiler(architecture: Architecture): boolean {
  const { stdout, status } = spawnSync(compilers[architecture], ['-dumpmachine'], { encoding: 'utf8' });
  return status === 0 && stdout.startsWith(architecture === 'arm64' ? 'aarch64' : 'x86_64');
}

describe.each(['x86_64', 'arm64'] as const)('what became of a lock, %s', (architecture) => {
  const isThere = hasCompiler(architecture);
  if (!isThere) process.stderr.write(`locks: SKIPPED for ${architecture}, no ${compilers[architecture]}\n`);
  let folder = '';
  let image: Image | undefined;

  beforeAll(async () => {
    if (!isThere) return;
    folder = mkdtempSync(join(tmpdir(), 'ktriage-locks-'));
    const file = join(folder, 'locks.c');
    writeFileSync(file, source);
    const flags = ['-O2', '-fno-pic', '-fno-inline', '-fno-builtin', '-ffunction-sections', '-c'];
    execFileSync(compilers[architecture], [...flags, '-o', join(folder, 'locks.o'), file]);
    image = Image.of(await openElf(join(folder, 'locks.o')));
  });

  afterAll(() => {
    image?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  /** The history of the lock that the last call for one in a function is about. */
  async function historyIn(name: string): Promise<{ readonly history: LockHistory; readonly lock: ValueKey }> {
    const disassembler = await loadDisassembler(architecture);
    const [symbol] = image?.elf.symbols().named(name) ?? [];
    if (image === undefined || disassembler === undefined || symbol === undefined) throw new Error(`no ${name}`);
    const text = readFunction(image, symbol.address, disassembler);
    const at = text?.code.instructions.findLastIndex(
      (placed) => acquireMode(text.references?.of(placed)?.name ?? '') !== undefined,
    );
    const [register = ''] = text?.calls.convention.arguments ?? [];
    const lock = text === undefined || at === undefined ? undefined : keyOf(text, at, register);
    if (text === undefined || at === undefined || lock === undefined) throw new Error(`no lock in ${name}`);
    return { history: lockHistory(text, at, lock, () => true), lock };
  }

  test.runIf(isThere)('taken before, on the only way', async () => {
    const { history, lock } = await historyIn('twice');
    expect(lock).toEqual({ from: 'symbol', of: 'first', offset: 0n });
    expect(history).toMatchObject({ released: false, entered: false, unknown: false, calls: 0 });
    expect(history.taken).toHaveLength(1);
    expect((await historyIn('of_argument')).lock).toEqual({ from: 'argument', of: 1, offset: 8n });
    expect((await historyIn('of_argument')).history).toMatchObject({ entered: false, released: false });
    expect((await historyIn('of_argument')).history.taken).toHaveLength(1);
  });

  test.runIf(isThere)('another lock is not it, also where it is next to it', async () => {
    for (const name of ['neighbours', 'of_members'])
      expect((await historyIn(name)).history).toMatchObject({ taken: [], released: false, entered: true });
  });

  test.runIf(isThere)('given back, or given to somebody who may', async () => {
    expect((await historyIn('released')).history).toMatchObject({ taken: [], released: true });
    expect((await historyIn('given_away')).history).toMatchObject({ taken: [], unknown: true });
    expect((await historyIn('shared')).history).toMatchObject({ taken: [], unknown: true });
  });

  test.runIf(isThere)('calls between, and ways around it', async () => {
    const between = (await historyIn('with_calls')).history;
    expect(between).toMatchObject({ released: false, entered: false, calls: 2 });
    expect(between.taken).toHaveLength(1);
    const around = (await historyIn('maybe')).history;
    expect(around).toMatchObject({ released: false, entered: true });
    expect(around.taken).toHaveLength(1);
    expect((await historyIn('in_caller')).history).toMatchObject({ taken: [], entered: true, calls: 1 });
  });
});

test('functions that take and release locks', () => {
  expect(
    ['_raw_spin_lock_irqsave', 'mutex_lock', 'down_write', 'native_queued_spin_lock_slowpath'].map(acquireMode),
  ).toEqual(Array<string>(4).fill('exclusive'));
  expect(['_raw_read_lock', 'down_read_killable'].map(acquireMode)).toEqual(['shared', 'shared']);
  for (const other of ['_raw_spin_trylock', '_raw_spin_unlock', 'spin_lock_init', 'mutex_trylock', 'down'])
    expect(acquireMode(other)).toBeUndefined();
  expect(['_raw_spin_unlock_irqrestore', 'mutex_unlock', 'up_read'].every(isRelease)).toBe(true);
  expect(isRelease('_raw_spin_lock')).toBe(false);
  expect(['__schedule', 'rwsem_down_write_slowpath', '__mutex_lock.constprop.0'].every(isWaiting)).toBe(true);
  expect(isWaiting('vfs_read')).toBe(false);
});

test('a stack that waits for a lock has one who wants it below', () => {
  const waits = crashReport({
    frames: [frame('__schedule+0x1/0x2', 1), frame('mutex_lock+0x1/0x2', 2), frame('frob_open+0x1/0x2 [frob]', 3)],
  });
  expect(mayWantLock(waits)).toBe(true);
  expect(wantingFrame(waits)?.function).toBe('frob_open');
  for (const frames of [[], [frame('frob_open+0x1/0x2', 1)], [frame('__schedule+0x1/0x2', 1)]])
    expect(mayWantLock(crashReport({ frames }))).toBe(false);
});
