import { type ItaniumState, type NameText, plainType, type TemplateArgument, typeText } from './itanium-state.ts';
import { operators } from './itanium-tables.ts';
import {
  expandPack,
  parameterList,
  parseDecltype,
  parseQualifiers,
  parseSubstitution,
  parseTemplateParameter,
} from './itanium-type.ts';
import { isDigit, isLower } from './reader.ts';

/** One component of a name. */
interface Component {
  readonly text: string;
  readonly base: string;
  readonly special: boolean;
}

/** `<name>`. */
export function parseName(state: ItaniumState, own: boolean): NameText {
  return state.input.nested(() => {
    switch (state.input.peek()) {
      case 'N':
        return parseNestedName(state, own);
      case 'Z':
        return parseLocalName(state, own);
      case 'S':
        return parseNameFromSubstitution(state, own);
      default:
        return withArguments(state, parseUnqualified(state, ''), '', own);
    }
  });
}

function parseNameFromSubstitution(state: ItaniumState, own: boolean): NameText {
  if (state.input.eat('St')) {
    return withArguments(state, parseUnqualified(state, ''), 'std::', own);
  }
  const type = parseSubstitution(state);
  const text = typeText(type) + state.grammar.templateArguments(state, own);
  return { text, base: type.base ?? '', template: true, special: false, qualifiers: '', qualified: false };
}

/** An unscoped name, with its template arguments if it has any. */
function withArguments(state: ItaniumState, component: Component, scope: string, own: boolean): NameText {
  const text = scope + component.text;
  const name = { base: component.base, special: component.special, qualifiers: '', qualified: scope !== '' };
  if (state.input.peek() !== 'I') {
    return { ...name, text, template: false };
  }
  state.substitutable(plainType(text, component.base));
  return { ...name, text: appendArguments(state, text, own), template: true };
}

/** `operator< <int>`: no two angle brackets side by side. */
function appendArguments(state: ItaniumState, text: string, own: boolean): string {
  const list = state.grammar.templateArguments(state, own);
  return state.bounded(text.endsWith('<') ? `${text} ${list}` : text + list);
}

/** `N [<CV-qualifiers>] [<ref-qualifier>] <prefix> <unqualified-name> E`. */
function parseNestedName(state: ItaniumState, own: boolean): NameText {
  const { input } = state;
  input.expect('N');
  let qualifiers = parseQualifiers(state);
  qualifiers += input.eat('R') ? ' &' : input.eat('O') ? ' &&' : '';
  let text = '';
  let base = '';
  let special = false;
  let template = false;
  let components = 0;
  while (!input.eat('E')) {
    input.step();
    const next = input.peek();
    if (next === 'M') {
      // The member in whose initializer a lambda stands has been named already.
      input.next();
      continue;
    }
    const substitution = next === 'S' && components === 0;
    template = next === 'I';
    if (substitution) {
      [text, base] = parseScopeSubstitution(state);
    } else if (next === 'T' && components === 0) {
      text = typeText(parseTemplateParameter(state));
    } else if (next === 'D' && /[tT]/.test(input.peek(1)) && components === 0) {
      text = parseDecltype(state);
    } else if (next === 'I') {
      if (components === 0) {
        input.fail();
      }
      text = appendArguments(state, text, own);
    } else {
      const component = parseUnqualified(state, base);
      text = text === '' ? component.text : `${text}::${component.text}`;
      base = component.base;
      special = component.special;
    }
    components++;
    state.bounded(text);
    if (!substitution && input.peek() !== 'E') {
      state.substitutable(plainType(text, base));
    }
  }
  return components === 0 ? input.fail() : { text, base, template, special, qualifiers, qualified: true };
}

/** The scope that a substitution stands for; `St` is the namespace itself. */
function parseScopeSubstitution(state: ItaniumState): [text: string, base: string] {
  if (state.input.eat('St')) {
    return ['std', 'std'];
  }
  const type = parseSubstitution(state);
  return [typeText(type), type.base ?? ''];
}

/** `Z <encoding> E <name> [<discriminator>]`: what is declared within a function. */
function parseLocalName(state: ItaniumState, own: boolean): NameText {
  const { input } = state;
  input.expect('Z');
  const outer = state.templateArguments;
  const encoding = state.grammar.encoding(state);
  const scope = encoding.scope ?? encoding.text;
  input.expect('E');
  if (input.eat('s')) {
    skipDiscriminator(state);
    const text = `${scope}::string literal`;
    return { text, base: '', template: false, special: false, qualifiers: '', qualified: true };
  }
  let argument = '';
  if (input.eat('d')) {
    argument = `{default arg#${state.index(10) + 1}}::`;
  }
  const entity = parseName(state, own);
  if (!own) {
    // Within a type: the function that it is local to has had template parameters of its own.
    state.templateArguments = outer;
  }
  skipDiscriminator(state);
  return { ...entity, text: state.bounded(`${scope}::${argument}${entity.text}`), qualified: true };
}

