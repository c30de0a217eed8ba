import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { LiveDocument } from '../../src/model/live.ts';
import { toJson } from '../../src/report/json.ts';
import { liveText } from '../../src/report/live.ts';
import { dumpText, ptRegsText, translationText } from '../../src/report/live-memory.ts';
import { type DocumentView, liveViewText, liveViewValue } from '../../src/report/live-views.ts';
import { liveDocumentSchema } from '../../src/report/schema.ts';
import type { TextOptions } from '../../src/report/text/options.ts';
import { plainPainter } from '../../src/report/text/style.ts';
import { displayWidth } from '../../src/report/width.ts';
import { fullDocument } from './live-document.ts';

const look: TextOptions = { width: 80, painter: plainPainter, all: false, limit: 20, program: 'ktriage' };
const textOf = (document: LiveDocument, more: Partial<TextOptions> = {}): string =>
  [...liveText(document, { ...look, ...more })].join('');

const validate = new Ajv2020({ allErrors: true, strict: true }).compile(liveDocumentSchema);

const healthy: LiveDocument = {
  schema: 'ktriage/live/v1',
  target: ':1',
  outcome: 'healthy',
  verdict: { rule: 'healthy', confidence: 'certain', sentence: 'nothing is wrong', evidence: [], circumstance: true },
  findings: [],
  kernel: { architecture: 'arm64' },
  cpus: [],
  tasks: [],
  pageFaults: [],
  locks: [],
  modules: [],
  stoppedMs: 0,
  problems: [],
};

