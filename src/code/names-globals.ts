import { Attribute, Tag } from '../dwarf/constants.ts';
import type { TypeRef } from '../dwarf/type-reader.ts';
import type { Unit } from '../dwarf/unit.ts';
import type { EntryTools } from '../dwarf/variables.ts';

/** More entries of one unit are not gone through. */
const mostEntries = 100_000;

/** The type of a variable outside of functions, or what a function returns, by its name in a unit. */
export function globalType(
  unit: Unit,
  tools: EntryTools,
  name: string,
  kind: 'variable' | 'function',
): { readonly type: TypeRef } | undefined {
  const root = tools.entries.root(unit);
  if (root === undefined) return undefined;
  const wanted = kind === 'variable' ? Tag.variable : Tag.subprogram;
  let left = mostEntries;
  for (const entry of tools.entries.children(root, ({ tag }) => tag === wanted)) {
    if (--left < 0) return undefined;
    const its = tools.variables.text(entry, Attribute.linkageName) ?? tools.variables.text(entry, Attribute.name);
    if (its !== name) continue;
    const type = tools.variables.inherited(entry, Attribute.type);
    return { type: type && tools.entries.reference(type.owner, Attribute.type) };
  }
  return undefined;
}
