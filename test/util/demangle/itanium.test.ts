import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { demangle } from '../../../src/util/demangle/demangle.ts';

/** Mangled names and what `c++filt -p` of binutils 2.40 makes of them. */
const vectors: readonly (readonly [mangled: string, plain: string])[] = [
  ['_Z3foov', 'foo'],
  ['_Z8fakeNameiii', 'fakeName'],
  ['_ZL3barv', 'bar'],
  ['_ZN3Foo3barEv', 'Foo::bar'],
  ['_ZN3FooL3barEv', 'Foo::bar'],
  ['_ZNK3FooclEv', 'Foo::operator()'],
  ['_ZN3FooC1ERKS_', 'Foo::Foo'],
  ['_ZN3FooD2Ev', 'Foo::~Foo'],
  ['_ZN3FooIiEC2Ev', 'Foo<int>::Foo'],
  ['_ZN3FooplERKS_', 'Foo::operator+'],
  ['_ZN3FooixEi', 'Foo::operator[]'],
  ['_ZN3FoolsIiEERS_RKT_', 'Foo::operator<< <int>'],
  ['_ZN3FoonwEm', 'Foo::operator new'],
  ['_ZN3FoocvbEv', 'Foo::operator bool'],
  ['_ZN3FoocvT_IiEEv', 'Foo::operator int<int>'],
  ['_Zli2_xy', 'operator"" _x'],
  ['_ZN12_GLOBAL__N_13fooEi', '(anonymous namespace)::foo'],
  ['_ZN3Foo3barB5cxx11Ev', 'Foo::bar[abi:cxx11]'],
  ['_ZN1AUt_3fooEv', 'A::{unnamed type#1}::foo'],
  ['_ZNSt6vectorIiSaIiEE9push_backEOi', 'std::vector<int, std::allocator<int> >::push_back'],
  ['_ZNSs4sizeEv', 'std::basic_string<char, std::char_traits<char>, std::allocator<char> >::size'],
  ['_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_', 'std::move<int&>'],
  ['_ZNKSt8functionIFviEEclEi', 'std::function<void (int)>::operator()'],
  ['_Z3fooIiEvT_', 'foo<int>'],
  ['_Z3fooIJicEEvDpT_', 'foo<int, char>'],
  ['_Z3fooIJEEvDpT_', 'foo<>'],
  ['_Z3fooIPFivEEvT_', 'foo<int (*)()>'],
  ['_Z3fooIA3_iEvT_', 'foo<int [3]>'],
  ['_Z3fooIRA3_A4_iEvT_', 'foo<int (&) [3][4]>'],
  ['_Z3fooIM1AFviEEvT_', 'foo<void (A::*)(int)>'],
  ['_Z3fooIM1AiEvT_', 'foo<int A::*>'],
  ['_Z3fooIRVKcEvT_', 'foo<char const volatile&>'],
  ['_Z3fooIDnEvT_', 'foo<decltype(nullptr)>'],
  ['_Z3fooILb1EEvv', 'foo<true>'],
  ['_Z3fooILin3EEvv', 'foo<-3>'],
  ['_Z3fooILm7EEvv', 'foo<7ul>'],
  ['_Z3fooILc65EEvv', 'foo<(char)65>'],
  ['_Z1fILN1A1BE3EEvv', 'f<(A::B)3>'],
  ['_Z3fooIXadL_Z3barvEEEvv', 'foo<&(bar())>'],
  ['_Z3fooIXadL_ZN1A3barEvEEEvv', 'foo<&A::bar>'],
  ['_ZN4llvm10checkedAddIiEENSt9enable_ifIXsr3std9is_signedIT_EE5valueEiE4typeES2_S2_', 'llvm::checkedAdd<int>'],
  ['_ZZ3fooiE3bar', 'foo(int)::bar'],
  ['_ZZ3fooiE3bar_0', 'foo(int)::bar'],
  ['_ZZ3fooIiEvT_ENKUlvE_clEv', 'foo<int>(int)::{lambda()#1}::operator()'],
  ['_ZZN3FooC4EvENKUliE0_clEi', 'Foo::Foo()::{lambda(int)#2}::operator()'],
  [
    '_ZN4llvm12function_refIFvvEE11callback_fnIZ3barvEUlvE_EEvl',
    'llvm::function_ref<void ()>::callback_fn<bar()::{lambda()#1}>',
  ],
  ['_ZTV3Foo', 'vtable for Foo'],
  ['_ZTI3Foo', 'typeinfo for Foo'],
  ['_ZGVZ3foovE1x', 'guard variable for foo()::x'],
  ['_ZThn16_N3Foo3barEv', 'non-virtual thunk to Foo::bar()'],
  ['_ZTv0_n24_N3Foo3barEv', 'virtual thunk to Foo::bar()'],
];

describe('C++', () => {
  test.each(vectors)('%s', (mangled, plain) => {
    expect(demangle(mangled)).toBe(plain);
  });

  test('compiler suffixes are left out', () => {
    expect(demangle('_ZN3Foo3barEv.isra.0')).toBe('Foo::bar');
    expect(demangle('_Z3foov.cold')).toBe('foo');
  });

  test.each([
    '_Z',
    '_ZN',
    '_Z3fo',
    '_ZN3FooE3',
    '_Z3fooIi',
    '_Z3fooS_',
    '_ZN3Foo3barE!',
    '_Zfoo',
    '_Z3fooIT_Evv',
    '_Z0v',
  ])('%s is no name', (name) => {
    expect(demangle(name)).toBe(name);
  });

  const installed = spawnSync('c++filt', ['--version']).status === 0;
  test.skipIf(!installed)(`agrees with c++filt -p${installed ? '' : ' (skipped: binutils are not installed)'}`, () => {
    const input = vectors.map(([mangled]) => mangled).join('\n');
    const answer = spawnSync('c++filt', ['-p'], { input, encoding: 'utf8' }).stdout.trimEnd().split('\n');
    expect(vectors.map(([mangled]) => demangle(mangled))).toEqual(answer);
  });
});
