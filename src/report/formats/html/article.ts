import { bareName, blamedFrame } from '../../../model/blame.ts';
import type { CrashReport, SourceLocation } from '../../../model/report.ts';
import { contextSections } from '../../text/context.ts';
import { quotedSentence } from '../../text/findings.ts';
import { sourceText } from '../../text/frame-words.ts';
import { suspectsSection } from '../../text/suspects.ts';
import { trustSection } from '../../text/trust.ts';
import { whereSection } from '../../text/where.ts';
import { count, inputName } from '../../text/words.ts';
import type { FormatOptions } from '../options.ts';
import type { Problem } from '../run.ts';
import { printableLines } from '../safe.ts';
import { consequenceWords, sentenceOf, titleOf, whyLines } from '../words.ts';
import { machineState } from './machine.ts';
import { folded, html, lineId, paragraphHtml, problemId } from './parts.ts';
import { otherStacks, trapStack } from './stack.ts';

const mostExcerpts = 8;
const longestReport = 64_000;

function excerpt(source: SourceLocation, name: string | undefined, options: FormatOptions): string {
  const shown = source.excerpt;
  if (shown === undefined || shown.lines.length === 0) return '';
  const digits = String(shown.firstLine + shown.lines.length).length;
  const rows = shown.lines.map((line, index) => {
    const number = shown.firstLine + index;
    const text = html(`${number === source.line ? '>' : ' '} ${String(number).padStart(digits)}  ${line}`);
    return number === source.line ? `<span class="here">${text}</span>` : text;
  });
  const url = options.sourceUrl?.(source.file, source.line);
  const place = url === undefined ? html(sourceText(source)) : `<a href="${html(url)}">${html(sourceText(source))}</a>`;
  return `<p>${place}${name === undefined ? '' : ` in ${html(bareName(name))}`} <span class="quiet">${html(shown.note)}</span></p>\n<pre>${rows.join('\n')}</pre>\n`;
}

function excerpts(report: CrashReport, options: FormatOptions): string {
  const blamed = blamedFrame(report);
  const known = new Set<string>();
  const all = (blamed === undefined ? [] : [blamed])
    .concat(report.frames)
    .flatMap((frame) => [...(frame.inlined ?? []), frame])
    .flatMap(({ function: name, source }) => {
      if (source?.excerpt === undefined || known.has(sourceText(source))) return [];
      known.add(sourceText(source));
      return [excerpt(source, name, options)];
    })
    .filter((text) => text !== '');
  const rest = all.slice(2, mostExcerpts).join('');
  return all.slice(0, 2).join('') + folded('More source', rest);
}

function findings({ findings: all = [] }: CrashReport): string {
  const items = all.slice(0, 20).map(({ rule, confidence, sentence, evidence, drawing = [], against = [] }) => {
    const lines = [...evidence.map(({ words }) => words), ...against.map((words) => `Against it: ${words}`)];
    const list = lines.map((line) => `<li>${html(quotedSentence(line))}</li>`).join('');
    const picture = drawing.length === 0 ? '' : `<pre>${drawing.map(html).join('\n')}</pre>`;
    return `<p><b>${html(rule)}</b> (${confidence}): ${html(quotedSentence(sentence))}</p>${picture}${list === '' ? '' : `<ul>${list}</ul>`}\n`;
  });
  return folded('All findings', items.join(''));
}

function facts(problem: Problem): string {
  const { report } = problem;
  const sections = [
    ...[whereSection(report), suspectsSection(problem.suspects, true)].filter((section) => section !== undefined),
    ...contextSections(report, true),
    trustSection(report, false),
  ];
  const rows = sections.map(
    ({ label, paragraphs }) => `<dt>${label}</dt><dd>${paragraphs.map(paragraphHtml).join('<br>')}</dd>\n`,
  );
  return `<dl>\n${rows.join('')}</dl>\n`;
}

function followed({ followers, moreFollowers }: Problem, nth: number): string {
  if (followers.length === 0) return '';
  const items = followers.map(
    ({ why, title, line }) =>
      `<li>${consequenceWords[why]}: ${html(title)} <a href="#${lineId(nth, line)}">line ${line}</a></li>\n`,
  );
  const more = moreFollowers > 0 ? `<li class="quiet">and ${count(moreFollowers, 'more')}</li>\n` : '';
  return `<h3>What followed</h3>\n<ul>\n${items.join('')}${more}</ul>\n`;
}

/** One problem: the answer, why, the lines, the stack, then everything else folded. `nth`: its input's number. */
export function problemArticle(problem: Problem, nth: number, hasLog: boolean, options: FormatOptions): string {
  const { report, path, times, inputs } = problem;
  const { severity } = report;
  const stack = trapStack(report);
  const source = excerpts(report, options);
  const line = report.startLine;
  const place = hasLog ? `<a href="#${lineId(nth, line)}">line ${line}</a>` : `line ${line}`;
  const often = `${times > 1 ? `, ${count(times, 'time')}` : ''}${inputs > 1 ? ` in ${count(inputs, 'input')}` : ''}`;
  const isKnown = problem.fails ? '' : ' <span class="quiet">(does not fail the run)</span>';
  return `<article id="${problemId(report.signature)}">
<h2><span class="${severity} word">${severity}</span> ${html(titleOf(problem))}${isKnown}</h2>
<p class="sentence">${html(sentenceOf(problem))}</p>
<p class="quiet"><code>${html(report.kind)}</code>, signature <code>${html(report.signature)}</code>, ${report.unprinted && !hasLog ? '' : `${place} of `}${html(inputName(path))}${often}</p>
${whyLines(problem)
  .map((text) => `<p>${html(text)}</p>\n`)
  .join(
    '',
  )}${findings(report)}${source === '' ? '' : `<h3>Source</h3>\n${source}`}${stack === '' ? '' : `<h3>Stack</h3>\n${stack}`}${otherStacks(report)}${followed(problem, nth)}<h3>Machine and circumstances</h3>
${facts(problem)}${machineState(report)}${hasLog ? '' : folded(report.unprinted ? 'As found' : 'As printed', `<pre>${printableLines(report.reportText, longestReport).map(html).join('\n')}</pre>\n`)}</article>
`;
}
