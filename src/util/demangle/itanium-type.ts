import {
  type ItaniumState,
  joined,
  placeholder,
  plainType,
  type TemplateArgument,
  type TypeText,
  typeText,
} from './itanium-state.ts';
import { builtinTypes, builtinTypesBehindD, standardSubstitutions } from './itanium-tables.ts';
import { isDigit } from './reader.ts';

/** `<type>`. */
export function parseType(state: ItaniumState): TypeText {
  return state.input.nested(() => {
    const builtin = builtinTypes.get(state.input.peek());
    if (builtin !== undefined) {
      state.input.next();
      return plainType(builtin);
    }
    return parseCompoundType(state);
  });
}

function parseCompoundType(state: ItaniumState): TypeText {
  const { input, grammar } = state;
  switch (input.peek()) {
    case 'r':
    case 'V':
    case 'K':
      return parseQualified(state);
    case 'P':
      input.next();
      return state.substitutable(pointerTo(grammar.type(state), '*'));
    case 'R':
      input.next();
      return state.substitutable(referenceTo(grammar.type(state), '&'));
    case 'O':
      input.next();
      return state.substitutable(referenceTo(grammar.type(state), '&&'));
    case 'C':
    case 'G': {
      const word = input.next() === 'C' ? ' _Complex' : ' _Imaginary';
      const type = grammar.type(state);
      return state.substitutable({ ...type, before: type.before + word });
    }
    case 'F':
      return state.substitutable(parseFunctionType(state));
    case 'A':
      return state.substitutable(parseArray(state));
    case 'M':
      return state.substitutable(parsePointerToMember(state));
    case 'D':
      return parseBehindD(state);
    case 'U':
      return parseVendorQualified(state);
    case 'u':
      input.next();
      return state.substitutable(plainType(state.sourceName()));
    case 'T':
      return parseTemplateParameterType(state);
    case 'S':
      return parseSubstitutedType(state);
    default:
      return parseNamedType(state);
  }
}

function parseNamedType(state: ItaniumState): TypeText {
  const name = state.grammar.name(state, false);
  return state.substitutable(plainType(name.text, name.base));
}

/** ` restrict`, ` volatile`, ` const` in the order in which they are printed. */
export function parseQualifiers(state: ItaniumState): string {
  const words = [
    state.input.eat('r') ? ' restrict' : '',
    state.input.eat('V') ? ' volatile' : '',
    state.input.eat('K') ? ' const' : '',
  ];
  return words.reverse().join('');
}

function parseQualified(state: ItaniumState): TypeText {
  const qualifiers = parseQualifiers(state);
  // A qualified function type has no unqualified one within that could be substituted.
  const type = state.input.peek() === 'F' ? parseFunctionType(state) : state.grammar.type(state);
  if (type.wraps === 'function') {
    return state.substitutable({ ...type, after: type.after + qualifiers });
  }
  // What is qualified already stays as it is.
  const before = type.before.endsWith(qualifiers) ? type.before : type.before + qualifiers;
  return state.substitutable({ ...type, before });
}

function pointerTo(type: TypeText, mark: string): TypeText {
  if (type.wraps === undefined) {
    return { before: type.before + mark, after: type.after };
  }
  return { before: `${type.before.trimEnd()} (${mark}`, after: `)${type.after}` };
}

function referenceTo(type: TypeText, mark: '&' | '&&'): TypeText {
  if (type.reference !== undefined) {
    // Reference collapsing: only && of && is &&.
    return type.reference === '&&' && mark === '&'
      ? { ...type, before: type.before.slice(0, -1), reference: '&' }
      : type;
  }
  return { ...pointerTo(type, mark), reference: mark };
}

/** `F [Y] <types> [<ref-qualifier>] E`. */
function parseFunctionType(state: ItaniumState): TypeText {
  const { input } = state;
  input.expect('F');
  input.eat('Y');
  const result = state.grammar.type(state);
  const parameters: string[] = [];
  let reference = '';
  while (!input.eat('E')) {
    input.step();
    if (input.eat('RE') || input.eat('OE')) {
      input.position--;
      reference = input.peek(-1) === 'R' ? ' &' : ' &&';
      continue;
    }
    parameters.push(typeText(state.grammar.type(state)));
  }
  return {
    before: `${result.before} `,
    after: `(${parameterList(parameters)})${reference}${result.after}`,
    wraps: 'function',
  };
}

export function parameterList(parameters: readonly string[]): string {
  return parameters.length === 1 && parameters[0] === 'void' ? '' : joined(parameters);
}

/** `A <number> _ <type>`, `A <expression> _ <type>`, `A _ <type>`. */
function parseArray(state: ItaniumState): TypeText {
  const { input } = state;
  input.expect('A');
  let size = '';
  if (isDigit(input.peek())) {
    size = input.takeWhile(isDigit);
  } else if (input.peek() !== '_') {
    size = state.grammar.expression(state).text;
  }
  input.expect('_');
  const element = state.grammar.type(state);
  const after = element.wraps === 'array' ? element.after.trimStart() : element.after;
  return { before: element.before, after: ` [${size}]${after}`, wraps: 'array' };
}

