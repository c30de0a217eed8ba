import { describe, expect, test } from 'vitest';
import { demangle } from '../../../src/util/demangle/demangle.ts';

// Names made by rustc 1.95 with -C symbol-mangling-version=v0 (and legacy), or put together by the grammar of RFC 2603.
describe('Rust v0', () => {
  test.each([
    ['_RNvNtCs9jEwPDbx20M_4core9panicking9panic_fmt', 'core::panicking::panic_fmt'],
    ['_RNvCscSpY9Juk0HT_7___rustc17rust_begin_unwind', '__rustc::rust_begin_unwind'],
    ['_RNvCsciGn5CcqV8B_1t3foo.llvm.1234567890', 't::foo'],
    ['_RNvCsciGn5CcqV8B_1t3foo.cold', 't::foo'],
    ['_RNvMNtCsciGn5CcqV8B_1t7processNtB2_7Process10update_ref', '<t::process::Process>::update_ref'],
    ['_RNvXNtC1t7processNtB2_7ProcessNtB2_2Mm4mmap', '<t::process::Process as t::process::Mm>::mmap'],
    ['_RNvYNtC1t3FooNtC1u3Bar3baz', '<t::Foo as u::Bar>::baz'],
    [
      '_RINvCsciGn5CcqV8B_1t1tINtNtB2_7process3GenIBl_hKj3_EKj4_EEB2_',
      't::t::<t::process::Gen<t::process::Gen<u8, 3>, 4>>',
    ],
    ['_RNCNvC1t3foo0', 't::foo::{closure#0}'],
    ['_RNCNCNvC1t3foos_00', 't::foo::{closure#1}::{closure#0}'],
    ['_RNSNvC1t3foo6vtable', 't::foo::{shim:vtable#0}'],
    ['_RNvCsciGn5CcqV8B_1tu9gre_6ka8i', 't::größe'],
    ['_RNvCsciGn5CcqV8B_1tu7_1lqs71d', 't::東京'],
    ['_RNvC1tu7gre_AAA', 't::punycode{gre-AAA}'],
    ['_RNvC1tu5zzzzA', 't::punycode{zzzzA}'],
  ])('%s', (name, expected) => {
    expect(demangle(name)).toBe(expected);
  });

  test.each([
    ['RShEB2_', '&[u8]'],
    ['QShEB2_', '&mut [u8]'],
    ['PhEB2_', '*const u8'],
    ['OAlj7_EB2_', '*mut [i32; 7]'],
    ['uEB2_', '()'],
    ['ThEEB2_', '(u8,)'],
    ['ThzEEB2_', '(u8, !)'],
    ['FEuEB2_', 'fn()'],
    ['FhEtEB2_', 'fn(u8) -> u16'],
    ['FUKCPavElEB2_', 'unsafe extern "C" fn(*const i8, ...) -> i32'],
    ['FK8C_unwindEuEB2_', 'extern "C-unwind" fn()'],
    ['FG_RL0_hRL0_tERL0_hEB2_', "for<'a> fn(&'a u8, &'a u16) -> &'a u8"],
    ['FG0_RL1_hFG_RL0_hRL1_hEuEuEB2_', "for<'a, 'b> fn(&'a u8, for<'c> fn(&'c u8, &'b u8))"],
    ['DNtNtCs1_4core3fmt5DebugNtNtBc_6marker4SendEL_EB2_', 'dyn core::fmt::Debug + core::marker::Send'],
    ['DNtC1a4Iterp4ItemhEL_EB2_', 'dyn a::Iter<Item = u8>'],
    ['DG_INtC1a2FnTRL0_hEEp6OutputRL0_hEL_EB2_', "dyn for<'a> a::Fn<(&'a u8,), Output = &'a u8>"],
    ['L_EB2_', "'_"],
  ])('type %s', (mangled, expected) => {
    expect(demangle(`_RINvC1t1t${mangled}`)).toBe(`t::t::<${expected}>`);
  });

  test.each([
    ['b1_', 'true'],
    ['c78_', "'x'"],
    ['c27_', "'\\''"],
    ['ca_', "'\\n'"],
    ['xn5_', '-5'],
    ['x0_', '0'],
    ['h0000000000000000000ff_', '255'],
    ['offffffffffffffffffffffffffffffff_', '0xffffffffffffffffffffffffffffffff'],
    ['p', '_'],
    ['Re61226227c3a97f_', '"a\\"b\'é\\u{7f}"'],
    ['e6162_', '{*"ab"}'],
    ['RAh1_h2_E', '{&[1, 2]}'],
    ['QAh1_E', '{&mut [1]}'],
    ['Th1_b0_E', '{(1, false)}'],
    ['Th1_E', '{(1,)}'],
    ['VNtNtC1t2En1AU', '{t::En::A}'],
    ['VNtNtC1t2En1BTh1_E', '{t::En::B(1)}'],
    ['VNtC1t2StS1ah3_1bb1_E', '{t::St { a: 3, b: true }}'],
  ])('constant %s', (mangled, expected) => {
    expect(demangle(`_RINvC1t1cK${mangled}E`)).toBe(`t::c::<${expected}>`);
  });

  test.each([
    ['_RNvC1t9foo', 'a name longer than what follows'],
    ['_RNvC1t3fooX', 'something behind'],
    ['_RNvB9_3foo', 'a reference ahead'],
    ['_RNvB_3foo', 'a reference to what it stands in'],
    ['_RINvC1t1cKb2_E', 'a boolean that is neither'],
    ['_RINvC1t1cKcd800_E', 'half of a surrogate pair'],
    ['_RINvC1t1cKe6_E', 'half a byte'],
    ['_RINvC1t1cKeff_E', 'no UTF-8'],
    ['_RINvC1t1tRL0_hE', 'a lifetime that nothing binds'],
    ['_RNvC1tu2__', 'empty Punycode'],
    ['_RINvC1t1t', 'no arguments'],
    ['_RDC1tEL_', 'a type in place of a path'],
  ])('%s is no name: %s', (name) => {
    expect(demangle(name)).toBe(name);
  });
});

describe('Rust legacy', () => {
  test.each([
    ['_ZN4core9panicking9panic_fmt17h0123456789abcdefE', 'core::panicking::panic_fmt'],
    ['_ZN4core9panicking9panic_fmt17h0123456789abcdefE.llvm.42', 'core::panicking::panic_fmt'],
    [
      '_ZN102_$LT$core..iter..adapters..map..Map$LT$I$C$F$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17hc046cd389eae60d1E',
      '<core::iter::adapters::map::Map<I,F> as core::iter::traits::iterator::Iterator>::next',
    ],
    ['_ZN1t28_$u7b$$u7b$closure$u7d$$u7d$17hc046cd389eae60d1E', 't::{{closure}}'],
    ['_ZN1t13gr$uf6$$udf$e17h9989f3108da4fc93E', 't::größe'],
    ['_ZN1t4a.$x17h9989f3108da4fc93E', 't::a.$x'],
    ['_ZN1t5$u07$17h9989f3108da4fc93E', 't::$u07$'],
    ['_ZN1t12$RF$$BP$$SP$17h9989f3108da4fc93E', 't::&*@'],
  ])('%s', (name, expected) => {
    expect(demangle(name)).toBe(expected);
  });

  test('without a hash it is C++', () => {
    expect(demangle('_ZN1a1b18h0123456789abcdef0E')).toBe('a::b::h0123456789abcdef0');
    expect(demangle('_ZN1a1b17hxyz3456789abcdefE')).toBe('a::b::hxyz3456789abcdef');
  });
});
