import type { Frame, SourceLocation } from '../model/report.ts';
import { demangle } from '../util/demangle/demangle.ts';

/** File names come from debug information: nothing in them may act on a terminal, or break the line. */
const controls = /[\x00-\x1f\x7f-\x9f]/g;

/** Text as a char per byte, as the lines of a log are held. */
function bytesOf(text: string): string {
  return Buffer.from(text.replace(controls, '?'), 'utf8').toString('latin1');
}

function position({ file, line }: SourceLocation, basePath: string): string {
  const shown = basePath !== '' && file.startsWith(`${basePath}/`) ? file.slice(basePath.length + 1) : file;
  return `${shown}:${line}`;
}

/**
 * `vfs_write (fs/read_write.c:584)`; with inlined functions one position each, the innermost first; where it may be one
 * of several functions `name (a.c:1 or b.c:2)`. Undefined without any position.
 */
export function frameWords(frame: Frame, basePath: string): string | undefined {
  const { function: name, source, inlined = [], candidates = [] } = frame;
  if (name === undefined) return undefined;
  const places =
    candidates.length > 0
      ? [...new Set(candidates.map((place) => position(place, basePath)))].join(' or ')
      : [...inlined.map((inner) => inner.source), source]
          .flatMap((place) => (place === undefined ? [] : position(place, basePath)))
          .join(' ');
  return places === '' ? undefined : bytesOf(`${demangle(name)} (${places})`);
}
