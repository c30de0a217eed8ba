import { describe, expect, test } from 'vitest';
import { listRules, ruleNamed } from '../../src/diagnose/pages.ts';
import { ruleNames } from '../../src/diagnose/rule-names.ts';
import { rules } from '../../src/diagnose/rules.ts';
import { kinds } from '../../src/oops/kinds/kinds.ts';

describe('rules', () => {
  test('have the names under which they are listed, unlike those of kinds', () => {
    expect(Object.keys(rules).sort()).toEqual([...ruleNames].sort());
    for (const [name, rule] of Object.entries(rules)) expect(rule.name).toBe(name);
    for (const name of ruleNames) expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(kinds.filter(({ name }) => ruleNamed(name) !== undefined)).toEqual([]);
  });

  test('have pages in whole sentences', () => {
    expect(listRules()).toHaveLength(ruleNames.length);
    for (const { summary, meaning, recognized, against, next } of listRules()) {
      for (const text of [summary, meaning, recognized, against, next]) expect(text).toMatch(/^["A-Za-z/_0].*[.?]$/s);
      expect(summary.length).toBeLessThan(100);
    }
  });
});