describe('liveDocumentSchema', () => {
  test.each([fullDocument, healthy])('holds for $outcome', (document) => {
    validate(JSON.parse(toJson(document)));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('refuses what is none', () => {
    expect(validate({ schema: 'ktriage/live/v1' })).toBe(false);
    expect(validate(JSON.parse(toJson({ ...fullDocument, cpus: [{ id: 0 }] })))).toBe(false);
  });
});

describe('liveText', () => {
  test('begins with the verdict and ends with what became of the machine', () => {
    const lines = textOf(fullDocument).trimEnd().split('\n');
    expect(lines[0]).toBe('broken: Likely: CPU 1 deadlocked on itself.');
    expect(lines.at(-1)).toBe('It stood still for 1,234 ms, and runs on.');
  });

  test('shows where it is, with the source', () => {
    const text = textOf(fullDocument);
    expect(text).toContain('Where:    frob_irq at drivers/frob.c:7');
    expect(text).toContain('> 7 |   frob();');
    expect(text).toMatch(/Why: {6}frob_lock at 0x20 holds 0x1\./);
    expect(text).toContain('  CPU 0   CPU 1');
  });

  test('has a row for each CPU, which says what it waits for', () => {
    const text = textOf(fullDocument, { width: 140 });
    expect(text).toMatch(/^0 {4}idle +swapper\/0 \(pid 0\)$/m);
    expect(text).toMatch(
      /^1 {4}kernel, irqs off +frobd \(pid 42\) +waits for spinlock frob_lock in frob_inner \[frob\] at/m,
    );
  });

  test('marks entries and stacks, and folds guesses', () => {
    const text = textOf(fullDocument, { width: 140 });
    expect(text).toContain('on the IRQ stack:');
    expect(text).toContain(
      '--- page fault in kernel mode, address 0x20, error code 0x0, pt_regs at 0xffffc900000d0e78',
    );
    expect(text).not.toContain('stale');
    expect(text).toContain('… 1 frame not shown (--all)');
    const all = textOf(fullDocument, { width: 140, all: true });
    expect(all).toContain('? stale+0x10/0x40');
    expect(all).toContain('lock = 0x20');
    expect(all).toContain('the stack ends here: the frame pointer leads nowhere');
    expect(all).toContain('0xffffffffc0000000');
  });

  test('shows stacks of tasks that want something', () => {
    expect(textOf(fullDocument)).toContain('waiter (pid 7), state D:');
    expect(textOf({ ...fullDocument, locks: [] })).not.toContain('waiter (pid 7), state D:');
  });

  test('says of what is left stopped, was not stopped, and was saved', () => {
    expect(textOf({ ...fullDocument, isLeftRunning: false })).toMatch(/1,234 ms, and is left stopped\.\n$/);
    expect(textOf({ ...healthy, isLeftRunning: true })).toMatch(/It was not stopped for this, and runs on\.\n$/);
    expect(textOf(healthy)).toMatch(/when this was saved\.\n$/);
    expect(textOf(healthy)).toMatch(/^healthy: Nothing is wrong\.\n/);
  });

  test.each([20, 30, 40, 56, 80, 160])('keeps to %i columns where words can be parted', (width) => {
    for (const all of [false, true]) {
      for (const line of textOf(fullDocument, { width, all }).split('\n')) {
        const longest = Math.max(0, ...line.split(' ').map(displayWidth));
        expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(width, longest + 14, 44));
      }
    }
  });

  test('lets nothing of the machine reach a terminal as it is', () => {
    const evil = '\x1b[2Jx\u202e\x07';
    const poisoned: LiveDocument = JSON.parse(
      JSON.stringify(fullDocument, (_key, value) => (typeof value === 'bigint' ? `big${value}` : value))
        .replaceAll('frobd', JSON.stringify(evil).slice(1, -1))
        .replaceAll('"waiter"', JSON.stringify(evil))
        .replaceAll('frob_', JSON.stringify(evil).slice(1, -1)),
      (_key, value) => (typeof value === 'string' && /^big\d+$/.test(value) ? BigInt(value.slice(3)) : value),
    );
    const views: DocumentView[] = ['dmesg', 'tasks', 'stacks', 'cpu', 'modules', 'locks'];
    const texts = [false, true].map((all) => textOf(poisoned, { all }));
    for (const view of views) texts.push([...liveViewText(poisoned, view, 1, look)].join(''));
    for (const text of texts) expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });
});

describe('liveViewText', () => {
  test('shows one thing', () => {
    const text = (view: DocumentView, cpu?: number): string =>
      [...liveViewText(fullDocument, view, cpu, look)].join('');
    expect(text('dmesg')).toBe('[    1.000000] one\n[    2.000000] two\n');
    expect(text('tasks')).toMatch(/^7 {4}D +1 +\[waiter\] +frob_read$/m);
    expect(text('modules')).toMatch(/^frob +0xffffffffc0000000 +20\.0 KiB +coming, \/frob\.ko$/m);
    expect(text('locks')).toContain('spinlock frob_lock (0x1)');
    expect(text('cpu', 1)).toContain('eflags: IF = 0 (interrupts off)');
    expect(text('cpu', 9)).toBe('');
    expect(text('stacks')).toContain('waiter (pid 7), state D:');
    expect([...liveViewText(healthy, 'locks', undefined, look)].join('')).toMatch(/Nobody waits/);
  });

  test('gives the same part to scripts', () => {
    expect(liveViewValue(fullDocument, 'tasks', undefined)).toBe(fullDocument.tasks);
    expect(liveViewValue(fullDocument, 'cpu', 1)).toBe(fullDocument.cpus[1]);
  });
});

describe('views of memory', () => {
  test('show bytes as hex and text, with what they point to', () => {
    const bytes = Buffer.from('0123456789abcdef\x1b[2J').toString('hex');
    const text = [...dumpText({ address: 0x1000n, symbol: 'a+0x1', bytes, names: { 8: 'init_task' } }, look)].join('');
    expect(text.split('\n')).toEqual([
      '0x1000, a+0x1:',
      '0000000000001000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef  init_task',
      '0000000000001010  1b 5b 32 4a                                      .[2J',
      '',
    ]);
  });

  test('show saved registers', () => {
    const regs = { address: 0x20n, isUser: true, registers: { rip: 1n }, names: { rip: 'x' }, decoded: {} };
    expect([...ptRegsText(regs, look)].join('')).toBe(
      'pt_regs at 0x20, of user mode:\n  rip    0000000000000001\n  rip points to x\n',
    );
  });

  test('show each entry of a translation', () => {
    const text = [
      ...translationText(
        {
          address: 0x20n,
          steps: [
            {
              level: 'PGD',
              at: 0x8n,
              value: 0x67n,
              isRead: true,
              fields: [{ name: 'P', value: '1', meaning: 'present' }],
            },
            { level: 'PUD', at: 0x10n, value: 0n, isRead: false },
          ],
          why: 'the PUD entry could not be read',
        },
        look,
      ),
    ].join('');
    expect(text).toBe(
      '0x20:\n  PGD at 0x8: 0x67: P (present)\n  PUD at 0x10: could not be read\n  the PUD entry could not be read\n',
    );
  });
});
