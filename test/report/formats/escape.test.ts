import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guestInput } from '../../../src/model/document.ts';
import { type RunFormatName, runFormatNames } from '../../../src/model/output-formats.ts';
import type { CrashReport } from '../../../src/model/report.ts';
import { azureFormat } from '../../../src/report/formats/azure.ts';
import { buildkiteFormat } from '../../../src/report/formats/buildkite.ts';
import { runFormats } from '../../../src/report/formats/formats.ts';
import type { FormatOptions } from '../../../src/report/formats/options.ts';
import { type Run, RunCollector } from '../../../src/report/formats/run.ts';
import { teamcityFormat } from '../../../src/report/formats/teamcity.ts';
import { fileResult, frame, inputFacts, lines } from '../make.ts';
import { formatOptions, placedReport } from './make.ts';

/** What logs of people who mean harm, and of broken serial lines, have in them. */
const hostile = [
  '::error::owned',
  '  ::set-output name=x::y',
  '::add-mask::secret',
  '##[add-mask]secret',
  'x ##[group]y',
  '##vso[task.setvariable variable=x]y',
  "##teamcity[buildProblem description='x']",
  '\u001b[2J\u001b]0;title\u0007',
  '\u001b[0Ksection_start:1:x\r\u001b[0K',
  ']]>',
  '<![CDATA[',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '</failure></testcase>',
  '</style></pre></details>',
  '<!-- -->',
  '&lt;&#x41;&amp;',
  '[click](https://evil.example/)',
  '![x](http://evil.example/x.png)',
  'https://evil.example www.evil.example',
  '@everyone #1 :bomb:',
  'GH-12 group/project!3 mailto:a@b.example',
  '[[ATTACHMENT|/etc/passwd]]',
  'a\\|b\\\\|c',
  '`code` ``` ~~~ ````',
  '| cell | cell |',
  '**bold** _x_ ~~x~~ $x$',
  '# SKIP',
  '- [ ] x',
  '<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=x RESULT=pass>',
  'ok 1 - x # SKIP',
  '\u202eevil\u202c\u2066',
  '\u200b\u2028\u2029\ufeff',
  '\u0000\u0001\u0008\u000b\u007f\u0085\u009b',
  '\ufffe\uffff',
  '\ud800 lone \udc00',
  '%0A%0D%25::',
  'a\nb\r\nc',
  '{0} [x](1) \\',
  "|n|r|'",
  'javascript:alert(1)',
  '../../../etc/passwd',
  '__proto__',
] as const;

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostile) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
const words = fc.array(text, { maxLength: 4 }).map((parts) => parts.join(' '));

/** A report in which every text may be anything. */
const report = fc
  .record({ a: words, b: words, c: words, d: words, e: words, block: fc.array(text, { maxLength: 8 }) })
  .map(({ a, b, c, d, e, block }): CrashReport => {
    const frames = [
      frame('f+0x1/0x2', 104, {
        function: a,
        module: b,
        source: { file: c, line: 3, column: 2 },
        inlined: [{ function: d, source: { file: e, line: 4 } }],
      }),
      frame('g+0x1/0x2', 105, {
        function: e,
        source: {
          file: 'a.c',
          line: 3,
          excerpt: { path: c, firstLine: 2, lines: [a, b, c], state: 'likely', note: d },
        },
      }),
    ];
    return placedReport({
      title: a,
      headline: a,
      altTitles: [b],
      kind: e === '' ? 'oops/other' : e,
      frame: d,
      culprit: { function: a, module: b, range: lines(104), passed: [{ function: c, rule: d }] },
      signature: '0123456789abcdef',
      reportText: block.join('\n'),
      frames,
      stacks: [
        { role: 'trap', label: 'Call Trace:', frames, range: lines(104) },
        { role: 'freed', label: b, frames, range: lines(104) },
      ],
      kernel: { release: c, version: d, hardware: e, commandLine: a },
      task: { comm: b, pid: 1, workqueue: c },
      running: { harness: a, test: c, loadingModule: d, userLine: b },
      panic: { message: d, range: lines(130) },
      taints: [e],
      findings: [{ rule: b, confidence: 'likely', sentence: c, evidence: [{ words: d }], drawing: [e], against: [a] }],
      knownIssue: { reason: b, link: c, entry: d },
    });
  });

