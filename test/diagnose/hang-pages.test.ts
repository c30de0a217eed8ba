import { expect, test } from 'vitest';
import { hangRuleNames } from '../../src/diagnose/hang-rule-names.ts';
import { hangRuleNamed, listHangRules, ruleNamed } from '../../src/diagnose/pages.ts';

test('every rule of a verdict has a page, of short lines in order', () => {
  expect(listHangRules().map(({ name }) => name)).toEqual([...hangRuleNames]);
  for (const { name, summary, ...page } of listHangRules()) {
    expect(summary.length, name).toBeLessThan(90);
    for (const text of Object.values(page)) expect(text, name).toMatch(/\.$/);
  }
});

test('rules of verdicts are found by their names, which no other rule has', () => {
  expect(hangRuleNamed('live/lock-cycle')).toBe('lock-cycle');
  expect(hangRuleNamed('lock')).toBeUndefined();
  expect(hangRuleNames.filter((name) => ruleNamed(name) !== undefined)).toEqual([]);
});
