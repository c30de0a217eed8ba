import { demangleItanium } from './itanium.ts';
import { maxNameLength, NotMangledError } from './reader.ts';
import { demangleRustLegacy } from './rust-legacy.ts';
import { demangleRustV0 } from './rust-v0.ts';

/**
 * The source-level name of a mangled one: Rust (v0 and legacy) and C++ (Itanium). Rust comes without crate hashes, as
 * `rustc-demangle` prints it with `{:#}`; C++ without parameter lists, as `c++filt -p` does. Compiler suffixes
 * (`.llvm.123`, `.cold`) are dropped. What is not a valid mangled name comes back unchanged; never throws.
 * The result is proper text (not a char per byte): escapes may stand for any character.
 */
export function demangle(name: string): string {
  if (!name.startsWith('_') || name.length > maxNameLength || !/^_[RZ][\w.$]+$/.test(name)) {
    return name;
  }
  try {
    if (name.startsWith('_R')) {
      return demangleRustV0(name);
    }
    return (name.startsWith('_ZN') ? demangleRustLegacy(name) : undefined) ?? demangleItanium(name);
  } catch (error) {
    if (error instanceof NotMangledError) {
      return name;
    }
    throw error;
  }
}

/** An identifier that looks mangled and does not continue another one. */
const mangledIdentifier = /(?<![\w.$])_(?:R[A-Za-z]|Z)[\w.$]*[\w$]/g;

/**
 * A log text (a char per byte) with every mangled identifier that stands alone in it demangled.
 * Characters beyond ASCII come out as the bytes of their UTF-8, like the rest of a log text.
 */
export function demangleInText(text: string): string {
  if (!text.includes('_R') && !text.includes('_Z')) {
    return text;
  }
  return text.replace(mangledIdentifier, (name) => {
    const plain = demangle(name);
    return plain === name ? name : Buffer.from(plain, 'utf8').toString('latin1');
  });
}
