import type { CrashReport } from '../../model/report.ts';
import type { SymbolFile, SymbolMatch } from '../../model/symbols.ts';
import { printable } from '../escape.ts';
import type { Paragraph } from './spans.ts';
import { listed } from './words.ts';

const matchWords: Readonly<Record<Exclude<SymbolMatch, 'refused'>, string>> = {
  certain: 'are certain',
  likely: 'are likely right',
  unverified: 'are UNVERIFIED (--force)',
};

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `vmlinux and ktlab.ko`: whole paths stand in the JSON, and in what --verbose tells. */
function names(files: readonly SymbolFile[]): string {
  return listed([...new Set(files.map((file) => fileName(file.path)))]);
}

/** Reasons of several files, each told once. */
function reasonsOf(files: readonly SymbolFile[]): string {
  return [...new Set(files.flatMap((file) => file.reasons))].join('; ');
}

/** How far to believe source positions that were taken from debug information, and why some are missing. */
export function symbolParagraphs({ symbols }: CrashReport): Paragraph[] {
  if (symbols === undefined) return [];
  const files = [...(symbols.vmlinux ? [symbols.vmlinux] : []), ...(symbols.modules ?? [])];
  const paragraphs: Paragraph[] = [];
  for (const match of ['certain', 'likely', 'unverified'] as const) {
    const such = files.filter((file) => file.match === match);
    if (such.length === 0) continue;
    const text = printable(`Source lines of ${names(such)} ${matchWords[match]}: ${reasonsOf(such)}.`);
    paragraphs.push([{ text, tone: match === 'unverified' ? 'strong' : 'plain' }]);
  }
  for (const file of files.filter(({ match }) => match === 'refused')) {
    const text = `${file.path} is not of this kernel, and not used (--force): ${file.reasons.join('; ')}.`;
    paragraphs.push([{ text: printable(text), tone: 'strong' }]);
  }
  if (symbols.missing !== undefined)
    paragraphs.push([printable(`Source lines are missing: ${symbols.missing.join('; ')}.`)]);
  return paragraphs;
}