const run = fc
  .record({ report, named: words, follower: report, unread: words, isGuest: fc.boolean() })
  .map(({ report: printed, named, follower, unread, isGuest }) => {
    // Of a log, or found in a machine of that name.
    const path = isGuest ? guestInput(named) : named;
    const root: CrashReport = isGuest ? { ...printed, unprinted: true } : printed;
    const collector = new RunCollector();
    const other = { ...follower, signature: '1111111111111111' };
    collector.add(
      fileResult([root, other], {
        path,
        incidents: [{ root: 0, follow: [{ report: 1, why: 'panic-after' }], ending: [], boot: 0 }],
        boots: [{ firstLine: 1, lastLine: 9, reason: 'log-start', release: unread, banner: path, commandLine: unread }],
        input: { ...inputFacts, damaged: unread, denied: { lines: [{ line: 1, text: unread }], omitted: 1 } },
      }),
    );
    collector.failed(`${path}2`, unread);
    return collector.run();
  });

const options: FormatOptions = formatOptions({
  log: (path) => [
    { firstLine: 1, lines: [...hostile, path].map((line) => Buffer.from(line, 'utf8').toString('latin1')) },
    { firstLine: 400, lines: ['\xff\xfe\x80'] },
  ],
  sourceUrl: (file, line) => `https://git.example/${file}#L${line}`,
});

const render = (name: RunFormatName, of: Run): string => [...runFormats[name](of, options)].join('');

/** Nothing that moves a cursor, hides or turns text around; lone surrogates would not even be written. */
const unsafe = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\p{Cs}]/u;

const runs = { numRuns: 150 } as const;

function holds(name: RunFormatName, check: (output: string) => void): void {
  fc.assert(
    fc.property(run, (of) => {
      check(render(name, of));
    }),
    runs,
  );
}

