import { parseExpression } from './itanium-expression.ts';
import { parseName, parseTemplateArguments } from './itanium-name.ts';
import {
  type ExpressionText,
  fillPlaceholders,
  type Grammar,
  ItaniumState,
  type NameText,
  typeText,
} from './itanium-state.ts';
import { specialOfName, specialOfType } from './itanium-tables.ts';
import { parameterList, parseType } from './itanium-type.ts';
import { isDigit } from './reader.ts';

const grammar: Grammar = {
  encoding: parseEncoding,
  name: parseName,
  type: parseType,
  expression: parseExpression,
  templateArguments: parseTemplateArguments,
};

/**
 * The text of a C++ name (`_Z...`, Itanium ABI) as `c++filt -p` has it: without parameters and return type, but for
 * those of functions that a local name stands in. Suffixes (`.isra.0`, `.cold`) are left out.
 * Throws NotMangledError if it is none.
 */
export function demangleItanium(name: string): string {
  const state = new ItaniumState(name.slice(2), grammar);
  const { input } = state;
  const special = /^[TG]/.test(input.peek());
  const text = special ? parseEncoding(state).text : parseFunctionName(state);
  if (!input.atEnd && input.peek() !== '.' && input.peek() !== '$') {
    input.fail();
  }
  return text.includes('\u0001') ? input.fail() : state.bounded(text);
}

/** The name of an encoding whose parameters are read, for they must be right, and left out. */
function parseFunctionName(state: ItaniumState): string {
  const name = parseName(state, true);
  const text = fillPlaceholders(state, name.text);
  parseSignature(state, name);
  return text;
}

function parseEncoding(state: ItaniumState): ExpressionText {
  return state.input.nested(() => {
    if (/^[TG]/.test(state.input.peek())) {
      return { text: parseSpecial(state), simple: true };
    }
    const name = parseName(state, true);
    const plain = fillPlaceholders(state, name.text);
    const signature = parseSignature(state, name);
    if (signature === undefined) {
      return { text: plain, simple: true };
    }
    const scope = state.bounded(plain + signature.parameters);
    const text = state.bounded(signature.result + scope + signature.resultEnd);
    return { text, simple: false, scope, ...(name.qualified && !name.template ? { address: plain } : {}) };
  });
}

/** What stands around a function's name; a function that returns a pointer to a function has a result on both sides. */
interface Signature {
  readonly result: string;
  readonly parameters: string;
  readonly resultEnd: string;
}

/** Reads what follows a function's name; undefined if it is no function. */
function parseSignature(state: ItaniumState, name: NameText): Signature | undefined {
  const { input } = state;
  const atEnd = () => input.atEnd || /^[E.$]$/.test(input.peek());
  if (atEnd()) {
    return undefined;
  }
  const result = name.template && !name.special ? state.grammar.type(state) : undefined;
  const parameters: string[] = [];
  do {
    input.step();
    parameters.push(typeText(state.grammar.type(state)));
  } while (!atEnd());
  const before = result === undefined ? '' : `${result.before}${/[( ]\*?$/.test(result.before) ? '' : ' '}`;
  return {
    result: before,
    parameters: `(${parameterList(parameters)})${name.qualifiers}`,
    resultEnd: result?.after ?? '',
  };
}

/** `<special-name>`: what a compiler makes on its own. */
function parseSpecial(state: ItaniumState): string {
  const { input } = state;
  const code = input.take(2);
  const ofType = specialOfType.get(code);
  if (ofType !== undefined) {
    return state.bounded(ofType + typeText(state.grammar.type(state)));
  }
  const ofName = specialOfName.get(code);
  if (ofName !== undefined) {
    return state.bounded(ofName + parseName(state, true).text);
  }
  switch (code) {
    case 'Th':
    case 'Tv':
      input.position--;
      skipCallOffset(state);
      return `${code === 'Th' ? 'non-virtual' : 'virtual'} thunk to ${parseEncoding(state).text}`;
    case 'Tc':
      skipCallOffset(state);
      skipCallOffset(state);
      return `covariant return thunk to ${parseEncoding(state).text}`;
    case 'TC': {
      const derived = typeText(state.grammar.type(state));
      input.takeWhile(isDigit);
      input.expect('_');
      return state.bounded(`construction vtable for ${typeText(state.grammar.type(state))}-in-${derived}`);
    }
    case 'GT':
      // Of the transactional memory extension: `t` has been made safe, `n` is not.
      return `${input.next() === 't' ? '' : 'non-'}transaction clone for ${parseEncoding(state).text}`;
    case 'GR': {
      const name = parseName(state, true).text;
      return `reference temporary #${state.index(36)} for ${name}`;
    }
    default:
      return input.fail();
  }
}

/** `h <number> _`, `v <number> _ <number> _`. */
function skipCallOffset(state: ItaniumState): void {
  const { input } = state;
  const numbers = input.next() === 'h' ? 1 : 2;
  for (let i = 0; i < numbers; i++) {
    input.eat('n');
    input.takeWhile(isDigit);
    input.expect('_');
  }
}
