import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { type JsonValue, toJson } from '../json.ts';
import type { FormatOptions } from './options.ts';
import {
  logLine,
  logPlace,
  mainPlace,
  type Place,
  placeText,
  type Step,
  stepsOf,
  uriOf,
  wholeStack,
} from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Problem, Run } from './run.ts';
import { cutUnits } from './safe.ts';
import { circumstances, sentenceOf, titleOf, whereMet, whyLines } from './words.ts';

/** GitHub shows so many locations of a result, and of a thread flow more than these never matter. */
const mostLocations = 100;
/** GitHub takes no longer description of a rule. */
const longestDescription = 1024;

/**
 * Characters of all results. GitHub takes 10 MB of gzip, to which 40 MB of random names of functions come; beyond, results
 * keep what is read first.
 */
const resultBudget = 40_000_000;

const levels = { fatal: 'error', error: 'error', warning: 'warning', notice: 'note' } as const;
const precisions = { fatal: 'very-high', error: 'very-high', warning: 'high', notice: 'medium' } as const;

type Json = { [key: string]: JsonValue };

/** In texts of SARIF brackets and backslashes make links (2.1.0, 3.11.6). */
const inMessage = (text: string): string => text.replace(/[\\[\]]/g, (character) => `\\${character}`);

function physical({ file, line, column }: Place): Json {
  const start = column ?? 1;
  return {
    artifactLocation: { uri: uriOf(file), ...(file.startsWith('/') ? {} : { uriBaseId: 'SRCROOT' }) },
    region: { startLine: line, startColumn: start, endLine: line, endColumn: column === undefined ? start : start + 1 },
  };
}

function stepLocation({ name, place }: Step): Json {
  return {
    ...(place !== undefined && { physicalLocation: physical(place) }),
    logicalLocations: [{ fullyQualifiedName: name, kind: 'function' }],
    message: { text: inMessage(name) },
  };
}

/** Ids of rules are kinds; GitHub wants names in Pascal case. */
const ruleName = (kind: string): string =>
  kind
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function rule(report: CrashReport, options: FormatOptions): Json {
  const { kind, severity } = report;
  const words = options.kindWords(kind);
  const summary = cutUnits(words?.summary ?? printable(report.title), longestDescription);
  return {
    id: printable(kind),
    name: ruleName(kind),
    shortDescription: { text: inMessage(summary) },
    fullDescription: { text: inMessage(cutUnits(words?.explanation ?? summary, longestDescription)) },
    help: { text: inMessage(words?.explanation ?? summary) },
    ...(words?.url !== undefined && { helpUri: words.url }),
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ['kernel', printable(kind.split('/', 1)[0] ?? kind)],
      precision: precisions[severity],
      'problem.severity': severity === 'warning' ? 'warning' : 'error',
    },
  };
}

function relatedLocations(problem: Problem, main: Place, options: FormatOptions): Json[] {
  const inLog = logPlace(problem, options);
  const steps = stepsOf(problem.report, options).filter(({ place }) => place !== undefined);
  return [
    { id: 1, physicalLocation: physical(main), message: { text: main.isSource ? 'where it broke' : 'the report' } },
    // What nobody printed has no place in a log.
    ...(problem.report.unprinted
      ? []
      : [{ id: 2, physicalLocation: physical(inLog), message: { text: 'the report in the log' } }]),
    ...steps.slice(0, mostLocations - 2).map((step, index) => ({ id: index + 3, ...stepLocation(step) })),
  ];
}

