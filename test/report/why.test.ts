import { describe, expect, test } from 'vitest';
import type { ArchitectureName } from '../../src/model/report.ts';
import { addressWords } from '../../src/report/text/address-words.ts';
import { whySection } from '../../src/report/text/why.ts';
import { crashReport } from './make.ts';

describe('addressWords', () => {
  test.each([
    [0n, 'x86_64', 'which is NULL itself'],
    [0x18n, 'arm64', 'NULL plus 0x18'],
    [0xffff_ffff_ffff_fff2n, 'x86_64', 'which is -14 as a number'],
    [0xffff_fff2n, 'arm', 'which is -14 as a number'],
    [0xdead_0000_0000_0108n, 'x86_64', 'LIST_POISON1) plus 0x8'],
    [0xdead_0000_0000_0122n, 'arm64', '(LIST_POISON2)'],
    [0x6b6b_6b6b_6b6b_6b7bn, 'x86_64', 'freed slab memory (0x6b): a pointer was read after free plus 0x10'],
    [0x1234_5678_9abc_def0n, 'x86_64', 'not canonical'],
    [0x7fff_0000_1000n, 'x86_64', 'user space'],
    [0x0000_ffff_0000_1000n, 'arm64', 'user space'],
  ] as const)('%s on %s', (address, architecture, words) => {
    expect(addressWords(address, architecture as ArchitectureName)).toContain(words);
  });

  test('says nothing of an address that tells nothing', () => {
    expect(addressWords(0xffff_8880_1234_5678n, 'x86_64')).toBeUndefined();
    expect(addressWords(0xc012_3456n, 'i386')).toBeUndefined();
  });
});

describe('whySection', () => {
  test('leaves out how a fault was delivered', () => {
    const fields = [
      { name: 'EC', value: '0x25', meaning: 'data abort' },
      { name: 'IL', value: '1', meaning: '32-bit instruction' },
      { name: 'WnR', value: '0', meaning: 'read' },
    ];
    const text = JSON.stringify(whySection(crashReport({ fault: { esr: 0x96000006n, fields } })));
    expect(text).toContain('ESR 0x96000006: data abort, read.');
  });

  test('a page that is there is told, one that is not is not', () => {
    const fault = { address: 0xffff_ffff_c030_e280n, access: 'write' } as const;
    const words = 'the page is mapped read-only and not executable';
    const why = (state: 'mapped' | 'unmapped') =>
      JSON.stringify(whySection(crashReport({ fault, pageMapping: { state, level: 'pte', words } }))?.paragraphs);
    expect(why('mapped')).toContain('The page is mapped read-only and not executable.');
    expect(why('unmapped')).not.toContain('The page');
  });

  test('a code of zero without words, and no fault at all, say nothing', () => {
    expect(whySection(crashReport({ fault: { errorCode: 0n } }))).toBeUndefined();
    expect(whySection(crashReport({ fault: {} }))).toBeUndefined();
  });

  test('a quote without end is cut', () => {
    const evidence = [{ words: 'x '.repeat(50_000) }];
    const finding = { rule: 'bug-check', confidence: 'certain', sentence: 's.', evidence } as const;
    const text = JSON.stringify(whySection(crashReport({ findings: [finding], fault: {} })));
    expect(text.length).toBeLessThan(800);
    expect(text).toContain('…');
  });
});
