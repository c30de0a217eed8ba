import { createHash } from 'node:crypto';
import { printable } from '../escape.ts';
import { count, inputName } from '../text/words.ts';
import { problemArticle } from './html/article.ts';
import { logLines } from './html/log.ts';
import { html, problemId } from './html/parts.ts';
import { pageStyle } from './html/style.ts';
import { timeline } from './html/timeline.ts';
import type { FormatOptions, LogPart } from './options.ts';
import { mainPlace, placeText } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { overall } from './test-names.ts';
import { titleOf, totalsText } from './words.ts';
import { markup } from './xml.ts';

/** Problems told in full; browsers and people have enough then. */
const mostArticles = 100;
const mostNamed = 500;
const mostInputs = 50;

/** Nothing is loaded, run, sent or embedded: the page has one style, which is known by its hash. */
function policy(): string {
  const hash = createHash('sha256').update(pageStyle, 'utf8').digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

const verdictClasses = { fail: 'error', unknown: 'warning', pass: 'good' } as const;

function verdict(run: Run): string {
  const [worst] = run.problems;
  if (worst?.fails) return worst.report.severity;
  return verdictClasses[overall(run)];
}

function* head(run: Run, options: FormatOptions): Generator<string> {
  const title = markup(printable(`ktriage: ${totalsText(run)}`));
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1 class="${verdict(run)}">${markup(totalsText(run))}</h1>
`;
  const names = run.inputs.slice(0, 5).map(({ path }) => html(inputName(path)));
  const more = run.inputs.length - names.length;
  yield `<p class="quiet">${names.join(', ')}${more > 0 ? ` and ${count(more, 'more input')}` : ''}</p>\n`;
  const remarks = remarksOf(run);
  for (const { path, line, isFailure, text } of remarks.slice(0, mostInputs)) {
    yield `<p class="${isFailure ? 'error' : 'warning'}">${html(inputName(path))}, line ${line}: ${html(text)}</p>\n`;
  }
  if (remarks.length > mostInputs) yield `<p class="warning">And ${remarks.length - mostInputs} more.</p>\n`;
  if (run.problems.length > 1) {
    yield '<nav aria-label="Problems"><ul>\n';
    for (const [index, problem] of run.problems.slice(0, mostNamed).entries()) {
      const { severity, signature } = problem.report;
      const name = html(titleOf(problem));
      const link = index < mostArticles ? `<a href="#${problemId(signature)}">${name}</a>` : name;
      yield `<li><span class="${severity} word">${severity}</span> ${link} <span class="quiet">${html(placeText(mainPlace(problem, options)))}</span></li>\n`;
    }
    const beyond = run.problems.length - mostNamed + run.omitted;
    if (beyond > 0) yield `<li class="quiet">and ${count(beyond, 'more')}</li>\n`;
    yield '</ul></nav>\n';
  }
  yield '</header>\n';
}

/**
 * A page of its own for people: verdict, time line, each problem with its source, stacks and machine, and the log
 * beside it. It needs no network, no script and nothing beside itself.
 */
export function* htmlFormat(run: Run, options: FormatOptions): Generator<string> {
  yield* head(run, options);
  const logs = new Map<number, readonly LogPart[]>();
  for (const [nth, { path, events }] of run.inputs.entries()) {
    if (logs.size >= mostInputs || events.length === 0) continue;
    const parts = options.log?.(path);
    if (parts !== undefined && parts.length > 0) logs.set(nth, parts);
  }
  yield '<main>\n<div class="found">\n';
  let lines = 0;
  for (const [nth, input] of run.inputs.entries()) {
    const text = timeline(input, nth);
    if (text === '' || lines >= mostInputs) continue;
    lines += 1;
    const name = run.inputs.length > 1 ? ` of ${html(inputName(input.path))}` : '';
    yield `<section><h3>Time line${name}</h3>\n${text}</section>\n`;
  }
  const numbers = new Map(run.inputs.map(({ path }, nth) => [path, nth]));
  for (const problem of run.problems.slice(0, mostArticles)) {
    const nth = numbers.get(problem.path) ?? 0;
    yield problemArticle(problem, nth, logs.has(nth), options);
  }
  if (run.problems.length === 0) yield '<p>Nothing to show.</p>\n';
  const beyond = run.problems.length - mostArticles + run.omitted;
  if (beyond > 0) yield `<p class="quiet">${count(beyond, 'more problem')} not shown in full.</p>\n`;
  yield '</div>\n';
  if (logs.size > 0) {
    yield '<section class="log" aria-label="Log" tabindex="0">\n';
    for (const [nth, parts] of logs) {
      const input = run.inputs[nth];
      if (input !== undefined) yield* logLines(input, nth, parts);
    }
    yield '</section>\n';
  }
  yield `</main>\n<footer>ktriage ${html(options.version)}</footer>\n</body>\n</html>\n`;
}
