import { MangledReader, maxResultLength } from './reader.ts';

/** A type's text in two parts, for a C declarator goes in between: `void (*` and `)(int)`. */
export interface TypeText {
  readonly before: string;
  readonly after: string;
  /** A pointer to it needs parentheses. */
  readonly wraps?: 'function' | 'array';
  readonly reference?: '&' | '&&';
  /** What a constructor of it is called. */
  readonly base?: string;
}

export interface TemplateArgument {
  readonly type: TypeText;
  /** The members of an argument pack. */
  readonly pack?: readonly TemplateArgument[];
}

/** A name of a function, object or type. */
export interface NameText {
  readonly text: string;
  readonly base: string;
  /** It ends in template arguments: a function of this name has its return type mangled. */
  readonly template: boolean;
  /** Constructor, destructor, conversion: no return type all the same. */
  readonly special: boolean;
  /** ` const`, ` &` of a member function. */
  readonly qualifiers: string;
  /** It is a name and `::` and a name. */
  readonly qualified: boolean;
}

export interface ExpressionText {
  readonly text: string;
  /** Needs no parentheses as an operand. */
  readonly simple: boolean;
  /** Of a function: the text without its result, as it stands before what is declared in it. */
  readonly scope?: string;
  /** Of a member function: the text without parameters, as it stands where its address is taken. */
  readonly address?: string;
}

/** The productions that call each other; they live in files of their own and find each other through this. */
export interface Grammar {
  /** A function with its parameters, an object, or a special name. */
  readonly encoding: (state: ItaniumState) => ExpressionText;
  /** `own`: the name of the encoding itself, whose template arguments `T_` refers to. */
  readonly name: (state: ItaniumState, own: boolean) => NameText;
  readonly type: (state: ItaniumState) => TypeText;
  readonly expression: (state: ItaniumState) => ExpressionText;
  /** `<int, char>`. */
  readonly templateArguments: (state: ItaniumState, own: boolean) => string;
}

/** What the productions of the C++ mangling share. */
export class ItaniumState {
  readonly input: MangledReader;
  readonly grammar: Grammar;
  /** What `S_`, `S0_` ... stand for. */
  readonly substitutions: TypeText[] = [];
  /** What `T_`, `T0_` ... stand for. */
  templateArguments: TemplateArgument[] = [];
  /** Which member of packs a pattern is being read for, and how many there are (set by the first pack met). */
  packIndex: number | undefined;
  packLength: number | undefined;
  /** In the parameter list of a lambda a template parameter is an `auto`. */
  lambdaDepth = 0;
  /** In the type of a conversion operator a template parameter may refer to arguments that come later. */
  inConversion = false;

  constructor(text: string, grammar: Grammar) {
    this.input = new MangledReader(text);
    this.grammar = grammar;
  }

  /** Hands the text on if it has no more than the greatest length. */
  bounded(text: string): string {
    return text.length > maxResultLength ? this.input.fail() : text;
  }

  substitutable(type: TypeText): TypeText {
    this.bounded(type.before);
    this.bounded(type.after);
    this.substitutions.push(type);
    return type;
  }

  /** `<seq-id> _` and the like: `_` is 0, `0_` is 1. */
  index(base: 10 | 36): number {
    const digits = this.input.takeWhile((c) => (base === 10 ? /[0-9]/ : /[0-9A-Z]/).test(c));
    this.input.expect('_');
    if (digits.length > 4) {
      this.input.fail();
    }
    return digits === '' ? 0 : Number.parseInt(digits, base) + 1;
  }

  /** `<source-name>`: a length and as many characters. */
  sourceName(): string {
    const length = this.input.decimal();
    if (length === 0) {
      this.input.fail();
    }
    return this.input.take(length);
  }

  /** Items up to `E`, which is taken. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    while (!this.input.eat('E')) {
      this.input.step();
      items.push(item());
    }
    return items;
  }
}

export function plainType(text: string, base?: string): TypeText {
  return { before: text, after: '', ...(base === undefined ? {} : { base }) };
}

export function typeText(type: TypeText): string {
  return type.before + type.after;
}

/** Joins texts of a list; those of empty packs are left out. */
export function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(', ');
}

/** Stands for a template argument that is not known yet. */
export function placeholder(index: number): string {
  return `\u0001${index}\u0002`;
}

/** Puts the template arguments that are known by now in their places. */
export function fillPlaceholders(state: ItaniumState, text: string): string {
  if (!text.includes('\u0001')) {
    return text;
  }
  return state.bounded(
    text.replace(/\u0001(\d+)\u0002/g, (mark, index: string) => {
      const argument = state.templateArguments[Number(index)];
      return argument === undefined ? mark : typeText(argument.type);
    }),
  );
}
