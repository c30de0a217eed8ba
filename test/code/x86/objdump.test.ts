import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { X86Disassembler } from '../../../src/code/x86/disassembler.ts';
import { bytes } from '../bytes.ts';

const source = `
struct node { struct node *next; long value[8]; unsigned short half; unsigned char small; };
long first(struct node *node, int n) { return node->next->value[n & 7] * 40 + node->small; }
void second(struct node *node, unsigned n) { for (unsigned i = 0; i < n; i++) node[i].half = node[i].small * 3 + i; }
int third(int c) { switch (c) { case 1: return 7; case 2: return 9; case 3: return 22; case 4: return third(c - 1);
  case 5: return 1; default: return c / 7; } }
int fourth(volatile int *p) { return __sync_fetch_and_add(p, 3) + __sync_val_compare_and_swap(p, 1, 2); }
void fifth(char *to, const char *from, unsigned n) { __builtin_memcpy(to, from, 100); to[n] = 0; __builtin_trap(); }
long long sixth(long long a, unsigned n) { return (a << n) | (a >> 3); }
`;

const folder = mkdtempSync(join(tmpdir(), 'ktriage-objdump-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const version = spawnSync('objdump', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const hasTools =
  /GNU objdump/.test(version) &&
  spawnSync('gcc', ['-dumpmachine'], { encoding: 'utf8' }).stdout?.startsWith('x86_64') === true;
if (!hasTools) console.warn('skipped: gcc for x86-64 and GNU objdump are not installed');

/** Suffixes and the number of a shift by one come and go with versions of objdump. */
function plain(text: string): string {
  return text
    .replace(/\s*<[^>]*>/g, '')
    .replace(/^(call|jmp|ret|push|pop|leave)q\b/, '$1')
    .replace(/^((?:sh|sa|ro)[lr][a-z]?\s+)\$0?x?1,/, '$1')
    .replace(/\b0x(?=[0-9a-f])/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

test.skipIf(!hasTools).each([
  ['x86_64', '-m64', '-O0'],
  ['x86_64', '-m64', '-O2'],
  ['i386', '-m32', '-O0'],
  ['i386', '-m32', '-O2'],
] as const)('%s code of the compiler (%s %s)', (architecture, width, level) => {
  const file = join(folder, `made${width}${level}.o`);
  writeFileSync(join(folder, 'made.c'), source);
  execFileSync('gcc', [width, level, '-ffreestanding', '-c', '-o', file, join(folder, 'made.c')]);
  const listing = execFileSync('objdump', ['-dw', file], { encoding: 'utf8' });
  const disassembler = new X86Disassembler(architecture);
  let compared = 0;
  for (const line of listing.split('\n')) {
    const match = /^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t(.*)$/.exec(line);
    if (match === null) continue;
    const [, address = '', hex = '', text = ''] = match;
    const instruction = disassembler.decode(bytes(hex), 0, BigInt(`0x${address}`));
    expect([hex, plain(instruction?.text ?? '')]).toEqual([hex, plain(text)]);
    expect(instruction?.length).toBe(hex.trim().split(' ').length);
    compared++;
  }
  expect(compared).toBeGreaterThan(50);
});
