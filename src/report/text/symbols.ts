import { type FileResult, isStream } from '../../model/document.ts';
import type { CrashReport } from '../../model/report.ts';
import type { NotFound, SymbolFile, SymbolMatch } from '../../model/symbols.ts';
import { printable } from '../escape.ts';
import type { TextOptions } from './options.ts';
import { type Paragraph, wrap } from './spans.ts';
import { listed, shellQuoted } from './words.ts';

const matchWords: Readonly<Record<Exclude<SymbolMatch, 'refused'>, string>> = {
  certain: 'are certain',
  likely: 'are likely right',
  unverified: 'are UNVERIFIED (--force)',
};

/** A file's name; in the cache of debuginfod's client all have the same one, which says nothing. */
function fileName({ path, module }: SymbolFile): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === 'debuginfo' ? (module ?? 'vmlinux') : name;
}

/** `vmlinux and ktlab.ko`: whole paths stand in the JSON, and in what --verbose tells. */
function names(files: readonly SymbolFile[]): string {
  return listed([...new Set(files.map(fileName))]);
}

/** Reasons of several files, each told once. */
function reasonsOf(files: readonly SymbolFile[]): string {
  return [...new Set(files.flatMap((file) => file.reasons))].join('; ');
}

/** How far to believe source positions that were taken from debug information, and why some are missing. */
export function symbolParagraphs(report: CrashReport): Paragraph[] {
  const { symbols } = report;
  // That nothing was found at all is told once, behind all reports.
  if (symbols === undefined || (symbols.notFound !== undefined && isWithoutSymbols(report))) return [];
  const { vmlinux, refused, modules = [] } = symbols;
  const all = [...(vmlinux ? [vmlinux] : []), ...modules, ...(refused ? [refused] : [])];
  const files = all.filter(({ symbolsOnly, match }) => symbolsOnly !== true || match === 'refused');
  const paragraphs: Paragraph[] = [];
  for (const match of ['certain', 'likely', 'unverified'] as const) {
    const such = files.filter((file) => file.match === match);
    if (such.length === 0) continue;
    // What speaks against one file is not to be read as said of another.
    for (const together of match === 'unverified' ? such.map((file) => [file]) : [such]) {
      const text = printable(`Source lines of ${names(together)} ${matchWords[match]}: ${reasonsOf(together)}.`);
      paragraphs.push([{ text, tone: match === 'unverified' ? 'strong' : 'plain' }]);
    }
  }
  for (const file of files.filter(({ match }) => match === 'refused')) {
    const text = `${file.path} is not of this kernel, and not used (--force uses it): ${file.reasons.join('; ')}.`;
    paragraphs.push([{ text: printable(text), tone: 'strong' }]);
  }
  // Modules without lines are told among what is missing.
  if (vmlinux?.symbolsOnly === true && vmlinux.match !== 'refused') paragraphs.push(mapParagraph(vmlinux));
  if (symbols.systemMap !== undefined) paragraphs.push(mapParagraph(symbols.systemMap));
  const missing = (symbols.missing ?? []).slice(symbols.notFound === undefined ? 0 : 1);
  if (missing.length > 0) paragraphs.push([printable(`Source lines are missing: ${missing.join('; ')}.`)]);
  return paragraphs;
}

/** A System.map, or a vmlinux without debug information, has functions for bare addresses, and is held against the others. */
function mapParagraph(file: SymbolFile): Paragraph {
  const reasons = file.reasons.join('; ');
  if (file.match === 'refused')
    return [
      {
        text: printable(`${file.path} is not of this kernel, and not used (--force uses it): ${reasons}.`),
        tone: 'strong',
      },
    ];
  const text = `Functions of ${fileName(file)} ${matchWords[file.match]}: ${reasons}. It has no lines.`;
  return [{ text: printable(text), tone: file.match === 'unverified' ? 'strong' : 'plain' }];
}

/** True if nothing at all was found for a report. */
export function isWithoutSymbols({ symbols }: CrashReport): boolean {
  const { vmlinux, modules = [], systemMap } = symbols ?? {};
  return vmlinux === undefined && systemMap === undefined && modules.every(({ symbolsOnly }) => symbolsOnly === true);
}

/** More kernels of one log are not told. */
const kernelsShown = 3;

/** Which kernels' debug information was not found, and how to get it: once for all reports of an input. */
export function* notFoundLines(file: FileResult, { width, painter, program }: TextOptions): Generator<string> {
  const kernels = new Map<string, NotFound & { readonly missing: readonly string[]; readonly whole: boolean }>();
  for (const report of file.reports) {
    const { notFound, missing = [] } = report.symbols ?? {};
    if (notFound === undefined || kernels.has(notFound.release ?? '')) continue;
    const whole = isWithoutSymbols(report);
    kernels.set(notFound.release ?? '', { ...notFound, missing: whole ? missing : missing.slice(0, 1), whole });
  }
  const say = (text: string, indent = ''): string[] =>
    wrap([{ text: printable(text), tone: 'quiet', whole: indent !== '' }], width, painter, indent, indent || '  ');
  for (const { release, how, missing, whole } of [...kernels.values()].slice(0, kernelsShown)) {
    if (release === undefined) {
      yield* say('No source lines: the log does not say which kernel it is of; name its vmlinux with --vmlinux FILE.');
      continue;
    }
    const [command] = how.commands;
    const who = command === undefined ? '' : ` (${how.distribution})`;
    const what = whole ? 'No source lines' : 'No source lines of the kernel itself';
    yield* say(`${what}: ${missing.join('; ')}. To get them${who}:`);
    // Commands to copy are never broken over two lines.
    if (command !== undefined) yield* say(command, '  ');
    yield* say(`${program} doctor ${isStream(file.path) ? 'LOG' : shellQuoted(file.path)}`, '  ');
  }
}
