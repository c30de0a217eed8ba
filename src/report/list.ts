import Table from 'cli-table3';
import type { Bucket } from './buckets.ts';
import { printable } from './escape.ts';
import { toJson } from './json.ts';
import type { TextOptions } from './text/options.ts';
import { wrap } from './text/spans.ts';
import { plainPainter } from './text/style.ts';
import { count, grouped, inputName } from './text/words.ts';

/** A table without rules: the same for eyes, screen readers and `awk`. */
const noRules = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function cell(bucket: Bucket, width: number, options: TextOptions): string {
  const { painter } = options;
  const place = `${inputName(bucket.firstPath)}:${bucket.firstLine}`;
  const where = bucket.files > 1 ? `first ${place}, ${count(bucket.files, 'input')}` : `first ${place}`;
  return [
    ...wrap(printable(bucket.title), width, plainPainter).map((line) => painter.paint('strong', line)),
    ...wrap(`${printable(bucket.kind)} ${printable(bucket.signature)}, ${where}`, width, plainPainter).map((line) =>
      painter.paint('quiet', line),
    ),
  ].join('\n');
}

/** One row per signature, for people. */
export function listText(buckets: readonly Bucket[], options: TextOptions): string {
  if (buckets.length === 0) return 'No crash found.\n';
  const { painter, width } = options;
  const counts = buckets.map((bucket) => grouped(bucket.count));
  const used = Math.max('COUNT'.length, ...counts.map((text) => text.length)) + 2 + 'SEVERITY'.length + 2;
  const table = new Table({
    head: ['COUNT', 'SEVERITY', 'CRASH'],
    chars: noRules,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: ['right', 'left', 'left'],
  });
  for (const [index, bucket] of buckets.entries()) {
    table.push([
      counts[index],
      painter.paint(bucket.severity, bucket.severity),
      cell(bucket, Math.max(width - used, 24), options),
    ]);
  }
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** The same for scripts: an array, one object per signature. */
export function listJson(buckets: readonly Bucket[]): string {
  return `${toJson(buckets, 2)}\n`;
}
