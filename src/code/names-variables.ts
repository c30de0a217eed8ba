import type { DwarfRegisters } from '../arch/dwarf-registers.ts';
import type { Location } from '../dwarf/expression-location.ts';
import type { VariableReader } from '../dwarf/variables.ts';
import { FrameVariables, type LocatedScope, type LocatedVariable } from '../dwarf/variables-frames.ts';
import type { AddressExpression, Expression } from './names-expression.ts';

/** The name of a register by its number in debug information. */
export function dwarfRegisterName({ names }: DwarfRegisters, number: number): string {
  return names[number] ?? '';
}

/** A disassembly's name of a register as debug information has it. */
export function dwarfRegisterNumber({ names }: DwarfRegisters, name: string): number {
  const number = names.indexOf(name);
  return number < 0 && name === 'x30' ? names.indexOf('lr') : number;
}

/** A name that macros give (`__mptr` of container_of(), `_x` of min()): what it was made from says more. */
const isOfMacro = (name: string): boolean => name.startsWith('_');

/** Variables of a function at addresses in it, where no value of a register is known. */
export class VariablesInCode {
  readonly reader: VariableReader;
  readonly #registers: DwarfRegisters;
  readonly isHelper: (name: string) => boolean;
  readonly #scopes = new Map<number, readonly LocatedScope[]>();

  /** @param isHelper inlined functions that everybody calls: the variables of their callers say more. */
  constructor(reader: VariableReader, registers: DwarfRegisters, isHelper: (name: string) => boolean = () => false) {
    this.isHelper = isHelper;
    this.reader = reader;
    this.#registers = registers;
  }

  /** The functions at an address, innermost first, with the places of their variables. */
  scopesAt(address: number): readonly LocatedScope[] {
    let known = this.#scopes.get(address);
    if (known === undefined) {
      const frame = { reader: this.reader, address, isReturn: false };
      known = new FrameVariables([frame], { register: () => undefined }, this.#registers).scopes(0);
      this.#scopes.set(address, known);
    }
    return known;
  }

  /**
   * What expressions a register's value has at an address: pointers that it holds, or is a constant distance from, and
   * objects in memory that it has the address of. Variables of inner functions first; helpers' own, and those of macros,
   * last.
   */
  addressedBy(register: string, address: number): AddressExpression[] {
    const number = dwarfRegisterNumber(this.#registers, register);
    const found: AddressExpression[] = [];
    if (number < 0) return found;
    for (const { scope, variables } of this.scopesAt(address)) {
      for (const each of variables) {
        const addressed = addressedWith(each, number);
        if (addressed === undefined) continue;
        const expression: Expression = {
          text: each.variable.name,
          tools: scope.tools,
          type: each.variable.type,
          function: scope.name ?? '',
          kind: each.variable.kind,
          location: register,
          certain: true,
        };
        found.push({ expression, ...addressed });
      }
    }
    // Of helpers within helpers the outermost says most.
    const helpers = [...new Set(found.map(({ expression }) => expression.function))].filter(this.isHelper);
    const rank = ({ expression: { text, function: name } }: AddressExpression): number => {
      const helper = helpers.indexOf(name);
      return (helper < 0 ? 0 : helpers.length - helper) * 2 + (isOfMacro(text) ? 1 : 0);
    };
    return found.sort((a, b) => rank(a) - rank(b));
  }

  /**
   * The parameter that a function was given in a register.
   * @param addresses of its first instructions.
   * @param index its place among the registers that arguments are passed in; not for functions whose parameters the
   * compiler changed (`foo.constprop.0`, `foo.isra.0`).
   */
  parameter(addresses: readonly number[], register: string, index: number | undefined): Expression | undefined {
    const number = dwarfRegisterNumber(this.#registers, register);
    for (const address of addresses) {
      const compiled = this.scopesAt(address).at(-1);
      const found = compiled?.variables.find(
        ({ variable, location }) =>
          variable.kind === 'parameter' && location.kind === 'register' && location.register === number,
      );
      if (compiled !== undefined && found !== undefined) return parameterOf(compiled, found);
    }
    const [compiled] = addresses.flatMap((address) => this.scopesAt(address).at(-1) ?? []);
    return compiled === undefined || index === undefined ? undefined : this.#parameterAt(compiled, index);
  }

  #parameterAt(compiled: LocatedScope, index: number): Expression | undefined {
    const parameters = compiled.variables.filter(({ variable }) => variable.kind === 'parameter');
    const parameter = parameters[index];
    if (parameter === undefined) return undefined;
    // An argument of two registers, or one in memory, moves all behind it.
    const { tools } = compiled.scope;
    for (const { variable } of parameters.slice(0, index + 1)) {
      const size = this.reader.guard(() => tools.types.sizeOf(variable.type));
      if (size === undefined || size > 8) return undefined;
    }
    return parameterOf(compiled, parameter);
  }

  /** What reads the types of the unit at an address. */
  unitAt(address: number): ReturnType<VariableReader['unitAt']> {
    return this.reader.unitAt(address);
  }
}

function parameterOf({ scope }: LocatedScope, { variable }: LocatedVariable): Expression {
  const { name, type } = variable;
  return { text: name, tools: scope.tools, type, function: scope.name ?? '', kind: 'parameter', certain: true };
}

function addressedWith(
  { location }: LocatedVariable,
  number: number,
): Pick<AddressExpression, 'isPointer' | 'offset'> | undefined {
  switch (location.kind) {
    case 'register':
      return location.register === number ? { isPointer: true, offset: 0n } : undefined;
    case 'value':
      return isFrom(location.content, number) ? { isPointer: true, offset: -location.content.offset } : undefined;
    case 'memory':
      return isFrom(location.address, number) ? { isPointer: false, offset: -location.address.offset } : undefined;
    case 'pieces':
    case 'bytes':
    case 'implicit-pointer':
    case 'optimized-out':
    case 'unknown':
      return undefined;
  }
}

function isFrom({ base }: Extract<Location, { kind: 'memory' }>['address'], number: number): boolean {
  return base?.kind === 'register' && base.register === number;
}
