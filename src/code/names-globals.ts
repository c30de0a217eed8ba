import { Attribute, Tag } from '../dwarf/constants.ts';
import type { TypeRef } from '../dwarf/type-reader.ts';
import type { Unit } from '../dwarf/unit.ts';
import type { EntryTools } from '../dwarf/variables.ts';

/** More entries of one unit are not gone through. */
const mostEntries = 100_000;

interface GlobalType {
  readonly type: TypeRef;
}

/** Answers that are kept of one file: reports of a log ask the same. */
const mostKnown = 256;

const known = new WeakMap<EntryTools, Map<string, GlobalType | undefined>>();

/** The type of a variable outside of functions, or what a function returns, by its name in a unit. */
export function globalType(
  unit: Unit,
  tools: EntryTools,
  name: string,
  kind: 'variable' | 'function',
): GlobalType | undefined {
  const answers = known.get(tools) ?? new Map<string, GlobalType | undefined>();
  known.set(tools, answers);
  const key = `${unit.header.offset} ${kind} ${name}`;
  if (answers.has(key)) return answers.get(key);
  const found = findGlobal(unit, tools, name, kind);
  if (answers.size >= mostKnown) answers.clear();
  answers.set(key, found);
  return found;
}

function findGlobal(
  unit: Unit,
  tools: EntryTools,
  name: string,
  kind: 'variable' | 'function',
): GlobalType | undefined {
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
