import { baseTypeName } from '../util/base-type-names.ts';
import { assertNever } from '../util/errors.ts';
import type { TypeSource } from './sizes.ts';
import type { BtfParameter, BtfType, BtfTypeId } from './type.ts';

/** Pointers to functions that take pointers to functions; what is deeper is a circle. */
const deepest = 24;
const longest = 4096;
/** All parts of one name together. */
const mostParts = 512;
const qualifiers = ['const', 'volatile', 'restrict'] as const;

/**
 * The name of a type as C writes it, the declarator around what it points to. Tags (`__user`) are left out.
 * @param inner what is declared with it: `name`, `*name`
 */
export function cName(types: Pick<TypeSource, 'type'>, id: BtfTypeId, inner = ''): string {
  return new Declaration(types).declare(id, inner, 0).slice(0, longest);
}

class Declaration {
  readonly #types: Pick<TypeSource, 'type'>;
  #parts = 0;

  constructor(types: Pick<TypeSource, 'type'>) {
    this.#types = types;
  }

  /** `inner` is the name of what is declared, with what was put around it already. */
  declare(id: BtfTypeId, inner: string, depth: number): string {
    this.#parts += 1;
    if (depth > deepest || this.#parts > mostParts) return join('...', inner);
    const type = this.#types.type(id);
    switch (type.kind) {
      case 'void':
        return join('void', inner);
      case 'base':
        return join(baseTypeName(type.name), inner);
      case 'structure':
        return join(`${type.keyword} ${type.name ?? '{...}'}`, inner);
      case 'enumeration':
        return join(`enum ${type.name ?? '{...}'}`, inner);
      case 'typedef':
      case 'section':
        return join(type.name, inner);
      case 'qualified':
      case 'tagged':
        return this.#qualified(id, inner, depth, new Set());
      case 'pointer': {
        // Brackets stand off a name of a type, but not off a star.
        const pointer = `*${/^ [[(]/.test(inner) ? inner.slice(1) : inner}`;
        return this.declare(type.target, this.#isAround(type.target) ? `(${pointer})` : pointer, depth + 1);
      }
      case 'array':
        return this.declare(type.element, bounds(type, inner), depth + 1);
      case 'prototype':
        return this.declare(type.result, `${inner === '' ? ' ' : inner}(${this.#parameters(type, depth)})`, depth + 1);
      case 'function':
        return this.declare(type.prototype, inner === '' ? type.name : inner, depth + 1);
      case 'variable':
        return this.declare(type.type, inner === '' ? type.name : inner, depth + 1);
      case 'declaration-tag':
        return this.declare(type.target, inner, depth + 1);
      case 'unknown':
        return join('?', inner);
      default:
        return assertNever(type);
    }
  }

  #parameters({ parameters, isVariadic }: Extract<BtfType, { kind: 'prototype' }>, depth: number): string {
    const named = ({ name = '', type }: BtfParameter): string => this.declare(type, name, depth + 1);
    const all = parameters.map(named);
    if (isVariadic) all.push('...');
    return all.length === 0 ? 'void' : all.join(', ');
  }

  /** `const char`, but `char * const`: what is qualified is the pointer; and of an array its elements. */
  #qualified(id: BtfTypeId, inner: string, depth: number, known: Set<string>): string {
    let at = id;
    let type = this.#types.type(at);
    for (let length = 0; (type.kind === 'qualified' || type.kind === 'tagged') && length < deepest; length++) {
      if (type.kind === 'qualified') known.add(type.qualifier);
      at = type.target;
      type = this.#types.type(at);
    }
    if (type.kind === 'array' && depth <= deepest)
      return this.#qualified(type.element, bounds(type, inner), depth + 1, known);
    const words = qualifiers.filter((each) => known.has(each)).join(' ');
    if (words === '' || type.kind === 'prototype') return this.declare(at, inner, depth + 1);
    return type.kind === 'pointer'
      ? this.declare(at, join(` ${words}`, inner), depth + 1)
      : `${words} ${this.declare(at, inner, depth + 1)}`;
  }

  /** Whether what is declared with a type stands within it: `(*name)[4]`, `(*name)(void)`. */
  #isAround(id: BtfTypeId): boolean {
    let type = this.#types.type(id);
    for (let length = 0; (type.kind === 'qualified' || type.kind === 'tagged') && length < deepest; length++)
      type = this.#types.type(type.target);
    return type.kind === 'array' || type.kind === 'prototype';
  }
}

/** Arrays of arrays are one within the other: the outer bounds come first. */
function bounds({ count }: Extract<BtfType, { kind: 'array' }>, inner: string): string {
  return `${inner === '' ? ' ' : inner}[${count === 0 ? '' : count}]`;
}

/** A type before what is declared with it; stars stand behind a space, brackets bring their own. */
function join(type: string, inner: string): string {
  return inner === '' || inner.startsWith(' ') ? `${type}${inner}` : `${type} ${inner}`;
}
