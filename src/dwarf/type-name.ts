import { baseTypeName } from '../util/base-type-names.ts';
import { Attribute, Tag } from './constants.ts';
import type { EntryReader, PlacedEntry } from './entry-reader.ts';
import type { Type, TypeRef } from './type-reader.ts';
import type { Unit } from './unit.ts';

/** What names are made of; `TypeReader` is it. */
interface TypeSource {
  readonly entries: EntryReader;
  type(ref: TypeRef): Type;
}

/** Pointers to functions that take pointers to functions; what is deeper is a cycle. */
const deepestName = 24;
const longestName = 4096;
/** All parts of one name together. */
const mostParts = 512;

/** Languages whose names are not without what they lie in (7.12): C++ and Rust, by their numbers. */
const scopedLanguages: readonly number[] = [0x04, 0x1a, 0x21, 0x2b, 0x1c];
const rust = 0x1c;

/** Names of types as C writes them, the declarator around what it points to. */
export class TypeNames {
  readonly #types: TypeSource;
  readonly #scopes = new Map<number, ReadonlyMap<number, string>>();
  #parts = 0;

  constructor(types: TypeSource) {
    this.#types = types;
  }

  of(ref: TypeRef): string {
    this.#parts = 0;
    return this.#declare(ref, '', 0).slice(0, longestName);
  }

  /** A name with the namespaces of C++ and Rust that its entry lies in. */
  inScope(entry: PlacedEntry, name: string): string {
    const { unit } = entry;
    const language = unit.attribute(Attribute.language)?.value ?? 0;
    if (!scopedLanguages.includes(language)) {
      return name;
    }
    let scopes = this.#scopes.get(unit.header.offset);
    if (scopes === undefined) {
      scopes = this.#readScopes(unit);
      this.#scopes.set(unit.header.offset, scopes);
    }
    const scope = scopes.get(entry.offset);
    return scope === undefined ? name : `${scope}::${name}`;
  }

  /** The declaration of something of a type: `inner` is its name, with what was put around it already. */
  #declare(ref: TypeRef, inner: string, depth: number): string {
    if (depth > deepestName || ++this.#parts > mostParts) {
      return join('...', inner);
    }
    const type = this.#types.type(ref);
    switch (type.kind) {
      case 'void':
        return join('void', inner);
      case 'base':
        return join(baseTypeName(type.name), inner);
      case 'structure':
        return join(this.#isRust(ref) ? (type.name ?? '{...}') : `${type.keyword} ${type.name ?? '{...}'}`, inner);
      case 'enumeration':
        return join(this.#isRust(ref) ? (type.name ?? '{...}') : `enum ${type.name ?? '{...}'}`, inner);
      case 'typedef':
      case 'other':
        return join(type.name, inner);
      case 'qualified':
        return this.#qualified([type.qualifier], type.target, inner, depth);
      case 'pointer': {
        // Brackets stand off a name of a type, but not off a star.
        const pointer = `${type.mark}${/^ [[(]/.test(inner) ? inner.slice(1) : inner}`;
        return this.#declare(type.target, this.#isAround(type.target) ? `(${pointer})` : pointer, depth + 1);
      }
      case 'array':
        return this.#declare(type.element, withBounds(type, inner), depth + 1);
      case 'function':
        return this.#declare(type.result, `${inner === '' ? ' ' : inner}(${this.#parameters(type, depth)})`, depth + 1);
    }
  }

  #parameters(type: Extract<Type, { kind: 'function' }>, depth: number): string {
    const parameters = type.parameters.map((each) => this.#declare(each, '', depth + 1));
    if (type.isVariadic) {
      parameters.push('...');
    }
    return parameters.length === 0 && type.isPrototyped ? 'void' : parameters.join(', ');
  }

  /** `const char`, but `char * const`: what is qualified is the pointer; and of an array its elements. */
  #qualified(qualifiers: readonly string[], target: TypeRef, inner: string, depth: number): string {
    const known = new Set(qualifiers);
    // Several stand together, in an order of their own.
    let at = target;
    let type = this.#types.type(at);
    for (let length = 0; type.kind === 'qualified' && length < deepestName; length++) {
      known.add(type.qualifier);
      at = type.target;
      type = this.#types.type(at);
    }
    if (type.kind === 'array' && depth <= deepestName) {
      return this.#qualified([...known], type.element, withBounds(type, inner), depth + 1);
    }
    const words = qualifierOrder.filter((each) => known.has(each)).join(' ');
    // A function has no qualifiers: compilers say with them that it does not return, or has no effects.
    if (words === '' || type.kind === 'function') {
      return this.#declare(at, inner, depth + 1);
    }
    return type.kind === 'pointer'
      ? this.#declare(at, join(` ${words}`, inner), depth + 1)
      : `${words} ${this.#declare(at, inner, depth + 1)}`;
  }

  /** Whether what is declared with a type stands within it: `(*name)[4]`, `(*name)(void)`. */
  #isAround(ref: TypeRef): boolean {
    let type = this.#types.type(ref);
    for (let length = 0; type.kind === 'qualified' && length < deepestName; length++) {
      type = this.#types.type(type.target);
    }
    return type.kind === 'array' || type.kind === 'function';
  }

  #isRust(ref: TypeRef): boolean {
    const entry = ref === undefined ? undefined : this.#types.entries.unitOf(ref);
    return entry?.attribute(Attribute.language)?.value === rust;
  }

  /** The namespaces and types that the types of a unit lie in, by the offsets of their entries. */
  #readScopes(unit: Unit): ReadonlyMap<number, string> {
    const scopes = new Map<number, string>();
    const { entries } = this.#types;
    const around = [Tag.namespace, Tag.module, Tag.structureType, Tag.classType, Tag.unionType] as readonly number[];
    const named = [...around, Tag.enumerationType, Tag.typedef] as readonly number[];
    const visit = (parent: PlacedEntry, scope: string | undefined, depth: number): void => {
      for (const child of entries.children(parent, ({ tag }) => named.includes(tag))) {
        if (scope !== undefined) {
          scopes.set(child.offset, scope);
        }
        if (child.hasChildren && around.includes(child.tag) && depth < deepestName) {
          const name = entries.text(child, Attribute.name) ?? '{anonymous}';
          visit(child, scope === undefined ? name : `${scope}::${name}`.slice(0, longestName), depth + 1);
        }
      }
    };
    const root = entries.root(unit);
    if (root !== undefined) {
      visit(root, undefined, 0);
    }
    return scopes;
  }
}

const qualifierOrder = ['const', 'volatile', 'restrict', '_Atomic'];

function withBounds({ counts }: Extract<Type, { kind: 'array' }>, inner: string): string {
  const bounds = counts.map((count) => `[${count ?? ''}]`).join('');
  return inner === '' ? ` ${bounds}` : `${inner}${bounds}`;
}

/** A type before what is declared with it; stars stand behind a space, brackets bring their own. */
function join(type: string, inner: string): string {
  return inner === '' || inner.startsWith(' ') ? `${type}${inner}` : `${type} ${inner}`;
}
