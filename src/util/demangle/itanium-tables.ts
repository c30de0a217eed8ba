// The tables of the Itanium C++ ABI, chapter 5 (mangling), with the words that c++filt prints.

/** `<builtin-type>` of one letter. */
export const builtinTypes: ReadonlyMap<string, string> = new Map([
  ['v', 'void'],
  ['w', 'wchar_t'],
  ['b', 'bool'],
  ['c', 'char'],
  ['a', 'signed char'],
  ['h', 'unsigned char'],
  ['s', 'short'],
  ['t', 'unsigned short'],
  ['i', 'int'],
  ['j', 'unsigned int'],
  ['l', 'long'],
  ['m', 'unsigned long'],
  ['x', 'long long'],
  ['y', 'unsigned long long'],
  ['n', '__int128'],
  ['o', 'unsigned __int128'],
  ['f', 'float'],
  ['d', 'double'],
  ['e', 'long double'],
  ['g', '__float128'],
  ['z', '...'],
]);

/** `<builtin-type>` behind a `D`. */
export const builtinTypesBehindD: ReadonlyMap<string, string> = new Map([
  ['a', 'auto'],
  ['c', 'decltype(auto)'],
  ['d', 'decimal64'],
  ['e', 'decimal128'],
  ['f', 'decimal32'],
  ['h', 'half'],
  ['i', 'char32_t'],
  ['n', 'decltype(nullptr)'],
  ['s', 'char16_t'],
  ['u', 'char8_t'],
]);

/** Suffixes of literals whose type is then not printed. */
export const literalSuffixes: ReadonlyMap<string, string> = new Map([
  ['int', ''],
  ['unsigned int', 'u'],
  ['long', 'l'],
  ['unsigned long', 'ul'],
  ['long long', 'll'],
  ['unsigned long long', 'ull'],
]);

/** `<substitution>` of the standard library: what is printed, and how its constructors are called. */
export const standardSubstitutions: ReadonlyMap<string, readonly [text: string, base: string]> = new Map([
  ['a', ['std::allocator', 'allocator']],
  ['b', ['std::basic_string', 'basic_string']],
  ['s', ['std::basic_string<char, std::char_traits<char>, std::allocator<char> >', 'basic_string']],
  ['i', ['std::basic_istream<char, std::char_traits<char> >', 'basic_istream']],
  ['o', ['std::basic_ostream<char, std::char_traits<char> >', 'basic_ostream']],
  ['d', ['std::basic_iostream<char, std::char_traits<char> >', 'basic_iostream']],
]);

/** `<operator-name>`: what stands behind `operator`, and the number of operands in an expression. */
export const operators: ReadonlyMap<string, readonly [text: string, operands: number]> = new Map([
  ['aN', ['&=', 2]],
  ['aS', ['=', 2]],
  ['aa', ['&&', 2]],
  ['ad', ['&', 1]],
  ['an', ['&', 2]],
  ['at', ['alignof ', 1]],
  ['aw', ['co_await', 1]],
  ['az', ['alignof ', 1]],
  ['cl', ['()', 2]],
  ['cm', [',', 2]],
  ['co', ['~', 1]],
  ['dV', ['/=', 2]],
  ['dX', ['[...]=', 3]],
  ['da', ['delete[]', 1]],
  ['de', ['*', 1]],
  ['di', ['=', 2]],
  ['dl', ['delete', 1]],
  ['ds', ['.*', 2]],
  ['dt', ['.', 2]],
  ['dv', ['/', 2]],
  ['dx', [']=', 2]],
  ['eO', ['^=', 2]],
  ['eo', ['^', 2]],
  ['eq', ['==', 2]],
  ['ge', ['>=', 2]],
  ['gs', ['::', 1]],
  ['gt', ['>', 2]],
  ['ix', ['[]', 2]],
  ['lS', ['<<=', 2]],
  ['le', ['<=', 2]],
  ['ls', ['<<', 2]],
  ['lt', ['<', 2]],
  ['mI', ['-=', 2]],
  ['mL', ['*=', 2]],
  ['mi', ['-', 2]],
  ['ml', ['*', 2]],
  ['mm', ['--', 1]],
  ['na', ['new[]', 3]],
  ['ne', ['!=', 2]],
  ['ng', ['-', 1]],
  ['nt', ['!', 1]],
  ['nw', ['new', 3]],
  ['nx', ['noexcept', 1]],
  ['oR', ['|=', 2]],
  ['oo', ['||', 2]],
  ['or', ['|', 2]],
  ['pL', ['+=', 2]],
  ['pl', ['+', 2]],
  ['pm', ['->*', 2]],
  ['pp', ['++', 1]],
  ['ps', ['+', 1]],
  ['pt', ['->', 2]],
  ['qu', ['?', 3]],
  ['rM', ['%=', 2]],
  ['rS', ['>>=', 2]],
  ['rm', ['%', 2]],
  ['rs', ['>>', 2]],
  ['ss', ['<=>', 2]],
  ['st', ['sizeof ', 1]],
  ['sz', ['sizeof ', 1]],
]);

/** Casts in expressions: `sc` is static_cast, and so on. */
export const namedCasts: ReadonlyMap<string, string> = new Map([
  ['sc', 'static_cast'],
  ['dc', 'dynamic_cast'],
  ['cc', 'const_cast'],
  ['rc', 'reinterpret_cast'],
]);

/** `<special-name>` that consists of a word and a type. */
export const specialOfType: ReadonlyMap<string, string> = new Map([
  ['TV', 'vtable for '],
  ['TT', 'VTT for '],
  ['TI', 'typeinfo for '],
  ['TS', 'typeinfo name for '],
]);

/** `<special-name>` that consists of a word and a name. */
export const specialOfName: ReadonlyMap<string, string> = new Map([
  ['GV', 'guard variable for '],
  ['TW', 'TLS wrapper function for '],
  ['TH', 'TLS init function for '],
]);
