import type { LiveDocument, LiveOutcome, Verdict, VerdictLocation } from '../../../model/live.ts';
import type { SourceLocation } from '../../../model/report.ts';
import { printable } from '../../escape.ts';
import { excerptLines } from '../excerpt-lines.ts';
import { drawingParagraphs, quotedSentence } from '../findings.ts';
import { contentColumns, type Section } from '../section.ts';
import type { Paragraph } from '../spans.ts';
import type { Tone } from '../style.ts';
import { capitalized } from '../words.ts';

const outcomeLooks: Readonly<Record<LiveOutcome, { readonly word: string; readonly tone: Tone }>> = {
  broken: { word: 'broken', tone: 'fatal' },
  healthy: { word: 'healthy', tone: 'good' },
  unclear: { word: 'unclear', tone: 'warning' },
};

function sentenceOf({ confidence, sentence, circumstance }: Verdict): string {
  const text = quotedSentence(sentence);
  return confidence === 'certain' || circumstance === true ? text : `${capitalized(confidence)}: ${text}`;
}

/** The answer in one sentence. */
export function verdictParagraph({ outcome, verdict }: LiveDocument): Paragraph {
  const { word, tone } = outcomeLooks[outcome];
  return [{ text: `${word}:`, tone }, ' ', { text: sentenceOf(verdict), tone: 'strong' }];
}

/** Every position that the document has a source excerpt of. */
function* positionsOf(document: LiveDocument): Generator<SourceLocation> {
  const frames = [
    ...document.pageFaults.flatMap((fault) => fault.frames),
    ...document.cpus.flatMap((cpu) => cpu.frames),
    ...document.tasks.flatMap((task) => task.frames),
  ];
  for (const { source, inlined } of frames)
    for (const each of [...(inlined ?? []).map((inline) => inline.source), source])
      if (each?.excerpt !== undefined) yield each;
}

/** Where it is, with the lines of source if they are there. */
export function whereSection(document: LiveDocument, width: number): Section | undefined {
  const { location, otherLocations = [] } = document.verdict;
  if (location === undefined) return undefined;
  const { file, line } = location;
  const paragraphs: Paragraph[] = [placeParagraph(location)];
  for (const { file: known, line: at, excerpt } of positionsOf(document)) {
    if (excerpt === undefined || known !== file || at !== line) continue;
    paragraphs.push(...excerptLines(excerpt, at, contentColumns(width)));
    break;
  }
  for (const other of otherLocations) paragraphs.push(['and ', ...placeParagraph(other)]);
  return { label: 'Where', paragraphs };
}

function placeParagraph({ function: name, file, line }: VerdictLocation): Paragraph {
  const place = file === undefined ? '' : ` at ${file}${line === undefined ? '' : `:${line}`}`;
  return [{ text: printable(name), tone: 'strong' }, printable(place)];
}

/** What the verdict rests on, and how it is drawn. */
export function whySection({ verdict }: LiveDocument): Section | undefined {
  const paragraphs: Paragraph[] = [
    ...verdict.evidence.map(({ words }) => quotedSentence(words)),
    ...drawingParagraphs(verdict),
    ...(verdict.against ?? []).map((each) => quotedSentence(`Against it: ${each}`)),
  ];
  return paragraphs.length === 0 ? undefined : { label: 'Why', paragraphs };
}

/** What else was concluded. */
export function alsoSection({ findings }: LiveDocument, all: boolean): Section | undefined {
  const told = findings.filter(({ confidence }) => all || confidence !== 'possible');
  const paragraphs = told.flatMap((finding): Paragraph[] => [
    sentenceOf(finding),
    ...(all
      ? finding.evidence.map((each): Paragraph => [{ text: '  ', whole: true }, quotedSentence(each.words)])
      : []),
    ...(all ? drawingParagraphs(finding) : []),
  ]);
  return paragraphs.length === 0 ? undefined : { label: 'Also', paragraphs };
}
