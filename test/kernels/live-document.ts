import { basename, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { liveDocumentSchema } from '../../src/report/schema.ts';
import type { ScenarioTruth } from '../guest/scenarios.ts';
import { projectRoot } from '../helpers/built.ts';
import { readCSource } from '../helpers/c-source.ts';

/** What these tests look at in a document of `ktriage live --format json`. */
export interface LiveJson {
  readonly outcome: string;
  readonly verdict: FindingJson;
  readonly findings: readonly FindingJson[];
  readonly kernel: Readonly<Record<string, string>>;
  readonly cpus: readonly CpuJson[];
  readonly tasks: readonly TaskJson[];
  readonly pageFaults: readonly PageFaultJson[];
  readonly locks: readonly unknown[];
  readonly modules: readonly { readonly name: string }[];
  readonly log?: { readonly lines: readonly string[]; readonly neverPrinted?: number };
  readonly stoppedMs: number;
  readonly isLeftRunning?: boolean;
  readonly problems: readonly string[];
}

export interface FindingJson {
  readonly rule: string;
  readonly confidence: string;
  readonly sentence: string;
  readonly location?: { readonly function: string; readonly file?: string; readonly line?: number };
}

export interface FrameJson {
  readonly address: string;
  readonly function?: string;
  readonly offset?: number;
  readonly module?: string;
  readonly reliable: boolean;
  readonly stack: string;
  readonly source?: { readonly file: string; readonly line: number };
  readonly inlined?: readonly { readonly function: string }[];
  readonly entry?: {
    readonly kind: string;
    readonly ptRegs: string;
    readonly registers: Readonly<Record<string, string>>;
  };
}

export interface CpuJson {
  readonly id: number;
  readonly state: string;
  readonly comm?: string;
  readonly frames: readonly FrameJson[];
}

export interface TaskJson {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly onCpu?: boolean;
  readonly frames: readonly FrameJson[];
}

export interface PageFaultJson {
  readonly cpu?: number;
  readonly pid?: number;
  readonly ptRegsAddress: string;
  readonly registers: Readonly<Record<string, string>>;
  readonly faultAddress?: string;
  readonly frames: readonly FrameJson[];
  readonly fatal: boolean;
}

const validate = new Ajv2020({ allErrors: true, strict: true }).compile(liveDocumentSchema);

/** The document that the program printed; it must be of the schema. */
export function readLiveJson(text: string): LiveJson {
  const document = JSON.parse(text);
  expect(validate(document), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true);
  return document;
}

const sourceFolder = join(projectRoot, 'test', 'guest', 'kthang');

/** What the document says must be what is true of the scenario. */
export function expectTruth(document: LiveJson, truth: ScenarioTruth): void {
  const { verdict, pageFaults } = document;
  const said = `${verdict.rule}: ${verdict.sentence}`;
  expect(verdict.rule, said).toBe(truth.rule);
  expect(document.outcome, said).toBe(truth.outcome);
  for (const words of truth.words) expect(verdict.sentence).toContain(words);
  if (truth.function !== undefined) expect(verdict.location?.function, said).toBe(truth.function);
  if (truth.line !== undefined) {
    const { file = '', line = 0 } = verdict.location ?? {};
    const source = readCSource(join(sourceFolder, basename(file)));
    expect(source.line(line), said).toContain(truth.line);
  }
  if (truth.faults === undefined) return;
  expect(pageFaults).toHaveLength(truth.faults.all);
  expect(pageFaults.filter(({ fatal }) => fatal)).toHaveLength(truth.faults.fatal);
}

/** A frame in a line: `printer_poll+0x44 [kthang] paper_left silent.c:41`. */
function frameLine({
  function: name,
  address,
  offset = 0,
  module,
  reliable,
  source,
  inlined = [],
  entry,
}: FrameJson): string {
  return [
    reliable ? '' : '?',
    name === undefined ? address : `${name}+0x${offset.toString(16)}`,
    module === undefined ? '' : `[${module}]`,
    ...inlined.map(({ function: inline }) => inline),
    source === undefined ? '' : `${source.file}:${source.line}`,
    entry === undefined ? '' : `(${entry.kind} ${entry.ptRegs})`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** What of a document is compared, frames in a line each: a tenth of the whole. */
export function digest(document: LiveJson): string {
  const { outcome, verdict, findings, kernel, cpus, tasks, pageFaults, locks, modules, log, problems } = document;
  const kept = {
    outcome,
    verdict,
    findings,
    kernel,
    cpus: cpus.map(({ id, state, comm, frames }) => ({ id, state, comm, frames: frames.map(frameLine) })),
    pageFaults: pageFaults.map(({ frames, ...fault }) => ({ ...fault, frames: frames.map(frameLine) })),
    locks,
    tasks: tasks.map(({ pid, comm, state, frames }) =>
      [`${pid} ${comm} ${state}`, ...frames.map(({ function: name }) => name ?? '?')].join(' '),
    ),
    modules: modules.map(({ name }) => name),
    log: { lines: log?.lines.length, neverPrinted: log?.neverPrinted },
    problems,
  };
  return `${JSON.stringify(kept, undefined, 1)}\n`;
}
