import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CodeLine, CodeLineFinder, codeLineOf } from '../../src/decode/code-lines.ts';

function find(text: string): CodeLine[] {
  const finder = new CodeLineFinder();
  return [...text.split('\n').map((line) => finder.push(line)), finder.end()].filter((each) => each !== undefined);
}

const units = (found: readonly CodeLine[]): (string | undefined)[] => found.map(({ dump }) => dump?.units.join(' '));

describe('lines with code', () => {
  test('with whatever a pipe put before them', () => {
    const log = [
      '[   12.3] RIP: 0010:foo+0x1/0x2',
      '[   12.3] Code: 90 90 <0f> 0b',
      'Jan  1 00:00:00 host kernel: [   12.4] Code: 91 92 <0f> 0b\r',
      '<4>[   12.5][   C1] User Code: 93 <0f> 0b',
      '> Code: 0f 0b 90 90 5b',
    ].join('\n');
    const found = find(log);
    expect(units(found)).toEqual(['90 90 0f 0b', '91 92 0f 0b', '93 0f 0b', '0f 0b 90 90 5b']);
    expect(found.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    expect(found[0]?.dump).toMatchObject({ unitSize: 1, marked: 2 });
  });

  test('that mail has wrapped', () => {
    const found = find('> Code: 90 91 92 93\n> 94 <8b> 40\n> 10\n> ---[ end trace ]---\n95 96');
    expect(units(found)).toEqual(['90 91 92 93 94 8b 40 10']);
    expect(found[0]?.dump?.marked).toBe(5);
    // The next one ends it too.
    expect(units(find('Code: 90 91 92 93\n[ 1.2] <94>\nCode: 95 <96>'))).toEqual(['90 91 92 93 94', '95 96']);
  });

  test('that say that there is none', () => {
    for (const text of ['Bad RIP value.', 'bad PC value', ' Unable to access opcode bytes at 0xffffffffffffffd6.'])
      expect(find(`[ 1.0] Code: ${text}`)).toEqual([{ line: 1, text: `[ 1.0] Code: ${text}` }]);
  });

  test('and what looks like them', () => {
    expect(find('Error Code: 12\nBarcode: 90 90 90 90 90\nCode: \nExit Code: 0x20\nCode: 12 of 13')).toEqual([]);
    expect(codeLineOf('ErrorCode: 12')).toBeUndefined();
  });
});

describe('the architecture that it looks like', () => {
  const code = 'Code: 90 <0f> 0b';
  const words = 'Code: d503201f (f9400000)';
  test.each<[string, string | undefined]>([
    [code, 'x86_64'],
    [`EIP: foo+0x1/0x2\n${code}`, 'i386'],
    [`RIP: 0023:0xf7f5a549\n${code}`, 'i386'],
    [`EIP: foo+0x1/0x2\nRIP: 0010:foo+0x1/0x2\n${code}`, 'x86_64'],
    [words, 'arm64'],
    [`pc : foo+0x10/0x20\n${words}`, 'arm64'],
    [`PC is at foo+0x10/0x20\n${words.replace('d503201f', 'e3a03000')}`, undefined],
    ['Code: 4770 b510 4604 (6800)', undefined],
    ['Code: 8c820000 <ac430000> 03e00008', undefined],
  ])('%s', (log, architecture) => {
    expect(find(log)[0]?.architecture).toBe(architecture);
  });
});

test('any lines: takes no long time, holds no long text', () => {
  const words = fc.constantFrom('Code: ', '90 ', '<8b> ', '[ 1.0] ', '> ', 'x', '\n', '(', ')', 'd503201f ');
  fc.assert(
    fc.property(fc.array(words, { maxLength: 200 }), (parts) => {
      for (const { text, dump } of find(parts.join(''))) {
        expect(text.length).toBeLessThan(20_000);
        expect(dump?.units.length ?? 1).toBeGreaterThan(0);
      }
    }),
  );
  const long = find(`Code: 90 <90>\n${'90 91 92 93\n'.repeat(5000)}`);
  expect(long[0]?.dump?.units.length).toBeLessThanOrEqual(512);
  expect(find('Code: '.repeat(50_000))).toEqual([]);
});
