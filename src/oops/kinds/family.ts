import type { Severity } from '../../model/severity.ts';
import type { Kind } from './kind.ts';

/** What a variant says of itself; severity and document are the family's unless it has its own. */
export interface Variant {
  readonly summary: string;
  readonly explanation: string;
  readonly severity?: Severity;
  readonly document?: string;
}

/** What the variants of a family share. */
export interface FamilyDefaults {
  readonly severity: Severity;
  /** A path below the kernel's Documentation/. */
  readonly document: string;
}

/** Makes the entries of one family (`kasan/...`) from a table of its variants. */
export function family(
  name: string,
  defaults: FamilyDefaults,
  variants: Readonly<Record<string, Variant>>,
): readonly Kind[] {
  return Object.entries(variants).map(([variant, entry]) => ({
    name: `${name}/${variant}`,
    severity: entry.severity ?? defaults.severity,
    summary: entry.summary,
    explanation: entry.explanation,
    document: entry.document ?? defaults.document,
  }));
}