function parsePointerToMember(state: ItaniumState): TypeText {
  state.input.expect('M');
  const owner = typeText(state.grammar.type(state));
  const member = state.grammar.type(state);
  return member.wraps === undefined
    ? { before: `${member.before} ${owner}::*`, after: member.after }
    : pointerTo(member, `${owner}::*`);
}

function parseBehindD(state: ItaniumState): TypeText {
  const { input, grammar } = state;
  const letter = input.peek(1);
  const builtin = builtinTypesBehindD.get(letter);
  if (builtin !== undefined) {
    input.take(2);
    return plainType(builtin);
  }
  switch (letter) {
    case 'p':
      input.take(2);
      return state.substitutable(parsePackExpansion(state));
    case 't':
    case 'T':
      return state.substitutable(plainType(parseDecltype(state)));
    case 'v': {
      input.take(2);
      const size = isDigit(input.peek()) ? input.takeWhile(isDigit) : grammar.expression(state).text;
      input.expect('_');
      const element = grammar.type(state);
      return state.substitutable({ ...element, before: `${element.before} __vector(${size})` });
    }
    case 'F': {
      input.take(2);
      const bits = input.takeWhile(isDigit);
      if (input.eat('b')) {
        return plainType('std::bfloat16_t');
      }
      const suffix = input.eat('x') ? 'x' : '';
      if (suffix === '') {
        input.expect('_');
      }
      return plainType(`_Float${bits}${suffix}`);
    }
    case 'o': {
      input.take(2);
      const type = parseFunctionType(state);
      return state.substitutable({ ...type, after: `${type.after} noexcept` });
    }
    default:
      return input.fail();
  }
}

/** `Dt <expression> E`, `DT <expression> E`. */
export function parseDecltype(state: ItaniumState): string {
  state.input.take(2);
  const expression = state.grammar.expression(state).text;
  state.input.expect('E');
  return `decltype (${expression})`;
}

/** The pattern behind `Dp`, read once for every member of the packs in it. */
function parsePackExpansion(state: ItaniumState): TypeText {
  return plainType(expandPack(state, () => typeText(state.grammar.type(state))));
}

/** Reads a pattern for each member of the packs that it has; a pattern without a pack gets dots. */
export function expandPack(state: ItaniumState, pattern: () => string): string {
  const { packIndex, packLength } = state;
  const start = state.input.position;
  state.packIndex = 0;
  state.packLength = undefined;
  const texts = [pattern()];
  const known = state.substitutions.length;
  const length: number | undefined = state.packLength;
  for (let i = 1; i < (length ?? 1); i++) {
    state.input.position = start;
    state.packIndex = i;
    texts.push(state.bounded(pattern()));
    // The same substitutions have been counted the first time.
    state.substitutions.length = known;
  }
  state.packIndex = packIndex;
  state.packLength = packLength;
  return state.bounded(length === undefined ? `${texts[0]}...` : length === 0 ? '' : joined(texts));
}

function parseVendorQualified(state: ItaniumState): TypeText {
  state.input.expect('U');
  const qualifier = state.sourceName();
  const argumentsText = state.input.peek() === 'I' ? state.grammar.templateArguments(state, false) : '';
  const type = state.grammar.type(state);
  return state.substitutable({ ...type, before: `${type.before} ${qualifier}${argumentsText}` });
}

/** `T_`, `T0_` ...: the argument that stands for it now. */
export function parseTemplateParameter(state: ItaniumState): TypeText {
  state.input.expect('T');
  const index = state.index(10);
  if (state.lambdaDepth > 0) {
    return plainType(`auto:${index + 1}`);
  }
  const argument = state.templateArguments[index];
  if (argument === undefined) {
    return state.inConversion ? plainType(placeholder(index)) : state.input.fail();
  }
  return memberOf(state, argument);
}

function memberOf(state: ItaniumState, argument: TemplateArgument): TypeText {
  if (argument.pack === undefined || state.packIndex === undefined) {
    return argument.type;
  }
  state.packLength ??= argument.pack.length;
  return argument.pack[state.packIndex]?.type ?? plainType('');
}

function parseTemplateParameterType(state: ItaniumState): TypeText {
  const parameter = state.substitutable(parseTemplateParameter(state));
  // Behind a conversion operator the arguments are the operator's.
  if (state.input.peek() !== 'I' || state.inConversion) {
    return parameter;
  }
  return state.substitutable(plainType(typeText(parameter) + state.grammar.templateArguments(state, false)));
}

function parseSubstitutedType(state: ItaniumState): TypeText {
  if (state.input.peek(1) === 't') {
    return parseNamedType(state);
  }
  const type = parseSubstitution(state);
  if (state.input.peek() !== 'I') {
    return type;
  }
  const text = typeText(type) + state.grammar.templateArguments(state, false);
  return state.substitutable(plainType(text, type.base));
}

/** `S_`, `S0_` ..., `Sa`, `Ss` ...; not `St`, which begins a name. */
export function parseSubstitution(state: ItaniumState): TypeText {
  state.input.expect('S');
  const standard = standardSubstitutions.get(state.input.peek());
  if (standard !== undefined) {
    state.input.next();
    return plainType(standard[0], standard[1]);
  }
  return state.substitutions[state.index(36)] ?? state.input.fail();
}
