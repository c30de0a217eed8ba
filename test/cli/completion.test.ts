import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { shells } from '../../src/cli/commands/completion.ts';
import { completionScript } from '../../src/cli/completion/completion.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { formats } from '../../src/cli/settings.ts';
import { fakeSession } from './fake.ts';

const program = buildProgram(fakeSession());
const kinds = ['oops/null-deref', 'warning/generic'];
const script = (shell: (typeof shells)[number]): string => completionScript(shell, program, kinds);

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}

/** What bash would offer for a line whose last word is being typed. */
function bashOffers(...words: string[]): string[] {
  const array = words.map((word) => `'${word}'`).join(' ');
  const test = `COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; compopt() { :; }; _ktriage; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${script('bash')}\n${test}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describe('completionScript', () => {
  test.each(shells)('%s knows every command, option and value', (shell) => {
    const text = script(shell);
    for (const command of program.commands) {
      expect(text).toContain(command.name());
      for (const option of command.options) {
        expect(text).toContain(option.long?.replace(/^--/, '') ?? '');
        for (const choice of option.argChoices ?? []) expect(text).toContain(choice);
      }
    }
    for (const kind of kinds) expect(text).toContain(kind);
  });

  test.each(shells)('%s takes the script', (shell) => {
    // Only where that shell is installed; bash nearly always is.
    if (!has(shell)) return;
    const { status, stderr } = spawnSync(shell, ['-n'], { input: script(shell), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('bash offers what fits', () => {
    expect(bashOffers('ktriage', 'an')).toEqual(['analyze']);
    expect(bashOffers('ktriage', 'analyze', '--format', '')).toEqual([...formats]);
    expect(bashOffers('ktriage', 'list', '--format', '')).toEqual(['text', 'json']);
    expect(bashOffers('ktriage', 'watch', '--format', 'j')).toEqual(['jsonl']);
    expect(bashOffers('ktriage', 'analyze', '--fail')).toEqual(['--fail-on']);
    expect(bashOffers('ktriage', 'explain', 'oops/')).toEqual(['oops/null-deref']);
    expect(bashOffers('ktriage', 'completion', 'f')).toEqual(['fish']);
  });
});