describe('all formats', () => {
  test.each(runFormatNames)('%s: nothing acts on a terminal', (name) => {
    holds(name, (output) => {
      expect(unsafe.exec(output)).toBeNull();
    });
  });

  test.each(runFormatNames.filter((name) => name !== 'github'))(
    '%s: no line is a command of GitHub, Azure, TeamCity or LAVA',
    (name) => {
      holds(name, (output) => {
        for (const line of output.split('\n')) {
          expect(line.trim().startsWith('::')).toBe(false);
          expect(/##(?:\[|vso\[|teamcity\[)/i.test(line)).toBe(false);
          if (name !== 'lava') expect(/^<LAVA_/.test(line)).toBe(false);
        }
      });
    },
  );
});

test('github: every line is one annotation, as the runner reads it', () => {
  holds('github', (output) => {
    for (const line of output.trimEnd().split('\n')) {
      // actions/runner, ActionCommand.TryParseV2: the command ends at the next `::`.
      const end = line.indexOf('::', 2);
      expect(line.startsWith('::')).toBe(true);
      expect(line.slice(2, end)).toMatch(
        /^(?:error|warning|notice) (?:file=[^,:]*,line=\d+(?:,col=\d+)?,)?title=[^,:]*$/,
      );
      expect(/##\[/.test(line)).toBe(false);
      expect(/[\r\n]/.test(line)).toBe(false);
    }
  });
});

test('azure: every line is one issue', () => {
  fc.assert(
    fc.property(run, (of) => {
      for (const line of [...azureFormat(of, options)].join('').trimEnd().split('\n')) {
        expect(line).toMatch(
          /^##vso\[task\.logissue type=(?:error|warning);sourcepath=[^\];]*;linenumber=\d+;columnnumber=\d+;code=[^\];]*;\]/,
        );
        expect(/##(?:\[|vso\[|teamcity\[)/i.test(line.slice(5))).toBe(false);
        expect(unsafe.exec(line)).toBeNull();
      }
    }),
    runs,
  );
});

test('teamcity: every line is one message, and nothing ends a value', () => {
  fc.assert(
    fc.property(run, (of) => {
      for (const line of [...teamcityFormat(of, options)].join('').trimEnd().split('\n')) {
        expect(line).toMatch(/^##teamcity\[\w+(?: \w+='(?:[^|'[\]\n]|\|[|'[\]nr]|\|0x[0-9a-f]{4})*')+\]$/);
      }
    }),
    runs,
  );
});

test('buildkite: no line but the first opens a group', () => {
  fc.assert(
    fc.property(run, (of) => {
      const [first = '', ...rest] = [...buildkiteFormat(of, options)].join('').trimEnd().split('\n');
      expect(first).toMatch(/^\+\+\+ ktriage: /);
      for (const line of rest) expect(line).toMatch(/^ {2}/);
    }),
    runs,
  );
});

test('gcc: lines have a place and a severity', () => {
  holds('gcc', (output) => {
    for (const line of output.trimEnd().split('\n')) expect(line).toMatch(/:\d+(?::\d+)?: (?:error|warning|note): /);
  });
});

test('ktap: diagnostics and results, and the plan counts them', () => {
  holds('ktap', (output) => {
    const [version, plan, ...rest] = output.trimEnd().split('\n');
    expect([version, plan]).toEqual(['KTAP version 1', '1..2']);
    const results = rest.filter((line) => !line.startsWith('# '));
    expect(results).toHaveLength(2);
    for (const line of results) expect(line).toMatch(/^(?:not )?ok \d+ [\w.-]+(?: # ERROR [^#]*)?$/);
  });
});

test('lava: nothing but signals', () => {
  holds('lava', (output) => {
    for (const line of output.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=[\w.-]+ RESULT=(?:pass|fail|unknown) UNITS=splats MEASUREMENT=\d+>$/,
      );
    }
  });
});

test.each(['sarif', 'gitlab', 'rdjson', 'kcidb', 'squad', 'jenkins'] as const)('%s: is JSON', (name) => {
  holds(name, (output) => {
    expect(() => JSON.parse(output)).not.toThrow();
  });
});

test('rdjsonl: each line is JSON', () => {
  holds('rdjsonl', (output) => {
    for (const line of output.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });
});

test('jenkins: texts that are shown as HTML have no markup of the log', () => {
  holds('jenkins', (output) => {
    for (const { message, description = '<pre></pre>' } of JSON.parse(output).issues) {
      expect(message).not.toMatch(/[<>"']/);
      expect(description).toMatch(/^<pre>[^<>"']*<\/pre>$/);
    }
  });
});

/** Reads XML or HTML as strictly as its writer promises: tags with their attributes, in quotes; nothing else with `<`. */
function tags(markup: string): { readonly name: string; readonly attributes: readonly string[] }[] {
  const found = [];
  let at = markup.indexOf('<');
  const tag = /<(\/?)([a-z!?][a-zA-Z0-9-]*)((?: [a-zA-Z-]+(?:="[^"<]*")?)*) ?[/?]?>/y;
  while (at !== -1) {
    tag.lastIndex = at;
    const match = tag.exec(markup);
    if (match === null) throw new Error(`no tag: ${markup.slice(at, at + 80)}`);
    found.push({
      name: `${match[1]}${match[2]}`,
      attributes: [...(match[3] ?? '').replace(/="[^"]*"/g, '').matchAll(/ ([a-zA-Z-]+)/g)].map(
        ([, name = '']) => name,
      ),
    });
    at = markup.indexOf('<', tag.lastIndex);
  }
  return found;
}

test('junit: is XML of known elements, with characters that XML has', () => {
  const known = new Set([
    '?xml',
    'testsuites',
    'testsuite',
    'properties',
    'property',
    'testcase',
    'failure',
    'error',
    'system-out',
  ]);
  holds('junit', (output) => {
    for (const { name } of tags(output)) expect(known.has(name.replace('/', ''))).toBe(true);
    expect(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(output)).toBe(false);
    expect(output).not.toContain(']]>');
    expect(/&(?!(?:amp|lt|gt|quot|#39|#10|#35|#58);)/.test(output)).toBe(false);
  });
});

test('html: has no element, attribute or address that the page does not write itself', () => {
  const elements = new Set(
    '!doctype html head meta title style body header h1 h2 h3 p span a b code pre ul ol li nav main div section article details summary dl dt dd br svg rect footer'.split(
      ' ',
    ),
  );
  const attributes = new Set(
    'lang charset http-equiv content name class id href aria-label open tabindex role viewBox preserveAspectRatio x y width height rx fill opacity html'.split(
      ' ',
    ),
  );
  holds('html', (output) => {
    const [before = '', after = ''] = output.split(/<style>[\s\S]*<\/style>/);
    for (const tag of [...tags(before), ...tags(after)]) {
      expect(elements.has(tag.name.replace('/', ''))).toBe(true);
      for (const attribute of tag.attributes) expect(attributes.has(attribute)).toBe(true);
    }
    for (const [, target = ''] of output.matchAll(/href="([^"]*)"/g))
      expect(target).toMatch(/^(?:#|https:\/\/git\.example\/)/);
  });
});

test('markdown: what is not code has no markup of the log', () => {
  holds('markdown', (output) => {
    // A line that begins with <details> is HTML up to its end.
    const prose = output
      .replace(/^<details(?: open)?><summary>[^<>\n]*<\/summary>$|^<\/details>$/gm, '')
      .replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
      .replace(/(?<!\\|`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
      .replace(/\[\]\(https:\/\/git\.example[^\s()]*\)/g, '');
    expect(/.{0,60}[<>].{0,60}/.exec(prose)?.[0]).toBeUndefined();
    expect(/@(?!&#8288;)|:\/\//.exec(prose)?.[0]).toBeUndefined();
    expect(/.{0,60}(?<!\\)[[\]`*].{0,60}/.exec(prose)?.[0]).toBeUndefined();
  });
});

test('junit: no text names a file to attach', () => {
  holds('junit', (output) => {
    expect(output).not.toMatch(/\[\[ATTACHMENT\|/i);
  });
});

describe('markdown on GitHub and GitLab', () => {
  test('titles refer to nothing: no issue, merge request, person, address or emoji', () => {
    fc.assert(
      fc.property(run, (of) => {
        const summaries = [...render('markdown', of).matchAll(/<summary>(.*)<\/summary>/g)];
        for (const [, text = ''] of summaries) {
          expect(text.replaceAll('&#8288;', '\u2060')).not.toMatch(/@(?!\u2060)|[#!]\d|\bGH-\d|:\/\/|\bwww\.|[<>]/i);
        }
      }),
      runs,
    );
  });

  /** Cells of a row as cmark-gfm parts them: a backslash takes the next character with it. */
  const cells = (row: string): number => [...row.matchAll(/(?:\\.|[^|\\])+/g)].length;

  test('no name of a file makes a cell of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('|', '\\', '`', 'a', ' ', '**', '[x](y)'), { maxLength: 12 }), (parts) => {
        const collector = new RunCollector();
        collector.add(fileResult([placedReport({ title: parts.join('') })], { path: `a${parts.join('')}z` }));
        const rows = render('markdown', collector.run())
          .split('\n')
          .filter((line) => /^\| (?:❌|⚠)/.test(line));
        for (const row of rows) expect(cells(row)).toBe(5);
      }),
    );
  });
});
