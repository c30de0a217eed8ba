import type { RunFormatName } from '../../model/output-formats.ts';
import { junitWithTests } from '../tests/land.ts';
import { decodeFormat } from './decode.ts';
import { gccFormat } from './gcc.ts';
import { githubFormat } from './github.ts';
import { gitlabFormat } from './gitlab.ts';
import { htmlFormat } from './html.ts';
import { jenkinsFormat } from './jenkins.ts';
import { kcidbFormat } from './kcidb.ts';
import { ktapFormat } from './ktap.ts';
import { lavaFormat } from './lava.ts';
import { mailFormat } from './mail.ts';
import { markdownFormat } from './markdown.ts';
import type { FormatOptions } from './options.ts';
import { rdjsonFormat, rdjsonlFormat } from './rdjson.ts';
import type { Run } from './run.ts';
import { sarifFormat } from './sarif.ts';
import { squadFormat } from './squad.ts';

/** Makes an output of a run, piece by piece. */
export type RunFormat = (run: Run, options: FormatOptions) => Iterable<string>;

/** Outputs by their names. */
export const runFormats = {
  gcc: gccFormat,
  github: githubFormat,
  'github-summary': markdownFormat,
  markdown: markdownFormat,
  sarif: sarifFormat,
  gitlab: gitlabFormat,
  junit: junitWithTests,
  rdjson: rdjsonFormat,
  rdjsonl: rdjsonlFormat,
  kcidb: kcidbFormat,
  ktap: ktapFormat,
  squad: squadFormat,
  lava: lavaFormat,
  jenkins: jenkinsFormat,
  decode: decodeFormat,
  html: htmlFormat,
  mail: mailFormat,
} as const satisfies Readonly<Record<RunFormatName, RunFormat>>;
