import { isUpper } from './reader.ts';
import { printConstant } from './rust-v0-constant.ts';
import { RustV0State } from './rust-v0-state.ts';

/** `<basic-type>`: types of one letter. */
const basicTypes: ReadonlyMap<string, string> = new Map([
  ['a', 'i8'],
  ['b', 'bool'],
  ['c', 'char'],
  ['d', 'f64'],
  ['e', 'str'],
  ['f', 'f32'],
  ['h', 'u8'],
  ['i', 'isize'],
  ['j', 'usize'],
  ['l', 'i32'],
  ['m', 'u32'],
  ['n', 'i128'],
  ['o', 'u128'],
  ['p', '_'],
  ['s', 'i16'],
  ['t', 'u16'],
  ['u', '()'],
  ['v', '...'],
  ['x', 'i64'],
  ['y', 'u64'],
  ['z', '!'],
]);

/**
 * The text of a Rust v0 name (`_R...`), as rustc-demangle's alternate format has it: without crate hashes and types
 * of constants. `.llvm.123` and other suffixes are left out. Throws NotMangledError if it is none.
 */
export function demangleRustV0(name: string): string {
  const state = new RustV0State(name.slice(2));
  if (!name.startsWith('_R') || !isUpper(state.input.peek())) {
    state.input.fail();
  }
  printPath(state, true);
  // The crate that instantiated a generic function: told only to keep copies apart.
  if (isUpper(state.input.peek())) {
    state.silently(() => printPath(state, false));
  }
  // `.llvm.123` and the like: what the compiler's back end adds begins with a dot or a dollar sign.
  if (!state.input.atEnd && state.input.peek() !== '.' && state.input.peek() !== '$') {
    state.input.fail();
  }
  return state.text;
}

/** Also the shape of `printPath` that a constant needs. */
function printValuePath(state: RustV0State): void {
  printPath(state, true);
}

function printPath(state: RustV0State, inValue: boolean): void {
  state.input.nested(() => {
    const tag = state.input.next();
    switch (tag) {
      case 'C': {
        state.disambiguator();
        state.print(state.identifier());
        return;
      }
      case 'N':
        printNestedPath(state, inValue);
        return;
      case 'M':
      case 'X':
      case 'Y':
        printImplementation(state, tag);
        return;
      case 'I':
        printPath(state, inValue);
        state.print(inValue ? '::<' : '<');
        state.list(', ', () => printGenericArgument(state));
        state.print('>');
        return;
      case 'B':
        state.backReference(() => printPath(state, inValue));
        return;
      default:
        state.input.fail();
    }
  });
}

/** `N <namespace> <path> <identifier>`; upper-case namespaces are of things without a name of their own. */
function printNestedPath(state: RustV0State, inValue: boolean): void {
  const namespace = state.input.next();
  if (!/[A-Za-z]/.test(namespace)) {
    state.input.fail();
  }
  printPath(state, inValue);
  const disambiguator = state.disambiguator();
  const name = state.identifier();
  if (isUpper(namespace)) {
    const words = namespace === 'C' ? 'closure' : namespace === 'S' ? 'shim' : namespace;
    state.print(`::{${words}${name === '' ? '' : `:${name}`}#${disambiguator}}`);
  } else if (name !== '') {
    state.print(`::${name}`);
  }
}

/** `M` inherent, `X` trait, `Y` trait definition: `<Type>` or `<Type as Trait>`. */
function printImplementation(state: RustV0State, tag: 'M' | 'X' | 'Y'): void {
  if (tag !== 'Y') {
    // Where the impl block itself stands.
    state.disambiguator();
    state.silently(() => printPath(state, false));
  }
  state.print('<');
  printType(state);
  if (tag !== 'M') {
    state.print(' as ');
    printPath(state, false);
  }
  state.print('>');
}

function printGenericArgument(state: RustV0State): void {
  if (state.input.eat('L')) {
    state.lifetime(state.base62());
  } else if (state.input.eat('K')) {
    printConstant(state, printValuePath, false);
  } else {
    printType(state);
  }
}

function printType(state: RustV0State): void {
  const input = state.input;
  input.nested(() => {
    const tag = input.next();
    const basic = basicTypes.get(tag);
    if (basic !== undefined) {
      state.print(basic);
      return;
    }
    switch (tag) {
      case 'R':
      case 'Q':
        printReference(state, tag);
        return;
      case 'P':
      case 'O':
        state.print(tag === 'P' ? '*const ' : '*mut ');
        printType(state);
        return;
      case 'A':
      case 'S':
        state.print('[');
        printType(state);
        if (tag === 'A') {
          state.print('; ');
          printConstant(state, printValuePath, true);
        }
        state.print(']');
        return;
      case 'T': {
        state.print('(');
        const count = state.list(', ', () => printType(state));
        state.print(count === 1 ? ',)' : ')');
        return;
      }
      case 'F':
        state.binder(() => printFunctionPointer(state));
        return;
      case 'D':
        printTraitObject(state);
        return;
      case 'B':
        state.backReference(() => printType(state));
        return;
      default:
        // A named type is a path, its tag read again there.
        input.position--;
        printPath(state, false);
    }
  });
}

function printReference(state: RustV0State, tag: 'R' | 'Q'): void {
  state.print('&');
  if (state.input.eat('L')) {
    const lifetime = state.base62();
    if (lifetime !== 0) {
      state.lifetime(lifetime);
      state.print(' ');
    }
  }
  state.print(tag === 'Q' ? 'mut ' : '');
  printType(state);
}

function printFunctionPointer(state: RustV0State): void {
  const input = state.input;
  state.print(input.eat('U') ? 'unsafe ' : '');
  if (input.eat('K')) {
    // Dashes of an ABI's name (`C-unwind`) are mangled to underscores.
    const abi = input.eat('C') ? 'C' : state.identifier().replaceAll('_', '-');
    if (abi === '') {
      input.fail();
    }
    state.print(`extern "${abi}" `);
  }
  state.print('fn(');
  state.list(', ', () => printType(state));
  state.print(')');
  if (!input.eat('u')) {
    state.print(' -> ');
    printType(state);
  }
}

/** `D <binder> {trait} E <lifetime>`. */
function printTraitObject(state: RustV0State): void {
  state.print('dyn ');
  state.binder(() => {
    state.list(' + ', () => printDynTrait(state));
  });
  state.input.expect('L');
  const lifetime = state.base62();
  if (lifetime !== 0) {
    state.print(' + ');
    state.lifetime(lifetime);
  }
}

/** A trait with its associated types among its generic arguments: `Iterator<Item = u8>`. */
function printDynTrait(state: RustV0State): void {
  let open = printPathLeavingGenericsOpen(state);
  while (state.input.eat('p')) {
    state.print(open ? ', ' : '<');
    open = true;
    state.print(`${state.identifier()} = `);
    printType(state);
  }
  state.print(open ? '>' : '');
}

/** Returns true if the path ended in generic arguments whose `>` is still to come. */
function printPathLeavingGenericsOpen(state: RustV0State): boolean {
  let open = false;
  if (state.input.eat('B')) {
    state.backReference(() => {
      open = printPathLeavingGenericsOpen(state);
    });
  } else if (state.input.eat('I')) {
    printPath(state, false);
    state.print('<');
    state.list(', ', () => printGenericArgument(state));
    open = true;
  } else {
    printPath(state, false);
  }
  return open;
}
