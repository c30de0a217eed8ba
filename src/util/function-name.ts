import { demangle } from './demangle/demangle.ts';

/**
 * What compilers and linkers append to a C function's name: `.isra.0`, `.constprop.1`, `.part.3`, `.cold`, `.llvm.12`,
 * `.lto_priv.0`, `.localalias`. No C identifier has a dot, so all from the first one on goes.
 */
const compilerSuffix = /^(\.?[\w$]+)\..*$/s;

/**
 * The name of a frame's function as the source has it: compiler suffixes removed, Rust and C++ names demangled.
 * Prefixes of syscalls stay (`__x64_sys_ioctl`), for they are names of the source.
 */
export function baseName(name: string): string {
  const plain = demangle(name);
  return plain === name ? name.replace(compilerSuffix, '$1') : plain;
}

/** Symbols that stand for the bytes before a function: padding and CFI type hashes (x86, since 6.2). */
const paddingPrefix = /^__(?:pfx|cfi)_(?=\w)/;

/** The name that rules are matched against: `baseName` without the prefixes of padding and of ppc64's code labels. */
export function ruleName(name: string): string {
  return baseName(name)
    .replace(/^\.(?=\w)/, '')
    .replace(paddingPrefix, '');
}

/**
 * All names that a system call's entry has had: SYSCALL_DEFINEx makes `__se_sys_`, `__do_sys_` and one wrapper per
 * architecture (since 4.17, include/linux/syscalls.h; `SyS_` and `SYSC_` before), fs/ and net/ add `ksys_` and `__sys_`.
 */
const systemCallPrefix =
  /^_*(?:(?:x64|ia32|x32|arm64|riscv|s390x?|powerpc|loongarch|se|do)_(?:compat_)?sys|compat_sys|ksys|sys|(?:compat_)?SyS|(?:compat_)?SYSC)_(?=\w)/;

/** The name in the form that a signature is made of; see `signatureOf`. */
export function signatureName(name: string): string {
  const plain = ruleName(name);
  if (plain.includes('::')) {
    return plain.replace(/#\d+\}/g, '}');
  }
  const call = plain.replace(systemCallPrefix, 'sys_');
  // foo() is often no more than a call of __foo() or do_foo(), and inlined or not as the compiler likes.
  return call === plain ? plain.replace(/^_+(?=[A-Za-z])/, '').replace(/^do_(?=[A-Za-z])/, '') : call;
}
