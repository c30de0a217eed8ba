import type { DwarfRegisters } from '../arch/dwarf-registers.ts';
import type { Location, MissingReason } from '../dwarf/expression-location.ts';
import type { FrameVariables, LocatedScope, LocatedVariable } from '../dwarf/variables-frames.ts';
import type { ValueMeaning, VariableValue } from '../model/explanation.ts';
import { dwarfRegisterName } from './names-variables.ts';

/** Variables of the innermost frame that are told, and arguments of all others. */
const mostOwn = 48;
const mostOthers = 32;
const mostFrames = 12;

/** What static variables of macros are called: nobody wrote them. */
const madeByMacro =
  /^(?:__UNIQUE_ID|__already_done|__key$|__print_once|_entry|__warned|descriptor$|_rs$|__func__$|__mptr)/;

export type MeaningOf = (value: bigint) => ValueMeaning | undefined;

/** Variables of the frames of a report with their places and values, the innermost function's first. */
export function variableValues(frames: FrameVariables, count: number, registers: DwarfRegisters, meaningOf: MeaningOf) {
  const own = frames.scopes(0).flatMap((scope) => valuesOf(scope, registers, meaningOf));
  const others: VariableValue[] = [];
  for (let nth = 1; nth < Math.min(count, mostFrames); nth++)
    for (const scope of frames.arguments(nth))
      others.push(...valuesOf(scope, registers, meaningOf, nth).filter(({ value }) => value !== undefined));
  return [...own.slice(0, mostOwn), ...others.slice(0, mostOthers)];
}

function valuesOf(
  { scope, variables }: LocatedScope,
  registers: DwarfRegisters,
  meaningOf: MeaningOf,
  frame = 0,
): VariableValue[] {
  const { types } = scope.tools;
  return variables
    .filter(({ variable }) => !madeByMacro.test(variable.name))
    .map(({ variable, location, value }) => {
      const known = value.kind === 'known' ? value.value : undefined;
      const isPointer = types.type(types.plain(variable.type)).kind === 'pointer';
      const meaning = known === undefined || !isPointer ? undefined : meaningOf(known);
      const place = locationWords(location, registers);
      const missing = known === undefined ? missingOf({ variable, location, value }) : undefined;
      return {
        name: variable.name,
        type: types.name(variable.type),
        function: scope.name ?? '',
        kind: variable.kind,
        ...(place !== undefined && frame === 0 && { location: place }),
        ...(known !== undefined && { value: known }),
        ...(meaning !== undefined && { meaning }),
        ...(missing !== undefined && { missing }),
      };
    });
}

/** Where a variable was; undefined where it was nowhere. */
export function locationWords(location: Location, registers: DwarfRegisters): string | undefined {
  switch (location.kind) {
    case 'register':
      return dwarfRegisterName(registers, location.register);
    case 'memory': {
      const { base, offset, value } = location.address;
      const from =
        base?.kind === 'register'
          ? dwarfRegisterName(registers, base.register)
          : base?.kind === 'call-frame'
            ? 'the call frame'
            : undefined;
      if (from === undefined) return value === undefined ? 'memory' : `memory at 0x${value.toString(16)}`;
      const distance =
        offset === 0n ? '' : `${offset < 0n ? '-' : '+'}0x${(offset < 0n ? -offset : offset).toString(16)}`;
      return `memory at ${from}${distance}`;
    }
    case 'pieces':
      return 'in several places';
    case 'value':
    case 'bytes':
    case 'implicit-pointer':
    case 'optimized-out':
    case 'unknown':
      return undefined;
  }
}

const notInLog: ReadonlySet<MissingReason> = new Set(['register', 'memory', 'caller', 'frame-base', 'address']);

function missingOf({ location, value }: LocatedVariable): VariableValue['missing'] {
  if (location.kind === 'optimized-out') return location.why === 'not-here' ? 'not-here' : 'optimized-out';
  if (value.kind === 'optimized-out') return 'optimized-out';
  if (value.kind === 'unknown' && notInLog.has(value.missing.reason)) return 'not-in-log';
  return undefined;
}
