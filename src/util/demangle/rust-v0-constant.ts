import type { RustV0State } from './rust-v0-state.ts';

/** Prints a path in a place where a value stands (`Foo::<u8>`, not `Foo<u8>`). */
export type ValuePathPrinter = (state: RustV0State) => void;

/** `<const>`: prints a constant; those that are more than a literal get braces unless within another. */
export function printConstant(state: RustV0State, valuePath: ValuePathPrinter, within: boolean): void {
  state.input.nested(() => {
    const tag = state.input.next();
    const braced = !within && (/[eQATV]/.test(tag) || (tag === 'R' && state.input.peek() !== 'e'));
    state.print(braced ? '{' : '');
    printTagged(state, valuePath, tag, within);
    state.print(braced ? '}' : '');
  });
}

function printTagged(state: RustV0State, valuePath: ValuePathPrinter, tag: string, within: boolean): void {
  const inner = () => printConstant(state, valuePath, true);
  switch (tag) {
    case 'p':
      state.print('_');
      return;
    case 'h':
    case 't':
    case 'm':
    case 'y':
    case 'o':
    case 'j':
      printUnsigned(state);
      return;
    case 'a':
    case 's':
    case 'l':
    case 'x':
    case 'n':
    case 'i':
      state.print(state.input.eat('n') ? '-' : '');
      printUnsigned(state);
      return;
    case 'b':
      printBoolean(state);
      return;
    case 'c':
      printCharacter(state);
      return;
    case 'e':
      // A literal is a &str; of type str is what it points to.
      state.print('*');
      printString(state);
      return;
    case 'R':
    case 'Q':
      if (tag === 'R' && state.input.eat('e')) {
        printString(state);
        return;
      }
      state.print(tag === 'R' ? '&' : '&mut ');
      inner();
      return;
    case 'A':
      state.print('[');
      state.list(', ', inner);
      state.print(']');
      return;
    case 'T':
      printTuple(state, inner);
      return;
    case 'V':
      valuePath(state);
      printFields(state, inner);
      return;
    case 'B':
      state.backReference(() => printConstant(state, valuePath, within));
      return;
    default:
      state.input.fail();
  }
}

function printTuple(state: RustV0State, inner: () => void): void {
  state.print('(');
  const count = state.list(', ', inner);
  state.print(count === 1 ? ',)' : ')');
}

/** What follows the name of a structure or enum variant: nothing, `(..)` or `{ .. }`. */
function printFields(state: RustV0State, inner: () => void): void {
  switch (state.input.next()) {
    case 'U':
      return;
    case 'T':
      state.print('(');
      state.list(', ', inner);
      state.print(')');
      return;
    case 'S':
      state.print(' { ');
      state.list(', ', () => {
        state.disambiguator();
        state.print(`${state.identifier()}: `);
        inner();
      });
      state.print(' }');
      return;
    default:
      state.input.fail();
  }
}

/** Hex digits up to `_`. */
function hexDigits(state: RustV0State): string {
  const digits = state.input.takeWhile((c) => /[0-9a-f]/.test(c));
  state.input.expect('_');
  return digits;
}

/** Of at most 64 bits; undefined beyond. */
function hexNumber(digits: string): bigint | undefined {
  const significant = digits.replace(/^0+/, '');
  return significant.length > 16 ? undefined : BigInt(`0x${significant || '0'}`);
}

function printUnsigned(state: RustV0State): void {
  const digits = hexDigits(state);
  state.print(hexNumber(digits)?.toString() ?? `0x${digits}`);
}

function printBoolean(state: RustV0State): void {
  const value = hexNumber(hexDigits(state));
  if (value !== 0n && value !== 1n) {
    state.input.fail();
  }
  state.print(value === 1n ? 'true' : 'false');
}

function printCharacter(state: RustV0State): void {
  const value = hexNumber(hexDigits(state));
  if (value === undefined || value > 0x10ffffn || (value >= 0xd800n && value <= 0xdfffn)) {
    state.input.fail();
  }
  state.print(`'${escapeDebug(String.fromCodePoint(Number(value)), "'")}'`);
}

function printString(state: RustV0State): void {
  const digits = hexDigits(state);
  const bytes = Buffer.from(digits, 'hex');
  const text = bytes.toString('utf8');
  // What does not come out as it went in was no UTF-8, or an odd number of digits.
  if (Buffer.from(text, 'utf8').toString('hex') !== digits) {
    state.input.fail();
  }
  state.print(`"${[...text].map((c) => escapeDebug(c, '"')).join('')}"`);
}

const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['\0', '\\0'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['\n', '\\n'],
  ['\\', '\\\\'],
]);

/** As Rust's `char::escape_debug` does it, with the quote that is used. */
function escapeDebug(character: string, quote: string): string {
  const named = namedEscapes.get(character);
  if (named !== undefined) {
    return named;
  }
  if (character === quote) {
    return `\\${character}`;
  }
  // Not printable: controls, format characters, unassigned, separators other than the space, combining marks.
  if (character !== ' ' && /[\p{C}\p{Z}\p{M}]/u.test(character)) {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  }
  return character;
}
