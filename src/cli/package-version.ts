import { readFileSync } from 'node:fs';

/** The version of this package; its file lies two folders up, both from `src/cli` and from `dist/cli`. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