function result(problem: Problem, ruleIndex: number, options: FormatOptions): Json {
  const { report, times } = problem;
  const [verdict] = report.findings ?? [];
  const main = mainPlace(problem, options);
  const stack = wholeStack(report, options).slice(0, mostLocations);
  const outwards = stepsOf(report, options).slice(0, mostLocations);
  const flow = outwards.filter(({ place }) => place !== undefined).reverse();
  const text = [
    `${inMessage(titleOf(problem))} at [${inMessage(placeText(main))}](1).`,
    inMessage(sentenceOf(problem)),
    ...whyLines(problem).map(inMessage),
    ...circumstances(problem).map(inMessage),
    `Reported in ${inMessage(whereMet(problem))}.`,
  ].join('\n');
  return {
    ruleId: printable(report.kind),
    ruleIndex,
    level: problem.fails ? levels[report.severity] : 'note',
    message: { text },
    locations: [
      {
        physicalLocation: physical(main),
        ...(outwards[0] && { logicalLocations: [{ fullyQualifiedName: outwards[0].name, kind: 'function' }] }),
      },
    ],
    relatedLocations: relatedLocations(problem, main, options),
    // GitHub tells alerts apart by this one alone: the alert follows the crash and not the line.
    partialFingerprints: {
      primaryLocationLineHash: `${printable(report.signature)}:1`,
      'ktriageSignature/v1': printable(report.signature),
    },
    occurrenceCount: times,
    ...(stack.length > 0 && {
      stacks: [{ message: { text: 'Call trace' }, frames: stack.map((step) => ({ location: stepLocation(step) })) }],
    }),
    ...(flow.length > 0 && {
      codeFlows: [
        {
          message: { text: 'Call trace, outermost first' },
          threadFlows: [
            { locations: flow.map((step, index) => ({ location: stepLocation(step), executionOrder: index + 1 })) },
          ],
        },
      ],
    }),
    properties: {
      severity: report.severity,
      ...(report.unprinted && verdict && { rule: printable(verdict.rule), confidence: verdict.confidence }),
      ...(report.kernel?.release !== undefined && { kernelRelease: printable(report.kernel.release) }),
      ...(report.running?.test !== undefined && { test: printable(report.running.test) }),
    },
  };
}

interface Results {
  readonly results: readonly Json[];
  /** Of them, those that are told without their stacks. */
  readonly shortened: number;
}

function resultsOf(run: Run, indexOf: (kind: string) => number, options: FormatOptions): Results {
  let left = resultBudget;
  let shortened = 0;
  const results = run.problems.map((problem): Json => {
    const whole = result(problem, indexOf(problem.report.kind), options);
    const size = toJson(whole).length;
    if (size <= left) {
      left -= size;
      return whole;
    }
    shortened += 1;
    const { stacks: _stacks, codeFlows: _flows, relatedLocations, ...short } = whole;
    // The text has a link to the first.
    return { ...short, ...(Array.isArray(relatedLocations) && { relatedLocations: relatedLocations.slice(0, 2) }) };
  });
  return { results, shortened };
}

/** SARIF 2.1.0 for GitHub's code scanning, Jenkins and editors. */
export function* sarifFormat(run: Run, options: FormatOptions): Generator<string> {
  const kinds = new Map<string, { readonly index: number; readonly report: CrashReport }>();
  for (const { report } of run.problems) {
    if (!kinds.has(report.kind)) kinds.set(report.kind, { index: kinds.size, report });
  }
  const remarks = remarksOf(run);
  const notifications = remarks.map(({ path, line, isFailure, code, text }) => ({
    descriptor: { id: code },
    level: isFailure ? 'error' : 'warning',
    message: { text: inMessage(printable(text)) },
    locations: [{ physicalLocation: physical(logLine(path, line, options)) }],
  }));
  const { results, shortened } = resultsOf(run, (kind) => kinds.get(kind)?.index ?? 0, options);
  const cut = {
    descriptor: { id: 'ktriage/shortened' },
    level: 'note',
    message: { text: `${shortened} results are without their stacks: the file would be too big` },
  };
  const architecture = run.problems[0]?.report.architecture ?? 'unknown';
  yield `${toJson(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'ktriage',
              semanticVersion: options.version,
              rules: [...kinds.values()].map(({ report }) => rule(report, options)),
            },
          },
          automationDetails: { id: `ktriage/${architecture}/` },
          invocations: [
            {
              executionSuccessful: remarks.every(({ code }) => code !== 'ktriage/no-verdict'),
              toolExecutionNotifications: shortened === 0 ? notifications : [...notifications, cut],
            },
          ],
          originalUriBaseIds: { SRCROOT: { description: { text: 'The folder that the job works in' } } },
          results,
          columnKind: 'utf16CodeUnits',
        },
      ],
    },
    2,
  )}\n`;
}
