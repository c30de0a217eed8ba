import { decodePunycode } from './punycode.ts';
import { isDigit, MangledReader, maxResultLength } from './reader.ts';

/**
 * What the productions of Rust's v0 mangling (RFC 2603, rustc's "Symbol Mangling" book) share: the input behind `_R`,
 * the text made so far, and the lifetimes that `for<'a>` binders around the current place have bound.
 */
export class RustV0State {
  readonly input: MangledReader;
  #text = '';
  #muted = 0;
  #boundLifetimes = 0;

  constructor(input: string) {
    this.input = new MangledReader(input);
  }

  get text(): string {
    return this.#text;
  }

  print(text: string): void {
    if (this.#muted > 0) {
      return;
    }
    this.#text += text;
    if (this.#text.length > maxResultLength) {
      this.input.fail();
    }
  }

  /** Reads without printing; back references are not followed then, for nothing would come of it. */
  silently(production: () => void): void {
    this.#muted++;
    production();
    this.#muted--;
  }

  /** A list up to `E`; returns how many there were. */
  list(separator: string, item: () => void): number {
    let count = 0;
    while (!this.input.eat('E')) {
      this.input.step();
      if (count > 0) {
        this.print(separator);
      }
      item();
      count++;
    }
    return count;
  }

  /** `<base-62-number>`: `_` is 0, `0_` is 1. */
  base62(): number {
    let value = 0;
    let digits = 0;
    while (!this.input.eat('_')) {
      const digit = base62Digits.indexOf(this.input.next());
      value = value * 62 + digit;
      if (digit < 0 || ++digits > 8) {
        this.input.fail();
      }
    }
    return digits === 0 ? 0 : value + 1;
  }

  /** A tagged base-62 number: 0 if the tag is not there, else one more than the number. */
  tagged62(tag: string): number {
    return this.input.eat(tag) ? this.base62() + 1 : 0;
  }

  /** `<disambiguator>`: tells apart what has the same name. Larger than a number can say for crate hashes, which are left out. */
  disambiguator(): string {
    if (!this.input.eat('s')) {
      return '0';
    }
    let value = 0n;
    let digits = 0n;
    while (!this.input.eat('_')) {
      const digit = base62Digits.indexOf(this.input.next());
      if (digit < 0 || ++digits > 12n) {
        this.input.fail();
      }
      value = value * 62n + BigInt(digit);
    }
    return (digits === 0n ? 1n : value + 2n).toString();
  }

  /** `<undisambiguated-identifier>`: `[u] <decimal-number> [_] <bytes>`. */
  identifier(): string {
    const input = this.input;
    const encoded = input.eat('u');
    if (!isDigit(input.peek())) {
      input.fail();
    }
    const length = input.decimal();
    input.eat('_');
    const bytes = input.take(length);
    if (!encoded) {
      return bytes;
    }
    const split = bytes.lastIndexOf('_');
    const ascii = split < 0 ? '' : bytes.slice(0, split);
    const punycode = bytes.slice(split + 1);
    if (punycode === '') {
      input.fail();
    }
    // The form that Rust's own demangler gives to what cannot be decoded.
    const failed = ascii === '' ? `punycode{${punycode}}` : `punycode{${ascii}-${punycode}}`;
    return decodePunycode(ascii, punycode) ?? failed;
  }

  /** `<backref>` behind its `B`: reads again, in place, what stands at an earlier position. */
  backReference(production: () => void): void {
    const here = this.input.position - 1;
    const target = this.base62();
    if (target >= here) {
      this.input.fail();
    }
    if (this.#muted > 0) {
      return;
    }
    const after = this.input.position;
    this.input.position = target;
    this.input.nested(production);
    this.input.position = after;
  }

  /** `<binder>`: an optional `for<'a, 'b>` that holds for the production. */
  binder(production: () => void): void {
    const count = this.tagged62('G');
    if (this.#muted > 0) {
      production();
      return;
    }
    if (count > 0) {
      this.print('for<');
      for (let i = 0; i < count; i++) {
        this.input.step();
        this.#boundLifetimes++;
        this.print(i > 0 ? ', ' : '');
        this.lifetime(1);
      }
      this.print('> ');
    }
    production();
    this.#boundLifetimes -= count;
  }

  /** A lifetime by its de Bruijn index: 1 is the innermost bound one, 0 the erased one. */
  lifetime(index: number): void {
    if (this.#muted > 0) {
      return;
    }
    if (index === 0) {
      this.print("'_");
      return;
    }
    const depth = this.#boundLifetimes - index;
    if (depth < 0) {
      this.input.fail();
    }
    this.print(depth < 26 ? `'${String.fromCharCode(0x61 + depth)}` : `'_${depth}`);
  }
}

const base62Digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