/** `_ <digit>` or `__ <number> _`. */
function skipDiscriminator(state: ItaniumState): void {
  const { input } = state;
  if (input.eat('__')) {
    input.takeWhile(isDigit);
    input.expect('_');
  } else if (input.peek() === '_' && isDigit(input.peek(1))) {
    input.take(2);
  }
}

/** `<unqualified-name>` with its ABI tags; `base` is what a constructor here is called. */
function parseUnqualified(state: ItaniumState, base: string): Component {
  const { input } = state;
  input.eat('L');
  const component = parseUntagged(state, base);
  let tags = '';
  while (input.eat('B')) {
    tags += `[abi:${state.sourceName()}]`;
  }
  return tags === '' ? component : { ...component, text: state.bounded(component.text + tags) };
}

function parseUntagged(state: ItaniumState, base: string): Component {
  const { input } = state;
  const next = input.peek();
  if (isDigit(next)) {
    const name = state.sourceName();
    const text = /^_GLOBAL_[._$]N/.test(name) ? '(anonymous namespace)' : name;
    return { text, base: text, special: false };
  }
  if (next === 'C') {
    return parseConstructor(state, base);
  }
  if (next === 'D' && isDigit(input.peek(1))) {
    input.take(2);
    return base === '' ? input.fail() : { text: `~${base}`, base, special: true };
  }
  if (input.eat('DC')) {
    const names = state.list(() => state.sourceName());
    const text = `[${names.join(', ')}]`;
    return { text, base: text, special: false };
  }
  if (next === 'U') {
    return parseUnnamed(state);
  }
  return isLower(next) ? parseOperator(state) : input.fail();
}

/** `C1`, `C2` ...; `CI1 <type>` is inherited from a base class. */
function parseConstructor(state: ItaniumState, base: string): Component {
  const { input } = state;
  input.expect('C');
  const inherited = input.eat('I');
  if (!/[1-5]/.test(input.next()) || base === '') {
    input.fail();
  }
  if (inherited) {
    state.grammar.type(state);
  }
  return { text: base, base, special: true };
}

/** `Ul <types> E [<number>] _` is a lambda, `Ut [<number>] _` another type without a name. */
function parseUnnamed(state: ItaniumState): Component {
  const { input } = state;
  let text: string;
  if (input.eat('Ul')) {
    state.lambdaDepth++;
    const parameters = state.list(() => typeText(state.grammar.type(state)));
    state.lambdaDepth--;
    text = `{lambda(${parameterList(parameters)})#${state.index(10) + 1}}`;
  } else {
    input.expect('Ut');
    text = `{unnamed type#${state.index(10) + 1}}`;
  }
  return { text: state.bounded(text), base: text, special: false };
}

function parseOperator(state: ItaniumState): Component {
  const { input } = state;
  if (input.eat('cv')) {
    const outer = state.inConversion;
    state.inConversion = true;
    const type = typeText(state.grammar.type(state));
    state.inConversion = outer;
    return { text: `operator ${type}`, base: '', special: true };
  }
  if (input.eat('li')) {
    return { text: `operator"" ${state.sourceName()}`, base: '', special: false };
  }
  if (input.peek() === 'v' && isDigit(input.peek(1))) {
    input.take(2);
    return { text: `operator ${state.sourceName()}`, base: '', special: false };
  }
  const operator = operators.get(input.take(2));
  if (operator === undefined) {
    return input.fail();
  }
  const words = operator[0].trimEnd();
  return { text: `operator${/^[a-z]/.test(words) ? ' ' : ''}${words}`, base: '', special: false };
}

/** `I <template-arg>* E` as text. The arguments of the encoding's own name are what `T_` refers to from then on. */
export function parseTemplateArguments(state: ItaniumState, own: boolean): string {
  return state.input.nested(() => {
    state.input.expect('I');
    const list: TemplateArgument[] = [];
    if (own) {
      state.templateArguments = list;
    }
    while (!state.input.eat('E')) {
      state.input.step();
      list.push(parseTemplateArgument(state));
    }
    const text = argumentsText(list);
    // c++filt parts two closing brackets that meet, but for an empty pack between them.
    const last = list.at(-1);
    const meeting = last !== undefined && typeText(last.type).endsWith('>');
    return state.bounded(`<${text}${meeting ? ' ' : ''}>`);
  });
}

function argumentsText(list: readonly TemplateArgument[]): string {
  return list
    .map((argument) => typeText(argument.type))
    .filter((text) => text !== '')
    .join(', ');
}

/** `<template-arg>`. */
function parseTemplateArgument(state: ItaniumState): TemplateArgument {
  const { input, grammar } = state;
  if (input.eat('J')) {
    const pack = state.list(() => input.nested(() => parseTemplateArgument(state)));
    return { type: plainType(state.bounded(argumentsText(pack))), pack };
  }
  if (input.eat('X')) {
    const start = input.position;
    const expression = input.eat('sp')
      ? expandPack(state, () => grammar.expression(state).text)
      : grammar.expression(state).text;
    input.expect('E');
    return input.position > start ? { type: plainType(expression) } : input.fail();
  }
  if (input.peek() === 'L') {
    return { type: plainType(grammar.expression(state).text) };
  }
  return { type: grammar.type(state) };
}
