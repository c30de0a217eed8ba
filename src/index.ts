/**
 * ktriage as a library: analyse logs, get crash reports as data, print them.
 *
 *     import { analyzeFile, textFile, plainPainter } from 'ktriage';
 *     const result = await analyzeFile('dmesg.log');
 *     for (const report of result.reports) console.log(report.title);
 */
export { type AnalyzeOptions, analyzeFile, LiveAnalysis } from './analyze/analyze.ts';
export { openSources, type Sources, type SourcesOptions } from './analyze/sources.ts';
export { compareRuns } from './compare/compare.ts';
export { readDocument } from './compare/read-document.ts';
export { type ComparableFile, type ComparableReport, RunBuilder } from './compare/run.ts';
export { diagnose } from './diagnose/diagnose.ts';
export { diagnoseFile } from './diagnose/diagnose-file.ts';
export { listRules } from './diagnose/pages.ts';
export { expandInputs } from './io/inputs.ts';
export type { CommandFacts, CommandStop, GuestState, GuestVerdict, LastWords } from './model/command.ts';
export type {
  ComparedCrash,
  ComparedRun,
  Comparison,
  CrashHistory,
  CrashRecord,
  CrashStatus,
  KnownIssue,
  Sightings,
} from './model/comparison.ts';
export type { ReportDetails } from './model/details.ts';
export type { AnalysisDocument, FileResult, InputFacts } from './model/document.ts';
export { type ExcerptState, excerptStates, type SourceExcerpt } from './model/excerpt.ts';
export type { Confidence, Evidence, Explanation, Finding } from './model/explanation.ts';
export type { Boot, BootReason, Consequence, Incident } from './model/incident.ts';
export type { Notice } from './model/notice.ts';
export { type RunFormatName, runFormatNames } from './model/output-formats.ts';
export { type OwnedSection, type Owners, type OwnersChoice, ownersChoices, type Recipient } from './model/owners.ts';
export type { TextRange } from './model/position.ts';
export type {
  ArchitectureName,
  CodeDump,
  CrashReport,
  Culprit,
  DecodedField,
  FaultInfo,
  Frame,
  InlineFrame,
  KernelInfo,
  LinkedModule,
  PageMapping,
  PageTableEntry,
  PanicInfo,
  PassedFrame,
  RegisterSet,
  RunContext,
  SourceLocation,
  StackRole,
  StackTrace,
  TaskInfo,
} from './model/report.ts';
export { atLeast, type Severity, severities } from './model/severity.ts';
export type { Suspect, Suspects, SuspectTouch } from './model/suspects.ts';
export type { KaslrOffset, MentionedFunction, SymbolFile, SymbolMatch, SymbolsUsed } from './model/symbols.ts';
export type { Kind } from './oops/kinds/kind.ts';
export { kindOf, listKinds } from './oops/kinds/kinds.ts';
export { comparisonJson, comparisonText } from './report/comparison.ts';
export { runFormats } from './report/formats/formats.ts';
export type { FormatOptions } from './report/formats/options.ts';
export { type Run, RunCollector } from './report/formats/run.ts';
export { documentSchema, JsonDocumentWriter, toJson } from './report/json.ts';
export { jsonLine } from './report/jsonl.ts';
export { reportSchema } from './report/schema.ts';
export type { TextOptions } from './report/text/options.ts';
export { type Painter, plainPainter, type Tone } from './report/text/style.ts';
export { textFile, textReport } from './report/text.ts';
export type { SymbolizeOptions } from './symbols/symbolize.ts';
export { type ErrorOutcome, KtriageError } from './util/errors.ts';
