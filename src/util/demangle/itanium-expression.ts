import { type ExpressionText, type ItaniumState, joined, typeText } from './itanium-state.ts';
import { literalSuffixes, namedCasts, operators } from './itanium-tables.ts';
import { expandPack, parseTemplateParameter } from './itanium-type.ts';
import { isDigit } from './reader.ts';

/** `<expression>`: only what declarations of kernel-adjacent code can hold; others make the name none. */
export function parseExpression(state: ItaniumState): ExpressionText {
  return state.input.nested(() => {
    const { input } = state;
    if (input.peek() === 'L') {
      return parseLiteral(state);
    }
    if (input.peek() === 'T') {
      return { text: typeText(parseTemplateParameter(state)), simple: true };
    }
    if (isDigit(input.peek()) || input.peek() === 'N') {
      return parseUnresolvedName(state);
    }
    return parseOperation(state, input.take(2));
  });
}

function parseOperation(state: ItaniumState, code: string): ExpressionText {
  const { input, grammar } = state;
  switch (code) {
    case 'fp':
      input.takeWhile((c) => /[rVK]/.test(c));
      return { text: `{parm#${state.index(10) + 1}}`, simple: true };
    case 'fL': {
      input.takeWhile(isDigit);
      input.expect('p');
      return { text: `{parm#${state.index(10) + 1}}`, simple: true };
    }
    case 'sr':
      return parseScopeResolution(state);
    case 'on':
      return parseUnresolvedName(state);
    case 'cv':
      return parseConversion(state);
    case 'tl': {
      const type = typeText(grammar.type(state));
      return { text: `${type}{${expressionList(state)}}`, simple: false };
    }
    case 'il':
      return { text: `{${expressionList(state)}}`, simple: true };
    case 'cl': {
      const callee = operand(grammar.expression(state));
      return { text: `${callee}(${expressionList(state)})`, simple: false };
    }
    case 'st':
    case 'at':
      return { text: `${code === 'st' ? 'sizeof' : 'alignof'} (${typeText(grammar.type(state))})`, simple: false };
    case 'sp':
      return { text: expandPack(state, () => grammar.expression(state).text), simple: true };
    case 'sZ':
      return { text: `sizeof...(${grammar.expression(state).text})`, simple: false };
    default:
      return namedCasts.has(code) ? parseNamedCast(state, code) : parseOperator(state, code);
  }
}

function parseOperator(state: ItaniumState, code: string): ExpressionText {
  const { grammar } = state;
  const operator = operators.get(code);
  if (operator === undefined) {
    return state.input.fail();
  }
  const [text, operands] = operator;
  if (operands === 1) {
    const inner = grammar.expression(state);
    const simple = code === 'ad' && inner.address !== undefined ? inner.address : operand(inner);
    return { text: state.bounded(text + simple), simple: false };
  }
  const first = operand(grammar.expression(state));
  const second = grammar.expression(state);
  if (operands === 2) {
    const plain = code === 'ix' ? `${first}[${second.text}]` : `${first}${text}${operand(second)}`;
    // Or it would be taken for the end of the template's arguments.
    return { text: state.bounded(code === 'gt' ? `(${plain})` : plain), simple: false };
  }
  const third = grammar.expression(state);
  return { text: state.bounded(`${first}?${operand(second)} : ${operand(third)}`), simple: false };
}

function operand(expression: ExpressionText): string {
  return expression.simple ? expression.text : `(${expression.text})`;
}

function expressionList(state: ItaniumState): string {
  return state.bounded(joined(state.list(() => state.grammar.expression(state).text)));
}

/** `sc <type> <expression>`. */
function parseNamedCast(state: ItaniumState, code: string): ExpressionText {
  const type = typeText(state.grammar.type(state));
  const inner = state.grammar.expression(state).text;
  return { text: state.bounded(`${namedCasts.get(code) ?? ''}<${type}>(${inner})`), simple: false };
}

/** `cv <type> <expression>`, `cv <type> _ <expressions> E`. */
function parseConversion(state: ItaniumState): ExpressionText {
  const type = typeText(state.grammar.type(state));
  const inner = state.input.eat('_') ? expressionList(state) : state.grammar.expression(state).text;
  return { text: state.bounded(`(${type})(${inner})`), simple: false };
}

/** `sr <type> <name>`, `sr <names> E <name>`, `srN <type> <names> E <name>`, each name perhaps with arguments. */
function parseScopeResolution(state: ItaniumState): ExpressionText {
  const { input } = state;
  if (input.eat('N')) {
    const scopes = [typeText(state.grammar.type(state)), ...state.list(() => simpleName(state)), simpleName(state)];
    return { text: state.bounded(scopes.join('::')), simple: true };
  }
  const scopes = isDigit(input.peek()) ? state.list(() => simpleName(state)) : [typeText(state.grammar.type(state))];
  return { text: state.bounded([...scopes, simpleName(state)].join('::')), simple: true };
}

function parseUnresolvedName(state: ItaniumState): ExpressionText {
  return { text: simpleName(state), simple: true };
}

/** A name that could not be resolved when it was mangled; `on` marks an operator. */
function simpleName(state: ItaniumState): string {
  state.input.step();
  if (state.input.eat('on')) {
    const operator = operators.get(state.input.take(2));
    return operator === undefined ? state.input.fail() : `operator${operator[0]}`;
  }
  const name = state.sourceName();
  return state.input.peek() === 'I' ? name + state.grammar.templateArguments(state, false) : name;
}

/** `L <type> <value> E`, `L _Z <encoding> E`. */
function parseLiteral(state: ItaniumState): ExpressionText {
  const { input } = state;
  input.expect('L');
  if (input.eat('_Z') || input.eat('Z')) {
    const outer = state.templateArguments;
    const encoding = state.grammar.encoding(state);
    state.templateArguments = outer;
    input.expect('E');
    return encoding;
  }
  const type = typeText(state.grammar.type(state));
  const sign = input.eat('n') ? '-' : '';
  const value = input.takeWhile((c) => c !== 'E');
  input.expect('E');
  if (!/^[0-9a-f]*$/.test(value)) {
    input.fail();
  }
  return { text: literalText(type, sign, value), simple: false };
}

function literalText(type: string, sign: string, value: string): string {
  const suffix = literalSuffixes.get(type);
  if (suffix !== undefined) {
    return `${sign}${value}${suffix}`;
  }
  if (type === 'bool' && sign === '' && (value === '0' || value === '1')) {
    return value === '1' ? 'true' : 'false';
  }
  return `(${type})${sign}${value}`;
}
