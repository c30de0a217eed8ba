import { describe, expect, test } from 'vitest';
import { whySection } from '../../src/report/text/why.ts';
import { crashReport } from './make.ts';

describe('whySection', () => {
  test('of a report without findings the address is told as it is', () => {
    const why = (access?: 'read') =>
      JSON.stringify(whySection(crashReport({ fault: { address: 0x18n, ...(access && { access }) } })));
    expect(why('read')).toContain('It read address 0x18.');
    expect(why()).toContain('It touched address 0x18.');
  });

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
