import { Kind } from './format.ts';
import type { BtfLinkage, BtfParameter, BtfTypeId } from './type.ts';
import type { WrittenTypes } from './written-types.ts';

export type VariablePlaces = ReadonlyMap<BtfTypeId, NonNullable<BtfVariable['place']>>;

/** A function with its prototype. */
export interface BtfFunction {
  readonly id: BtfTypeId;
  readonly name: string;
  readonly linkage: BtfLinkage;
  readonly result: BtfTypeId;
  readonly parameters: readonly BtfParameter[];
  readonly isVariadic: boolean;
}

/** A variable, and where it is if its section is told: most kernels tell it of per-CPU variables only. */
export interface BtfVariable {
  readonly id: BtfTypeId;
  readonly name: string;
  readonly linkage: BtfLinkage;
  readonly type: BtfTypeId;
  /** Its offset is in bytes from the start of the section. */
  readonly place?: { readonly section: string; readonly offset: number; readonly size: number };
}

/** The functions of a name; static ones may share theirs. */
export function functionsNamed(types: WrittenTypes, name: string): readonly BtfFunction[] {
  return types.find(name).flatMap((id) => {
    const type = types.type(id);
    if (type.kind !== 'function') return [];
    const prototype = types.type(type.prototype);
    if (prototype.kind !== 'prototype') return [];
    const { result, parameters, isVariadic } = prototype;
    return [{ id, name, linkage: type.linkage, result, parameters, isVariadic }];
  });
}

/** The variables of a name. */
export function variablesNamed(types: WrittenTypes, name: string, places: VariablePlaces): readonly BtfVariable[] {
  return types.find(name).flatMap((id) => {
    const variable = types.type(id);
    if (variable.kind !== 'variable') return [];
    const place = places.get(id);
    const { linkage, type } = variable;
    return [{ id, name, linkage, type, ...(place !== undefined && { place }) }];
  });
}

/** Variables in sections; kernels have some hundred, those that tell of all some ten thousand. */
const mostPlaces = 262_144;

/** Where variables are, by their numbers. */
export function placesOfVariables(types: WrittenTypes): VariablePlaces {
  const places = new Map<BtfTypeId, NonNullable<BtfVariable['place']>>();
  for (const [id, section] of types.ofKinds([Kind.section])) {
    if (places.size >= mostPlaces) break;
    for (const { variable, offset, size } of types.places(id)) places.set(variable, { section, offset, size });
  }
  return places;
}
