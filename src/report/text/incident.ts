import { type FileResult, isStream } from '../../model/document.ts';
import type { Incident } from '../../model/incident.ts';
import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { aftermathOf, aftermathSection } from './aftermath.ts';
import { contextSections } from './context.ts';
import { everythingSections } from './everything.ts';
import { findingsSection, leadingFinding } from './findings.ts';
import { newsSection } from './news.ts';
import type { TextOptions } from './options.ts';
import { otherStackSections } from './other-stacks.ts';
import { ownersSection } from './owners.ts';
import { type Section, sectionLines } from './section.ts';
import { sourceSection } from './source.ts';
import { wrap } from './spans.ts';
import { stackSection } from './stack.ts';
import { suspectsSection } from './suspects.ts';
import { trustSection } from './trust.ts';
import { type Aftermath, nameSection, verdictParagraph } from './verdict.ts';
import { whereSection } from './where.ts';
import { whySection } from './why.ts';
import { shellQuoted } from './words.ts';

/** What a report's screen needs to know beside the report. */
export interface Surroundings {
  readonly path: string;
  readonly aftermath: Aftermath;
  /** What followed, if anything did. */
  readonly after?: Section;
  /** The commits that may have done it, if they were looked for. */
  readonly suspects?: Section;
  /** The log ends inside of this report. */
  readonly cutOff: boolean;
  /** The same signature was shown in full before; where. */
  readonly sameAs?: string;
}

/** Commands to copy, so none of them is ever broken over two lines. */
function nextSection(report: CrashReport, path: string, options: TextOptions): Section {
  const { program, given = [] } = options;
  const commands = [`${program} explain ${printable(report.kind)}`];
  const lead = options.all ? leadingFinding(report) : undefined;
  if (lead !== undefined) commands.push(`${program} explain ${printable(lead.rule)}`);
  const words = given.map(([option, value]) => `${option} ${shellQuoted(value)} `).join('');
  if (!options.all && !isStream(path)) commands.push(`${program} analyze --all ${words}${shellQuoted(path)}`);
  return { label: 'Next', paragraphs: commands.map((text) => [{ text, whole: true }]) };
}

function bodySections(report: CrashReport, around: Surroundings, options: TextOptions): Section[] {
  const sections: (Section | undefined)[] = [
    whereSection(report),
    ownersSection(report),
    whySection(report),
    sourceSection(report, options),
    stackSection(report, options),
    ...otherStackSections(report, options),
    around.suspects,
    around.after,
    ...contextSections(report, options.all),
    ...(options.all ? [findingsSection(report), ...everythingSections(report)] : []),
    trustSection(report, around.cutOff),
    nextSection(report, around.path, options),
  ];
  return sections.filter((section) => section !== undefined);
}

/** One report as people read it: the answer first, then the evidence. */
export function* reportLines(report: CrashReport, around: Surroundings, options: TextOptions): Generator<string> {
  const { width, painter } = options;
  yield* wrap(verdictParagraph(report, around.aftermath), width, painter, '', '  ');
  yield* sectionLines(nameSection(report, around.path, options), width, painter);
  const news = newsSection(report);
  if (news) yield* sectionLines(news, width, painter);
  if (around.sameAs !== undefined) {
    yield* wrap(`The same as ${around.sameAs}; not shown again (--all).`, width, painter, '', '  ');
    if (around.after) yield* sectionLines(around.after, width, painter);
    return;
  }
  for (const section of bodySections(report, around, options)) {
    yield* sectionLines(section, width, painter);
  }
}

/** One incident: its root in full, and what followed from it. */
export function* incidentLines(
  file: FileResult,
  incident: Incident,
  sameAs: string | undefined,
  options: TextOptions,
): Generator<string> {
  const root = file.reports[incident.root];
  if (!root) return;
  const after = aftermathSection(file, incident, options.all);
  const suspects = suspectsSection(incident.suspects, options.all);
  yield* reportLines(
    root,
    {
      path: file.path,
      aftermath: aftermathOf(file, incident),
      cutOff: file.input.cutOff && incident.root === file.reports.length - 1,
      ...(after ? { after } : {}),
      ...(suspects ? { suspects } : {}),
      ...(sameAs === undefined ? {} : { sameAs }),
    },
    options,
  );
  if (!options.all) return;
  for (const { report: index } of incident.follow) {
    const report = file.reports[index];
    if (!report) continue;
    yield '';
    yield* wrap('What followed:', options.width, options.painter);
    yield* reportLines(
      report,
      {
        path: file.path,
        aftermath: report.panic === undefined ? 'unknown' : 'panicked',
        cutOff: file.input.cutOff && index === file.reports.length - 1,
      },
      options,
    );
  }
}
