import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actionCall, flagInputs, variableOf } from '../../../src/cli/action/inputs.ts';
import { KtriageError } from '../../../src/util/errors.ts';

const call = (inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  actionCall(
    { ...env, ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [variableOf(name), value])) },
    '/w',
    '/t/report.json',
  );

describe('actionCall', () => {
  test('makes words of inputs, one of each line of a list', () => {
    const { args, files } = call({
      logs: 'a.log\n  b c.log\r\n\n',
      vmlinux: 'build/vmlinux\n',
      source: 'linux\nmodule dir',
      report: 'sarif=out/a=b.sarif',
      force: 'TRUE',
      all: 'false',
    });
    expect(args).toEqual([
      'analyze',
      '--report=sarif=out/a=b.sarif',
      '--vmlinux=build/vmlinux',
      '--force',
      '--source=linux',
      '--source=module dir',
      '--report=json=/t/report.json',
      '--',
      'a.log',
      'b c.log',
    ]);
    expect(files).toEqual(['/w/out/a=b.sarif']);
  });

  test('writes the summary without annotations too, where there is one', () => {
    const summary = { GITHUB_STEP_SUMMARY: '/t/summary' };
    expect(call({ logs: 'a', summary: 'true' }, summary).args).toContain('--report=github-summary=/t/summary');
    expect(call({ logs: 'a', summary: 'true', annotate: 'true' }, summary)).toMatchObject({ withoutSummary: false });
    expect(call({ logs: 'a', summary: 'true' }).args.join(' ')).not.toContain('github-summary');
    expect(call({ logs: 'a', summary: 'false', annotate: 'true' }, summary)).toMatchObject({ withoutSummary: true });
  });

  test('whatever an input holds, it becomes no other flag and no input but its own', () => {
    const names = [...Object.keys(flagInputs), 'logs'].filter((name) => flagInputs[name] !== 'switch');
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('--exit-zero', '-', '--', '-o x', '\n--all'),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), anything), (inputs) => {
        const { args } = call({ ...inputs, logs: `x\n${inputs.logs ?? ''}` });
        const end = args.indexOf('--');
        for (const word of args.slice(1, end)) {
          const name = /^--([a-z-]+)=/.exec(word)?.[1] ?? '';
          expect(
            word === '--report=json=/t/report.json' || (inputs[name] ?? '').includes(word.slice(name.length + 3)),
          ).toBe(true);
        }
        expect(args.slice(end + 1)).not.toContain('-');
      }),
    );
  });

  test.each(['yes', '1', 'true false', 'no\n::error::x'])('%j is neither true nor false', (force) => {
    expect(() => call({ logs: 'a', force })).toThrow(KtriageError);
  });
});
