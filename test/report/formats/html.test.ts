import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { htmlFormat } from '../../../src/report/formats/html.ts';
import { fileResult } from '../make.ts';
import { formatOptions, placedReport, runOf } from './make.ts';

const lines = Array.from({ length: 300 }, (_, n) => `[ ${n}.0] line ${n + 1} of the log`);
lines[99] = '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">';
lines[100] = '\x1b[31mBUG\x00 caf\xc3\xa9 \xff';

const report = placedReport({
  title: '</title><script>document.title="owned"</script>',
  task: { comm: '"><svg onload=alert(1)>' },
  explanation: {
    disassembly: [
      {
        code: 0,
        skippedBytes: 2,
        lines: [{ offset: 0, bytes: '8b 70 20', text: 'mov 0x20(%rax),%esi', marked: true }],
      },
    ],
    values: [{ register: 'rax', value: 0n, class: 'zero', words: 'NULL', certain: true }],
  },
});
const run = runOf(fileResult([report]));
const page = (more = {}): string =>
  [...htmlFormat(run, formatOptions({ log: () => [{ firstLine: 1, lines }], ...more }))].join('');

describe('the page', () => {
  test('allows its own style and nothing else', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page()) ?? [];
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'$/,
    );
    expect(page()).not.toMatch(/<script|style="|<link|<iframe|<img/);
  });

  test('has the log with the lines of the report marked, and folds what is far from it', () => {
    const html = page();
    expect(html.split('<li id="l0-').length - 1).toBe(300);
    expect([...html.matchAll(/<li id="l0-(\d+)" class="error">/g)].map((match) => Number(match[1]))).toEqual(
      Array.from({ length: 41 }, (_, n) => n + 100),
    );
    expect(html).toContain('<summary>Lines 1 to 87</summary>');
    expect(html).toContain('<summary>Lines 153 to 300</summary>');
    expect(html).toContain('café');
  });

  test('has the instruction, the registers and the stack', () => {
    const html = page();
    expect(html).toMatch(/<span class="here">&gt; +\+0x0 {2}8b 70 20 +mov 0x20\(%rax\),%esi<\/span>/);
    expect(html).toContain('<dt>rax</dt><dd><code>0000000000000000</code> <span class="quiet">NULL</span></dd>');
    expect(html).toMatch(/<li class="culprit">frob_read\+0xe\/0x19 \[frob\]/);
    expect(html).toContain('1 frame of entry code, generic code or unreliable');
  });

  test('has the report itself where the log cannot be read again', () => {
    const html = page({ log: () => undefined });
    expect(html).not.toContain('aria-label="Log"');
    expect(html).toContain('<summary>As printed</summary>');
  });

  test('every link leads to a part of the page', () => {
    const html = page();
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
    const targets = [...html.matchAll(/ href="#([^"]+)"/g)].map((match) => match[1]);
    expect(targets.length).toBeGreaterThan(300);
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  });
});

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

describe.skipIf(browser === undefined)('in a browser (skipped where there is no Chromium)', () => {
  test('no policy is broken, nothing of the log runs, and the style applies', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ktriage-html-'));
    try {
      const file = join(folder, 'page.html');
      writeFileSync(file, page());
      const { stdout, stderr } = spawnSync(
        browser ?? '',
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--enable-logging=stderr',
          `--user-data-dir=${folder}/profile`,
          '--dump-dom',
          pathToFileURL(file).href,
        ],
        { encoding: 'utf8', timeout: 60_000 },
      );
      expect(stderr).not.toMatch(/CONSOLE|Refused|Content Security Policy/);
      expect(stdout).toContain('<title>ktriage: 1 crash</title>');
      expect(stdout).not.toMatch(/<script|<img|<svg onload/);
      expect(stdout.split('<li id="l0-').length - 1).toBe(300);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 90_000);
});
